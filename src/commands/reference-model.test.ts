// The store against the rules' own model in memory: the same acts, the same rows.
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../../test/invariants.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { crypto, Sandbox } from '../../test/sandbox.ts';
import { live, steadyPeople } from '../../test/world.ts';
import { apply } from '../domain/apply.ts';
import { NO_WORDS } from '../domain/item.ts';
import { emptyKeys } from '../domain/keys.ts';
import { MemoryRows } from '../domain/memory-rows.ts';
import { isDid } from '../domain/subject.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import { readActivity } from '../store/activity-bytes.ts';
import { loadRows } from '../store/load-rows.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { listLogs } from '../store/queries/logs.ts';
import { getPost, listPosts } from '../store/queries/posts.ts';
import { keyOf } from '../store/table.ts';

/** Replays all logs of which nothing was erased into the model. */
async function modelOf(node: Sandbox, seen: Map<ObjectName, Uint8Array>): Promise<MemoryRows> {
  const model = new MemoryRows();
  for (const log of await listLogs(node.db)) {
    for (const { body, line } of await readLeaves(node.db, log, 0, log.size)) {
      const bytes = body.erased ? seen.get(body.name) : body.bytes;
      if (bytes === undefined) throw new Error(`${body.name} was never seen`);
      const activity = readActivity(bytes, body.name);
      const { t } = JSON.parse(decodeUtf8(line));
      const place = { log: log.submolt ?? ('system' as const), node: log.home, t };
      apply(model.open(log.home), { activity, name: body.name }, place);
    }
  }
  return model;
}

describe.each([1, 2, 3, 4])('after the random acts of seed %d', (seed) => {
  test('the stored rows are those of the model', { timeout: 60_000 }, async () => {
    const node = await Sandbox.open();
    const seen = new Map<ObjectName, Uint8Array>();
    const { send } = node;
    node.send = (object, ...rest) => {
      seen.set(object.name, object.bytes);
      return send.call(node, object, ...rest);
    };
    const shifting = [new ShiftingAgent('cyd'), new ShiftingAgent('dot')];
    const { accepted } = await live(node, seed, 400, [...steadyPeople(4), ...shifting]);
    expect(accepted).toBeGreaterThan(150);
    const dump = (await modelOf(node, seen)).dump();
    const keys = emptyKeys();
    for (const row of dump.submolts) keys.submolts.add(row.name);
    for (const row of dump.items) keys.items.add(row.name);
    for (const row of dump.acts) keys.acts.add(row.name);
    for (const row of dump.votes) keys.votes.push([row.agent, row.item]);
    for (const row of dump.memberships) keys.memberships.push([row.agent, row.submolt]);
    for (const row of dump.profiles) keys.profiles.add(row.agent);
    for (const row of dump.follows) keys.follows.push([row.follower, row.followed]);
    for (const row of dump.labels) keys.labels.push([row.submolt, row.object, row.label]);
    for (const row of dump.identities) keys.identities.add(row.agent);
    for (const row of dump.identityPlaces) keys.identityPlaces.push([row.agent, row.submolt]);
    for (const row of dump.owners) keys.ownerships.add(row.credential);
    for (const row of dump.delegations) keys.delegations.add(row.name);
    for (const row of dump.delegationPlaces)
      keys.delegationPlaces.push([row.delegation, row.submolt]);
    const home = node.context.node.did;
    const { rows } = await loadRows(node.db, { node: home, keys, names: [] });
    for (const row of dump.submolts) expect(rows.submolt(row.name)).toEqual(row);
    for (const row of dump.items)
      expect(rows.item(row.name)).toEqual({ ...row, ...NO_WORDS, mediaType: '' });
    for (const row of dump.acts) expect(rows.act(row.name)).toEqual(row);
    for (const row of dump.votes) expect(rows.vote(row.agent, row.item)).toEqual(row);
    for (const row of dump.profiles) expect(rows.profile(row.agent)).toEqual(row);
    for (const row of dump.follows) expect(rows.follow(row.follower, row.followed)).toEqual(row);
    for (const row of dump.labels)
      expect(rows.labels.get(keyOf(row.submolt, row.object, row.label))).toEqual(row);
    for (const row of dump.identities) expect(rows.identity(row.agent)).toEqual(row);
    for (const row of dump.identityPlaces)
      expect(rows.identityPlace(row.agent, row.submolt)).toEqual(row);
    for (const row of dump.owners) expect(rows.ownership(row.credential)).toEqual(row);
    for (const row of dump.delegations) expect(rows.delegation(row.name)).toEqual(row);
    for (const row of dump.delegationStates)
      expect(rows.delegationState(row.delegation)).toEqual(row);
    for (const row of dump.delegationPlaces)
      expect(rows.delegationPlace(row.delegation, row.submolt)).toEqual(row);
    for (const row of dump.memberships)
      expect(rows.membership(row.agent, row.submolt)).toEqual(row);
    const counts = Object.entries(dump).filter(([table]) => table !== 'erased');
    const stored = await node.db.batch(
      'read',
      counts.map(([table]) => ({ sql: `SELECT count(*) FROM ${inSql(table)}`, args: [] })),
    );
    expect(stored.map((found) => found[0]?.[0])).toEqual(counts.map(([, list]) => list.length));
    await wordsAgree(node, dump.items);
    await noticesAgree(node, dump);
    expect(dump.items.some((item) => item.deleted)).toBe(true);
    expect(dump.items.some((item) => item.delegation !== null)).toBe(true);
    expect(dump.delegationStates.some((row) => row.revoked !== null)).toBe(true);
    await checkInvariants(node.db, crypto);
    await node.close();
  });
});

