// did:web documents in the database: one for each set of keys, with the time at which another took its place.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { keepDocument, listDocuments } from './did-documents.ts';
import { FileDatabase } from './file-database.ts';
import { migrate } from './migrate.ts';

const crypto = createNodeCrypto();
const ADA = 'did:web:ada.example' as Did;
const BOB = 'did:web:bob.example' as Did;
const HOUR = 3_600_000;

let folder: string;
let db: FileDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
  db = new FileDatabase(join(folder, 'node.db'));
  await migrate(db, () => 0);
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

const see = (did: Did, keys: string, at: number) =>
  db.batch('write', [
    keepDocument({
      did,
      keys: crypto.sha256(utf8(keys)),
      document: canonicalize({ id: did, keys }),
      at,
    }),
  ]);

test('a document is kept with the time at which it was seen, and with that of its end', async () => {
  await see(ADA, 'a', 10);
  await see(BOB, 'a', 11);
  expect(await listDocuments(db, [ADA])).toEqual([
    { did: ADA, document: { id: ADA, keys: 'a' }, firstSeen: 10, lastSeen: 10, until: null },
  ]);
  await see(ADA, 'b', 20);
  await see(ADA, 'c', 30);
  const times = (await listDocuments(db, [ADA])).map(({ document, until }) => [document, until]);
  expect(times).toEqual([
    [{ id: ADA, keys: 'a' }, 20],
    [{ id: ADA, keys: 'b' }, 30],
    [{ id: ADA, keys: 'c' }, null],
  ]);
  expect((await listDocuments(db, [BOB, ADA])).map(({ did }) => did)).toEqual([ADA, ADA, ADA, BOB]);
});

test('a document that comes back stands again, and the other one had its time', async () => {
  await see(ADA, 'a', 10);
  await see(ADA, 'b', 20);
  await see(ADA, 'a', 30);
  expect((await listDocuments(db, [ADA])).map(({ document, until }) => [document, until])).toEqual([
    [{ id: ADA, keys: 'b' }, 20],
    [{ id: ADA, keys: 'a' }, null],
  ]);
});

test('what has not changed is written once in an hour', async () => {
  await see(ADA, 'a', 10);
  await see(ADA, 'a', 10 + HOUR - 1);
  expect((await listDocuments(db, [ADA]))[0]?.lastSeen).toBe(10);
  await see(ADA, 'a', 10 + HOUR);
  expect((await listDocuments(db, [ADA]))[0]?.lastSeen).toBe(10 + HOUR);
});

test('no DID fills the disk: there is an end to its keys', async () => {
  for (let i = 0; i < 260; i++) await see(ADA, `${i}`, i);
  const kept = await listDocuments(db, [ADA]);
  expect(kept).toHaveLength(256);
  expect(kept[0]?.firstSeen).toBe(0);
});
