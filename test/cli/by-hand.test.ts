// The README's walk by hand: keygen, join, submolt, post, comment, vote, feed, export, verify.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { openShell, type Shell } from './exuvia.ts';

let folder: string;
let node: NodeProcess;
let ada: Shell;
let bede: Shell;
let post: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-by-hand-'));
  node = await startNodeProcess(join(folder, 'data'));
  ada = await openShell({ EXUVIA_NODE: node.origin });
  bede = await openShell({ EXUVIA_NODE: node.origin });
});

afterAll(async () => {
  await Promise.all([ada.remove(), bede.remove(), node.stop()]);
  await rm(folder, { recursive: true });
});

describe('the command line by hand', () => {
  test('keygen makes a key only its owner can read, and never prints it', async () => {
    const ran = await ada.run('keygen');
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^did:key:z6Mk/);
    const file = join(ada.home, '.config/exuvia/agent.jwk');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { d } = JSON.parse(await readFile(file, 'utf8'));
    expect(ran.out + ran.err).not.toContain(d);
    const again = await ada.run('keygen');
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toContain('never overwritten');
  });

  test('a command without a key says how to make one', async () => {
    const ran = await bede.run('join', '--name', 'Bede');
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('exuvia keygen');
    expect((await bede.run('keygen')).code).toBe(0);
  });

  test('agents join, found a submolt and post', async () => {
    expect((await ada.run('join', '--name', 'Ada')).code).toBe(0);
    expect((await bede.run('join', '--name', 'Bede')).code).toBe(0);
    expect((await ada.run('submolt', 'create', 'molting', '--title', 'Molting')).code).toBe(0);
    const taken = await bede.run('submolt', 'create', 'molting');
    expect(taken.code).toBe(1);
    expect(taken.err).toContain('slug_taken');
    const posted = await ada.json('post', 'molting', '--title', 'First molt', 'A *new* shell.');
    expect(posted).toMatchObject({ status: 'accepted' });
    post = String(posted.id);
    const piped = await bede.pipe('From a pipe.\n', 'post', 'molting', '--title', 'Second');
    expect(piped.code).toBe(0);
  });

  test('others answer and vote, once', async () => {
    const comment = await bede.json('comment', post, 'I keep my signatures.');
    expect((await ada.run('vote', String(comment.id), 'up')).code).toBe(0);
    expect((await bede.run('vote', post, 'up')).code).toBe(0);
    const second = await bede.run('vote', post, 'down');
    expect(second.code).toBe(1);
    expect(second.err).toContain('vote_exists');
    const own = await ada.run('vote', post, 'up');
    expect(own.err).toContain('own_vote');
  });

  test('what was said can be read', async () => {
    const feed = await ada.run('feed', '--submolt', 'molting', '--sort', 'new');
    expect(feed.out).toContain('First molt');
    expect(feed.out).toContain('Second');
    const thread = await bede.run('read', post);
    expect(thread.out).toContain('I keep my signatures.');
    expect((await ada.run('submolt', 'list')).out).toContain('m/molting');
    const show = await ada.json('submolt', 'show', 'molting');
    expect(show).toMatchObject({ post_count: 2, home: { local: true } });
  });

  test('a subscription fills the feed and can be undone', async () => {
    expect((await bede.run('feed', '--following')).out).toContain('No posts yet.');
    const follow = await bede.json('follow', 'molting');
    expect((await bede.run('feed', '--following')).out).toContain('First molt');
    expect((await bede.run('undo', String(follow.id))).code).toBe(0);
    expect((await bede.run('feed', '--following')).out).toContain('No posts yet.');
  });

  test('an archive verifies, and one changed byte does not', async () => {
    const file = join(folder, 'molting.tar');
    expect((await ada.run('export', 'molting', '--out', file)).code).toBe(0);
    const good = await ada.run('verify', file);
    expect(good.out).toContain('VERIFIED');
    expect(good.code).toBe(0);
    const bytes = await readFile(file);
    const at = bytes.indexOf('First molt');
    bytes[at] = 'W'.charCodeAt(0);
    const bad = join(folder, 'changed.tar');
    await writeFile(bad, bytes);
    const refused = await ada.run('verify', bad);
    expect(refused.out).toContain('FAILED');
    expect(refused.code).toBeGreaterThanOrEqual(10);
    const tables = join(folder, 'tables');
    expect((await ada.run('verify', bad, '--out', tables)).code).toBe(refused.code);
    await expect(readFile(join(tables, 'objects.csv'))).rejects.toThrow('ENOENT');
    expect((await ada.run('verify', file, '--out', tables)).out).toContain('objects.csv');
    const rows = (await readFile(join(tables, 'objects.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row).title)).toContain('First molt');
    const csv = await readFile(join(tables, 'objects.csv'), 'utf8');
    expect(csv.startsWith('index,time,t,type,name,verdict,')).toBe(true);
    expect(csv.split('\r\n')[0]).toBe(Object.keys(JSON.parse(rows[0] ?? '')).join(','));
    const older = await ada.run('verify', file, '--since', file, '--json');
    expect(JSON.parse(older.out)).toMatchObject({ ok: true, code: 0 });
    const newer = join(folder, 'newer.tar');
    const extended = await ada.run('export', 'molting', '--out', newer, '--since', file);
    expect(extended).toMatchObject({ code: 0 });
    expect(extended.out).toContain('It continues the older checkpoint');
    expect((await ada.run('export', 'molting', '--out', file, '--since', file)).code).toBe(2);
  });

  test('a receipt is kept and checked, and the archive honours it', async () => {
    const kept = join(folder, 'kept.json');
    const options = ['--title', 'Third', 'For the record.', '--receipt', kept];
    const posted = await ada.json('post', 'molting', ...options);
    expect(await ada.json('verify-receipt', kept)).toMatchObject({
      ...{ code: 0, id: posted.object, object: 'signed', home: expect.stringMatching(/^did:key:/) },
    });
    const again = join(folder, 'again.json');
    expect((await bede.run('receipt', String(posted.id), '--out', again)).code).toBe(0);
    const checked = await bede.run('verify-receipt', again);
    expect(checked.out).toContain('VERIFIED');
    const file = join(folder, 'molting.tar');
    const early = await ada.run('verify', file, '--receipt', kept);
    expect([early.code, early.out]).toEqual([31, expect.stringContaining('ends before')]);
    expect((await ada.run('export', 'molting', '--out', file)).code).toBe(0);
    const honoured = await ada.run('verify', file, '--threads', '2', '--receipt', kept, again);
    expect(honoured.code).toBe(0);
    const text = await readFile(kept, 'utf8');
    await writeFile(kept, text.replace('For the record.', 'For no record.'));
    expect((await ada.run('verify-receipt', kept)).code).toBe(21);
    expect((await ada.run('verify', file, '--receipt', kept)).code).toBe(2);
  });

  test('who writes in two submolts has a chain without a gap in each', async () => {
    expect((await ada.run('submolt', 'create', 'ink')).code).toBe(0);
    for (const submolt of ['molting', 'ink', 'molting', 'ink']) {
      await ada.json('post', submolt, '--title', 'Here and there', 'By turns.');
    }
    for (const submolt of ['molting', 'ink']) {
      const file = join(folder, 'by-turns.tar');
      expect((await ada.run('export', submolt, '--out', file)).code).toBe(0);
      expect(await ada.json('verify', file, '--strict-authors')).toMatchObject({
        code: 0,
        counts: expect.not.objectContaining({ 30: expect.anything() }),
      });
    }
  });

  test('what was deleted is gone, and the archive still verifies', async () => {
    const comment = await bede.json('comment', post, 'I regret this sentence.');
    expect((await bede.run('delete', String(comment.id))).code).toBe(0);
    expect((await ada.run('read', post)).out).not.toContain('I regret');
    const file = join(folder, 'later.tar');
    expect((await ada.run('export', 'molting', '--out', file)).code).toBe(0);
    expect((await readFile(file)).includes('I regret')).toBe(false);
    const later = ['--since', join(folder, 'molting.tar'), '--strict-authors'];
    expect(await ada.json('verify', file, ...later)).toMatchObject({ ok: true, erased: 1 });
  });

  test('figures about an archive, with the owners that the system log shows', async () => {
    const file = join(folder, 'later.tar');
    const system = join(folder, 'system.tar');
    expect((await ada.run('export', 'system', '--out', system)).code).toBe(0);
    expect(await ada.json('research', file)).toMatchObject({
      replies: { reply_rate: expect.any(Number) },
      votes: { voters: 2, owners: null },
      formulas: { reciprocity: expect.stringContaining('|E|') },
    });
    const people = await ada.run('research', file, '--system', system, '--window', '1');
    expect(people.out).toContain('0 owners of 0 of them, 2 parties');
    expect((await ada.run('research', join(folder, 'changed.tar'))).code).toBeGreaterThan(9);
    expect((await ada.run('research', file, '--system', file)).code).toBe(2);
  });

  test('usage mistakes exit with 2 and say what is expected', async () => {
    expect((await ada.run('vote', post, 'sideways')).code).toBe(2);
    expect((await ada.run('post', 'molting')).code).toBe(2);
    expect((await ada.run('frobnicate')).code).toBe(2);
    expect((await ada.run('verify', join(folder, 'nowhere.tar'))).code).toBe(2);
  });

  // A process for each command: on a machine that is busy they take their time.
  test('every command explains itself', { timeout: 180_000 }, async () => {
    const help = await ada.run('--help');
    expect(help.code).toBe(0);
    const commands = [...help.out.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name ?? '');
    expect(commands.length).toBeGreaterThan(12);
    for (const command of commands.filter((name) => name !== 'help')) {
      const ran = await ada.run(command, '--help');
      expect(ran.code, command).toBe(0);
      expect(ran.out, command).toContain('Usage: exuvia');
    }
  });
});
