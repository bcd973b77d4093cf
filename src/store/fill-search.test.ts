// The index behind the logs: whatever has been written, by whomever and however it was cut short, it comes to the same.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, group, post } from '../../test/drafts.ts';
import { fill } from '../../test/fill-search.ts';
import { Agent, Sandbox } from '../../test/sandbox.ts';
import { checkSearch, docsOf, postingsOf } from '../../test/search-invariants.ts';
import { live, steadyPeople } from '../../test/world.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Database } from './database.ts';
import { fillSearch } from './fill-search.ts';
import { rebuildDerived } from './rebuild.ts';
import { codesOf } from './search-docs.ts';

const ada = new Agent('ada');
let node: Sandbox;
beforeEach(async () => {
  node = await Sandbox.open();
});
afterEach(() => node.close());

const erase = (audience: ObjectName, object: ObjectName) =>
  node.accept(ada, { type: 'Delete', audience, object });
const open = async () => {
  const submolt = await node.accept(ada, group('general'));
  const thread = await node.accept(ada, post(submolt, 'Cuttlefish'));
  return { submolt, thread };
};

describe('filling', () => {
  test.each([3, 8])('in the midst of a life, seed %i', { timeout: 60_000 }, async (seed) => {
    await live(node, seed, 250, steadyPeople(5), async (random) => {
      for (let steps = random(4); steps > 0; steps--) await fillSearch(node.db);
    });
    await checkSearch(node.db);
    const before = await docsOf(node.db);
    expect(before.length).toBeGreaterThan(30);
    await rebuildDerived(node.db);
    expect(await docsOf(node.db)).not.toEqual(before);
    await checkSearch(node.db);
    expect(await docsOf(node.db)).toEqual(before);
  });

  test('of two at once on one database', async () => {
    await live(node, 4, 150);
    const patient = async () => {
      for (;;) {
        try {
          if ((await fillSearch(node.db)).done) return;
        } catch (error) {
          expect(error).toMatchObject({ code: 'busy' });
        }
      }
    };
    await Promise.all([patient(), patient(), patient()]);
    await checkSearch(node.db);
  });

  test('that ends at any batch goes on from there', async () => {
    await live(node, 5, 200);
    let [killed, last] = [0, 0];
    for (let filled = false; !filled; last++) {
      let batches = 0;
      const dying: Database = {
        durable: node.db.durable,
        close: async () => {},
        batch: async (mode, statements) => {
          if (batches++ === last % 7) throw new Error('killed');
          return node.db.batch(mode, statements);
        },
      };
      filled = await fill(dying).then(
        () => true,
        () => false,
      );
      if (!filled) killed += 1;
      await fillSearch(node.db);
    }
    expect(killed).toBeGreaterThan(2);
    await checkSearch(node.db);
  });

  test('has no more than some 100 KB of texts in one step', async () => {
    const { submolt, thread } = await open();
    await fill(node.db);
    for (let i = 0; i < 30; i++) {
      await node.accept(ada, comment(submolt, thread, `${i} ${'word '.repeat(1900)}`));
    }
    expect(await fill(node.db)).toBe(4);
  });

  test('by new rules for words begins anew', async () => {
    await open();
    await fill(node.db);
    const before = await docsOf(node.db);
    await node.db.batch('write', [
      { sql: "UPDATE search_state SET words = 'older'", args: [] },
      { sql: "UPDATE search_docs SET codes = x'00000001'", args: [] },
      { sql: "INSERT INTO search_index (search_index) VALUES ('delete-all')", args: [] },
    ]);
    await checkSearch(node.db);
    expect(await docsOf(node.db)).toEqual(before);
  });
});

describe('an erasure', () => {
  test.each([0, 1, 2, 3, 4, 5, 6])(
    'before batch %i of a node that reads what it takes',
    async (at) => {
      const { submolt, thread } = await open();
      await node.accept(ada, { type: 'Update', object: { type: 'Service', name: 'Cuttlefish' } });
      let batches = 0;
      const slow: Database = {
        durable: node.db.durable,
        close: async () => {},
        batch: async (mode, statements) => {
          if (batches++ === at) {
            await erase(submolt, thread);
            await node.accept(ada, { type: 'Delete', object: ada.did });
          }
          return node.db.batch(mode, statements);
        },
      };
      await fill(slow);
      await checkSearch(node.db);
      expect((await docsOf(node.db)).map(({ kind }) => kind)).toEqual(['submolt']);
    },
  );

  test('leaves nothing of a word that no other text has: in no row, posting, page or log of the database', async () => {
    const { submolt, thread } = await open();
    const said: ObjectName[] = [];
    const words = Array.from({ length: 300 }, (_, i) => `zyzzyva${i}x${i * 7919}`);
    for (let i = 0; i < 60; i++) {
      const text = words.slice(i * 5, i * 5 + 5).join(' ');
      said.push(await node.accept(ada, comment(submolt, thread, text)));
      if (i % 7 === 0) await fillSearch(node.db);
    }
    await fill(node.db);
    const { codes } = codesOf({ title: '', content: words.join(' ') });
    const terms = new Set(Array.from(codes, (code) => code.toString(36)));
    const kept = async () =>
      (await postingsOf(node.db)).filter((pair) => terms.has(pair.split(' ')[0] as string));
    // As the blocks of FTS5 have them: without what they have in common with the term before.
    const endings = async () => {
      const sql = 'SELECT block FROM search_index_data';
      const [blocks = []] = await node.db.batch('read', [{ sql, args: [] }]);
      const all = Buffer.concat(blocks.map(([block]) => block as Uint8Array));
      return [...terms].filter((term) => term.length === 6 && all.includes(term.slice(-4))).length;
    };
    expect(await endings()).toBeGreaterThan(200);
    expect(await kept()).toHaveLength(300);
    for (const object of said) await erase(submolt, object);
    await fill(node.db);
    expect(await kept()).toEqual([]);
    expect(await endings()).toBe(0);
    node.db.scrub?.();
    const packed = Array.from(codes, (code) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(code);
      return bytes;
    });
    const left = () =>
      readdirSync(node.folder).flatMap((file) => {
        const bytes = readFileSync(join(node.folder, file));
        const texts = words.filter((word) => bytes.includes(word));
        const rows = packed.filter((code) => bytes.includes(code));
        return [...texts, ...rows].map((what) => `${file}: ${what.toString('hex')}`);
      });
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
    await checkSearch(node.db);
  });
});
