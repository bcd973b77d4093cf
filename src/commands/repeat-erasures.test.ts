// A backup is restored: what was erased after it was made is gone again before anybody is served.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { reasonOf } from '../protocol/erasure-grounds.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import type { Database } from '../store/database.ts';
import { ErasureList } from '../store/erasure-list.ts';
import { FileDatabase } from '../store/file-database.ts';
import { insertForeignFollower } from '../store/foreign-followers.ts';
import { insertHoldOfAll } from '../store/holds.ts';
import { readObject } from '../store/queries/activity-status.ts';
import { getAgent } from '../store/queries/agents.ts';
import { findEnrolment } from '../store/queries/enrolments.ts';
import { countForeign } from '../store/queries/foreign-followers.ts';
import { getPost } from '../store/queries/posts.ts';
import { snapshotFile } from '../store/snapshot.ts';
import { findUnlistedFault } from '../store/unlisted-erasures.ts';
import { enrol } from './enrol.ts';
import { examineFile } from './examine.ts';

const MARKER = 'zzyzx-quetzalcoatl';
const [ada, owner] = [new Agent('ada'), new Agent('owner')];
let folder: string;
let node: Sandbox;
let submolt: ObjectName;
let item: ObjectName;

const list = () => new ErasureList(join(folder, 'erasures.ndjson'));
const open = (file: string) =>
  Sandbox.open('a', { db: new FileDatabase(join(folder, file)), erasures: list() });
const filesWith = (words: string) =>
  readdirSync(folder).filter((file) => readFileSync(join(folder, file)).includes(words));
const gone = () => expect.poll(() => filesWith(MARKER), { timeout: 4000 }).toEqual([]);
const erase = (object: ObjectName, more: object = {}) =>
  ({ type: 'Delete', audience: submolt, object, ...more }) as ActivityDraft;
const saying = (summary: string): ActivityDraft => ({
  type: 'Update',
  object: { type: 'Service', name: 'Ada', summary },
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
  node = await open('node.db');
  submolt = await node.accept(owner, group('tea', node.context.node.did));
  item = await node.accept(ada, post(submolt, MARKER));
});
afterEach(async () => {
  await node.close();
  rmSync(folder, { recursive: true });
});

/** Closes the node and opens it on the copy. */
async function restore(): Promise<void> {
  await node.close();
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(join(folder, `node.db${suffix}`), { force: true });
  expect(filesWith(MARKER)).toEqual(['backup.db']);
  node = await open('backup.db');
}
const backup = () => snapshotFile(join(folder, 'node.db'), join(folder, 'backup.db'));
/** As if some peer had the entries that the backup has not. */
const befriend = () =>
  node.db.batch('write', [
    {
      sql: `INSERT INTO peers (did, url, name, log_key, key_statement, added_at, failures, retry_at)
SELECT id, 'http://b.test', 'b', zeroblob(32), x'00', 1, 0, 0 FROM agents LIMIT 1`,
      args: [],
    },
  ]);

