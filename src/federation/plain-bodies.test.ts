// Bodies read from their bytes, and the same bodies read as JSON: what a replica makes of them is the same, good or bad.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { activityDraft } from '../../test/activities.ts';
import { checkEntries } from '../commands/check-entries.ts';
import type { ReplicatedEntry } from '../commands/replicated-entry.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { commitment, type EntryKind, encodeEntry, makeEntry } from '../log/entry.ts';
import { StatedIdentities } from '../log/stated-identities.ts';
import { concatBytes, fromBase64url, toBase64url, utf8 } from '../protocol/bytes.ts';
import { type Did, didKeyOf } from '../protocol/did.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import { didKeyResolver, type KeyResolver, signObject } from '../protocol/object.ts';
import { nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import type { LogHead } from '../store/logs.ts';
import { parseEntryBody } from './entry-record.ts';
import { openRemoteLog } from './remote-log.ts';

const crypto = createNodeCrypto();
const submolt = nameFromHash(new Uint8Array(32).fill(1));
const elsewhere = nameFromHash(new Uint8Array(32).fill(2));
const seed = new Uint8Array(32).fill(1);
const publicKey = crypto.publicKeyOf(seed);
const created = '2026-11-20T10:00:00Z';
const now = 1_800_000_000_000;
const alice = { seed, did: didKeyOf(publicKey), created };
const web = 'did:web:agents.example.com' as Did;
const bob = { seed, did: web, verificationMethod: `${web}#key-1`, created };
const head: LogHead = {
  ...{ id: 1, origin: 'home.example/log/x', home: didKeyOf(crypto.publicKeyOf(publicKey)) },
  ...{ submolt, isHome: false, logKey: publicKey, size: 7, root: publicKey },
  ...{ frontier: publicKey, lastT: 0, signedSize: 7, checkpoint: null },
};

interface Case {
  readonly line: Uint8Array;
  readonly record: Uint8Array;
  readonly resolveKey: KeyResolver;
  readonly submolt: ObjectName;
}

async function readShort({ line, record }: Case): Promise<ReplicatedEntry | null> {
  const reply = { ok: true, body: concatBytes(record, utf8('\n')) } as const;
  const client = { read: async () => reply, send: async () => reply };
  const read = await openRemoteLog(client, 'https://home.example/log/x', crypto).bodies(7, 8);
  const body = read.ok ? read.value[0] : undefined;
  return body === undefined ? null : { line, body };
}

function readLong({ line, record }: Case): ReplicatedEntry | null {
  const parsed = parseIJson(record);
  if (!parsed.ok || !isObject(parsed.value) || parsed.value.i !== 7) return null;
  const body = parseEntryBody(parsed.value);
  return body && { line, body };
}

function outcomeOf(entry: ReplicatedEntry, { resolveKey, submolt }: Case) {
  const stated = new StatedIdentities();
  return checkEntries({ ...head, submolt }, 7, [entry], {
    crypto,
    now,
    keysAt: () => resolveKey,
    stated,
  });
}

/** Whether the short way was taken, and what came of both. */
async function compare(one: Case): Promise<{ short: boolean; code: string }> {
  const [short, long] = [await readShort(one), readLong(one)];
  expect(short === null).toBe(long === null);
  if (short === null || long === null) return { short: false, code: 'nonsense' };
  const [outcome, expected] = [await outcomeOf(short, one), await outcomeOf(long, one)];
  expect(outcome).toEqual(expected);
  const code = outcome.ok ? 'ok' : (outcome.objectReason ?? outcome.reason);
  return { short: !short.body.erased && short.body.plain !== undefined, code };
}

const salt = new Uint8Array(16).fill(3);

function recordOf(bytes: Uint8Array, i = '7'): Uint8Array {
  return concatBytes(utf8(`{"i":${i},"o":`), bytes, utf8(`,"s":"${toBase64url(salt)}"}`));
}

function caseOf(
  bytes: Uint8Array,
  kind: EntryKind,
  more: Partial<Case> & { t?: number } = {},
): Case {
  const entry = makeEntry(commitment(salt, bytes, crypto), kind, more.t ?? now);
  const line = encodeEntry(entry);
  return { line, record: recordOf(bytes), resolveKey: didKeyResolver, submolt, ...more };
}

const sign = (draft: object, signer: Parameters<typeof signObject>[1] = alice) =>
  signObject(draft as Parameters<typeof signObject>[0], signer, crypto);
const like = { type: 'Like', audience: submolt, object: elsewhere };
const post = {
  ...{ type: 'Create', audience: submolt },
  object: { type: 'Article', name: '“A”', content: 'line\nline', mediaType: 'text/plain' },
};
const known: KeyResolver = async () => ({ ok: true, publicKey });
const signed = sign(post).bytes;
const voted = sign(like).bytes;
const byBob = sign(like, bob).bytes;
const text = new TextDecoder().decode(voted);
const resigned = (change: (text: string) => string) => utf8(change(text));
/** Of order 1: one signature under it fits every content. */
const weak = fromBase64url(`AQ${'A'.repeat(41)}`) as Uint8Array;
const unresolved = (
  reason: 'key_unresolvable' | 'key_not_found',
  retryable: boolean,
): KeyResolver => {
  return async () => ({ ok: false, reason, detail: 'as it is', retryable });
};
/** 1 in place of 2 in the last digits that a signature has. */
const otherSignature = (before: string) =>
  before.replace(/("proofValue":"z)[^"]{9}/, '$1222222222');

const cases: [string, string, boolean, Case][] = [
  ['a post', 'ok', true, caseOf(signed, 'Create')],
  ['a vote', 'ok', true, caseOf(voted, 'Like')],
  ['a vote under a key in a document', 'ok', true, caseOf(byBob, 'Like', { resolveKey: known })],
  [
    'words that were changed',
    'proof_invalid',
    true,
    caseOf(utf8(new TextDecoder().decode(signed).replace('“A”', '“B”')), 'Create'),
  ],
  ['another signature', 'proof_invalid', true, caseOf(resigned(otherSignature), 'Like')],
  [
    'another submolt',
    'wrong_log',
    true,
    caseOf(sign({ ...like, audience: elsewhere }).bytes, 'Like'),
  ],
  ['another kind', 'kind_mismatch', true, caseOf(voted, 'Dislike')],
  ['an entry to come', 'too_early', true, caseOf(voted, 'Like', { t: now + 600_001 })],
  [
    'a body of another entry',
    'commitment_mismatch',
    true,
    { ...caseOf(signed, 'Create'), record: recordOf(voted) },
  ],
  ['a line that is none', 'entry_malformed', true, caseOf(voted, 'Like', { line: utf8('{}') })],
  ['another index', 'nonsense', false, caseOf(voted, 'Like', { record: recordOf(voted, '8') })],
  [
    'a key that cannot be had now',
    'key_unresolvable',
    true,
    caseOf(byBob, 'Like', { resolveKey: unresolved('key_unresolvable', true) }),
  ],
  [
    'a key that is not there',
    'key_not_found',
    true,
    caseOf(byBob, 'Like', { resolveKey: unresolved('key_not_found', false) }),
  ],
  [
    'a weak key',
    'proof_key_rejected',
    true,
    caseOf(byBob, 'Like', { resolveKey: async () => ({ ok: true, publicKey: weak }) }),
  ],
  [
    'a stranger’s key',
    'proof_invalid',
    true,
    caseOf(byBob, 'Like', {
      resolveKey: async () => ({ ok: true, publicKey: crypto.publicKeyOf(publicKey) }),
    }),
  ],
  [
    'an author who is nobody',
    'did_malformed',
    false,
    caseOf(
      resigned((before) => before.replaceAll(alice.did, 'did:none')),
      'Like',
    ),
  ],
  [
    'no proof',
    'proof_missing',
    false,
    caseOf(
      resigned((before) => before.replace(/"proof":{[^}]*},/, '')),
      'Like',
    ),
  ],
  [
    'members in another order',
    'ok',
    false,
    caseOf(voted, 'Like', {
      record: recordOf(
        resigned((before) => `{"type":"Like",${before.slice(1).replace(',"type":"Like"}', '}')}`),
      ),
    }),
  ],
  [
    'blanks between members',
    'ok',
    false,
    caseOf(voted, 'Like', {
      record: recordOf(resigned((before) => before.replace(',"type":"Like"', ', "type":"Like"'))),
    }),
  ],
  [
    'a member twice',
    'nonsense',
    false,
    caseOf(
      resigned((before) => before.replace(',"type":"Like"', ',"type":"Like","type":"Like"')),
      'Like',
    ),
  ],
];

test.each(cases)('%s: %s', async (_, code, short, one) => {
  expect(await compare(one)).toEqual({ short, code });
});

test('every act, and every act with a byte changed', { timeout: 60_000 }, async () => {
  const codes = new Set<string>();
  let taken = 0;
  const flip = fc.option(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.integer({ min: 1, max: 255 }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      activityDraft([alice.did]),
      flip,
      fc.boolean(),
      async (draft, change, here) => {
        const { bytes } = sign(draft);
        const place = here ? { submolt: draft.audience as ObjectName } : {};
        const [at, mask] =
          change === null ? [0, 0] : [Math.floor(change[0] * bytes.length), change[1]];
        const sent = bytes.with(at, (bytes[at] as number) ^ mask);
        const { short, code } = await compare(caseOf(sent, draft.type as EntryKind, place));
        codes.add(code);
        taken += short ? 1 : 0;
      },
    ),
    { numRuns: 1000 },
  );
  expect(taken).toBeGreaterThan(10);
  expect([...codes]).toEqual(expect.arrayContaining(['ok', 'nonsense']));
});
