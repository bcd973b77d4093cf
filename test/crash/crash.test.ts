// Kills a writing node again and again: what was acknowledged is there, and what is there is whole.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openNode } from '../../src/commands/open-node.ts';
import { didKeyResolver, verifyObjectBytes } from '../../src/protocol/object.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { lockDataFolder } from '../../src/store/node-lock.ts';
import { getActivityStatus } from '../../src/store/queries/activity-status.ts';
import type { StoredReceipt } from '../../src/store/queries/receipts.ts';
import { checkInvariants } from '../invariants.ts';
import { crypto, identityOf } from '../sandbox.ts';

interface Acknowledged {
  readonly receipt: StoredReceipt;
  /** Base64 of the object. */
  readonly bytes: string;
}

const ROUNDS = 12;
const folder = mkdtempSync(join(tmpdir(), 'exuvia-crash-'));
afterAll(() => rmSync(folder, { recursive: true }));

function startWriter(round: number): ChildProcess {
  const script = join(import.meta.dirname, 'writer.ts');
  return spawn(process.execPath, [script, folder, `${round}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Lets a writer run until some time after its first acknowledgement, and kills it. */
async function runAndKill(round: number): Promise<Acknowledged[]> {
  const child = startWriter(round);
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 500));
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
  const lines = Buffer.concat(chunks).toString('utf8').split('\n');
  // The last one was not written to its end.
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

async function openHere() {
  const lock = lockDataFolder(folder);
  const db = new FileDatabase(join(folder, 'node.db'));
  const sequencer = await openNode({
    db,
    crypto,
    now: Date.now,
    random: (bytes) => globalThis.crypto.getRandomValues(new Uint8Array(bytes)),
    node: identityOf('crash'),
  });
  const close = async () => {
    await sequencer.close();
    await db.close();
    lock.release();
  };
  return { db, sequencer, close };
}

test('every acknowledged receipt survives kill -9', { timeout: 60_000 }, async () => {
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const receipts = await runAndKill(round);
    acknowledged += receipts.length;
    const { close, db, sequencer } = await openHere();
    const erased = new Set<string>();
    for (const { receipt } of receipts) {
      const status = await getActivityStatus(db, receipt.id);
      if (status.status === 'erased') erased.add(receipt.id);
      else {
        const { checkpoint: _, proof: _proof, ...place } = receipt;
        expect(status).toMatchObject({ status: 'accepted', receipt: place });
      }
    }
    // The client that got no answer sends again; so does the one that did not listen.
    const standing = receipts.filter(({ receipt }) => !erased.has(receipt.id));
    for (const { bytes, receipt } of standing.slice(-20)) {
      const verdict = await verifyObjectBytes(Buffer.from(bytes, 'base64'), {
        crypto,
        resolveKey: didKeyResolver,
      });
      if (!verdict.ok) throw new Error(verdict.detail);
      const again = await sequencer.submit({ object: verdict.object, caller: null });
      const { checkpoint: _, proof: _proof, ...place } = receipt;
      expect(again).toMatchObject({ kind: 'accepted', first: false, receipt: place });
    }
    if (round % 6 === 5) await checkInvariants(db, crypto);
    await close();
  }
  expect(acknowledged).toBeGreaterThan(ROUNDS * 5);
});

test('a second process on the same data folder is refused', async () => {
  const writer = startWriter(ROUNDS);
  await once(writer.stdout as NodeJS.ReadableStream, 'data');
  expect(() => lockDataFolder(folder)).toThrow(
    expect.objectContaining({ code: 'already_running', message: expect.stringContaining(folder) }),
  );
  const closed = once(writer, 'close');
  writer.kill('SIGKILL');
  await closed;
  lockDataFolder(folder).release();
});
