// Evidence convicts whoever signed both heads, and nobody who did not.
import { describe, expect, test } from 'vitest';
import { ForgedLog, forgeEntry } from '../../test/forged-log.ts';
import { crypto, identityOf } from '../../test/sandbox.ts';
import type { CommandContext } from '../commands/context.ts';
import { signOwn } from '../commands/sign-own.ts';
import { concatBytes, decodeUtf8, utf8 } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import { consistencyProof } from './consistency.ts';
import { type EvidenceParts, encodeEvidence, verifyEvidence } from './evidence.ts';
import { leafHash } from './merkle.ts';
import { treeRoot } from './subtree.ts';
import { tileHashReader } from './tile.ts';

const node = identityOf('a');
const origin = `${node.authority}/log/system`;

function log(lines: number, changed = -1): ForgedLog {
  const entries = Array.from({ length: lines }, (_, i) =>
    forgeEntry({ type: 'Like', n: i === changed ? 1000 : i }, 1_000 + i),
  );
  return new ForgedLog(node, origin, entries);
}

function readerOf({ entries }: ForgedLog, size: number) {
  const leaves = entries.slice(0, size).map(({ line }) => leafHash(utf8(line), crypto));
  return tileHashReader(() => concatBytes(...leaves), size, crypto);
}

async function statement(of = node, logSeed = of.logSeed): Promise<JsonObject> {
  const context = { crypto, node: of, now: () => Date.UTC(2026, 10, 20) } as CommandContext;
  const key = didKeyOf(crypto.publicKeyOf(logSeed));
  const { bytes } = await signOwn(context, { type: 'Add', object: key, target: LOG_KEYS });
  return JSON.parse(decodeUtf8(bytes));
}

async function sameSize(): Promise<EvidenceParts> {
  const heads = [log(5).checkpoint(), log(5, 3).checkpoint()] as const;
  return { origin, keyStatement: await statement(), heads, trueRoot: null, document: null };
}

async function otherSize(): Promise<EvidenceParts> {
  const larger = log(9);
  const reader = readerOf(larger, 9);
  const trueRoot = {
    root: await treeRoot(5, reader, crypto),
    proof: await consistencyProof(5, 9, reader, crypto),
  };
  const heads = [log(5, 3).checkpoint(), larger.checkpoint()] as const;
  return { origin, keyStatement: await statement(), heads, trueRoot, document: null };
}

const verdict = async (parts: EvidenceParts) => verifyEvidence(encodeEvidence(parts), crypto);

describe('evidence', () => {
  test('convicts a log that has signed two roots for one size', async () => {
    expect(await verdict(await sameSize())).toMatchObject({
      ok: true,
      home: node.did,
      origin,
      keyFrom: 'did',
      heads: [{ size: 5 }, { size: 5 }],
    });
  });

  test('convicts a log whose larger head does not go on from the smaller', async () => {
    expect(await verdict(await otherSize())).toMatchObject({
      ok: true,
      heads: [{ size: 5 }, { size: 9 }],
    });
  });

  test('convicts nobody of one history', async () => {
    const parts = await otherSize();
    const [small, large] = [log(5).checkpoint(), log(9).checkpoint()];
    const cases: Partial<EvidenceParts>[] = [
      { heads: [small, small], trueRoot: null },
      { heads: [small, large] },
      { heads: [small, large], trueRoot: null },
      { heads: [large, log(5, 3).checkpoint()] },
      { trueRoot: { root: new Uint8Array(32), proof: parts.trueRoot?.proof ?? [] } },
      { trueRoot: { root: parts.trueRoot?.root ?? new Uint8Array(32), proof: [] } },
    ];
    for (const changed of cases) {
      expect(await verdict({ ...parts, ...changed })).toMatchObject({
        ok: false,
        reason: 'no_contradiction',
      });
    }
  });

  test('takes no head of another key or another log', async () => {
    const parts = await sameSize();
    const [first] = parts.heads;
    const stranger = new ForgedLog(identityOf('b'), origin, log(5, 3).entries).checkpoint();
    const elsewhere = new ForgedLog(node, `${node.authority}/log/other`, log(5, 3).entries);
    for (const second of [stranger, elsewhere.checkpoint(), 'no note']) {
      const refused = await verdict({ ...parts, heads: [first, second] });
      expect(refused).toMatchObject({ ok: false, reason: 'head_refused' });
    }
  });

  test('takes no statement but the home’s own of its log key', async () => {
    const parts = await sameSize();
    const good = await statement();
    const statements: [JsonObject, string][] = [
      [
        { ...good, object: didKeyOf(crypto.publicKeyOf(identityOf('b').logSeed)) },
        'key_statement_refused',
      ],
      [{ ...good, target: 'https://w3id.org/exuvia/label#witness-keys' }, 'key_statement_refused'],
      [{}, 'key_statement_refused'],
      [await statement(node, identityOf('b').logSeed), 'head_refused'],
    ];
    for (const [keyStatement, reason] of statements) {
      expect(await verdict({ ...parts, keyStatement })).toMatchObject({ ok: false, reason });
    }
  });

  test('refuses what is no evidence file', async () => {
    const good = JSON.parse(decodeUtf8(encodeEvidence(await otherSize()))) as JsonObject;
    for (const changed of [
      { format: 'other' },
      { log: 1 },
      { heads: [] },
      { heads: ['a', 'b', 'c'] },
      { heads: [1, 2] },
      { consistency: { root: 'AAAA', proof: [1] } },
      { consistency: 'x' },
      { document: 'x' },
      { keyStatement: null },
    ]) {
      const bytes = canonicalize({ ...good, ...changed } as JsonObject);
      expect(await verifyEvidence(bytes, crypto)).toMatchObject({ ok: false, reason: 'malformed' });
    }
    expect(await verifyEvidence(utf8('{'), crypto)).toMatchObject({ reason: 'malformed' });
  });
});
