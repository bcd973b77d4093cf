// Starting on a database: the node signs on top of what it can prove, or not at all.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { Agent, crypto, identityOf, Sandbox, seedOf } from '../../test/sandbox.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import type { Database } from '../store/database.ts';
import { derivedDigest } from '../store/derived-digest.ts';
import { FileDatabase } from '../store/file-database.ts';
import { readKeyStatement } from '../store/queries/archive.ts';
import { openNode } from './open-node.ts';

const ada = new Agent('ada');
let folder: string;
let db: Database;
let node: Sandbox;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
  db = new FileDatabase(join(folder, 'node.db'));
  node = await Sandbox.open('a', { db });
  const submolt = await node.accept(ada, group('general'));
  for (let i = 0; i < 5; i++) await node.accept(ada, post(submolt, `Post ${i}`));
});
afterEach(async () => {
  await node.close();
  rmSync(folder, { recursive: true });
});

const tamper = (...statements: string[]) =>
  db.batch('write', [
    { sql: 'PRAGMA defer_foreign_keys = ON', args: [] },
    ...statements.map((sql) => ({ sql, args: [] })),
  ]);
const SUBMOLT_LOG = '(SELECT id FROM logs WHERE submolt IS NOT NULL)';

describe('a node', () => {
  test('opens what it has written, and founds nothing twice', async () => {
    const digest = await derivedDigest(db);
    await openNode(node.context);
    expect(await derivedDigest(db)).toBe(digest);
    const [rows] = await db.batch('read', [{ sql: 'SELECT size FROM logs ORDER BY id', args: [] }]);
    expect(rows).toEqual([[3], [6]]);
  });

  test('begins its system log with the statement of its log key', async () => {
    const statement = await readKeyStatement(db, node.context.node.did);
    const { actor, object, target, type } = JSON.parse(decodeUtf8(statement ?? new Uint8Array()));
    const { did, logSeed } = node.context.node;
    const key = didKeyOf(crypto.publicKeyOf(logSeed));
    expect({ actor, object, target, type }).toEqual({
      actor: did,
      object: key,
      target: LOG_KEYS,
      type: 'Add',
    });
  });

  test('completes a rebuild that a crash cut short', async () => {
    const digest = await derivedDigest(db);
    await tamper('UPDATE node SET rebuilding = 1', 'DELETE FROM items', 'DELETE FROM submolts');
    await openNode(node.context);
    expect(await derivedDigest(db)).toBe(digest);
    await checkInvariants(db, crypto);
  });
});

describe('a node refuses to start', () => {
  test.each([
    ['an entry changed', `UPDATE entries SET t = t + 1 WHERE log = ${SUBMOLT_LOG} AND idx = 5`],
    ['an entry gone', `DELETE FROM entries WHERE log = ${SUBMOLT_LOG} AND idx = 3`],
    ['the last entry gone', `DELETE FROM entries WHERE log = ${SUBMOLT_LOG} AND idx = 5`],
    ['another root', `UPDATE logs SET root = zeroblob(32) WHERE id = ${SUBMOLT_LOG}`],
    ['another frontier', `UPDATE logs SET frontier = zeroblob(64) WHERE id = ${SUBMOLT_LOG}`],
    [
      'time running backwards',
      `UPDATE entries SET t = t - 1 WHERE log = ${SUBMOLT_LOG} AND idx = 5`,
    ],
    [
      'another log’s checkpoint',
      `UPDATE logs SET checkpoint = (SELECT checkpoint FROM logs WHERE submolt IS NULL) WHERE id = ${SUBMOLT_LOG}`,
    ],
    ['a lost checkpoint', `UPDATE logs SET checkpoint = NULL WHERE id = ${SUBMOLT_LOG}`],
  ])('on a log with %s, and names it', async (_, sql) => {
    await tamper(sql);
    await expect(openNode(node.context)).rejects.toMatchObject({
      code: 'log_mismatch',
      message: expect.stringMatching(/^log a\.test\/log\/\S+ \(row \d+ of logs\): /),
    });
  });

  test.each([
    ['another authority', { authority: 'b.test' }],
    ['another DID', { did: identityOf('b').did }],
    ['another log key', { logSeed: seedOf('another') }],
  ])('as a node with %s', async (_, other) => {
    const context = { ...node.context, node: { ...node.context.node, ...other } };
    await expect(openNode(context)).rejects.toMatchObject({ code: 'identity_mismatch' });
  });
});
