// The suite of the one writer on a database file, and how it behaves when disk, chance or clock fail it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants, dumpTables } from '../../test/invariants.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import { sequencerSuite } from '../../test/sequencer-suite.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Database, Statement } from '../store/database.ts';
import { StoreError } from '../store/error.ts';
import { FileDatabase } from '../store/file-database.ts';

sequencerSuite(async () => undefined);

/** A disk that does to each write what `fault` says: nothing, or an error before or after it. */
class FaultyDisk implements Database {
  readonly durable = 'fsync';
  readonly #db: Database;
  fault: (statements: readonly Statement[]) => 'before' | 'after' | null = () => null;
  code: StoreError['code'] = 'busy';

  constructor(db: Database) {
    this.#db = db;
  }

  async batch(mode: 'read' | 'write', statements: readonly Statement[]) {
    const fault = mode === 'write' ? this.fault(statements) : null;
    if (fault === 'before') throw new StoreError(this.code, 'the disk says no');
    const rows = await this.#db.batch(mode, statements);
    if (fault === 'after') throw new StoreError(this.code, 'the answer was lost');
    return rows;
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}

describe('a sequencer', () => {
  const ada = new Agent('ada');
  const bob = new Agent('bob');
  let folder: string;
  let disk: FaultyDisk;
  let node: Sandbox;
  let submolt: ObjectName;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
    disk = new FaultyDisk(new FileDatabase(join(folder, 'node.db')));
    node = await Sandbox.open('a', { db: disk });
    submolt = await node.accept(ada, group('general'));
  });
  afterEach(async () => {
    disk.fault = () => null;
    await checkInvariants(disk, crypto);
    await node.close();
    rmSync(folder, { recursive: true });
  });

  test('tries again while another writer holds the database', async () => {
    let writes = 0;
    disk.fault = () => (writes++ < 3 ? 'before' : null);
    expect(await node.submit(ada, post(submolt, 'One'))).toMatchObject({ kind: 'accepted' });
    expect(writes).toBe(4);
  });

  test('says so when the disk is full, writes nothing, and works on when there is room', async () => {
    const before = await dumpTables(disk);
    disk.code = 'disk_full';
    disk.fault = () => 'before';
    await expect(node.submit(ada, post(submolt, 'One'))).rejects.toMatchObject({
      code: 'disk_full',
    });
    expect(await dumpTables(disk)).toEqual(before);
    disk.fault = () => null;
    expect(await node.submit(ada, post(submolt, 'One'))).toMatchObject({ kind: 'accepted' });
  });

  test('gives the receipt on the second try when the first answer was lost', async () => {
    const object = await ada.sign(post(submolt, 'One'), node.clock.now);
    disk.code = 'unreachable';
    disk.fault = () => 'after';
    await expect(node.send(object, ada.did)).rejects.toMatchObject({ code: 'unreachable' });
    disk.fault = () => null;
    expect(await node.send(object, ada.did)).toMatchObject({ first: false, receipt: { index: 1 } });
  });

  test('finds the one submission that the database will not take', async () => {
    const objects = await Promise.all(
      ['One', 'Two', 'Three'].map((title) => ada.sign(post(submolt, title), node.clock.now)),
    );
    const poison = Buffer.from(objects[1]!.bytes);
    const carries = ({ args }: Statement) =>
      args.some((arg) => arg instanceof Uint8Array && poison.equals(arg));
    disk.code = 'constraint';
    disk.fault = (statements) => (statements.some(carries) ? 'before' : null);
    const results = await Promise.allSettled(objects.map((object) => node.send(object, ada.did)));
    expect(results).toMatchObject([
      { status: 'fulfilled', value: { kind: 'accepted', receipt: { index: 1 } } },
      { status: 'rejected', reason: { code: 'failed' } },
      { status: 'fulfilled', value: { kind: 'accepted', receipt: { index: 2 } } },
    ]);
  });

