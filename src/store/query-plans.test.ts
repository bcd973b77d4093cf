// Every statement that a node runs while it works: none walks through a whole table.
import { expect, test } from 'vitest';
import { delegation } from '../../test/delegations.ts';
import { comment, group, post } from '../../test/drafts.ts';
import { fill } from '../../test/fill-search.ts';
import { expectNoScans, recorded } from '../../test/query-scans.ts';
import { catchUp, follow } from '../../test/replica.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import { live, steadyPeople } from '../../test/world.ts';
import { enrol, noteAgreement, withdraw } from '../commands/enrol.ts';
import { markRead } from '../commands/mark-read.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { hashOf } from '../protocol/object-name.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { endOf } from './arrivals.ts';
import type { Statement } from './database.ts';
import {
  insertForeignFollower,
  insertSeen,
  raiseCursors,
  selectFollowing,
  selectSeen,
  setAccepted,
  setCursor,
} from './foreign-followers.ts';
import { getActivityStatus, readObject } from './queries/activity-status.ts';
import { findAddressees } from './queries/addressees.ts';
import { getAgent } from './queries/agents.ts';
import {
  findChanges,
  findUntoldChanges,
  listChanges,
  listUntold,
} from './queries/announcements.ts';
import { findNewestPlace, findPlace } from './queries/arrival-places.ts';
import { readArrivals } from './queries/arrivals.ts';
import { comparePosts } from './queries/compared-posts.ts';
import { getDelegation, listDelegations } from './queries/delegations.ts';
import { findEnrolment } from './queries/enrolments.ts';
import { getFeed } from './queries/feed.ts';
import { listFollows } from './queries/follows.ts';
import {
  countForeignFollowers,
  findFollowed,
  isDenied,
  isForeignFollower,
  listLaggingInboxes,
  listWaitingFollowers,
} from './queries/foreign-followers.ts';
import { getHome } from './queries/home.ts';
import {
  findAround,
  findEndOfActs,
  findHomeAct,
  findHomeActAt,
  findHomeItem,
  listPinned,
} from './queries/home-acts.ts';
import {
  findDidLog,
  findIdentity,
  listKnownSubjects,
  listStated,
  listStatements,
} from './queries/identities.ts';
import { findLog, proofReader, readTile } from './queries/logs.ts';
import { listModerators } from './queries/moderators.ts';
import { listNamedAgents } from './queries/named-agents.ts';
import { listNodeBans } from './queries/node-bans.ts';
import { findNotifications, listNotifications } from './queries/notifications.ts';
import {
  findFollower,
  findPeer,
  findPeers,
  findSource,
  listWaitedFor,
  listWaiting,
} from './queries/peers.ts';
import { getPost, listPosts } from './queries/posts.ts';
import { searchTexts } from './queries/search.ts';
import { findPostSpan, listPostPages } from './queries/sitemap.ts';
import { getStandingTowards, getStandingTowardsAgent } from './queries/standing.ts';
import {
  findSubmoltNumber,
  findThreadNumber,
  readFollowing,
  readStreamItems,
  readVoteCounts,
} from './queries/stream-items.ts';
import { getSubmolt, listSubmolts } from './queries/submolts.ts';
import { getComment, getThread } from './queries/threads.ts';

test('writing and replicating', { timeout: 60_000 }, async () => {
  const home = await Sandbox.open('a');
  const replica = await Sandbox.open('b', { clock: home.clock });
  const seen = new Map<string, Statement>();
  for (const node of [home, replica]) {
    Object.assign(node.context, { db: recorded(node.db, seen) });
  }
  const people = [...steadyPeople(4), new ShiftingAgent('cyd'), new ShiftingAgent('dot')];
  const { submolts } = await live(home, 5, 200, people);
  for (const submolt of submolts) {
    await catchUp(replica, home, await follow(replica, home, submolt));
  }
  const bob = new Agent('bob');
  await replica.submit(bob, post(submolts[0]!, 'for the other node'));
  for (const node of [home, replica]) await fill(node.context.db);
  expect(seen.size).toBeGreaterThan(60);
  expectNoScans(home, seen);
  await home.close();
  await replica.close();
});

