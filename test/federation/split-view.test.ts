// Three nodes as real processes. A copy of the home's data folder runs on, with the home's keys, and shows one follower another history.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  followFrom,
  type NodeProcess,
  runCommand,
  startNodeProcess,
} from '../../src/cli/node-process.ts';
import { connect } from '../../src/client/connection.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { readConfig } from '../../src/config.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { readNodeIdentity } from '../../src/node-identity.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { runHere } from '../cli/exuvia.ts';
import { checkInvariants } from '../invariants.ts';

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));

interface Evidence {
  readonly id: number;
  readonly log: string;
  readonly home: string;
  readonly statement: string;
  readonly decision: string | null;
  readonly file: { readonly heads: readonly [string, string] };
}

let crypto: Crypto;
let folder: string;
/** Data folders of the home: the true one, and the copy that runs on. */
let [truth, copy] = ['', ''];
let origin: string;
let [a, b, c]: (NodeProcess | undefined)[] = [];
let tide: ObjectName;
let reef: ObjectName;
let ada: ExuviaClient;
let bea: ExuviaClient;

const one = () => b as NodeProcess;
const two = () => c as NodeProcess;
const log = () => `${new URL(origin).host}/log/${idOf(tide)}`;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Size and root of the newest checkpoint of `tide` at a node. */
async function headAt({ origin: at }: NodeProcess): Promise<readonly [number, string]> {
  const text = await (await fetch(`${at}/log/${idOf(tide)}/checkpoint`)).text();
  const [, size = '', root = ''] = text.split('\n');
  return [Number(size), root];
}

const untilSize = (node: NodeProcess, size: number) =>
  until(`${node.origin} has ${size} entries`, async () => (await headAt(node))[0] === size);

/** A command that needs no node of its own, in this process. */
async function exuvia(...args: string[]): Promise<string> {
  const { code, err, out } = await runHere(folder, ...args);
  if (code !== 0) throw new Error(`exuvia ${args[0]} (${code}): ${out}${err}`);
  return out;
}

const admin = ({ dataDir, origin: at }: NodeProcess, ...args: string[]) =>
  runCommand(['admin', ...args, '--data', dataDir], { EXUVIA_ORIGIN: at });

/** A request as the operator makes it: with the node's own key. */
async function ask<T>(node: NodeProcess, path: string, value?: object) {
  const config = readConfig({ EXUVIA_ORIGIN: node.origin, EXUVIA_DATA: node.dataDir });
  const { did, keyId, seed } = await readNodeIdentity(config, crypto);
  const key = { did, seed, verificationMethod: keyId };
  const body = value && { body: utf8(JSON.stringify(value)) };
  const method = value === undefined ? 'GET' : 'POST';
  return connect({ origin: node.origin, key, crypto }).json<T>({ method, path, ...body });
}

/** Of the log of `tide`; the home's system log may have been caught as well. */
async function evidenceAt(node: NodeProcess): Promise<Evidence[]> {
  const { value } = await ask<{ evidence: Evidence[] }>(node, '/federation/evidence');
  return value.evidence.filter((found) => found.log === log());
}

async function haltedAt(node: NodeProcess): Promise<string> {
  const { value } = await ask<{
    peers: { followed: { log: string; halted: string | null }[] }[];
  }>(node, '/federation/peers');
  const followed = value.peers.flatMap((peer) => peer.followed);
  return followed.find((source) => source.log === log())?.halted ?? '';
}

/** Everything in the database of a node that has stopped. */
async function check({ dataDir }: NodeProcess): Promise<void> {
  const db = new FileDatabase(join(dataDir, 'exuvia.db'));
  try {
    await checkInvariants(db, crypto);
  } finally {
    await db.close();
  }
}

async function stopped(node: NodeProcess): Promise<NodeProcess> {
  await node.stop();
  await check(node);
  return node;
}

const again = (node: NodeProcess) => startNodeProcess(node.dataDir, node.origin);

