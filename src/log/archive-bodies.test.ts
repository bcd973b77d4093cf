// What is in an archive's bodies, or missing from them, leads to its code.
import { describe, expect, test } from 'vitest';
import { agents, sample, verdict, verify } from '../../test/archive-verdict.ts';
import {
  type Agent,
  agent,
  crypto,
  edit,
  packAgain,
  SampleLog,
  START,
  unpack,
  webAgent,
} from '../../test/sample-log.ts';
import { toBase64url, toHex, utf8 } from '../protocol/bytes.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { LOG_KEYS, MODERATORS } from '../protocol/labels.ts';
import { commitment, encodeEntry, makeEntry } from './entry.ts';

const { alice, bob, carol, mallory } = agents;

describe('code 20: missing bodies', () => {
  const dropped = async (log: SampleLog, ...indices: number[]) =>
    edit(await log.archive(), 'objects/000000.ndjson', (text) =>
      text
        .split('\n')
        .filter((line) => !indices.some((index) => line.includes(`"i":${index},`)))
        .join('\n'),
    );

  test('without a record of their erasure', async () => {
    const { log } = sample();
    expect(await verdict(await dropped(log, 3))).toEqual([20, 3]);
    expect(await verdict(await dropped(log, 2, 3, 9))).toEqual([20, 2, 3, 9]);
    const members = await unpack(await log.archive());
    members.delete('objects/000000.ndjson');
    expect((await verify(await packAgain(members))).counts['20']).toBe(10);
  });

  test('with a tombstone that is earlier, is itself, is no Delete, is missing, or beyond the end', async () => {
    for (const by of [0, 5, 8, 9]) {
      const { log, other } = sample();
      log.erase(other, by);
      expect(await verdict(log), String(by)).toEqual([20, 5]);
    }
    const { log, deleted } = sample();
    expect(await verdict(await dropped(log, deleted.index))).toEqual([20, 1, 4, 6]);
    const beyond = await edit(await log.archive(), 'objects/000000.ndjson', (text) =>
      text.replaceAll('"by":6', '"by":66'),
    );
    expect(await verdict(beyond)).toEqual([20, 1, 4]);
  });

  test('with a tombstone that names another object', async () => {
    const { log, other, deleted } = sample();
    log.erase(other, deleted.index);
    expect(await verdict(log)).toEqual([20, 5]);
  });

  test('with a tombstone that was erased in its turn', async () => {
    const { log, deleted } = sample();
    const second = log.add(bob, { type: 'Delete', object: deleted.name });
    log.erase(deleted, second.index);
    // An author's ground does not reach a Delete; what remains of it still says what was erased.
    expect(await verdict(log)).toEqual([24, second.index]);
    log.change(deleted.index, { remains: null });
    expect(await verdict(log)).toEqual([20, 1, 4, 6]);
  });

  test('of an edit, when the post it should have gone with is still there', async () => {
    const standing = SampleLog.founded(alice);
    const shown = standing.post(bob, 'Still there');
    const words = { type: 'Article', name: 'x' };
    const hidden = standing.add(bob, { type: 'Update', target: shown.name, object: words });
    const by = standing.add(bob, { type: 'Delete', object: shown.name }).index;
    standing.erase(hidden, by);
    expect(await verdict(standing)).toEqual([20, hidden.index]);
  });
});

test('code 10: an erased body whose record does not fit its entry', async () => {
  const { log, post, update } = sample();
  const stripped = await edit(await log.archive(), 'objects/000000.ndjson', (text) =>
    text.replace(`{"a":"${bob.did}",`, '{'),
  );
  expect(await verdict(stripped)).toEqual([10, post.index]);
  log.change(update.index, { author: bob.did });
  expect(await verdict(log)).toEqual([10, update.index]);
});

describe('code 21: commitments', () => {
  const objects = (log: SampleLog, change: (text: string) => string) =>
    log.archive().then((bytes) => edit(bytes, 'objects/000000.ndjson', change));

  test('a changed salt, a changed body, and two bodies in each other’s place', async () => {
    const { log } = sample();
    const salt = toBase64url((log.entries[3] as { salt: Uint8Array }).salt);
    expect(await verdict(await objects(log, (text) => text.replace(salt, 'A'.repeat(22))))).toEqual(
      [21, 3],
    );
    expect(await verdict(await objects(log, (text) => text.replace('why', 'who')))).toEqual([
      21, 2,
    ]);
    const swapped = await objects(log, (text) => {
      const lines = text.split('\n');
      const [two, three] = [lines[2] as string, lines[3] as string];
      lines[2] = three.replace('"i":3', '"i":2');
      lines[3] = two.replace('"i":2', '"i":3');
      return lines.join('\n');
    });
    expect(await verdict(swapped)).toEqual([21, 2, 3]);
  });

  test('a body without an entry', async () => {
    const { log } = sample();
    const line = (text: string) => text.split('\n')[3]?.replace('"i":3', '"i":10');
    expect(await verdict(await objects(log, (text) => `${text}${line(text)}\n`))).toEqual([21, 10]);
  });
});

