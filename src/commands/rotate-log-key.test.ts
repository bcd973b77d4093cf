// Another log key: stated once, under the old one; both sign what there is, the new one alone what comes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { Agent, crypto, identityOf, Sandbox, seedOf } from '../../test/sandbox.ts';
import { readContextFiles } from '../context-files.ts';
import { writeArchive } from '../log/archive.ts';
import { verifyArchive } from '../log/archive-verify.ts';
import { peekKeys } from '../log/key-chain.ts';
import { parseNote } from '../log/note.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { upsertCosigned } from '../store/cosigned.ts';
import type { Database } from '../store/database.ts';
import { derivedDigest } from '../store/derived-digest.ts';
import { FileDatabase } from '../store/file-database.ts';
import { archiveSource, readKeyStatement } from '../store/queries/archive.ts';
import { listLogs } from '../store/queries/logs.ts';
import type { NodeIdentity } from './context.ts';
import { examineFile } from './examine.ts';

const ada = new Agent('ada');
const [first, second, third] = [identityOf('a').logSeed, seedOf('second'), seedOf('third')];
let folder: string;
let path: string;
let db: Database;
let node: Sandbox | undefined;
const here = () => node as Sandbox;

/** Ends the process and starts another one, with the keys that are in the folder then. */
async function start(logSeed: Uint8Array, nextLogSeed?: Uint8Array): Promise<void> {
  const clock = node?.clock ?? { now: Date.UTC(2026, 10, 20, 10) };
  const keys: NodeIdentity = { ...identityOf('a'), logSeed };
  const identity = nextLogSeed === undefined ? keys : { ...keys, nextLogSeed };
  await node?.close();
  node = undefined;
  db = new FileDatabase(path);
  node = await Sandbox.open('a', { db, clock, node: identity });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
  path = join(folder, 'node.db');
  await start(first);
});
afterEach(async () => {
  await node?.close();
  node = undefined;
  rmSync(folder, { recursive: true });
});

async function accept(draft: ActivityDraft): Promise<ObjectName> {
  const object = await ada.sign(draft, here().clock.now);
  const outcome = await here().sequencer.submit({ object, caller: null });
  if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
  return outcome.receipt.id;
}

/** Which of the three keys have signed the newest checkpoint of each log. */
async function signers(): Promise<string[]> {
  return (await listLogs(db)).map(({ checkpoint, origin }) => {
    const parsed = parseNote(checkpoint ?? '');
    const lines = parsed.ok ? parsed.note.signatures : [];
    return lines
      .map(({ keyId, name }) => {
        if (name !== origin) return name;
        const ids = [first, second, third].map(
          (seed) => noteVerifier(origin, NOTE_ED25519, crypto.publicKeyOf(seed), crypto).keyId,
        );
        return ['first', 'second', 'third'][ids.indexOf(keyId)];
      })
      .join(' ');
  });
}

/** Exit codes of a verifier of all archives, each under what is known to count. */
async function codes(cosigned = false): Promise<number[]> {
  const found: number[] = [];
  for (const { home, origin } of await listLogs(db)) {
    const surroundings = {
      contexts: await readContextFiles(),
      createdAt: '2026-11-21T00:00:00Z',
      didDocuments: [],
      keyStatement: (await readKeyStatement(db, home))!,
      cosigned,
    };
    const source = await archiveSource(db, origin, surroundings, crypto);
    const now = here().clock.now;
    found.push((await verifyArchive(writeArchive(source!, crypto), { crypto, now })).code);
  }
  return found;
}

describe('another log key', () => {
  test('is stated under the old one, and signs alone from the next entry on', async () => {
    const submolt = await accept(group('general'));
    await accept(group('idle'));
    await accept(post(submolt, 'Under the first key'));
    const digest = await derivedDigest(db);
    await start(first, second);
    expect(await signers()).toEqual(['first second', 'first second', 'first second']);
    expect(await codes()).toEqual([0, 0, 0]);
    expect(await derivedDigest(db)).toBe(digest);
    await accept(post(submolt, 'Under the second key'));
    expect(await signers()).toEqual(['first second', 'second', 'first second']);
    expect(await codes()).toEqual([0, 0, 0]);
    await checkInvariants(db, crypto);
    await start(second, third);
    await accept(post(submolt, 'Under the third key'));
    expect(await signers()).toEqual(['second third', 'third', 'second third']);
    const statement = await readKeyStatement(db, here().context.node.did);
    const keys = [first, second, third].map((seed) => crypto.publicKeyOf(seed));
    expect(peekKeys(statement!)).toEqual(keys);
    expect(await codes()).toEqual([0, 0, 0]);
    await checkInvariants(db, crypto);
    expect((await examineFile(path, crypto)).faults).toEqual([]);
  });

  test('is stated once, wherever a start is cut off', async () => {
    await accept(group('general'));
    const sizes = async () => (await listLogs(db)).map(({ size }) => size);
    const [system, submolt] = (await sizes()) as [number, number];
    await start(first, second);
    expect(await sizes()).toEqual([system + 1, submolt]);
    // The files were not put in place: the next start finds the change made.
    await start(first, second);
    expect(await sizes()).toEqual([system + 1, submolt]);
    await start(second);
    expect(await sizes()).toEqual([system + 1, submolt]);
    expect(await signers()).toEqual(['first second', 'first second']);
    await accept(group('other'));
    expect(await signers()).toEqual(['second', 'first second', 'second']);
  });

  test('of a node that has signed nothing yet is its first', async () => {
    await here().close();
    rmSync(path);
    db = new FileDatabase(path);
    node = await Sandbox.open('a', { db, node: { ...identityOf('a'), nextLogSeed: second } });
    expect(await signers()).toEqual(['second']);
  });

  test('leaves what witnesses have added, and the head they have seen', async () => {
    const submolt = await accept(group('general'));
    const [, log] = await listLogs(db);
    const { checkpoint, id, size } = log!;
    const note = `${checkpoint}— w.test/witness 2nZgLwAAAABrABoqJZwNFcR9IGpKgYTUZDdUUMspO1kEpBv68IMHY1QGFRJp8mn2ZqPC4i88BTGw9PLsfckByr+h4OMpdyLLRctWBA==\n`;
    await db.batch('write', [upsertCosigned(id, { size, note, cosignedAt: here().clock.now })]);
    await start(first, second);
    expect((await signers())[1]).toBe('first second w.test/witness');
    await accept(post(submolt, 'And on'));
    expect((await signers())[1]).toBe('second');
    // Of the cosigned head, which both keys have signed, as of the newest one.
    expect(await codes(true)).toEqual([0, 0]);
    expect(await codes()).toEqual([0, 0]);
  });

  test('that nobody has stated opens no database, nor does one that was given up', async () => {
    await expect(start(second)).rejects.toMatchObject({ code: 'identity_mismatch' });
    await start(first, second);
    await expect(start(third, seedOf('fourth'))).rejects.toMatchObject({
      code: 'identity_mismatch',
    });
    await expect(start(first)).rejects.toMatchObject({ code: 'identity_mismatch' });
    await start(second);
  });

  test('is found in a system log that was filled again', async () => {
    await start(first, second);
    const [system] = await listLogs(db);
    const old = crypto.publicKeyOf(first);
    await db.batch('write', [
      { sql: 'UPDATE logs SET log_key = ? WHERE id = ?', args: [old, BigInt(system!.id)] },
    ]);
    await start(second);
    expect(Uint8Array.from((await listLogs(db))[0]!.logKey)).toEqual(crypto.publicKeyOf(second));
  });
});