test('reading', { timeout: 60_000 }, async () => {
  const node = await Sandbox.open('a');
  const seen = new Map<string, Statement>();
  const ada = new Agent('ada');
  const submolt = await node.accept(ada, group('general'));
  const thread = await node.accept(ada, post(submolt, 'One'));
  const reply = await node.accept(ada, comment(submolt, thread, 'reply'));
  await live(node, 6, 150);
  const db = recorded(node.db, seen);
  const page = { limit: 2 };
  for (const sort of ['hot', 'new', 'top'] as const) {
    const { next_cursor } = await listPosts(db, { ...page, sort });
    await listPosts(db, { ...page, sort, cursor: next_cursor ?? '' });
    await listPosts(db, { ...page, sort, submolt });
    await listPosts(db, { ...page, sort, author: ada.did });
    await listPosts(db, { ...page, sort, author: ada.did, submolt });
    for (const filter of ['all', 'following'] as const) {
      await getFeed(db, ada.did, { ...page, sort, filter });
    }
  }
  for (const order of ['rising', 'hour', 'year'] as const) {
    const compared = { ...page, order, now: node.clock.now };
    await comparePosts(db, compared);
    await comparePosts(db, { ...compared, submolt });
    await comparePosts(db, { ...compared, author: ada.did });
    await comparePosts(db, { ...compared, author: ada.did, submolt });
    for (const filter of ['all', 'following'] as const) {
      await comparePosts(db, { ...compared, feed: { of: ada.did, filter } });
    }
  }
  for (const sort of ['best', 'new', 'old', 'controversial'] as const)
    await getThread(db, thread, { ...page, sort });
  for (const sort of ['popular', 'new'] as const) await listSubmolts(db, { ...page, sort });
  for (const ref of ['general', 'general@a.test', submolt]) await getSubmolt(db, ref);
  await getPost(db, thread);
  await getComment(db, reply);
  await getAgent(db, ada.did, 0);
  for (const unread of [true, false]) {
    const { next_cursor } = await listNotifications(db, ada.did, { limit: 1, unread, now: 0 });
    const cursor = next_cursor ?? undefined;
    await listNotifications(db, ada.did, { limit: 1, unread, cursor, now: 0 });
  }
  await getHome(db, ada.did, 0);
  for (const side of ['followers', 'following'] as const) {
    await listFollows(db, side, ada.did, { limit: 1 });
  }
  await getActivityStatus(db, thread);
  await readObject(db, hashOf(thread));
  const log = await findLog(db, `a.test/log/${submolt.split(';')[1]}`);
  await proofReader(db, log!, 2, crypto)(0, 1);
  await readTile(db, log!, 2, { level: 'entries', index: 0, width: 2 }, crypto);
  await findPeer(db, ada.did);
  await findPeers(db, [ada.did]);
  await findFollower(db, 'a.test/log/system', ada.did);
  await findSource(db, 'a.test/log/system');
  await listWaiting(db, ada.did, 64);
  await listWaitedFor(db);
  await findChanges(db, 0);
  await findUntoldChanges(db);
  await listChanges(db, 1, 64);
  await listUntold(db, 1, { failures: 5, since: 0 }, 64);
  const place = (await findNewestPlace(db))!.place;
  await findPlace(db, place);
  const arrivals = await readArrivals(db, endOf(0), 100);
  const items = arrivals.flatMap(({ item }) => item?.object ?? []);
  expect(items.length).toBeGreaterThan(10);
  await findAddressees(db, arrivals);
  await findNotifications(
    db,
    ada.did,
    arrivals.map(({ object }) => object),
    1,
  );
  await readStreamItems(db, items);
  await readVoteCounts(db, items);
  await readFollowing(db, ada.did);
  await findSubmoltNumber(db, submolt);
  await findThreadNumber(db, reply);
  await findPostSpan(db);
  await listPostPages(db, { start: 0, end: Number.MAX_SAFE_INTEGER, limit: 10 });
  const { subject } = new ShiftingAgent('cyd');
  const home = node.context.node.did;
  const given = await node.accept(ada, delegation(new Agent('bob').did));
  await getDelegation(db, given, home);
  await listDelegations(db, ada.did, home, 10);
  await listNodeBans(db, null, 10);
  await listNodeBans(db, ada.did, 10);
  await listModerators(db, submolt, 10);
  await getStandingTowards(db, ada.did, thread, 0);
  await getStandingTowardsAgent(db, ada.did, new Agent('bob').did);
  for (const host of [undefined, 'a.test', 'b.test']) {
    await listNamedAgents(db, { name: 'Ada', host, limit: 10 }, 'a.test');
  }
  await findIdentity(db, subject, home);
  await findDidLog(db, subject, home);
  await listKnownSubjects(db, [subject], home);
  await listStatements(db, [subject], home);
  await listStated(db, log!, [subject]);
  await fill(node.db);
  for (const type of ['all', 'posts', 'comments', 'agents', 'submolts'] as const) {
    const query = { q: 'post comment name one', type, limit: 2, now: 0 };
    const { next_cursor } = await searchTexts(db, query);
    await searchTexts(db, { ...query, submolt, cursor: undefined });
    if (next_cursor !== null) await searchTexts(db, { ...query, cursor: next_cursor });
  }
  expect(seen.size).toBeGreaterThan(30);
  expectNoScans(node, seen);
  await node.close();
});

