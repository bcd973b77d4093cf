// Runs spec/vectors/rules: a history of signed acts with what a home decides on each, and the rows it leaves.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { apply } from '../../src/domain/apply.ts';
import { type Decision, decide } from '../../src/domain/decide.ts';
import { keysOf } from '../../src/domain/keys.ts';
import { isStatement } from '../../src/domain/matter.ts';
import { MemoryRows } from '../../src/domain/memory-rows.ts';
import { mentionsIn } from '../../src/domain/mention.ts';
import { hotRank } from '../../src/domain/ranking.ts';
import { DOMAIN_REFUSALS } from '../../src/domain/refusal.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { didKeyOf, parseDid } from '../../src/protocol/did.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { ed25519ToMultibase } from '../../src/protocol/multikey.ts';
import { signObject, type VerifiedObject, verifyObject } from '../../src/protocol/object.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';

interface Step {
  readonly comment: string;
  /** Who signs: a member of `seeds`. */
  readonly by: string;
  /** Where it is not the did:key of the seed. */
  readonly did?: string;
  readonly verificationMethod?: string;
  readonly created: string;
  readonly draft: JsonObject;
  readonly name: string;
  readonly t: number;
  /** The clock, where it is behind the log. */
  readonly now?: number;
  readonly decision: JsonObject;
  /** An entry of another home's log that is applied, whatever a home would decide. */
  readonly replicated?: { readonly log: ObjectName; readonly node: string };
}

interface History {
  readonly node: string;
  readonly seeds: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly rows: unknown;
}

const crypto = createNodeCrypto();
const read = (file: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../spec/vectors/rules', file), 'utf8'));

const HISTORIES = [
  'history.json',
  'identities.json',
  'owners.json',
  'delegations.json',
  'erasures.json',
  'node-bans.json',
  'notices.json',
];

describe.each(HISTORIES)('%s', (file) => {
  const history: History = read(file);
  const node = parseDid(history.node)!;

  /** Signs, decides and applies step by step; gives the decisions and the rows at the end. */
  async function run() {
    const memory = new MemoryRows();
    const decisions: unknown[] = [];
    const names: string[] = [];
    const statements = new Map<ObjectName, VerifiedObject>();
    for (const { by, created, draft, replicated, t, now = t, ...signer } of history.steps) {
      const seed = fromHex(history.seeds[by]!)!;
      const publicKey = crypto.publicKeyOf(seed);
      const did = signer.did === undefined ? didKeyOf(publicKey) : parseDid(signer.did)!;
      const { verificationMethod = `${did}#${ed25519ToMultibase(publicKey)}` } = signer;
      const signed = signObject(draft, { did, seed, created, verificationMethod }, crypto);
      const resolveKey = async () => ({ ok: true, publicKey }) as const;
      const verdict = await verifyObject(signed.object, { crypto, resolveKey });
      if (!verdict.ok) throw new Error(`${verdict.path} ${verdict.detail}`);
      const { object } = verdict;
      names.push(object.name);
      const home = replicated ? parseDid(replicated.node)! : node;
      if (isStatement(object.activity)) statements.set(object.name, object);
      const rows = memory.open(home, keysOf(object.activity, object.name, replicated?.log));
      const decision = decide(rows, object, { node, now, t });
      if (replicated) {
        apply(rows, object, { log: replicated.log, node: home, t });
        decisions.push({ kind: 'replicated' });
        continue;
      }
      decisions.push(written(decision));
      if (decision.kind !== 'accept') continue;
      for (const entry of [...decision.first.map((name) => statements.get(name)!), object]) {
        apply(rows, entry, { log: decision.log, node, t });
      }
    }
    return { decisions, names, rows: memory.dump() };
  }

  test('each act has the name, the decision and, at the end, the rows it should', async () => {
    const { decisions, names, rows } = await run();
    const expected = history.steps.map(({ comment, decision, name }) => [comment, name, decision]);
    expect(history.steps.map(({ comment }, i) => [comment, names[i], decisions[i]])).toEqual(
      expected,
    );
    expect(rows).toEqual(history.rows);
  });
});

test('the histories have every reason of refusal', () => {
  const steps = HISTORIES.flatMap((file) => (read(file) as History).steps);
  const codes = new Set(steps.map(({ decision }) => decision.code));
  expect(DOMAIN_REFUSALS.filter((code) => !codes.has(code))).toEqual([]);
});

/** As the vectors have it: codes without their words, `first` where there is something. */
function written(decision: Decision): object {
  if (decision.kind === 'refuse') return { kind: decision.kind, code: decision.code };
  if (decision.kind === 'forward' || decision.first.length > 0) return decision;
  return { kind: decision.kind, log: decision.log };
}

describe('mentions.json', () => {
  const { cases } = read('mentions.json') as {
    cases: { comment: string; text: string; mentions: string[] }[];
  };
  test.each(cases)('$comment', ({ text, mentions }) => {
    expect(mentionsIn(text)).toEqual(mentions);
  });
});

describe('hot-rank.json', () => {
  const { cases } = read('hot-rank.json') as {
    cases: { score: number; createdAt: number; expected: number }[];
  };
  test.each(cases)('$score at $createdAt', ({ score, createdAt, expected }) => {
    expect(hotRank(score, createdAt)).toBe(expected);
  });
});
