// DID logs against didwebvh-ts: each verifies what the other makes, and what we refuse it refuses, but for a list.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import {
  createDID,
  type DataIntegrityProof,
  type DIDLog,
  type DIDLogEntry,
  deactivateDID,
  deriveNextKeyHash,
  prepareDataForSigning,
  resolveDIDFromLog,
  type Signer,
  signWitnessProofEntry,
  updateDID,
  type Verifier,
  type WitnessProofFileEntry,
} from 'didwebvh-ts';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { toBase58btc } from '../../src/protocol/base58.ts';
import { type DidLog, verifyDidLog } from '../../src/protocol/did-log.ts';
import { appendToDidLog, createDidLog, HOSTED_PATH } from '../../src/protocol/did-log-maker.ts';
import type { MadeDidLog } from '../../src/protocol/did-log-publish.ts';
import { createWitnessProof } from '../../src/protocol/did-log-witness.ts';
import { ACCEPTED, REFUSED } from '../did-log-cases/all.ts';
import type { DidLogCase } from '../did-log-cases/case.ts';
import { crypto, multikey, promise, START, seed } from '../did-log-forge.ts';

vi.hoisted(() => {
  // As it is loaded it looks whether it is under test, and then leaves every log in the working directory.
  process.env.NODE_ENV = 'production';
});

// Nothing but node:crypto on their side: neither our hashing nor our rule for keys.
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const verifier: Verifier = {
  async verify(signature, message, key) {
    const spki = { key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' } as const;
    return verify(null, message, createPublicKey(spki), signature);
  },
};

function signer(n: number): Signer {
  const pkcs8 = { key: Buffer.concat([PKCS8, seed(n)]), format: 'der', type: 'pkcs8' } as const;
  return {
    getVerificationMethodId: () => `did:key:${multikey(n)}#${multikey(n)}`,
    async sign({ document, proof }) {
      const data = await prepareDataForSigning(document, proof);
      return { proofValue: `z${toBase58btc(sign(null, data, createPrivateKey(pkcs8)))}` };
    },
  };
}

const parsed = (text: string): DIDLog =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const written = (log: DIDLog): string => log.map((entry) => `${JSON.stringify(entry)}\n`).join('');

async function theirs(text: string, witnessProofs: WitnessProofFileEntry[] = [], did?: string) {
  try {
    const options = {
      verifier,
      witnessProofs,
      ...(did === undefined ? {} : { requestedDid: did }),
    };
    const { did: found, meta } = await resolveDIDFromLog(parsed(text), options);
    return meta.error === undefined ? { did: found, meta } : null;
  } catch {
    return null;
  }
}

async function ours(log: DIDLog, witnesses: WitnessProofFileEntry[] = []): Promise<DidLog> {
  const verdict = await verifyDidLog(written(log), {
    crypto,
    witnesses: JSON.stringify(witnesses),
    now: Date.now(),
  });
  if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.detail}`);
  return verdict.log;
}

beforeEach(() => {
  // It reports the witness proofs it passes over.
  vi.spyOn(console, 'warn').mockReturnValue();
});

describe('what we make', () => {
  const identity = {
    host: 'node.example',
    path: HOSTED_PATH,
    updateSeed: seed(1),
    signingKeys: [crypto.publicKeyOf(seed(21))],
    nextKeyHashes: [promise(2), promise(9)],
    now: START,
  };
  const created = createDidLog(identity, crypto);
  const now = START;
  const rotated = appendToDidLog(
    created.text,
    { updateSeed: seed(2), nextKeyHashes: [promise(3), promise(9)], now },
    crypto,
  );
  const recovered = appendToDidLog(
    rotated.text,
    { updateSeed: seed(9), nextKeyHashes: [promise(4), promise(10)], now },
    crypto,
  );
  const moved = appendToDidLog(
    recovered.text,
    {
      updateSeed: seed(4),
      nextKeyHashes: [promise(5), promise(10)],
      host: 'other.example%3A8443',
      path: HOSTED_PATH,
      now,
    },
    crypto,
  );
  const ended = appendToDidLog(moved.text, { updateSeed: seed(5), deactivate: true, now }, crypto);

  test.each<[string, MadeDidLog]>([
    ['a new DID', created],
    ['a rotation', rotated],
    ['a recovery', recovered],
    ['a move', moved],
    ['the end of a DID', ended],
  ])('is what it takes: %s', async (_, { text, log }) => {
    expect(await theirs(text)).toMatchObject({
      did: log.did,
      meta: {
        scid: log.scid,
        versionId: log.versions.at(-1)?.versionId,
        updateKeys: log.versions.at(-1)?.updateKeys,
        nextKeyHashes: log.versions.at(-1)?.nextKeyHashes,
        deactivated: log.deactivated,
        portable: true,
      },
    });
  });

  test('is what it takes: a DID with witnesses, once they have approved', async () => {
    const ids = [31, 32, 33].map((n) => ({ id: `did:key:${multikey(n)}` }));
    const witness = { threshold: 2, witnesses: ids };
    const { text, log } = createDidLog({ ...identity, witness }, crypto);
    const versionId = log.versions[0]?.versionId as string;
    const file = (...keys: number[]) =>
      [
        { versionId, proof: keys.map((n) => createWitnessProof(versionId, seed(n), now, crypto)) },
      ] as unknown as WitnessProofFileEntry[];
    expect(await theirs(text, file(31, 33))).toMatchObject({ did: log.did });
    expect(await theirs(text, file(31, 31))).toBeNull();
  });

  test('is what it refuses with one character changed', async () => {
    for (const at of [30, 400, 900, 1500, 2600, 4000, 5200]) {
      const { text } = rotated;
      const changed = `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
      expect([at, await theirs(changed)]).toEqual([at, null]);
      expect([at, (await verifyDidLog(changed, { crypto })).ok]).toEqual([at, false]);
    }
  });
});

