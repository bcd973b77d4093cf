// Authors whose keys change: an archive has their DID logs, and each object counts under the keys of its own place.
import { expect, test } from 'vitest';
import { agents, verdict, verify } from '../../test/archive-verdict.ts';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { edit, SampleLog, START } from '../../test/sample-log.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { MODERATORS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';

const { alice } = agents;
const NOW = START * 1000;
const rotating = (name = 'ada') => new RotatingAgent(name, 'node.example', NOW);

/** Signs as the agent is now, and logs it. */
function add(log: SampleLog, ada: RotatingAgent, draft: object) {
  const { bytes, name } = ada.make({ audience: log.submolt, ...draft }, NOW);
  const index = log.push(bytes, (draft as { type: 'Create' }).type);
  return { index, name };
}

function post(log: SampleLog, ada: RotatingAgent, name: string) {
  const object = { type: 'Article', name, content: 'words', mediaType: 'text/plain' };
  return add(log, ada, { type: 'Create', object });
}

function state(log: SampleLog, ada: RotatingAgent): number {
  return log.push(ada.statement(NOW).bytes, 'Add');
}

/** A log in which ada has written under one key and under the next. */
function rotated() {
  const log = SampleLog.founded(alice);
  const ada = rotating();
  state(log, ada);
  const old = post(log, ada, 'Before');
  const late = ada.make({ audience: log.submolt, type: 'Like', object: old.name }, NOW);
  const statement = state(log, ada.rotate(NOW));
  const fresh = post(log, ada, 'After');
  return { log, ada, old, late, statement, fresh };
}

test('objects before and after a rotation verify, and the author is one', async () => {
  const { log } = rotated();
  const report = await verify(await log.archive());
  expect(report).toMatchObject({ code: 0, objects: 5, authors: 2 });
  // Nothing was taken on trust: the log has it all.
  expect(report.findings).toHaveLength(1);
});

test('an object under the old key does not count once the new one is stated', async () => {
  const { log, late } = rotated();
  const index = log.push(late.bytes, 'Like');
  expect(await verdict(log)).toEqual([23, index]);
});

test('an object before the statement that gives its key does not count', async () => {
  const { log, fresh, statement } = rotated();
  const [earlier, later] = [log.entries[statement], log.entries[fresh.index]];
  const swapped = SampleLog.founded(alice);
  for (const entry of log.entries.slice(1, statement)) {
    swapped.push(entry.bytes as CanonicalBytes, entry.index === 1 ? 'Add' : 'Create');
  }
  swapped.push(later?.bytes as CanonicalBytes, 'Create');
  swapped.push(earlier?.bytes as CanonicalBytes, 'Add');
  expect(await verdict(swapped)).toEqual([23, statement]);
  const unstated = SampleLog.founded(alice);
  unstated.push(later?.bytes as CanonicalBytes, 'Create');
  expect(await verdict(unstated)).toEqual([23, 1]);
  // In a log that is signed already, changing places changes the root.
  const moved = await edit(await log.archive(), 'entries/000000.ndjson', (text) => {
    const lines = text.split('\n');
    lines.splice(statement, 2, lines[fresh.index] as string, lines[statement] as string);
    return lines.join('\n');
  });
  expect((await verdict(moved))[0]).toBe(13);
});

test('a DID log does not take the place of another', async () => {
  const { ada, log, old, statement } = rotated();
  const text = (bytes: CanonicalBytes) => new TextDecoder().decode(bytes);
  const other = rotating('bob').statement(NOW).bytes;
  const swapped = await edit(await log.archive(), 'objects/000000.ndjson', (lines) =>
    lines.replace(text(log.entries[statement]?.bytes as CanonicalBytes), text(other)),
  );
  expect(await verdict(swapped)).toEqual([21, statement]);
  // A home that logs another history of the same agent, with the key that was kept for recovery.
  const forked = SampleLog.founded(alice);
  const stolen = rotating();
  state(forked, stolen);
  post(forked, stolen, 'Before');
  state(forked, ada);
  const index = state(forked, stolen.recover(NOW).rotate(NOW));
  expect(await verdict(forked)).toEqual([22, index]);
  // The same statement twice, or an older one after it.
  const stale = SampleLog.founded(alice);
  state(stale, ada);
  expect(await verdict(stale)).toEqual([0]);
  const again = state(stale, rotating());
  expect(await verdict(stale)).toEqual([22, again]);
  expect(old.index).toBe(2);
});

