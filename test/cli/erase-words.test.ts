// Every string of every act that somebody can word: erased by whoever may, and then in no file and no answer of any node.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import { LABEL_BASE, LOCKED, MODERATORS } from '../../src/protocol/labels.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { draftAcceptance, draftWithdrawal } from '../../src/protocol/owner-acceptance.ts';
import { credentialName } from '../../src/protocol/owner-credential.ts';
import { codesOf, packCodes } from '../../src/store/search-docs.ts';
import { OwnerKey } from '../owner-keys.ts';
import { runHere, runWith } from './exuvia.ts';

const MARKER = 'zzyzx-quetzalcoatl';
const IRI = `https://example.com/${MARKER}`;
/** Whom nobody knows, and who is nowhere but in these words. */
const NAMED = `${MARKER} @did:web:${MARKER}.example`;
const remark = { summary: MARKER, reason: IRI };
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
/** As ActivityPub software sees it, too. */
const ON = { EXUVIA_ACTIVITYPUB: 'on' };
const place = { timeout: 20_000 };
let folder: string;
let home: NodeProcess;
let follower: NodeProcess;
let crypto: Crypto;
let owner: ExuviaClient;
let ada: ExuviaClient;
let bob: ExuviaClient;
let submolt: ObjectName;

function* filesIn(path: string): Generator<string> {
  for (const name of readdirSync(path)) {
    const file = join(path, name);
    if (statSync(file).isDirectory()) yield* filesIn(file);
    else yield file;
  }
}
/** What the search index has of the marker: the two words of it, one behind the other. */
const CODES = Buffer.from(packCodes(codesOf({ title: MARKER, content: '' }).codes));
const filesWith = ({ dataDir }: NodeProcess, ...what: (string | Buffer)[]) => {
  const wanted = what.length > 0 ? what : [MARKER, CODES];
  return [...filesIn(dataDir)].filter((file) => {
    const bytes = readFileSync(file);
    return wanted.some((one) => bytes.includes(one));
  });
};
const admin = ({ dataDir, origin }: NodeProcess, ...args: string[]) =>
  runWith({ EXUVIA_DATA: dataDir, EXUVIA_PORT: new URL(origin).port }, 'admin', ...args);
const idsOf = (name: string) => (name.startsWith('did:') ? name : idOf(name as ObjectName));
async function erase(node: NodeProcess, name: string): Promise<void> {
  const { code, err } = await admin(node, 'erase', '--reason', 'legal', '--', idsOf(name));
  expect({ name, code, err }).toEqual({ name, code: 0, err: '' });
}

/** What no page leads to. */
const OTHERS = [
  ...['/robots.txt', '/sitemap.xml', '/sitemap/submolts.xml', '/openapi.json', '/metrics'],
  ...['/skill.md', '/heartbeat.md', '/heartbeat.json', '/skill.json', '/rules.md', '/messaging.md'],
  ...['/llms.txt', '/nodeinfo/2.1', '/.well-known/exuvia', '/.well-known/agent-card.json'],
  ...['/feed.atom', '/feed.json', '/m/tidepool/feed.atom', '/m/tidepool/feed.json'],
  ...['/search?q=quetzalcoatl', '/search?q=zzyzx&type=agents', '/search?q=example'],
  ...['/c/tidepool', '/c/tidepool/outbox?page=first', '/c/tidepool/moderators'],
  ...['/c/tidepool/featured', '/c/tidepool/followers'],
];

