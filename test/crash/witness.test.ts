// Kills a witness again and again while two histories of one log are forced on it: all it ever says is of one of them.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startNodeProcess } from '../../src/cli/node-process.ts';
import { Sequencer } from '../../src/commands/sequencer.ts';
import { openCheckpoint } from '../../src/log/checkpoint.ts';
import { type NoteVerifier, parseVerifierKey } from '../../src/log/note-key.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { crypto, identityOf } from '../sandbox.ts';
import { befriend, PlainLog } from '../witness-scene.ts';

const ROUNDS = 8;
const CLIENTS = 12;
const LOG = 'peer.test/log/system';
const folder = await mkdtemp(join(tmpdir(), 'exuvia-witness-crash-'));
afterAll(() => rm(folder, { recursive: true }));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Description {
  readonly witness: string;
}

interface Cosigned {
  readonly size: number;
  readonly root: string;
  readonly time: number;
}

/** Makes the data folder of a node that has met the peer; gives its origin and witness key. */
async function prepare(): Promise<{ origin: string; key: NoteVerifier }> {
  const process = await startNodeProcess(folder);
  const { origin } = process;
  const described = (await (await fetch(`${origin}/.well-known/exuvia`)).json()) as Description;
  await process.stop();
  const random = (bytes: number) => globalThis.crypto.getRandomValues(new Uint8Array(bytes));
  const db = new FileDatabase(join(folder, 'exuvia.db'));
  const context = { db, crypto, now: Date.now, random, node: identityOf('w') };
  await befriend({ context, sequencer: new Sequencer(context) }, 'peer');
  await db.close();
  const key = parseVerifierKey(described.witness, crypto);
  if (!key.ok) throw new Error(key.detail);
  return { origin, key: key.verifier };
}

/** Asks for one size after the other, from the size `at`, until the node is gone; adds what it gets to `got`. */
async function insist(
  origin: string,
  log: PlainLog,
  at: number,
  key: NoteVerifier,
  got: Cosigned[],
) {
  for (let known = at, tries = 0; tries < 1_000; tries++) {
    const size = known + 1 + (tries % 3);
    const body = await log.ask(known, size);
    const sent = await fetch(`${origin}/witness/add-checkpoint`, { method: 'POST', body })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => null);
    if (sent === null) return;
    if (sent.status === 409) known = Number(sent.text);
    if (sent.status !== 200) continue;
    const opened = await openCheckpoint(log.note(size) + sent.text, [key], crypto, LOG);
    if (!opened.ok) throw new Error(opened.detail);
    const time = opened.signatures[0]?.timestamp as number;
    got.push({ size, root: toHex(log.root(size)), time });
    known = size;
  }
}

test('a witness never cosigns two histories, however it ends', { timeout: 120_000 }, async () => {
  const { key, origin } = await prepare();
  const { logSeed } = identityOf('peer');
  const hash = createHash('sha256').update(LOG).digest('hex');
  const all: Cosigned[] = [];
  let past: string[] = [];
  let node = await startNodeProcess(folder, origin);
  for (let round = 0; round < ROUNDS; round++) {
    const branches = ['a', 'b'].map((name) => new PlainLog(LOG, logSeed, name + round, past));
    const clients = Array.from({ length: CLIENTS }, (_, i) => {
      return insist(origin, branches[i % 2] as PlainLog, past.length, key, all);
    });
    const before = all.length;
    // Every other time it ends whenever it likes, perhaps before it has said anything.
    while (round % 2 === 0 && all.length === before) await pause(5);
    await pause(Math.random() * 150);
    await node.kill();
    await Promise.all(clients);
    node = await startNodeProcess(folder, origin);
    const shown = await (await fetch(`${origin}/witness/${hash}/checkpoint`)).text();
    const [, digits, root] = shown.split('\n');
    const size = shown.startsWith(LOG) ? Number(digits) : 0;
    const chosen = branches.filter((log) => log.note(size).split('\n')[2] === root)[0];
    // Nothing was cosigned before the first end came.
    past = chosen?.words(size) ?? past;
    const history = new PlainLog(LOG, logSeed, 'none', past);
    const expected = all.map((each) => ({ ...each, root: toHex(history.root(each.size)) }));
    expect(all).toEqual(expected);
    expect(Math.max(0, ...all.map((each) => each.size))).toBeLessThanOrEqual(size);
  }
  await node.stop();
  const bySize = all.toSorted((a, b) => a.size - b.size || a.time - b.time);
  expect(bySize.map(({ time }) => time)).toEqual(all.map(({ time }) => time).toSorted());
  expect(all.length).toBeGreaterThanOrEqual(ROUNDS / 2);
});
