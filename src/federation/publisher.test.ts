// Nodes that cosign each other's logs: whom they ask, when, what they get, and what becomes of a log whose witnesses are away.
import { afterEach, describe, expect, it } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { Agent, crypto } from '../../test/sandbox.ts';
import { OwnStatements } from '../commands/own-statements.ts';
import { openCheckpoint, signCheckpoint } from '../log/checkpoint.ts';
import { COSIGNATURE_V1, NOTE_ED25519, noteSigner, noteVerifier } from '../log/note-key.ts';
import { NetError } from '../net/error.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { findNoteOver } from '../store/cosigned.ts';
import { readHeads } from '../store/heads.ts';
import { getActivityStatus } from '../store/queries/activity-status.ts';
import { findLog } from '../store/queries/logs.ts';
import { findSource } from '../store/queries/peers.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

const ada = new Agent('ada');

/** Three nodes that publish; `b` and `c` follow `m/tea` of `a`, and `c` follows `m/bay` of `b`. */
async function openThree() {
  const [a, b, c] = await openNodes('a', 'b', 'c');
  const tea = await a.sandbox.accept(ada, group('tea', a.identity.did));
  const bay = await b.sandbox.accept(ada, group('bay', b.identity.did));
  const log = await b.follow(a, 'tea');
  await c.follow(a, 'tea');
  await c.follow(b, 'bay');
  await pass(2);
  return { a, b, c, tea, bay, log };
}

async function openNodes<const Names extends readonly string[]>(...names: Names) {
  const nodes: FederatedNode[] = [];
  for (const name of names) {
    nodes.push(await FederatedNode.open(network, name, { publishes: true }));
  }
  return nodes as { [K in keyof Names]: FederatedNode };
}

/** As many rounds of ten seconds. */
async function pass(rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) await network.pass(10_000);
}

const panelOf = async ({ sandbox }: FederatedNode) =>
  [...(await new OwnStatements(sandbox.context).read()).witnesses].sort();
const dids = (...nodes: FederatedNode[]) => nodes.map(({ identity }) => identity.did).sort();
const write = (home: FederatedNode, submolt: ObjectName, title: string) =>
  home.sandbox.accept(ada, post(submolt, title));
const systemOf = ({ identity }: FederatedNode) => `${identity.authority}/log/system`;
const requests = () => network.journal.filter((line) => line.startsWith('POST /witness'));

/** The size of the newest note of the log at `node`, and which of the nodes have cosigned it, at which times. */
async function cosigners(node: FederatedNode, origin: string, ...witnesses: FederatedNode[]) {
  const head = await findLog(node.db, origin);
  const keys = witnesses.map(({ identity: { authority, witnessSeed } }) =>
    noteVerifier(`${authority}/witness`, COSIGNATURE_V1, crypto.publicKeyOf(witnessSeed), crypto),
  );
  const opened = await openCheckpoint(head?.checkpoint ?? '', keys, crypto, origin);
  const signatures = opened.ok ? opened.signatures : [];
  const names = signatures.map(({ verifier }) => verifier.name.split('/')[0]).sort();
  return { size: head?.signedSize, names, times: signatures.map(({ timestamp }) => timestamp) };
}

const parsedSize = (note: string) => Number(note.split('\n')[1]);
const authorities = (...nodes: FederatedNode[]) =>
  nodes.map(({ identity }) => identity.authority).sort();

describe('a panel', () => {
  it('is the nodes one is federated with, and is stated', async () => {
    const { a, b, c } = await openThree();
    expect(await panelOf(a)).toEqual(dids(b, c));
    expect(await panelOf(b)).toEqual(dids(a, c));
    expect(await panelOf(c)).toEqual(dids(a, b));
  });

  it('is told to everybody, with keys and addresses', async () => {
    const { a, b } = await openThree();
    const url = new URL(`${a.identity.origin}/.well-known/exuvia`);
    const { body } = await a.answer({ from: '', method: 'GET', url, request: {} });
    const { witness, witnesses } = JSON.parse(String(body));
    expect(witness).toMatch(/^127\.0\.0\.1:9000\/witness\+[0-9a-f]{8}\+/);
    expect(witnesses).toHaveLength(2);
    expect(witnesses).toContainEqual({
      did: b.identity.did,
      key: expect.stringMatching(/^127\.0\.0\.1:9001\/witness\+/),
      url: `${b.identity.origin}/witness`,
    });
  });

  it('sees who joins it before those who join', async () => {
    const [a, b] = await openNodes('a', 'b');
    await a.sandbox.accept(ada, group('tea', a.identity.did));
    await b.follow(a, 'tea');
    await pass(3);
    const [c] = await openNodes('c');
    const asked: string[] = [];
    network.fault = (sent, next) => {
      const text = decodeUtf8(sent.request.body ?? new Uint8Array());
      const [, origin, size] = /\n\n(\S+)\n(\d+)\n/.exec(text) ?? [];
      if (origin === systemOf(a)) asked.push(`${size} ${sent.url.host}`);
      return next();
    };
    const size = await a.sizeOf(systemOf(a));
    await c.follow(a, 'tea');
    await pass(10);
    expect(await panelOf(a)).toEqual(dids(b, c));
    const grown = asked.filter((line) => Number(line.split(' ')[0]) > size);
    expect(grown[0]?.split(' ')[1]).toBe(b.identity.authority);
    expect(grown.join()).toContain(c.identity.authority);
  });

  it('loses who has been away for a day, and gets it back', async () => {
    const { a, b, c, tea } = await openThree();
    const away = b.identity.authority;
    network.fault = (sent, next) => {
      if (sent.url.host !== away && sent.from !== away) return next();
      throw new NetError('connection_failed', 'away');
    };
    for (let hours = 0; hours < 30; hours++) {
      await write(a, tea, `Hour ${hours}`);
      await network.pass(3_600_000);
    }
    expect(await panelOf(a)).toEqual(dids(c));
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    await write(a, tea, 'Back again');
    await network.pass(3_600_000);
    await pass(7);
    expect(await panelOf(a)).toEqual(dids(b, c));
  });
});