/** What a node answers everybody, followed from the front page and from its logs. */
async function answersOf({ origin }: NodeProcess, more: readonly string[]): Promise<string> {
  const logs = [`/log/system`, `/log/${idOf(submolt)}`];
  const open = new Set(['/', '/m', '/federation', '/verify', ...more]);
  for (const log of logs) {
    for (const path of ['/checkpoint', '/entries?start=0', '/archive', '/founding', '/head']) {
      open.add(log + path);
    }
  }
  for (const path of OTHERS) open.add(path);
  let text = '';
  for (const path of open) {
    const answer = await fetch(origin + path);
    const body = await answer.text();
    text += `${path} ${answer.status}\n${body}\n`;
    const type = answer.headers.get('content-type') ?? '';
    if (type.includes('activity+json')) {
      for (const [, to = ''] of body.matchAll(/"(http[^"#]*)"/g))
        if (to.startsWith(origin)) open.add(to.slice(origin.length));
    }
    if (!type.includes('text/html')) continue;
    for (const [, href = ''] of body.matchAll(/href="(\/[^"#]*)"/g))
      open.add(href.replaceAll('&amp;', '&'));
  }
  for (const log of logs) {
    const size = Number((await (await fetch(`${origin}${log}/checkpoint`)).text()).split('\n')[1]);
    const asked = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const body = JSON.stringify({ start: 0, end: size });
    text += await (await fetch(`${origin}${log}/bodies`, { ...asked, body })).text();
  }
  return text;
}

async function readsOf(client: ExuviaClient): Promise<string> {
  const { posts } = await client.read.posts();
  const threads = await Promise.all(posts.map(({ id }) => client.read.thread(id)));
  const agents = await Promise.all([owner, ada, bob].map(({ did }) => client.read.agent(did)));
  const told = await Promise.all(
    [owner, ada, bob].flatMap(({ read }) => [read.notifications({ limit: 100 }), read.home()]),
  );
  const found = await Promise.all(MARKER.split('-').map((word) => client.read.search(word)));
  return JSON.stringify([posts, threads, agents, await client.read.submolts(), told, found]);
}

async function archiveCode({ origin }: NodeProcess, log: string) {
  const file = join(folder, `${log}.tar`);
  const archive = await fetch(`${origin}/log/${log}/archive`);
  writeFileSync(file, new Uint8Array(await archive.arrayBuffer()));
  const { out } = await runHere(folder, 'verify', file, '--json');
  const { code, erasures, findings } = JSON.parse(out);
  return { code, erasures, findings: findings.filter((one: { code: number }) => one.code > 0) };
}

const client = (at: NodeProcess, key = createKey(random, crypto)) =>
  new ExuviaClient({ origin: at.origin, key, crypto, random });
const say = async (by: ExuviaClient, draft: object) => (await by.submit(draft as ActivityDraft)).id;

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = mkdtempSync(join(tmpdir(), 'exuvia-words-'));
  home = await startNodeProcess(join(folder, 'a'), undefined, undefined, ON);
  follower = await startNodeProcess(join(folder, 'b'), undefined, undefined, ON);
  [owner, ada, bob] = [client(home), client(home), client(home)];
  submolt = (await owner.foundSubmolt({ slug: 'tidepool', name: 'Tide pool' })).id;
  const { code, err } = await admin(follower, 'follow', `${home.origin}/m/tidepool`);
  expect({ code, err }).toEqual({ code: 0, err: '' });
}, 60_000);
afterAll(async () => {
  await Promise.all([home.stop(), follower.stop()]);
  rmSync(folder, { recursive: true });
});

/** Says everything with the marker in it; gives what has to be erased, in order. */
async function sayAll(): Promise<{ author: [ExuviaClient, ObjectName][]; operator: string[] }> {
  const to = { audience: submolt };
  const article = {
    ...{ type: 'Article', name: MARKER, content: NAMED, mediaType: 'text/markdown', url: IRI },
    tag: [{ type: 'Hashtag', name: `#${MARKER.replace('-', '_')}` }],
  };
  const post = await say(ada, { ...to, type: 'Create', object: article });
  await say(ada, { ...to, type: 'Update', target: post, object: article });
  const kept = await say(ada, {
    ...to,
    type: 'Create',
    object: { type: 'Article', name: 'Stays' },
  });
  const note = { type: 'Note', content: NAMED, mediaType: 'text/plain', inReplyTo: kept };
  const comment = await say(bob, { ...to, type: 'Create', object: note });
  await say(bob, { ...to, type: 'Update', target: comment, object: note });
  for (const name of ['Ada', MARKER]) {
    await say(ada, { type: 'Update', object: { type: 'Service', name, summary: MARKER } });
  }
  const described = await say(owner, {
    ...{ ...to, type: 'Update', target: submolt },
    object: { type: 'Group', preferredUsername: 'tidepool', name: MARKER, summary: MARKER },
  });
  const reports = [
    await say(bob, { ...to, type: 'Flag', object: kept, content: MARKER }),
    await say(bob, { ...to, type: 'Flag', object: ada.did, reason: IRI }),
  ];
  const gestures = [
    { type: 'Add', object: bob.did, target: MODERATORS },
    { type: 'Add', object: kept, target: LOCKED },
    { type: 'Remove', object: kept, target: LOCKED },
    { type: 'Add', object: kept, target: `${LABEL_BASE}spam` },
    { type: 'Remove', object: kept, target: `${LABEL_BASE}spam` },
    { type: 'Remove', object: kept, origin: submolt },
    { type: 'Add', object: kept, target: submolt },
    { type: 'Remove', object: bob.did, target: MODERATORS },
    { type: 'Block', object: bob.did, target: submolt },
  ];
  const acts: string[] = [];
  for (const gesture of gestures) acts.push(await say(owner, { ...to, ...gesture, ...remark }));
  const other = await say(ada, {
    ...to,
    type: 'Create',
    object: { type: 'Article', name: 'Goes' },
  });
  acts.push(await say(ada, { ...to, type: 'Delete', object: other, ...remark }));
  await say(bob, { type: 'Update', object: { type: 'Service', name: 'Bob' } });
  acts.push(await say(bob, { type: 'Delete', object: bob.did, ...remark }));
  const key = new OwnerKey('some owner');
  const now = Math.floor(Date.now() / 1000);
  const claim = await key.claim(ada.did, { now });
  const accepted = { ...draftAcceptance(claim, 'application/vc', crypto), ...remark };
  const acceptance = await say(ada, accepted);
  const ended = { ...draftWithdrawal(credentialName(claim, crypto)), ...remark };
  const withdrawal = await say(ada, ended);
  return {
    author: [
      [ada, post],
      [bob, comment],
      [owner, described],
      [bob, reports[0] as ObjectName],
    ],
    operator: [ada.did, reports[1] as string, ...acts, acceptance, withdrawal],
  };
}

describe('all that was said', { timeout: 240_000 }, () => {
  let said: Awaited<ReturnType<typeof sayAll>>;

  test('is on both nodes', async () => {
    said = await sayAll();
    await expect.poll(() => filesWith(follower).length, place).toBeGreaterThan(0);
    expect(await answersOf(home, [])).toContain(MARKER);
    for (const node of [home, follower]) {
      await expect.poll(() => filesWith(node, CODES).length, place).toBeGreaterThan(0);
      const { results } = await client(node).read.search('quetzalcoatl');
      expect(JSON.stringify(results)).toContain(MARKER);
    }
  });

  test('can be taken from one node alone, wherever it was logged', async () => {
    // Of the system log of the other one, what an agent has noted when it took back its name.
    const name = said.operator.at(-3) as string;
    const { code, err, out } = await admin(
      follower,
      'erase',
      '--reason',
      'legal',
      '--',
      idsOf(name),
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('from this node alone');
    const path = `/.well-known/ni/sha-256/${idsOf(name)}`;
    const statuses = [home, follower].map(
      async ({ origin }) => (await fetch(origin + path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 451]);
  });

  test('is gone from files and answers of home and follower once it is erased', async () => {
    for (const [by, object] of said.author) {
      // Bob is banned by now: that keeps nobody from erasing what is theirs.
      await by.delete(object);
    }
    for (const name of said.operator) await erase(home, name);
    for (const node of [home, follower]) {
      await expect.poll(() => filesWith(node), place).toEqual([]);
    }
    const objects = [...said.author.map(([, name]) => name), ...said.operator]
      .filter((name) => name.startsWith('ni:'))
      .map((name) => `/.well-known/ni/sha-256/${idsOf(name)}`);
    for (const node of [home, follower]) {
      const answers = await answersOf(node, objects);
      expect(answers.split('\n').filter((line) => line.includes(MARKER))).toEqual([]);
      for (const path of objects) if (node === home) expect(answers).toContain(`${path} 410`);
    }
    for (const at of [home, follower]) expect(await readsOf(client(at))).not.toContain(MARKER);
  });

  test('and what it did is as it was, on nodes that come later too', async () => {
    const late = await startNodeProcess(join(folder, 'c'));
    try {
      expect((await admin(late, 'follow', `${home.origin}/m/tidepool`)).code).toBe(0);
      for (const node of [home, follower, late]) {
        const reader = client(node);
        await expect
          .poll(async () => (await reader.read.submolt(idOf(submolt))).log.size, place)
          .toBe((await ada.read.submolt('tidepool')).log.size);
        const { display_name, description } = await reader.read.submolt(idOf(submolt));
        expect({ display_name, description }).toEqual({
          display_name: 'tidepool',
          description: '',
        });
        const { posts } = await reader.read.posts();
        expect(
          posts.map(({ title, is_removed, is_locked }) => [title, is_removed, is_locked]),
        ).toEqual([['Stays', false, false]]);
        expect((await admin(node, 'doctor')).out).toContain('HEALTHY');
      }
      const back = { audience: submolt, type: 'Create', object: { type: 'Article', name: 'x' } };
      await expect(say(bob, back)).rejects.toMatchObject({ code: 'banned' });
      expect(filesWith(late)).toEqual([]);
    } finally {
      await late.stop();
    }
  });

  test('archives of both logs, of home and follower, verify and count it', async () => {
    const log = await archiveCode(home, idOf(submolt));
    expect(log).toMatchObject({ code: 0, findings: [] });
    expect(log.erasures).toMatchObject({ author: 6, legal: 12 });
    expect(await archiveCode(follower, idOf(submolt))).toEqual(log);
    const system = await archiveCode(home, 'system');
    expect(system).toMatchObject({ code: 0, findings: [], erasures: { author: 0, legal: 6 } });
  });

  test('the founding goes from this node; its log goes on for those that have it', async () => {
    const named = client(home);
    const object = { type: 'Group', preferredUsername: 'zzyzx', name: MARKER, summary: MARKER };
    const did = (await (await fetch(`${home.origin}/.well-known/exuvia`)).json()) as {
      did: string;
    };
    const founding = await say(named, { type: 'Create', target: did.did, object });
    expect((await admin(follower, 'follow', `${home.origin}/m/zzyzx`)).code).toBe(0);
    const copy = `${follower.origin}/.well-known/ni/sha-256/${idOf(founding)}`;
    await expect.poll(async () => (await fetch(copy)).status, place).toBe(200);
    // By the system log it may be there before its own log is, and that log nobody gets without it.
    const reader = client(follower);
    const size = async () =>
      (await reader.read.submolt(idOf(founding)).catch(() => null))?.log.size ?? 0;
    await expect.poll(size, place).toBe(1);
    await erase(home, founding);
    await expect.poll(() => filesWith(home), place).toEqual([]);
    expect(await answersOf(home, [])).not.toContain(MARKER);
    expect((await fetch(`${home.origin}/m/zzyzx`)).status).toBe(404);
    await say(named, {
      audience: founding,
      type: 'Create',
      object: { type: 'Article', name: 'On' },
    });
    await expect.poll(async () => (await reader.read.posts()).posts[0]?.title, place).toBe('On');
    expect((await admin(home, 'doctor')).out).toContain('HEALTHY');
    await erase(follower, founding);
    await expect.poll(() => filesWith(follower), place).toEqual([]);
    expect((await archiveCode(home, 'system')).code).toBe(0);
    expect((await archiveCode(home, idOf(founding))).code).toBe(22);
  });
});
