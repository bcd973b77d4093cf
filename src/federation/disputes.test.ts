// Heads that a witness and a home do not agree on: what each of them makes of it, and that nobody is convicted who signed one history.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { type ForgedLog, forgeEntry } from '../../test/forged-log.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { Agent, crypto } from '../../test/sandbox.ts';
import { silent } from '../../test/silent.ts';
import { formatAddCheckpoint } from '../log/add-checkpoint.ts';
import { consistencyProof } from '../log/consistency.ts';
import { verifyEvidence } from '../log/evidence.ts';
import { leafHash } from '../log/merkle.ts';
import { tileHashReader } from '../log/tile.ts';
import { concatBytes, utf8 } from '../protocol/bytes.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { readEvidence, selectAllEvidence } from '../store/evidence.ts';
import { findSource } from '../store/queries/peers.ts';

const ada = new Agent('ada');
let network: Network;
let home: FederatedNode;
let witness: FederatedNode;
let submolt: ObjectName;
let log: string;

/** `witness` follows `m/tea` of `home`, which asks it to cosign every ten seconds. */
beforeEach(async () => {
  network = new Network();
  home = await FederatedNode.open(network, 'a', { publishes: true });
  witness = await FederatedNode.open(network, 'b', { publishes: true });
  submolt = await home.sandbox.accept(ada, group('tea', home.identity.did));
  for (const title of ['One', 'Two']) await home.sandbox.accept(ada, post(submolt, title));
  log = await witness.follow(home, 'tea');
});
afterEach(() => network.close());

async function pass(rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) await network.pass(10_000);
}

async function evidenceOf({ db }: FederatedNode) {
  const [rows = []] = await db.batch('read', [selectAllEvidence(10)]);
  const found = rows.map(readEvidence);
  for (const { file } of found)
    expect(await verifyEvidence(file, crypto)).toMatchObject({ ok: true });
  return found;
}

/** Another history of the log, of `size` entries, that has the first `common` of it. */
async function otherHistory(size: number, common = 2): Promise<ForgedLog> {
  const forged = await home.forge(log);
  forged.entries.length = common;
  while (forged.entries.length < size) {
    const i = forged.entries.length;
    forged.entries.push(forgeEntry({ type: 'Like', i }, network.clock.now + i));
  }
  return forged;
}

/** Somebody has this head cosigned, as anybody may who has it. */
async function submit(note: string, oldSize: number, proof: Uint8Array[] = []): Promise<string> {
  const answer = await witness.witness.addCheckpoint(
    utf8(formatAddCheckpoint({ oldSize, proof, note })),
  );
  return answer.kind === 'refused' ? answer.code : answer.kind;
}

describe('a home whose witness knows another history', () => {
  test('records it against itself, tells the operator, and signs no more', async () => {
    await pass(2);
    // It was signed with the home's key, by a copy of the node that the home knows nothing of.
    const forged = await otherHistory(4, 3);
    const leaves = forged.entries.map(({ line }) => leafHash(utf8(line), crypto));
    const reader = tileHashReader(() => concatBytes(...leaves), 4, crypto);
    const proof = await consistencyProof(3, 4, reader, crypto);
    expect(await submit(forged.checkpoint(), 3, proof)).toBe('cosigned');
    await home.sandbox.accept(ada, post(submolt, 'Three'));
    await pass(3);
    const [found, ...more] = await evidenceOf(home);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ origin: log, peer: null, decision: null });
    // Its own system log is held as well; the statement waits for the recovery.
    expect(found?.statement).toBeNull();
    expect(home.events).toContainEqual(expect.objectContaining({ event: 'held', log }));
    expect(home.events).toContainEqual(expect.objectContaining({ event: 'forked', log }));
    expect(home.events).toContainEqual(expect.objectContaining({ event: 'refused', log }));
    const refused = await home.sandbox.submit(ada, post(submolt, 'Four'));
    expect(refused).toMatchObject({ kind: 'refused', code: 'log_held' });
    await pass(3);
    expect(await evidenceOf(home)).toHaveLength(1);
    await home.check();
    // The witness has both heads too.
    expect(await evidenceOf(witness)).toMatchObject([{ origin: log, peer: home.identity.did }]);
  });

  test('finds nothing in what only claims to be one', async () => {
    await pass(2);
    network.fault = async (sent, next) => {
      const asked = sent.url.host === witness.identity.authority;
      if (!asked || !sent.url.pathname.startsWith('/witness')) return next();
      const forged = await otherHistory(3);
      const note = forged.checkpoint().replace(/.{8}\n$/, 'AAAAAAA=\n');
      if (sent.url.pathname.endsWith('/add-checkpoint')) return { status: 422, body: '{}' };
      return { status: 200, body: note };
    };
    await home.sandbox.accept(ada, post(submolt, 'Three'));
    await pass(3);
    for (const body of ['', 'nonsense', `${log}\nx`, 'x'.repeat(20_000)]) {
      network.fault = async (sent, next) => {
        const asked = sent.url.host === witness.identity.authority;
        if (!asked || !sent.url.pathname.startsWith('/witness')) return next();
        return sent.url.pathname.endsWith('/checkpoint')
          ? { status: 200, body }
          : { status: 422, body: '{}' };
      };
      await home.sandbox.accept(ada, post(submolt, `More ${body.length}`));
      await network.pass(1_000_000);
    }
    expect(await evidenceOf(home)).toEqual([]);
  });
});

describe('a witness that is shown another history', () => {
  test('has evidence at once where the sizes are the same', async () => {
    await pass(2);
    const forged = await otherHistory(3);
    expect(await submit(forged.checkpoint(), 3)).toBe('not_consistent');
    await network.settle();
    const [found] = await evidenceOf(witness);
    expect(found).toMatchObject({ origin: log, peer: home.identity.did });
    expect((await findSource(witness.db, log))?.halted).toMatch(/^fork: /);
    await witness.check();
  });

  test('has evidence once the tree is here where it is larger', async () => {
    await pass(2);
    // The home does not hear of it: it would sign no more.
    network.fault = silent;
    const forged = await otherHistory(5);
    expect(await submit(forged.checkpoint(), 3)).toBe('not_consistent');
    await pass(1);
    expect(await evidenceOf(witness)).toEqual([]);
    for (let i = 0; i < 3; i++) await home.sandbox.accept(ada, post(submolt, `More ${i}`));
    await pass(6);
    expect(await evidenceOf(witness)).toMatchObject([{ origin: log, peer: home.identity.did }]);
  });

  test('convicts nobody for a wrong proof, a wrong key, or a head it knows', async () => {
    await pass(2);
    const honest = await home.forge(log);
    await home.sandbox.accept(ada, post(submolt, 'Three'));
    const later = await home.forge(log);
    const wrong = [new Uint8Array(32).fill(7)];
    expect(await submit(later.checkpoint(), 3, wrong)).toBe('not_consistent');
    expect(await submit(honest.checkpoint(), 3, wrong)).toBe('not_consistent');
    const forged = await otherHistory(3);
    const stolen = forged.checkpoint().replace(/.{8}\n$/, 'AAAAAAA=\n');
    expect(await submit(stolen, 3)).toBe('log_signature_refused');
    await pass(6);
    for (const node of [home, witness]) expect(await evidenceOf(node)).toEqual([]);
    expect(await witness.sizeOf(log)).toBe(4);
  });
});