describe('cosigning', () => {
  it('covers every log of every node soon after it has grown', async () => {
    const { a, b, c, tea, log } = await openThree();
    await write(a, tea, 'First');
    await pass(1);
    expect(await cosigners(a, log, b, c)).toMatchObject({ size: 2, names: authorities(b, c) });
    await pass(2);
    for (const [node, ...others] of [
      [a, b, c],
      [b, a, c],
      [c, a, b],
    ] as const) {
      const { names } = await cosigners(node, systemOf(node), ...others);
      expect(names).toEqual(authorities(...others));
    }
  });

  it('comes at most every ten seconds, however much a log grows', async () => {
    const { a, b, c, tea, log } = await openThree();
    await pass(3);
    const before = requests().length;
    for (let i = 0; i < 5; i++) {
      await write(a, tea, `Post ${i}`);
      await network.pass(1_000);
    }
    await pass(3);
    // Of m/tea twice, and of the system log with its heads twice, by two witnesses.
    expect(requests().length - before).toBeLessThanOrEqual(8);
    expect(await cosigners(a, log, b, c)).toMatchObject({ size: 6, names: authorities(b, c) });
  });

  it('needs no second question once it is known what the witness knows', async () => {
    const { a, tea } = await openThree();
    await pass(3);
    const before = requests().length;
    await write(a, tea, 'Next');
    await pass(2);
    expect(
      requests()
        .slice(before)
        .filter((line) => !line.endsWith(' 200')),
    ).toEqual([]);
  });

  it('takes what it gets, and gets the rest when the witness is back', async () => {
    const { a, b, c, tea, log } = await openThree();
    network.fault = (sent, next) => {
      if (sent.url.host !== b.identity.authority) return next();
      throw new NetError('timed_out', 'slow');
    };
    await write(a, tea, 'While B is slow');
    await pass(2);
    expect(await cosigners(a, log, b, c)).toMatchObject({ size: 2, names: authorities(c) });
    network.fault = (_, next) => next();
    await pass(10);
    expect(await cosigners(a, log, b, c)).toMatchObject({ size: 2, names: authorities(b, c) });
  });

  it('asks for the system log every ten minutes, though nothing has happened', async () => {
    const { a, b, c } = await openThree();
    await pass(10);
    const { size, times } = await cosigners(a, systemOf(a), b, c);
    await network.pass(600_000);
    const later = await cosigners(a, systemOf(a), b, c);
    expect(later.size).toBe(size);
    expect(Math.min(...later.times.map(Number))).toBeGreaterThan(Math.max(...times.map(Number)));
  });

  it('asks for a resting log once a day, after a restart too, and the replicas take that over', async () => {
    const { a, b, c, tea, log } = await openThree();
    await write(a, tea, 'First');
    await pass(8);
    const before = await cosigners(a, log, b, c);
    await a.restart();
    for (let hour = 0; hour < 25; hour++) await network.pass(3_600_000);
    await pass(8);
    const later = await cosigners(a, log, b, c);
    expect(later).toMatchObject({ size: 2, names: authorities(b, c) });
    const gap = Math.min(...later.times.map(Number)) - Math.max(...before.times.map(Number));
    expect(gap).toBeGreaterThan(23 * 3600);
    expect(gap).toBeLessThan(26 * 3600);
    expect((await cosigners(b, log, b, c)).times).toEqual(later.times);
  });

  it('is there for entries that have it, however fast the log grows', async () => {
    const { a, b, c, tea, log } = await openThree();
    await write(a, tea, 'First');
    await pass(3);
    const act = await write(a, tea, 'Not seen yet');
    expect(await cosigners(a, log, b, c)).toMatchObject({ size: 3, names: [] });
    const head = (await findLog(a.db, log))!;
    expect(parsedSize((await findNoteOver(a.db, head, 1)).note)).toBe(2);
    expect(parsedSize((await findNoteOver(a.db, head, 2)).note)).toBe(3);
    const receiptOf = async (name: ObjectName) => {
      const status = await getActivityStatus(a.db, name);
      return status.status === 'accepted' ? status.receipt.checkpoint : '';
    };
    expect([await receiptOf(tea), await receiptOf(act)].map(parsedSize)).toEqual([2, 3]);
    expect((await receiptOf(tea)).split('/witness ')).toHaveLength(3);
  });

  it('goes on after a restart with what was on disk', async () => {
    const { a, b, c, tea, log } = await openThree();
    await a.restart();
    await pass(1);
    await write(a, tea, 'After the restart');
    await pass(3);
    expect(await cosigners(a, log, b, c)).toMatchObject({ size: 2, names: authorities(b, c) });
  });

  it('goes on when the clock goes back', async () => {
    const { a, b, c, tea, log } = await openThree();
    network.fault = async (sent, next) => {
      if (sent.url.host !== c.identity.authority) return next();
      throw new NetError('connection_failed', 'away');
    };
    await write(a, tea, 'Before');
    await pass(3);
    network.fault = (_, next) => next();
    network.clock.now -= 86_400_000;
    await write(a, tea, 'After');
    await pass(3);
    expect(await cosigners(a, log, b, c)).toMatchObject({ size: 3, names: authorities(b, c) });
  });

  it('reaches the replicas with the next pull', async () => {
    const { a, b, c, tea, log } = await openThree();
    await write(a, tea, 'First');
    await pass(8);
    expect(await cosigners(b, log, b, c)).toMatchObject({ size: 2, names: authorities(b, c) });
  });

  it('reaches the replicas of a log that never rests', async () => {
    const { a, b, c, tea, log } = await openThree();
    for (let second = 0; second < 150; second++) {
      await write(a, tea, `Post ${second}`);
      await network.pass(1_000);
    }
    const head = (await findLog(b.db, log))!;
    expect((await cosigners(b, log, b, c)).names).toEqual([]);
    const { note, size } = await findNoteOver(b.db, head, 0);
    expect(size).toBeGreaterThan(60);
    expect(parsedSize(note)).toBe(size);
    expect(note.split('/witness ')).toHaveLength(3);
  });

  it('convicts a home that has had another history cosigned than the one it gives', async () => {
    const { a, b, tea, log } = await openThree();
    await write(a, tea, 'First');
    const root = crypto.sha256(crypto.sha256(new Uint8Array()));
    const signer = noteSigner(log, NOTE_ED25519, a.identity.logSeed, crypto);
    const forked = signCheckpoint({ origin: log, size: 2, root }, signer, crypto);
    const body = `${forked}— c.test/witness AAAAAAAAAAAA\n`;
    network.fault = async (sent, next) => {
      const asked = sent.from === b.identity.authority && sent.url.search === '?cosigned=true';
      if (asked && sent.url.pathname.includes(log.split('/')[2] ?? ''))
        return { status: 200, body };
      return next();
    };
    for (let second = 0; second < 60; second++) {
      await write(a, tea, `Post ${second}`);
      await network.pass(1_000);
    }
    expect((await findSource(b.db, log))?.halted).toMatch(/two histories|fork/);
  });

  it.each([
    ['a witness that makes up a signature', '— 127.0.0.1:9001/witness AAAAAAAAAAA=\n', 200],
    ['one that answers nothing', '', 200],
    ['one that knows another size each time', '1\n', 409],
    ['one that talks nonsense', 'size\n', 409],
    ['one that fails', '', 500],
  ])('is not misled by %s', async (_, body, status) => {
    const { a, b, c, tea, log } = await openThree();
    network.fault = async (sent, next) => {
      const asked = sent.url.pathname.startsWith('/witness');
      return asked && sent.url.host === b.identity.authority ? { status, body } : next();
    };
    await write(a, tea, 'First');
    await pass(2);
    expect(await cosigners(a, log, b, c)).toMatchObject({ size: 2, names: authorities(c) });
  });

  it.each([
    ['more', '99\n', 409, 'cosignature: it has cosigned 99 entries, and there are 2'],
    ['something else', '{}', 422, 'cosignature: it knows another history of 1 entries'],
  ])('tells the operator when a witness knows %s', async (_, body, status, detail) => {
    const { a, b, tea, log } = await openThree();
    network.fault = async (sent, next) => {
      const asked = sent.url.pathname.startsWith('/witness');
      return asked && sent.url.host === b.identity.authority ? { status, body } : next();
    };
    await write(a, tea, 'First');
    await pass(3);
    const told = a.events.filter((event) => event.log === log);
    expect(told).toContainEqual({ event: 'refused', peer: b.identity.did, log, detail });
  });
});

describe('heads', () => {
  it('are stated when they have changed, and once', async () => {
    const { a, tea } = await openThree();
    await pass(2);
    const { signed, stated } = await readHeads(a.db);
    expect(stated).toEqual(signed);
    const size = await a.sizeOf(systemOf(a));
    await pass(2);
    expect(await a.sizeOf(systemOf(a))).toBe(size);
    await write(a, tea, 'One');
    await write(a, tea, 'Two');
    await pass(2);
    expect(await a.sizeOf(systemOf(a))).toBe(size + 1);
    const now = await readHeads(a.db);
    expect(now.stated).toEqual(now.signed);
  });
});