  test('goes on without a submission that breaks while it is decided', async () => {
    const objects = await Promise.all(
      ['One', 'Two', 'Three'].map((title) => ada.sign(post(submolt, title), node.clock.now)),
    );
    const { random } = node.context;
    let salts = 0;
    Object.assign(node.context, {
      random(bytes: number) {
        if (salts++ === 1) throw new Error('no randomness');
        return random(bytes);
      },
    });
    const results = await Promise.allSettled(objects.map((object) => node.send(object, ada.did)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'failed' } });
  });

  test('turns submissions away when too many wait', async () => {
    const object = await ada.sign(post(submolt, 'One'), node.clock.now);
    const flood = Array.from({ length: 8300 }, () =>
      node.sequencer.submit({ object, caller: null }),
    );
    const results = await Promise.allSettled(flood);
    const away = results.filter(({ status }) => status === 'rejected');
    expect(away).toHaveLength(8300 - 8192);
    expect(away[0]).toMatchObject({ reason: { code: 'overloaded' } });
  });

  test('takes some of everybody into each group, and of one caller only so many', async () => {
    const object = await bob.sign(post(submolt, 'Again'), node.clock.now);
    const posts = await Promise.all(
      Array.from({ length: 300 }, (_, i) => bob.sign(post(submolt, `Post ${i}`), node.clock.now)),
    );
    const honest = await ada.sign(post(submolt, 'Honest'), node.clock.now);
    const flood = Promise.allSettled(
      Array.from({ length: 1_100 }, (_, i) => node.send(object, bob.did, `flood ${i}`)),
    );
    const peer = 'did:web:flood.example' as Did;
    const pushed = posts.map((each) => node.send(each, peer));
    // After 1,324 others, and in the first group all the same.
    const outcome = await node.send(honest, ada.did);
    expect(outcome.kind === 'accepted' && outcome.receipt.index).toBeLessThan(256);
    const turned = (await flood).filter(({ status }) => status === 'rejected');
    expect(turned).toHaveLength(1_100 - 1_024);
    expect((await Promise.all(pushed)).every(({ kind }) => kind === 'accepted')).toBe(true);
  });

  test('finishes what it has taken before it closes, and takes nothing after', async () => {
    const objects = await Promise.all(
      Array.from({ length: 20 }, (_, i) => bob.sign(post(submolt, `Post ${i}`), node.clock.now)),
    );
    const taken = objects.map((object) => node.send(object, bob.did));
    const closing = node.sequencer.close();
    await expect(node.submit(ada, post(submolt, 'late'))).rejects.toMatchObject({ code: 'closed' });
    await closing;
    expect((await Promise.all(taken)).every(({ kind }) => kind === 'accepted')).toBe(true);
  });

  test('tells its listeners of logs that grew, once they are on disk', async () => {
    const told: string[] = [];
    const stop = node.sequencer.onCommit((grown) => {
      told.push(...grown.map(({ origin, size }) => `${origin.slice(0, 10)} ${size}`));
    });
    await node.accept(ada, post(submolt, 'One'));
    await node.submit(bob, { type: 'Undo', audience: submolt, object: submolt });
    stop();
    await node.accept(ada, post(submolt, 'Two'));
    expect(told).toEqual(['a.test/log 2']);
  });

  test('runs tasks in turn with groups', async () => {
    const order: string[] = [];
    await Promise.all([
      node.accept(ada, post(submolt, 'One')).then(() => order.push('first')),
      node.sequencer.run(async () => {
        order.push('task');
      }),
      node.accept(ada, post(submolt, 'Two')).then(() => order.push('second')),
    ]);
    expect(order.filter((one) => one !== 'task')).toHaveLength(2);
    await expect(node.sequencer.run(() => Promise.reject(new Error('its own')))).rejects.toThrow(
      'its own',
    );
    expect(await node.submit(ada, post(submolt, 'Three'))).toMatchObject({ kind: 'accepted' });
  });

  test('knows a nonce again under a signature that expires at another time', async () => {
    const expires = Math.floor(node.clock.now / 1000) + 60;
    const send = async (title: string, did: Did, nonceExpires: number) => {
      const object = await ada.sign(post(submolt, title), node.clock.now);
      return node.sequencer.submit({ object, caller: { did, nonce: 'n', nonceExpires } });
    };
    expect(await send('One', ada.did, expires)).toMatchObject({ kind: 'accepted' });
    for (const apart of [-360, -300, 0, 300, 360]) {
      const again = await send(`${apart} apart`, ada.did, expires + apart);
      expect(again).toMatchObject({ code: 'replayed' });
    }
    expect(await send('Two', bob.did, expires + 300)).toMatchObject({ kind: 'accepted' });
  });

  test('forgets nonces once no request could use them, and not before', async () => {
    const object = await ada.sign(post(submolt, 'One'), node.clock.now);
    const expires = Math.floor(node.clock.now / 1000) + 60;
    const caller = { did: ada.did, nonce: 'n', nonceExpires: expires };
    await node.sequencer.submit({ object, caller });
    const nonces = async () => (await dumpTables(disk)).nonces?.length;
    node.clock.now += 100_000;
    await node.accept(bob, post(submolt, 'Two'));
    const replay = await bob.sign(post(submolt, 'Three'), node.clock.now);
    expect(await node.sequencer.submit({ object: replay, caller })).toMatchObject({
      code: 'replayed',
    });
    node.clock.now += 600_000;
    await node.accept(bob, post(submolt, 'Four'));
    expect(await nonces()).toBe(1);
  });
});