/** The home, or the copy of it, writes something while only one of its followers is there. */
async function writeFrom(data: string, title: string, reader: NodeProcess, size: number) {
  a = await startNodeProcess(data, origin);
  await ada.post(tide, { title });
  await untilSize(reader, size);
  await stopped(a);
  a = undefined;
}

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-split-'));
  [truth, copy] = [join(folder, 'a'), join(folder, 'copy')];
  [a, b, c] = await Promise.all(
    [truth, join(folder, 'b'), join(folder, 'c')].map((data) => startNodeProcess(data)),
  );
  origin = (a as NodeProcess).origin;
  ada = new ExuviaClient({ origin, key: createKey(random, crypto), crypto });
  bea = new ExuviaClient({ origin: one().origin, key: createKey(random, crypto), crypto });
  tide = (await ada.foundSubmolt({ slug: 'tide', name: 'Tide' })).id;
  await ada.post(tide, { title: 'Everybody has this' });
  reef = (await bea.foundSubmolt({ slug: 'reef', name: 'Reef' })).id;
  await followFrom(one(), `${origin}/m/tide`, crypto);
  await followFrom(two(), `${origin}/m/tide`, crypto);
  await followFrom(two(), `${one().origin}/m/reef`, crypto);
  await Promise.all([untilSize(one(), 2), untilSize(two(), 2)]);
}, 180_000);

afterAll(async () => {
  await Promise.all([a, b, c].map((node) => node?.stop()));
  await rm(folder, { recursive: true });
});

describe('two histories under one key', { timeout: 240_000 }, () => {
  test('are shown to a follower each, and neither notices', async () => {
    const before = a as NodeProcess;
    await before.stop();
    a = undefined;
    await cp(truth, copy, { recursive: true });
    await check(before);
    await stopped(two());
    await writeFrom(truth, 'Shown to one', one(), 3);
    await stopped(one());
    c = await again(two());
    await writeFrom(copy, 'Shown to the other', two(), 3);
    expect(await evidenceAt(two())).toEqual([]);
  });

  test('are evidence on both nodes as soon as these speak with each other', async () => {
    b = await again(one());
    await bea.post(reef, { title: 'About something else' });
    for (const node of [one(), two()]) {
      await until('there is evidence', async () => (await evidenceAt(node)).length === 1);
      expect(await haltedAt(node)).toMatch(/^fork: /);
      const [found] = await evidenceAt(node);
      expect(found).toMatchObject({ log: log(), decision: null });
      const page = await (await fetch(`${node.origin}/federation`)).text();
      expect(page).toContain(log());
      expect(page).toContain('nothing more is taken of it');
      const metrics = await (await fetch(`${node.origin}/metrics`)).text();
      expect(metrics).toMatch(/exuvia_evidence\{decision="none"\} [1-9]/);
      // It stands in the node's system log, signed, with the file in it.
      await until('it is stated', async () => (await evidenceAt(node))[0]?.statement !== null);
      const [{ statement } = { statement: '' }] = await evidenceAt(node);
      const path = `/.well-known/ni/sha-256/${idOf(statement as ObjectName)}`;
      const stated = (await (await fetch(`${node.origin}${path}`)).json()) as { object: string };
      expect(stated).toMatchObject({ type: 'Add', object: found?.home });
    }
    expect(await headAt(one())).not.toEqual(await headAt(two()));
  });

  test('are proven by a file that anybody can check, and by no other', async () => {
    for (const node of [one(), two()]) {
      const proof = join(folder, 'proof.json');
      const [found] = await evidenceAt(node);
      await writeFile(proof, JSON.stringify(found?.file));
      expect(await exuvia('verify-evidence', proof)).toContain('two roots are signed');
      const out = join(folder, 'out.json');
      expect(await admin(node, 'evidence', '--out', out, '--id', `${found?.id}`)).toContain(log());
      expect(await exuvia('verify-evidence', out)).toContain('PROVEN');
      expect(JSON.parse(await readFile(out, 'utf8'))).toEqual(found?.file);
      const heads = found?.file.heads ?? ['', ''];
      for (const forged of [
        { heads: [heads[0], heads[0]] },
        { heads: [heads[0], heads[1].replace('\n3\n', '\n4\n')] },
        { log: log().replace('log', 'logs') },
      ]) {
        await writeFile(proof, JSON.stringify({ ...found?.file, ...forged }));
        await expect(exuvia('verify-evidence', proof)).rejects.toThrow('(1)');
      }
    }
  });

  test('are in the archives that the followers make', async () => {
    for (const [node, other] of [
      [one(), two()],
      [two(), one()],
    ] as const) {
      const archive = join(folder, `${new URL(node.origin).port}.tar`);
      await exuvia('export', idOf(tide), '--out', archive, '--node', node.origin);
      const report = JSON.parse(await exuvia('verify', archive, '--json'));
      expect(report).toMatchObject({ code: 0, size: 3, fork: null });
      const [piece] = report.evidence.filter((one: { log: string }) => one.log === log());
      expect(piece).toMatchObject({ kind: 'histories', sizes: [3, 3] });
      expect(piece.continues).toHaveLength(1);
      // Held against a checkpoint of the other history, the archive convicts by itself.
      const since = join(folder, 'since');
      const note = await fetch(`${other.origin}/log/${idOf(tide)}/checkpoint`);
      await writeFile(since, await note.text());
      await expect(exuvia('verify', archive, '--since', since)).rejects.toThrow('(14)');
      const found = JSON.parse(await readFile(`${archive}.evidence.json`, 'utf8'));
      expect(found.heads.toSorted()).toEqual((await evidenceAt(node))[0]?.file.heads.toSorted());
      const evidence = `${archive}.evidence.json`;
      await exuvia('verify-evidence', evidence);
      // Whoever has such a file can put it into an archive; nothing else.
      const more = ['export', idOf(tide), '--node', node.origin, '--out', `${archive}.more`];
      await exuvia(...more, '--with', evidence);
      const again = JSON.parse(await exuvia('verify', `${archive}.more`, '--json'));
      expect(again.code).toBe(0);
      expect(again.evidence.length).toBeGreaterThanOrEqual(report.evidence.length);
      await expect(exuvia(...more, '--with', since)).rejects.toThrow('(2)');
    }
  });

  test('are still evidence after a restart, and after the derived tables are made anew', async () => {
    const before = await Promise.all([evidenceAt(one()), evidenceAt(two())]);
    await Promise.all([stopped(one()), stopped(two())]);
    await admin(one(), 'rebuild');
    await check(one());
    [b, c] = await Promise.all([again(one()), again(two())]);
    expect(await Promise.all([evidenceAt(one()), evidenceAt(two())])).toEqual(before);
  });
});

