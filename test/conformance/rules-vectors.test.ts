// Runs spec/vectors/rules: a history of signed acts with what a home decides on each, and the rows it leaves.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { apply } from '../../src/domain/apply.ts';
import { decide } from '../../src/domain/decide.ts';
import { keysOf } from '../../src/domain/keys.ts';
import { MemoryRows } from '../../src/domain/memory-rows.ts';
import { hotRank } from '../../src/domain/ranking.ts';
import { DOMAIN_REFUSALS } from '../../src/domain/refusal.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { didKeyOf, parseDid } from '../../src/protocol/did.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { didKeyResolver, signObject, verifyObject } from '../../src/protocol/object.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';

interface Step {
  readonly comment: string;
  /** Who signs: a member of `seeds`. */
  readonly by: string;
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

describe('history.json', () => {
  const history: History = read('history.json');
  const node = parseDid(history.node)!;

  /** Signs, decides and applies step by step; gives the decisions and the rows at the end. */
  async function run() {
    const memory = new MemoryRows();
    const decisions: unknown[] = [];
    const names: string[] = [];
    for (const { by, created, draft, replicated, t, now = t } of history.steps) {
      const seed = fromHex(history.seeds[by]!)!;
      const did = didKeyOf(crypto.publicKeyOf(seed));
      const signed = signObject(draft, { did, seed, created }, crypto);
      const verdict = await verifyObject(signed.object, { crypto, resolveKey: didKeyResolver });
      if (!verdict.ok) throw new Error(`${verdict.path} ${verdict.detail}`);
      const { object } = verdict;
      names.push(object.name);
      const home = replicated ? parseDid(replicated.node)! : node;
      const rows = memory.open(home, keysOf(object.activity, object.name));
      const decision = decide(rows, object, { node, now, t });
      if (replicated) {
        apply(rows, object, { log: replicated.log, node: home, t });
        decisions.push({ kind: 'replicated' });
        continue;
      }
      decisions.push(
        decision.kind === 'refuse' ? { kind: decision.kind, code: decision.code } : decision,
      );
      if (decision.kind === 'accept') apply(rows, object, { log: decision.log, node, t });
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

  test('has every reason of refusal', () => {
    const codes = new Set(history.steps.map(({ decision }) => decision.code));
    expect(DOMAIN_REFUSALS.filter((code) => !codes.has(code))).toEqual([]);
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
