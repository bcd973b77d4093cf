// What was erased is in no file of the node any more: looked for byte by byte, on every way in which something is erased.
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, group, post } from '../../test/drafts.ts';
import { Network } from '../../test/network.ts';
import { expectReplica, openFollowed } from '../../test/replica-scene.ts';
import { Agent, Sandbox } from '../../test/sandbox.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { reasonOf } from '../protocol/erasure-grounds.ts';
import { MODERATORS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { FileDatabase } from '../store/file-database.ts';

/** Words that nothing else has in it. */
const MARKER = 'zzyzx-quetzalcoatl';

/** Files of a folder in which the words stand. */
function filesWith(folder: string, marker = MARKER): string[] {
  return readdirSync(folder).filter((file) => readFileSync(join(folder, file)).includes(marker));
}

const [ada, bob, owner] = [new Agent('ada'), new Agent('bob'), new Agent('owner')];
let node: Sandbox;
let submolt: ObjectName;
beforeEach(async () => {
  node = await Sandbox.open();
  submolt = await node.accept(owner, group('tea', node.context.node.did));
});
afterEach(() => node.close());

const gone = () => expect.poll(() => filesWith(node.folder), { timeout: 4000 }).toEqual([]);
const erase = (object: ObjectName, more: object = {}) =>
  ({ type: 'Delete', audience: submolt, object, ...more }) as ActivityDraft;
const operator = () => {
  const { did, seed } = node.context.node;
  return Object.assign(new Agent('operator'), { did, seed });
};

describe('nothing is left in the files', () => {
  test.each([
    ['its author', async () => ada, {}],
    ['the owner', async () => owner, { summary: 'Somebody’s address' }],
    [
      'a moderator',
      async () => {
        const draft = { type: 'Add', audience: submolt, object: bob.did, target: MODERATORS };
        await node.accept(owner, draft as ActivityDraft);
        return bob;
      },
      {},
    ],
    ['the operator of the home', async () => operator(), { reason: reasonOf('legal') }],
  ])('of a post, its edits and its title that %s has erased', async (_, by, more) => {
    const item = await node.accept(ada, post(submolt, `Title ${MARKER}`));
    const edited = { ...post(submolt, `Again ${MARKER}`), type: 'Update', target: item };
    await node.accept(ada, edited as ActivityDraft);
    expect(filesWith(node.folder)).not.toEqual([]);
    await node.accept(await by(), erase(item, more));
    await gone();
  });

  test('of what an agent has said of itself', async () => {
    for (const name of ['Ada', 'Ada again']) {
      const object = { type: 'Service', name, summary: MARKER } as const;
      await node.accept(ada, { type: 'Update', object });
    }
    await node.accept(ada, { type: 'Delete', object: ada.did });
    await gone();
  });

  test('of some of many, of all lengths, among what stays', async () => {
    const thread = await node.accept(ada, post(submolt, 'Thread'));
    const kept: ObjectName[] = [];
    const drop: ObjectName[] = [];
    for (let i = 0; i < 300; i++) {
      const long = (i * 7919) % 9000;
      const erased = i % 3 === 0;
      const words = `${erased ? MARKER : 'kept'} ${i} ${'x'.repeat(long)} ${erased ? MARKER : 'kept'}`;
      const name = await node.accept(ada, comment(submolt, thread, words));
      (erased ? drop : kept).push(name);
      if (i % 10 === 9) await node.accept(ada, erase(drop.shift() as ObjectName));
    }
    for (const name of drop) await node.accept(ada, erase(name));
    await gone();
    expect(filesWith(node.folder, 'kept')).not.toEqual([]);
  }, 60_000);
});

describe('after a crash', () => {
  test('right behind the Delete, the next start finishes: nothing is left in the files', async () => {
    // A power cut comes before the scrub: it never does here. That of the start has ended.
    await setTimeout(300);
    Object.assign(node.db, { scrub: () => undefined });
    const item = await node.accept(ada, post(submolt, MARKER));
    await node.accept(ada, erase(item));
    const left = mkdtempSync(join(tmpdir(), 'exuvia-'));
    for (const file of readdirSync(node.folder))
      copyFileSync(join(node.folder, file), join(left, file));
    expect(filesWith(left)).toEqual(['node.db-wal']);
    const again = await Sandbox.open('a', { db: new FileDatabase(join(left, 'node.db')) });
    await expect.poll(() => filesWith(left)).toEqual([]);
    await again.close();
    rmSync(left, { recursive: true });
  });
});

test('on a follower through which it was written nothing is left either', async () => {
  const network = new Network();
  try {
    const { a, b, ada: author, submolt: followed, log } = await openFollowed(network);
    const item = await author.sign(post(followed, MARKER), network.clock.now);
    await b.sandbox.send(item, author.did);
    await network.settle();
    const folders = [a.sandbox.folder, b.sandbox.folder];
    expect(folders.map((folder) => filesWith(folder).length > 0)).toEqual([true, true]);
    const draft = { type: 'Delete', audience: followed, object: item.name } as const;
    await b.sandbox.send(await author.sign(draft, network.clock.now), author.did);
    await network.settle();
    await expectReplica(a, b, log);
    for (const folder of folders) {
      await expect.poll(() => filesWith(folder), { timeout: 4000 }).toEqual([]);
    }
    const lists = folders.map((folder) => readFileSync(join(folder, 'erasures.ndjson'), 'utf8'));
    expect(lists.map((list) => list.includes(item.name))).toEqual([true, true]);
  } finally {
    await network.close();
  }
});