describe('what it makes', () => {
  const methods = [
    { type: 'Multikey', publicKeyMultibase: multikey(21), purpose: 'assertionMethod' as const },
  ];
  const common = {
    domain: 'agents.example',
    paths: ['ada'],
    verificationMethods: methods,
    verifier,
  };
  const create = (more: Partial<Parameters<typeof createDID>[0]> = {}) =>
    createDID({ ...common, signer: signer(1), updateKeys: [multikey(1)], portable: true, ...more });
  const hashes = (...keys: number[]) =>
    Promise.all(keys.map((n) => deriveNextKeyHash(multikey(n))));

  test('is what we take: a DID, its rotation, its move', async () => {
    const first = await create({ nextKeyHashes: await hashes(2, 9) });
    expect(await ours(first.log)).toMatchObject({ did: first.did, portable: true });
    const second = await updateDID({
      log: first.log,
      signer: signer(2),
      updateKeys: [multikey(2)],
      nextKeyHashes: await hashes(3, 9),
      verifier,
    });
    expect(await ours(second.log)).toMatchObject({ did: first.did });
    const third = await updateDID({
      log: second.log,
      signer: signer(9),
      updateKeys: [multikey(9)],
      nextKeyHashes: await hashes(4),
      domain: 'elsewhere.example%3A8443',
      verifier,
    });
    const log = await ours(third.log);
    expect(log.did).toBe(third.did);
    expect(log.did).toContain('elsewhere.example%3A8443:ada');
    expect(log.versions.map(({ did }) => did)).toEqual([first.did, first.did, third.did]);
  });

  test('is what we take: rotation without promised keys, and the end', async () => {
    const first = await create();
    const second = await updateDID({
      log: first.log,
      signer: signer(1),
      updateKeys: [multikey(2)],
      verifier,
    });
    const third = await updateDID({
      log: second.log,
      signer: signer(2),
      updateKeys: [multikey(3)],
      verifier,
    });
    const ended = await deactivateDID({
      log: third.log,
      signer: signer(3),
      updateKeys: [],
      verifier,
    });
    expect(await ours(ended.log)).toMatchObject({ did: first.did, deactivated: true });
  });

  test('is what we take: approvals of witnesses', async () => {
    const ids = [31, 32].map((n) => ({ id: `did:key:${multikey(n)}` }));
    const { log, did } = await create({ witness: { threshold: 2, witnesses: ids } });
    const witnessSignersByDid = Object.fromEntries(
      [31, 32].map((n) => [`did:key:${multikey(n)}`, signer(n)]),
    );
    const versionId = log[0]?.versionId as string;
    const approved = await signWitnessProofEntry({
      versionId,
      witnesses: ids,
      witnessSignersByDid,
    });
    expect(await ours(log, [approved])).toMatchObject({ did });
    const { proof } = approved;
    await expect(ours(log, [{ versionId, proof: [proof[0]!, proof[0]!] }])).rejects.toThrow(
      'witness_threshold',
    );
    await expect(ours(log)).rejects.toThrow('witness_threshold');
  });

  test('is what both refuse when a stranger has changed it', async () => {
    const { log } = await create({ nextKeyHashes: await hashes(2) });
    const [entry] = log as [DIDLogEntry];
    const [proof] = entry.proof as [DataIntegrityProof];
    const changes: Partial<DIDLogEntry>[] = [
      { versionTime: '2025-01-01T00:00:00Z' },
      { parameters: { ...entry.parameters, portable: false } },
      { state: { ...entry.state, controller: 'did:web:stranger.example' } },
      { proof: [{ ...proof, created: '2025-01-01T00:00:00Z' }] },
      {
        proof: [
          {
            ...proof,
            proofValue: proof.proofValue.replace(/.$/, (last) => (last === '1' ? '2' : '1')),
          },
        ],
      },
    ];
    for (const change of changes) {
      const changed = [{ ...entry, ...change }];
      expect(await theirs(written(changed))).toBeNull();
      await expect(ours(changed)).rejects.toThrow();
    }
  });
});