/** `identityPlaces` is the table `identity_places`. */
function inSql(table: string): string {
  return table.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** Who is told of what: rows that no rule asks for. */
async function noticesAgree(
  node: Sandbox,
  { mentions, notices }: ReturnType<MemoryRows['dump']>,
): Promise<void> {
  const [mentioned = [], told = []] = await node.db.batch('read', [
    {
      sql: `SELECT i.hash, m.did, o.hash FROM mentions AS m JOIN objects AS i ON i.id = m.item
JOIN objects AS o ON o.id = m.act`,
      args: [],
    },
    {
      sql: `SELECT b.hash, n.topic, a.did, o.hash, n.value FROM notices AS n JOIN objects AS b ON b.id = n.about
JOIN agents AS a ON a.id = n.agent JOIN objects AS o ON o.id = n.act`,
      args: [],
    },
  ]);
  const rows = (list: readonly (readonly unknown[])[]) =>
    list.map((row) => row.map((cell) => (cell instanceof Uint8Array ? nameFromHash(cell) : cell)));
  const sorted = (list: unknown[][]) => list.map(String).sort();
  expect(sorted(rows(mentioned))).toEqual(
    sorted(mentions.map(({ item, agent, act }) => [item, agent, act])),
  );
  expect(sorted(rows(told))).toEqual(
    sorted(notices.map((row) => [row.about, row.topic, row.agent, row.act, row.value])),
  );
  expect(mentions.length).toBeGreaterThan(0);
  expect(new Set(notices.map(({ topic }) => topic)).size).toBeGreaterThan(1);
}

/** Views show the words that the model says stand. */
async function wordsAgree(
  node: Sandbox,
  items: ReturnType<MemoryRows['dump']>['items'],
): Promise<void> {
  for (const item of items.filter(({ parent }) => parent === null)) {
    const shown = item.removed ? { ...item, ...NO_WORDS } : item;
    expect(await getPost(node.db, item.name)).toMatchObject({
      title: shown.title,
      content: shown.content,
      url: shown.url,
      upvotes: item.up,
      downvotes: item.down,
      comment_count: item.replies,
      is_removed: item.removed,
      is_deleted: item.deleted,
    });
  }
  const standing = items.filter((item) => item.parent === null && !item.removed && !item.deleted);
  const { posts } = await listPosts(node.db, { sort: 'new', limit: 1000 });
  expect(new Set(posts.map((view) => view.object))).toEqual(
    new Set(standing.map(({ name }) => name)),
  );
  expect(isDid(posts[0]?.did ?? '')).toBe(true);
}