describe('code 22: objects that do not belong here', () => {
  test('a proof that does not verify, though the log committed to it', async () => {
    const log = SampleLog.founded(alice);
    const { bytes } = log.sign(bob, {
      type: 'Create',
      audience: log.submolt,
      object: { type: 'Article', name: 'Mine' },
    });
    const forged = new TextDecoder().decode(bytes).replace('Mine', 'Ours');
    const index = log.push(utf8(forged) as CanonicalBytes, 'Create');
    expect(await verdict(log)).toEqual([22, index]);
  });

  test('a proof by another than the actor', async () => {
    const log = SampleLog.founded(alice);
    const { bytes } = log.sign(bob, {
      type: 'Create',
      audience: log.submolt,
      object: { type: 'Article', name: 'x' },
    });
    const renamed = new TextDecoder()
      .decode(bytes)
      .replace(`"actor":"${bob.did}"`, `"actor":"${alice.did}"`);
    const index = log.push(utf8(renamed) as CanonicalBytes, 'Create');
    expect(await verdict(log)).toEqual([22, index]);
  });

  test('an object replayed in the same log', async () => {
    const { log, vote } = sample();
    const { bytes } = log.entries[vote.index] as { bytes: CanonicalBytes };
    const index = log.push(bytes, 'Like');
    expect(await verdict(log)).toEqual([22, index]);
    // An erased object cannot come back either.
    const second = sample();
    const again = { index: second.log.push(bytes, 'Create'), name: second.post.name };
    second.log.erase(
      again,
      second.log.add(bob, { type: 'Delete', object: second.other.name }).index,
    );
    expect((await verify(await second.log.archive())).counts['22']).toBe(1);
  });

  test('an object addressed to another submolt, or to none', async () => {
    const log = SampleLog.founded(alice);
    const foreign = SampleLog.founded(bob);
    const vote = { type: 'Like', object: foreign.submolt, audience: foreign.submolt };
    const index = log.push(log.sign(carol, vote).bytes, 'Like');
    const follow = log.push(log.sign(carol, { type: 'Follow', object: bob.did }).bytes, 'Follow');
    expect(await verdict(log)).toEqual([22, index, follow]);
    const system = SampleLog.ofSystem();
    system.push(log.sign(carol, vote).bytes, 'Like');
    expect(await verdict(system)).toEqual([22, 1]);
  });

  test('a founding, in any log but its own and the system log of its home', async () => {
    const { bytes } = SampleLog.founded(bob).entries[0] as { bytes: CanonicalBytes };
    const elsewhere = SampleLog.ofSystem(agent('another node'));
    for (const log of [SampleLog.founded(alice), elsewhere]) {
      const index = log.push(bytes, 'Create');
      expect(await verdict(log)).toEqual([22, index]);
    }
    const home = SampleLog.ofSystem();
    home.push(bytes, 'Create');
    expect(await verdict(home)).toEqual([0]);
  });

  test('a kind that is not the object’s type', async () => {
    const log = SampleLog.founded(alice);
    const { index } = log.post(bob, 'A post');
    const { salt, bytes } = log.entries[index] as { salt: Uint8Array; bytes: CanonicalBytes };
    const entry = makeEntry(commitment(salt, bytes, crypto), 'Like', (START + index) * 1000);
    log.change(index, { line: encodeEntry(entry) });
    expect(await verdict(log)).toEqual([22, index]);
  });

  test('a log that does not begin with the founding it is named after', async () => {
    const log = SampleLog.founded(alice);
    log.submolt = SampleLog.founded(bob).submolt;
    expect(await verdict(log)).toEqual([22, 0]);
    const erased = SampleLog.founded(alice);
    const by = erased.add(alice, { type: 'Delete', object: erased.submolt }).index;
    erased.erase({ index: 0, name: erased.submolt as never }, by);
    expect(await verdict(erased)).toEqual([22, 0]);
    const system = new SampleLog();
    system.add(bob, { type: 'Follow', object: alice.did });
    expect(await verdict(system)).toEqual([22, 0]);
    expect(await verdict(new SampleLog())).toEqual([22, undefined]);
  });
});

describe('code 23: keys', () => {
  test('a did:web author without a document, or with another key in it', async () => {
    const author = webAgent('author.example');
    const log = SampleLog.founded(alice);
    const { index } = log.post(author, 'A post');
    expect(await verdict(await log.archive({ didDocuments: [] }))).toEqual([23, index]);
    const other = { ...(webAgent('other.example').document as object), id: author.did };
    const didDocuments = [{ did: author.did, document: other }];
    expect(await verdict(await log.archive({ didDocuments }))).toEqual([23, index]);
  });
});