/** What the library lets through: the clauses are in the vectors. Its next version may have closed some. */
const LET_THROUGH = new Set([
  // Entries that nobody signed.
  'an empty list of proofs',
  // Life after deactivation.
  'a DID that was deactivated from the start',
  'a version after the DID was deactivated',
  'a version that brings a deactivated DID back',
  // Moves that hide where the DID was.
  'a move without the prior name',
  'another path of the same host, without the prior name',
  'the first name instead of the prior one',
  'the prior name not in a list',
  // Hashes and version ids that are not looked at.
  'a first versionId of another entry',
  'a leading zero',
  // Parameters that are not, or not the right ones.
  'a key of another curve',
  'a key of small order',
  'a key twice',
  'a later entry that says again that the DID is portable',
  'a negative ttl',
  'a parameter that there is not',
  'a string for portable',
  'a ttl beyond 2^31',
  'a watcher that is no URL',
  'promises left to be inherited',
  'the method "did:webvh:0.5"',
  // Allowed by the method in readers that are lenient.
  'null for deactivated',
  'null for nextKeyHashes',
  'null for portable',
  'null for ttl',
  'null for watchers',
  // Witnesses taken for none.
  'a list for witness',
  'a threshold alone',
  'nobody to reach the threshold',
  'null for witness',
  'an approval whose method has no fragment',
  // Members of proofs that would have to mean something.
  'a proof that expires',
  'a proof that hangs on another',
  'a time that is none',
  // The text: it is given what JSON.parse makes of the lines.
  'a byte order mark',
  'a member twice',
  'a proof that is no list',
  'two line feeds at the end',
  // It has its own clock.
  'more than five minutes ahead of the reader',
]);

describe('our cases', () => {
  async function takes({ log, witnesses, did }: DidLogCase): Promise<boolean> {
    return (await theirs(log, JSON.parse(witnesses ?? '[]'), did)) !== null;
  }

  test.each(ACCEPTED)('it takes $comment', async (each) => {
    expect(await takes(each)).toBe(true);
  });

  test('it refuses what we refuse, but for these', async () => {
    const readable = REFUSED.filter(({ witnesses }) => witnesses !== 'x' && witnesses !== '{}');
    const through: string[] = [];
    for (const each of readable) if (await takes(each)) through.push(each.comment);
    expect(new Set(through)).toEqual(LET_THROUGH);
  });
});
