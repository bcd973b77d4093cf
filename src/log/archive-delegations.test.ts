// Acts in somebody else's name: an archive proves by itself whose they are, and shows those that nobody was entitled to.
import { expect, test } from 'vitest';
import { agents, verdict, verify } from '../../test/archive-verdict.ts';
import { delegation } from '../../test/delegations.ts';
import { type Agent, SampleLog, START } from '../../test/sample-log.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';

const { alice, bob, carol, mallory } = agents;
type Given = Parameters<typeof delegation>[1];

function give(log: SampleLog, by: Agent, to: Agent, given: Given = {}) {
  const { bytes, name } = log.sign(by, delegation(to.did, given) as unknown as JsonObject);
  return { index: log.push(bytes, 'Add'), name };
}

function post(log: SampleLog, by: Agent, instrument: ObjectName) {
  const object = { type: 'Article', name: 'Words', content: 'words', mediaType: 'text/plain' };
  return log.add(by, { type: 'Create', object, instrument });
}

test('acts under a chain are the principal’s: authors edit and delete what delegates wrote', async () => {
  const log = SampleLog.founded(alice);
  const one = give(log, bob, carol);
  const two = give(log, carol, mallory, { parentCapability: one.name });
  const written = post(log, mallory, two.name);
  const words = { type: 'Article', name: 'Other words' };
  log.add(bob, { type: 'Update', target: written.name, object: words });
  log.add(carol, { type: 'Delete', object: written.name, instrument: one.name });
  expect(await verify(await log.archive())).toMatchObject({ code: 0, authors: 4 });
});

test('moderators’ delegates moderate, where that was delegated', async () => {
  const log = SampleLog.founded(alice);
  const mods = give(log, alice, carol, { allowedAction: ['moderate'] });
  const block = { type: 'Block', object: bob.did, target: log.submolt, instrument: mods.name };
  const ban = log.add(carol, block);
  log.add(carol, { type: 'Undo', object: ban.name, instrument: mods.name });
  expect(await verdict(log)).toEqual([0]);
  const posts = give(log, alice, bob);
  const { index } = log.add(bob, { ...block, object: mallory.did, instrument: posts.name });
  expect(await verdict(log)).toEqual([24, index]);
});

test.each<[string, (log: SampleLog) => number]>([
  [
    'an act before its delegation',
    (log) => {
      const { bytes, name } = log.sign(bob, delegation(carol.did) as unknown as JsonObject);
      const { index } = post(log, carol, name);
      log.push(bytes, 'Add');
      return index;
    },
  ],
  [
    'an act of another than the delegate',
    (log) => post(log, mallory, give(log, bob, carol).name).index,
  ],
  [
    'an act of another action',
    (log) => post(log, carol, give(log, bob, carol, { allowedAction: ['vote'] }).name).index,
  ],
  [
    'an act after the end',
    (log) =>
      post(log, carol, give(log, bob, carol, { expires: formatDateTime(START + 2) }).name).index,
  ],
  [
    'a delegation that takes more than was given',
    (log) => {
      const one = give(log, bob, carol, { allowedAction: ['vote'] });
      return give(log, carol, mallory, { parentCapability: one.name }).index;
    },
  ],
  [
    'an edit by the delegate of somebody else',
    (log) => {
      const { name } = log.post(alice, 'Mine');
      const instrument = give(log, bob, carol).name;
      const object = { type: 'Article', name: 'Not mine' };
      return log.add(carol, { type: 'Update', target: name, object, instrument }).index;
    },
  ],
])('%s is a fault', async (_, make) => {
  const log = SampleLog.founded(alice);
  const index = make(log);
  expect(await verdict(log)).toEqual([24, index]);
});

test('what a delegate wrote may be missing from its count once it is erased', async () => {
  const log = SampleLog.founded(alice);
  const one = give(log, bob, carol);
  const object = { type: 'Article', name: 'Words' };
  const counted = (seq: number) =>
    log.add(carol, { type: 'Create', object, instrument: one.name, seq });
  counted(0);
  const gone = counted(1);
  counted(2);
  const { index } = log.add(bob, { type: 'Delete', object: gone.name });
  log.erase(gone, index);
  // What is left of it is whose it was, not who signed.
  log.change(gone.index, { author: bob.did });
  const report = await verify(await log.archive());
  expect(report).toMatchObject({ code: 0, erased: 1 });
  expect(report.findings.filter(({ code }) => code === 30)).toEqual([]);
});

test('in a system log, whoever gave it or gave what it passes on has revoked it', async () => {
  const log = SampleLog.ofSystem();
  const one = give(log, alice, bob);
  const two = give(log, bob, carol, { parentCapability: one.name });
  log.add(alice, { type: 'Undo', object: two.name });
  expect(await verdict(log)).toEqual([0]);
  const { index } = log.add(carol, { type: 'Undo', object: two.name });
  expect(await verdict(log)).toEqual([24, index]);
});