describe('code 24: acts without authority', () => {
  test('deleting, editing or undoing what somebody else signed', async () => {
    for (const draft of [
      (name: string) => ({ type: 'Delete', object: name }),
      (name: string) => ({ type: 'Update', target: name, object: { type: 'Article', name: 'x' } }),
      (name: string) => ({ type: 'Undo', object: name }),
    ]) {
      const log = SampleLog.founded(alice);
      const { index } = log.add(mallory, draft(log.post(bob, 'Bob’s').name));
      expect(await verdict(log)).toEqual([24, index]);
    }
  });

  test('deleting what somebody else signed, though the body is gone', async () => {
    const log = SampleLog.founded(alice);
    const post = log.post(bob, 'Bob’s');
    const { index } = log.add(mallory, { type: 'Delete', object: post.name });
    log.erase(post, index);
    expect(await verdict(log)).toEqual([24, index]);
  });

  test('moderating without being the owner or a moderator at that time', async () => {
    const log = SampleLog.founded(alice);
    const { name } = log.post(bob, 'A post');
    const ban = (by: Agent) =>
      log.add(by, { type: 'Block', object: mallory.did, target: log.submolt });
    const role = (by: Agent, type: string) =>
      log.add(by, { type, object: carol.did, target: MODERATORS });
    const wrong = [
      ban(carol),
      log.add(carol, { type: 'Remove', object: name, origin: log.submolt }),
      role(carol, 'Add'),
    ];
    role(alice, 'Add');
    const standing = ban(carol);
    log.add(carol, { type: 'Remove', object: name, origin: log.submolt });
    log.add(alice, { type: 'Undo', object: standing.name });
    wrong.push(role(carol, 'Remove'));
    role(alice, 'Remove');
    wrong.push(ban(carol), log.add(carol, { type: 'Undo', object: standing.name }));
    const group = { type: 'Group', preferredUsername: 'molting', name: 'Mine now' };
    wrong.push(
      log.add(bob, { type: 'Update', target: log.submolt, object: group }),
      log.add(bob, { type: 'Move', object: log.submolt, origin: log.node.did, target: bob.did }),
    );
    expect(await verdict(log)).toEqual([24, ...wrong.map(({ index }) => index)]);
  });

  test('naming a log key in another node’s system log', async () => {
    const log = SampleLog.ofSystem();
    const { index } = log.add(mallory, { type: 'Add', object: mallory.did, target: LOG_KEYS });
    expect(await verdict(log)).toEqual([24, index]);
  });
});

describe('code 25: contexts', () => {
  test('one missing, one changed, one too many', async () => {
    const members = await unpack(await sample().log.archive());
    const names = [...members.keys()].filter((name) => name.startsWith('contexts/'));
    expect(names).toHaveLength(3);
    const [name] = names as [string];
    const without = new Map(members);
    without.delete(name);
    expect((await verify(await packAgain(without))).code).toBe(25);
    expect((await verify(await packAgain(new Map(members).set(name, utf8('{}'))))).code).toBe(25);
    const hash = toHex(crypto.sha256(utf8('{}')));
    const more = new Map(members).set(`contexts/${hash}`, utf8('{}'));
    expect((await verify(await packAgain(more))).code).toBe(25);
  });
});

describe('code 30: author chains', () => {
  test('gaps and forks are reported, and fail only under strictAuthors', async () => {
    const log = SampleLog.founded(alice);
    const say = (seq: number, previous?: string) =>
      log.add(bob, {
        type: 'Create',
        object: { type: 'Article', name: `Post ${seq}` },
        seq,
        ...(previous === undefined ? {} : { previous }),
      });
    const first = say(0);
    const second = say(1, first.name);
    const gap = say(3, second.name);
    const fork = say(4, second.name);
    const again = say(2);
    const report = await verify(await log.archive());
    expect(report.code).toBe(0);
    expect(report.findings.filter(({ code }) => code === 30).map(({ index }) => index)).toEqual([
      gap.index,
      fork.index,
      again.index,
    ]);
    const indices = [gap.index, fork.index, again.index];
    expect(await verdict(log, { strictAuthors: true })).toEqual([30, ...indices]);
  });

  test('what was erased is no gap, and explains no more than one', async () => {
    const told = async (last: number) => {
      const log = SampleLog.founded(alice);
      const object = { type: 'Article', name: 'x' };
      const say = (seq: number, draft: object) => log.add(bob, { seq, ...draft });
      say(0, { type: 'Create', object });
      const post = say(1, { type: 'Create', object });
      const edit = say(2, { type: 'Update', target: post.name, object });
      const deleted = say(3, { type: 'Delete', object: post.name, previous: edit.name });
      log.erase(post, deleted.index);
      log.erase(edit, deleted.index);
      say(last, { type: 'Create', object, previous: deleted.name });
      return verdict(log, { strictAuthors: true });
    };
    expect(await told(4)).toEqual([0]);
    expect(await told(5)).toEqual([30, 5]);
  });
});