describe('what the list has is erased again', () => {
  test('and the very Delete is logged again where nobody else can have it', async () => {
    backup();
    const tombstone = await node.accept(ada, erase(item));
    await restore();
    await gone();
    expect(await readObject(node.db, hashOf(item))).toEqual({ erased: true });
    expect(await readObject(node.db, hashOf(tombstone))).toMatchObject({
      bytes: expect.anything(),
    });
    expect(await getPost(node.db, item)).toMatchObject({ is_deleted: true, title: '' });
    await checkInvariants(node.db, crypto);
  });

  test('by the node itself where the Delete cannot count any more', async () => {
    const mod = new Agent('mod');
    backup();
    const label = 'https://w3id.org/exuvia/label#moderators';
    const appoint = { type: 'Add', audience: submolt, object: mod.did, target: label };
    await node.accept(owner, appoint as ActivityDraft);
    await node.accept(mod, erase(item));
    await restore();
    await gone();
    expect(filesWith('Erased before')).not.toEqual([]);
    await checkInvariants(node.db, crypto);
  });

  test.each<[string, (line: string) => string]>([
    ['makes no sense', (line) => line.replace('"@context":[', '"@context":["x",')],
    ['names something else', (line) => line.replace(/("object":"ni:\/{3}sha-256;)..../, '$1AAAA')],
    ['is of another log', (line) => line.replace(/("audience":"ni:\/{3}sha-256;)..../, '$1AAAA')],
  ])('by the node itself where the Delete %s', async (_, damage) => {
    const path = join(folder, 'erasures.ndjson');
    backup();
    await node.accept(ada, erase(item));
    const line = readFileSync(path, 'utf8');
    writeFileSync(path, damage(line));
    expect(readFileSync(path, 'utf8')).not.toBe(line);
    await restore();
    await gone();
    expect(await getPost(node.db, item)).toMatchObject({ is_deleted: true, title: '' });
    await checkInvariants(node.db, crypto);
  });

  test('also what an agent has said of itself, and nothing that it has said since', async () => {
    await node.accept(ada, erase(item));
    await node.accept(ada, saying(MARKER));
    backup();
    await node.accept(ada, { type: 'Delete', object: ada.did });
    await restore();
    await gone();
    expect(await getAgent(node.db, ada.did, node.clock.now)).toMatchObject({
      name: null,
      description: '',
    });
    await node.accept(ada, saying('Hello'));
    await node.sequencer.close();
    await node.db.close();
    node = await open('backup.db');
    expect(await getAgent(node.db, ada.did, node.clock.now)).toMatchObject({
      description: 'Hello',
    });
  });

  test('also where an agent publishes its keys, and not what it has enrolled since', async () => {
    const publicKey = crypto.publicKeyOf(ada.seed);
    const enrolment = {
      ...{ did: ada.did, publicKey, verificationMethod: `${ada.did}#key` },
      ...{ keyid: jwkThumbprint(publicKey, crypto), published: [], listed: [] },
    };
    const enrolAt = (url: string) =>
      enrol(node.context, node.sequencer, { ...enrolment, url }, null);
    const found = (url: string) => findEnrolment(node.db, url, enrolment.keyid);
    await node.accept(ada, erase(item));
    await node.accept(ada, saying('Hello'));
    await enrolAt(`https://${MARKER}.example/keys.json`);
    backup();
    node.clock.now += 5_000;
    const operator = Object.assign(new Agent('operator'), node.context.node);
    await node.accept(operator, { type: 'Delete', object: ada.did, reason: reasonOf('gdpr') });
    expect(await found(`https://${MARKER}.example/keys.json`)).toBeNull();
    await restore();
    await gone();
    node.clock.now += 60_000;
    const url = 'https://ada.example/keys.json';
    expect(await enrolAt(url)).toMatchObject({ ok: true });
    await node.sequencer.close();
    await node.db.close();
    node = await open('backup.db');
    expect(await found(url)).toMatchObject({ did: ada.did });
  });

  test('without a new entry where a peer may have the log as it was', async () => {
    await befriend();
    const other = await node.accept(ada, post(submolt, 'Stays'));
    backup();
    const { receipt } = (await node.submit(
      ada,
      erase(item, { reason: reasonOf('gdpr') }),
    )) as never as {
      receipt: { index: number };
    };
    await restore();
    await gone();
    const [rows] = await node.db.batch('read', [
      { sql: 'SELECT erased_by FROM entries WHERE erased_by IS NOT NULL', args: [] },
    ]);
    expect(rows).toEqual([[receipt.index]]);
    expect(await getPost(node.db, item)).toMatchObject({ title: '', is_deleted: true });
    expect(await getPost(node.db, other)).toMatchObject({ title: 'Stays' });
  });

  test('also the name of a submolt, which nobody follows by it any more', async () => {
    await befriend();
    const named = await node.accept(owner, group(MARKER, node.context.node.did));
    const follower = { submolt: named, actor: 'https://b.test/u/eve', host: 'b.test', follow: 'x' };
    const inboxes = { inbox: 'https://b.test/inbox', answerTo: 'https://b.test/u/eve/inbox' };
    await node.db.batch('write', insertForeignFollower({ ...follower, ...inboxes }, 1));
    backup();
    const operator = Object.assign(new Agent('operator'), node.context.node);
    const law = { type: 'Delete', reason: reasonOf('legal'), object: named } as const;
    await node.accept(operator, law);
    await node.accept(operator, { ...law, origin: named });
    await node.accept(ada, erase(item));
    await restore();
    await gone();
    expect(await countForeign(node.db)).toMatchObject({ followers: 0 });
  });

  test('which the doctor takes for a fault unless the logs are held until they are back', async () => {
    await befriend();
    backup();
    const operator = Object.assign(new Agent('operator'), node.context.node);
    const law = { type: 'Delete', object: submolt, reason: reasonOf('legal') } as const;
    await node.accept(ada, erase(item));
    await node.accept(operator, law);
    await node.accept(operator, { ...law, origin: submolt });
    await restore();
    await gone();
    const faults = async () => {
      const found = await examineFile(join(folder, 'backup.db'), crypto);
      return found.faults.map(({ table }) => table).filter((table) => table !== 'peers');
    };
    expect(await faults()).toEqual(['objects', 'withdrawals', 'entries', 'entries']);
    const source = 'signed-heads.ndjson';
    await node.db.batch('write', [insertHoldOfAll({ origin: 'x', source, heldAt: 1 })]);
    expect(await faults()).toEqual([]);
  });
});

describe('the list', () => {
  test('has names and tombstones, and nothing of what was erased', async () => {
    await node.accept(ada, erase(item));
    const text = readFileSync(join(folder, 'erasures.ndjson'), 'utf8');
    expect(text).toContain(item);
    expect(text).toContain('"type":"Delete"');
    expect(text).not.toContain(MARKER);
  });

  test('is completed at the next start when the node ended before it was written', async () => {
    const fails = new ErasureList(join(folder, 'no', 'such', 'folder'));
    Object.assign(node.context, { erasures: fails });
    await expect(node.submit(ada, erase(item))).rejects.toThrow('ENOENT');
    await node.sequencer.close();
    await node.db.close();
    node = await open('node.db');
    expect(readFileSync(join(folder, 'erasures.ndjson'), 'utf8')).toContain(item);
  });

  test('goes on after a line that was cut short, and says which it was', async () => {
    const path = join(folder, 'erasures.ndjson');
    writeFileSync(path, '{"by":3,"log":"a.te');
    await node.accept(ada, erase(item));
    const lines: unknown[] = [];
    const passedOver: number[] = [];
    const told = new ErasureList(path, (line) => passedOver.push(line));
    for await (const { names } of told.read()) lines.push(names);
    expect(lines).toEqual([[item]]);
    expect(passedOver).toEqual([1]);
  });
});

describe('a row that waits for the list', () => {
  const path = () => join(folder, 'erasures.ndjson');
  const waiting = async (db: Database) => {
    const [rows = []] = await db.batch('read', [
      { sql: 'SELECT id, CAST(line AS BLOB) FROM unlisted_erasures ORDER BY id', args: [] },
    ]);
    return rows.map(([id, line]) => ({
      id: id as number,
      line: new Uint8Array(line as Uint8Array),
    }));
  };
  const put = (db: Database, id: number, line: Uint8Array) =>
    db.batch('write', [
      {
        sql: 'UPDATE unlisted_erasures SET line = CAST(? AS TEXT) WHERE id = ?',
        args: [line, BigInt(id)],
      },
    ]);

  beforeEach(async () => {
    const other = await node.accept(ada, post(submolt, 'Other'));
    Object.assign(node.context, { erasures: new ErasureList(join(folder, 'no', 'folder')) });
    for (const one of [item, other]) {
      await expect(node.submit(ada, erase(one))).rejects.toThrow('ENOENT');
    }
  });

  test('is not copied with any bit of it flipped, and stays', { timeout: 20_000 }, async () => {
    const [row] = await waiting(node.db);
    const { id, line } = row!;
    expect(await findUnlistedFault(node.db, line)).toBeNull();
    for (let at = 0; at < line.length; at++) {
      const flipped = Uint8Array.from(line);
      flipped[at]! ^= 1 << (at % 8);
      expect(await findUnlistedFault(node.db, flipped), `byte ${at}`).toMatch(/^line/);
    }
    const damaged = Uint8Array.from(line).fill(0xff, 20, 21);
    await put(node.db, id, damaged);
    await node.sequencer.close();
    await node.db.close();
    await expect(open('node.db')).rejects.toMatchObject({
      name: 'StoreError',
      code: 'corrupt',
      message: expect.stringContaining(`unlisted_erasures (id ${id}): line is no erasure`),
    });
    // The other one is on the list; this one is where it was, and goes there once it is as it was.
    expect(readFileSync(path(), 'utf8').trim().split('\n')).toHaveLength(1);
    const db = new FileDatabase(join(folder, 'node.db'));
    expect(await waiting(db)).toEqual([{ id, line: damaged }]);
    await put(db, id, line);
    await db.close();
    node = await open('node.db');
    expect(await waiting(node.db)).toEqual([]);
    expect(readFileSync(path(), 'utf8')).toContain(item);
  });
});
