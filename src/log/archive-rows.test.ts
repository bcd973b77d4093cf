// Every entry becomes one row that says what happened, also of what is gone.
import { expect, test } from 'vitest';
import { agents, sample } from '../../test/archive-verdict.ts';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { crypto, SampleLog, START, stream } from '../../test/sample-log.ts';
import { DELEGATES, MODERATORS } from '../protocol/labels.ts';
import { ARCHIVE_COLUMNS, type ArchiveRow, readArchiveRows } from './archive-rows.ts';

const { alice, bob, carol } = agents;

async function rowsOf(log: SampleLog): Promise<ArchiveRow[]> {
  const rows: ArchiveRow[] = [];
  for await (const row of readArchiveRows(stream(await log.archive()), crypto)) rows.push(row);
  return rows;
}

test('acts, words and threads', async () => {
  const { log, post, comment, vote, other, deleted } = sample();
  const rows = await rowsOf(log);
  expect(rows.map(({ index, type }) => [index, type])).toEqual(
    [
      'Create',
      'Create',
      'Create',
      'Like',
      'Update',
      'Create',
      'Delete',
      'Add',
      'Remove',
      'Undo',
    ].map((type, index) => [index, type]),
  );
  expect(rows[0]).toMatchObject({ object_type: 'Group', title: 'Molting', root: null });
  expect(rows[1]).toMatchObject({
    ...{ verdict: 'erased', erased_by: deleted.index, name: post.name, author: bob.did },
    ...{ actor: null, title: null, content: null, root: post.name },
  });
  expect(rows[2]).toMatchObject({
    ...{ verdict: 'verified', name: comment.name, actor: carol.did, object_type: 'Note' },
    ...{ content: 'why', parent: post.name, root: post.name, tags: [], media_type: 'text/plain' },
  });
  expect(rows[3]).toMatchObject({ object: post.name, root: post.name, principal: carol.did });
  expect(rows[4]).toMatchObject({ verdict: 'erased', author: null });
  expect(rows[5]).toMatchObject({ title: 'A post'.replace('A', 'Another'), root: other.name });
  expect(rows[7]).toMatchObject({ object: carol.did, target: MODERATORS, root: null });
  expect(rows[8]).toMatchObject({ object: other.name, root: other.name });
  expect(rows[9]).toMatchObject({ object: vote.name, root: null });
  expect(rows[5]).toMatchObject({ t: (START + 5) * 1000, chain: null });
  expect(rows[5]?.time).toBe(new Date((START + 5) * 1000).toISOString());
});

test('a row has exactly its columns', async () => {
  for (const row of await rowsOf(sample().log)) {
    expect(Object.keys(row).sort()).toEqual([...ARCHIVE_COLUMNS].sort());
  }
});

test('who signed, whose keys they are, and in whose name', async () => {
  const log = SampleLog.founded(alice);
  const ada = new RotatingAgent('ada', 'node.example', START * 1000);
  log.push(ada.statement(START * 1000).bytes, 'Add');
  const capability = JSON.stringify({
    allowedAction: ['post'],
    controller: bob.did,
    expires: '2027-01-01T00:00:00Z',
    invocationTarget: '*',
    parentCapability: null,
  });
  const content = { mediaType: 'application/json', content: capability };
  const draft = { type: 'Add', object: bob.did, target: DELEGATES, ...content };
  const { bytes, name } = log.sign(carol, draft);
  log.push(bytes, 'Add');
  const object = { type: 'Article', name: 'For carol', content: 'x', mediaType: 'text/plain' };
  log.add(bob, { type: 'Create', object, instrument: name });
  const rows = await rowsOf(log);
  expect(rows[1]).toMatchObject({ actor: ada.did, author: expect.stringMatching(/^did:scid:vh:/) });
  expect(rows[3]).toMatchObject({ actor: bob.did, author: bob.did, principal: carol.did });
  expect(rows[3]?.key).toBe(`${bob.did}#${bob.did.slice('did:key:'.length)}`);
});

test('an author’s numbers: what follows, what is missing, what comes twice', async () => {
  const log = SampleLog.founded(alice);
  const object = { type: 'Article', name: 'Counted', content: 'x', mediaType: 'text/plain' };
  for (const seq of [0, 1, 4, 4]) log.add(bob, { type: 'Create', object, seq });
  const rows = await rowsOf(log);
  expect(rows.map(({ seq, chain }) => [seq, chain])).toEqual([
    [null, null],
    [0, 'follows'],
    [1, 'follows'],
    [4, 'gap'],
    [4, 'fork'],
  ]);
});

test('an erased act keeps everything but its words', async () => {
  const { log, comment, other } = sample();
  const why = { content: 'look', reason: 'https://rules.example/spam' };
  const report = log.add(bob, { type: 'Flag', object: comment.name, ...why });
  const group = { type: 'Group', preferredUsername: 'molting', name: 'Molted' };
  const edit = log.add(alice, { type: 'Update', target: log.submolt, object: group });
  const legal = 'https://w3id.org/exuvia/reason#legal';
  const purge = log.add(log.node, { type: 'Delete', object: other.name, reason: legal });
  const last = log.add(log.node, { type: 'Delete', object: report.name, reason: legal });
  for (const act of [report, edit, purge]) log.erase(act, last.index);
  const rows = await rowsOf(log);
  const gone = {
    verdict: 'erased',
    erased_by: last.index,
    actor: null,
    content: null,
    title: null,
  };
  expect(rows[report.index]).toMatchObject({
    ...{ ...gone, author: bob.did, object: comment.name, reason: null },
    root: rows[comment.index]?.root,
  });
  expect(rows[edit.index]).toMatchObject({ ...gone, object_type: 'Group', target: log.submolt });
  expect(rows[purge.index]).toMatchObject({ ...gone, root: other.name, reason: legal });
});

test('what a moderator gives as the reason, in words', async () => {
  const log = SampleLog.founded(alice);
  const { name } = log.post(bob, 'A post');
  log.add(alice, { type: 'Remove', object: name, origin: log.submolt, summary: 'Off topic' });
  log.add(alice, { type: 'Block', object: bob.did, target: log.submolt });
  const rows = await rowsOf(log);
  expect(rows.slice(2).map(({ content }) => content)).toEqual(['Off topic', null]);
});