test('marks of what was read', async () => {
  const node = await Sandbox.open();
  const seen = new Map<string, Statement>();
  Object.assign(node.context, { db: recorded(node.db, seen) });
  const ada = new Agent('ada');
  const submolt = await node.accept(ada, group('general'));
  const thread = await node.accept(ada, post(submolt, 'One'));
  await node.accept(new Agent('bob'), comment(submolt, thread, 'reply'));
  const caller = { did: ada.did, nonce: null, nonceExpires: 0 };
  for (const [of, until] of [
    [thread, null],
    [null, thread],
  ] as const) {
    await markRead(node.context, node.sequencer, { post: of, until }, caller);
  }
  expectNoScans(node, seen);
  await node.close();
});

test('what ActivityPub software is shown and told', async () => {
  const node = await Sandbox.open('a');
  const seen = new Map<string, Statement>();
  const ada = new Agent('ada');
  const submolt = await node.accept(ada, group('general'));
  const thread = await node.accept(ada, post(submolt, 'One'));
  const db = recorded(node.db, seen);
  const { id } = (await findLog(db, `a.test/log/${submolt.split(';')[1]}`))!;
  const [actor, follow] = ['https://x.example/u/1', 'https://x.example/f/1'];
  const inbox = `${actor}/inbox`;
  const followed = { submolt, actor, host: 'x.example', inbox, answerTo: inbox, follow };
  // What is dropped with a follower that goes is looked for among all inboxes: there are as many as hosts.
  await node.db.batch('write', insertForeignFollower(followed, 0));
  await findHomeAct(db, thread);
  await findHomeActAt(db, id, 0);
  expect(await findEndOfActs(db, id, 0)).toBe(2);
  await findAround(db, { items: [thread], undone: [thread], delegations: [thread] });
  await findHomeItem(db, thread);
  await listPinned(db, submolt);
  const [waiting] = await listWaitingFollowers(db, 10);
  await db.batch('write', [setAccepted(waiting!), setCursor(id, waiting!.inbox.id, 1)]);
  expect(await listLaggingInboxes(db, id, 3)).toHaveLength(1);
  expect(await countForeignFollowers(db, submolt)).toBe(1);
  expect(await isForeignFollower(db, actor)).toBe(true);
  expect(await findFollowed(db, actor, follow)).toBe(submolt);
  await isDenied(db, ['x.example', 'example']);
  const hash = new Uint8Array(32);
  const more = [selectFollowing(submolt, 'x.example', actor), selectSeen(hash)];
  await db.batch('write', [...more, ...insertSeen(hash, 1, 0), raiseCursors(id, 2)]);
  expectNoScans(node, seen);
  await node.close();
});

test('enrolled keys', async () => {
  const node = await Sandbox.open();
  const seen = new Map<string, Statement>();
  Object.assign(node.context, { db: recorded(node.db, seen) });
  const { context, sequencer } = node;
  const publicKey = crypto.publicKeyOf(new Agent('ada').seed);
  const keyid = jwkThumbprint(publicKey, crypto);
  const did = parseDid('did:web:ada.example') as Did;
  const pair = { url: 'https://ada.example/jwks.json', keyid };
  const lists = { published: [keyid], listed: [keyid] };
  await enrol(
    context,
    sequencer,
    { ...pair, did, publicKey, verificationMethod: 'x', ...lists },
    null,
  );
  await noteAgreement(context, sequencer, pair, true);
  await findEnrolment(context.db, pair.url, keyid);
  await withdraw(context, sequencer, pair, null);
  expect(seen.size).toBeGreaterThan(8);
  expectNoScans(node, seen);
  await node.close();
});