test('a DID log that does not verify gives nobody a key', async () => {
  const log = SampleLog.founded(alice);
  const ada = rotating();
  const { bytes } = ada.statement(NOW);
  const { proof: _proof, ...draft } = JSON.parse(new TextDecoder().decode(bytes));
  const content = draft.content.replace('"portable":true', '"portable":false');
  const index = log.push(ada.make({ ...draft, content }, NOW).bytes, 'Add');
  post(log, ada, 'Too early');
  expect(await verdict(log)).toEqual([22, index]);
});

test('an agent that has moved acts under its new name, and is the author of what it wrote before', async () => {
  const { ada, log, old } = rotated();
  state(log, ada.rotate(NOW, { host: 'other.example' }));
  const by = add(log, ada, { type: 'Delete', object: old.name });
  log.erase(old, by.index);
  expect(await verdict(log)).toEqual([0]);
  const renamed = SampleLog.founded(alice);
  const bob = rotating('bob');
  state(renamed, bob);
  const before = bob.make({ audience: renamed.submolt, type: 'Like', object: old.name }, NOW);
  state(renamed, bob.rotate(NOW, { host: 'other.example' }));
  const index = renamed.push(before.bytes, 'Like');
  expect(await verdict(renamed)).toEqual([23, index]);
});

test('an agent keeps its role through a move, and loses all say with its end', async () => {
  const log = SampleLog.founded(alice);
  const ada = rotating();
  log.add(alice, { type: 'Add', object: ada.did, target: MODERATORS });
  const { name } = log.post(alice, 'A post');
  state(log, ada.rotate(NOW, { host: 'other.example' }));
  const remove = (object: ObjectName) =>
    add(log, ada, { type: 'Remove', object, origin: log.submolt });
  remove(name);
  expect(await verdict(log)).toEqual([0]);
  state(log, ada.rotate(NOW, { deactivate: true }));
  expect(await verdict(log)).toEqual([0]);
  const { index } = add(log, ada, { type: 'Like', object: name });
  expect(await verdict(log)).toEqual([23, index]);
});

/** A log founded by ada, who has stated her DID log before it. */
function foundedBy(ada: RotatingAgent, before: (log: SampleLog) => void) {
  const log = new SampleLog();
  before(log);
  const object = { type: 'Group', preferredUsername: 'molting', name: 'Molting' };
  const founding = ada.make({ type: 'Create', target: log.node.did, object }, NOW);
  return { log, founding };
}

test('a submolt that an agent with a DID log has founded begins with the statement', async () => {
  const ada = rotating();
  const { log, founding } = foundedBy(ada, (its) => state(its, ada));
  log.push(founding.bytes, 'Create');
  log.submolt = founding.name;
  const topic = post(log, ada, 'Before');
  state(log, ada.rotate(NOW, { host: 'other.example' }));
  // The owner is one, under whatever name.
  add(log, ada, { type: 'Add', object: alice.did, target: MODERATORS });
  log.add(alice, { type: 'Remove', object: topic.name, origin: log.submolt });
  expect(await verdict(log)).toEqual([0]);
});

test('before the founding there is nothing but statements, and it comes', async () => {
  const ada = rotating();
  const unstated = foundedBy(ada, () => {});
  unstated.log.push(unstated.founding.bytes, 'Create');
  unstated.log.submolt = unstated.founding.name;
  state(unstated.log, ada);
  expect(await verdict(unstated.log)).toEqual([23, 0]);
  const late = foundedBy(ada, (its) => state(its, ada));
  late.log.submolt = late.founding.name;
  const index = post(late.log, ada, 'Too early').index;
  late.log.push(late.founding.bytes, 'Create');
  expect(await verdict(late.log)).toEqual([22, index]);
  const never = foundedBy(ada, (its) => state(its, ada));
  never.log.submolt = never.founding.name;
  expect(await verdict(never.log)).toEqual([22, 1]);
  const erased = foundedBy(ada, (its) => state(its, ada));
  erased.log.push(erased.founding.bytes, 'Create');
  erased.log.submolt = erased.founding.name;
  const by = add(erased.log, ada, { type: 'Delete', object: erased.founding.name });
  erased.log.erase({ index: 1, name: erased.founding.name }, by.index);
  expect((await verdict(erased.log))[0]).toBe(22);
});