describe('the operators', { timeout: 240_000 }, () => {
  test('drop the home over HTTP, and take it back', async () => {
    const [{ id } = { id: 0 }] = await evidenceAt(two());
    const decide = async (of: number, decision: string) =>
      (await ask(two(), '/federation/evidence', { id: of, decision })).status;
    expect(await decide(id, 'drop')).toBe(200);
    expect(await haltedAt(two())).toMatch(/^dropped: /);
    expect(await decide(id, 'keep')).toBe(200);
    expect(await haltedAt(two())).toBe('');
    expect(await evidenceAt(two())).toMatchObject([{ decision: 'keep' }]);
    expect(await admin(two(), 'evidence', 'drop', String(id))).toContain('Dropped');
    await expect(admin(two(), 'evidence', 'drop', '99')).rejects.toThrow('evidence_unknown');
    await expect(decide(99, 'keep')).rejects.toThrow('evidence');
    await stopped(two());
  });

  test('get nothing more of the log before they decide, and go on from their own history then', async () => {
    // While the other is there, the home learns what was signed with its key, and does not go on.
    await stopped(one());
    a = await startNodeProcess(truth, origin);
    await ada.post(tide, { title: 'Later' });
    expect((await headAt(a))[0]).toBe(4);
    b = await again(one());
    // A pull and a push would have come by now.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect((await headAt(one()))[0]).toBe(3);
    const [{ id } = { id: 0 }] = await evidenceAt(one());
    expect(await admin(one(), 'evidence', 'keep', String(id))).toContain('Kept');
    await untilSize(one(), 4);
    expect(await headAt(one())).toEqual(await headAt(a));
    expect(await evidenceAt(one())).toMatchObject([{ decision: 'keep' }]);
    await Promise.all([stopped(a), stopped(one())]);
    a = undefined;
  });

  test('keep their evidence, whoever comes back', async () => {
    [b, c] = await Promise.all([again(one()), again(two())]);
    expect(await evidenceAt(one())).toMatchObject([{ decision: 'keep' }]);
    expect(await evidenceAt(two())).toMatchObject([{ decision: 'drop' }]);
    expect((await headAt(two()))[0]).toBe(3);
    expect(await haltedAt(two())).toMatch(/^dropped: /);
    await Promise.all([stopped(one()), stopped(two())]);
  });
});
