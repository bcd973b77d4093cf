// The same promises on a libSQL server, and two node processes that share it.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import type { SubmitOutcome } from '../../src/commands/sequencer.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { codesOf, packCodes } from '../../src/store/search-docs.ts';
import { comment, group, post } from '../drafts.ts';
import { fill } from '../fill-search.ts';
import { checkInvariants } from '../invariants.ts';
import { Agent, crypto, Sandbox } from '../sandbox.ts';
import { checkSearch, codesKept } from '../search-invariants.ts';
import { sequencerSuite } from '../sequencer-suite.ts';
import { Sqld } from '../sqld.ts';
import { befriend, PlainLog, witnessOf } from '../witness-scene.ts';

sequencerSuite(async () => (await Sqld.start()).connectOnce());

test('two writers on one server interleave without losing or doubling anything', async () => {
  const sqld = await Sqld.start();
  try {
    const clock = { now: Date.UTC(2026, 10, 20) };
    const left = await Sandbox.open('a', { db: sqld.connect(), clock });
    const right = await Sandbox.open('a', { db: sqld.connect(), clock });
    const ada = new Agent('ada');
    const submolt = await left.accept(ada, group('general'));
    const objects = await Promise.all(
      Array.from({ length: 60 }, (_, i) => ada.sign(post(submolt, `Post ${i}`), clock.now)),
    );
    const outcomes: SubmitOutcome[] = [];
    for (let wave = 0; wave < 60; wave += 6) {
      // A third of each wave goes to both.
      const sent = objects
        .slice(wave, wave + 6)
        .flatMap((object, i) => [
          ...(i % 3 !== 1 ? [left.send(object, ada.did, `left ${wave + i}`)] : []),
          ...(i % 3 !== 2 ? [right.send(object, ada.did, `right ${wave + i}`)] : []),
        ]);
      outcomes.push(...(await Promise.all(sent)));
    }
    const receipts = outcomes.map((outcome) => {
      if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
      return outcome;
    });
    expect(receipts.filter(({ first }) => first)).toHaveLength(60);
    const places = new Map(receipts.map(({ receipt }) => [receipt.id, receipt.index]));
    expect(new Set(places.values()).size).toBe(60);
    for (const { receipt } of receipts) expect(places.get(receipt.id)).toBe(receipt.index);
    await checkInvariants(left.db, crypto);
    await left.close();
    await right.close();
  } finally {
    await sqld.stop();
  }
});

test('of two processes that cosign on one server one goes first, and the other is told', async () => {
  const sqld = await Sqld.start();
  try {
    const clock = { now: Date.UTC(2026, 10, 20) };
    const left = await Sandbox.open('a', { db: sqld.connect(), clock });
    const right = await Sandbox.open('a', { db: sqld.connect(), clock });
    const log = new PlainLog('peer.test/log/system', await befriend(left, 'peer'));
    for (let from = 0; from < 32; from += 4) {
      const bodies = [await log.ask(from, from + 4), await log.ask(from, from + 3)];
      const answers = await Promise.all(
        [left, right].map((node, i) => witnessOf(node).addCheckpoint(utf8(bodies[i] ?? ''))),
      );
      expect(answers.map(({ kind }) => kind).sort()).toEqual(['conflict', 'cosigned']);
      const size = answers[0]?.kind === 'cosigned' ? from + 4 : from + 3;
      expect(answers).toContainEqual({ kind: 'conflict', size });
      if (size < from + 4) {
        const rest = await witnessOf(left).addCheckpoint(utf8(await log.ask(size, from + 4)));
        expect(rest.kind).toBe('cosigned');
      }
    }
    await left.close();
    await right.close();
  } finally {
    await sqld.stop();
  }
});

/** Paths of the server's own files in which the words stand, below the folder of the database. */
function filesWith({ folder }: Sqld, words: string): string[] {
  const base = join(folder, 'db', 'dbs', 'default');
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((file) => readFileSync(file).includes(words))
    .map((file) => relative(base, file))
    .sort();
}

test('what was erased is in no page, and the operator of the server rids its logs of it', {
  timeout: 60_000,
}, async () => {
  const MARKER = 'zzyzx-quetzalcoatl';
  let sqld = await Sqld.start();
  try {
    const clock = { now: Date.UTC(2026, 10, 20) };
    let node = await Sandbox.open('a', { db: sqld.connect(), clock });
    const ada = new Agent('ada');
    const submolt = await node.accept(ada, group('general'));
    const thread = await node.accept(ada, post(submolt, 'Thread'));
    const items: ObjectName[] = [];
    for (let i = 0; i < 60; i++) {
      const words = `${i % 2 === 0 ? MARKER : 'stays'} ${'x'.repeat((i * 397) % 9000)}`;
      items.push(await node.accept(ada, comment(submolt, thread, words)));
    }
    await fill(node.db);
    expect(await codesKept(node.db, MARKER)).toHaveLength(2);
    for (const [i, object] of items.entries()) {
      if (i % 2 === 0) await node.accept(ada, { type: 'Delete', audience: submolt, object });
    }
    await fill(node.db);
    expect(await codesKept(node.db, MARKER)).toEqual([]);
    const codes = packCodes(codesOf({ title: MARKER, content: '' }).codes);
    const inPages = async () => {
      const sql = 'SELECT count(*) FROM sqlite_dbpage WHERE instr(data, ?) + instr(data, ?) > 0';
      const [rows] = await node.db.batch('read', [{ sql, args: [utf8(MARKER), codes] }]);
      return rows?.[0]?.[0];
    };
    // As the next start does, without the rest between two rounds.
    await node.close();
    node = await Sandbox.open('a', { db: sqld.connect(), clock });
    await expect.poll(inPages, { timeout: 20_000 }).toBe(0);
    await checkSearch(node.db);
    await checkInvariants(node.db, crypto);
    await node.close();
    // What the operator of the server can do while it runs, and what only while it does not.
    await fetch(`${sqld.adminUrl}/v1/namespaces/default/checkpoint`, { method: 'POST' });
    expect(filesWith(sqld, MARKER)).toEqual(['wallog']);
    await sqld.halt();
    const base = join(sqld.folder, 'db', 'dbs', 'default');
    for (const log of ['wallog', 'snapshots'])
      rmSync(join(base, log), { recursive: true, force: true });
    sqld = await Sqld.start(sqld.folder);
    node = await Sandbox.open('a', { db: sqld.connect(), clock });
    await checkInvariants(node.db, crypto);
    expect(filesWith(sqld, MARKER)).toEqual([]);
    expect(filesWith(sqld, 'stays')).not.toEqual([]);
    await node.close();
  } finally {
    await sqld.stop();
  }
});
