// The counts of a node against a recount of the signed objects in exported archives, by rules of its own.
import { expect, test } from 'vitest';
import { crypto, Sandbox } from '../../../test/sandbox.ts';
import { live, steadyPeople } from '../../../test/world.ts';
import { readContextFiles } from '../../context-files.ts';
import { writeArchive } from '../../log/archive.ts';
import { type Did, subjectOf } from '../../protocol/did.ts';
import { canonicalize } from '../../protocol/jcs.ts';
import { idOf, nameFromId, nameOf, type ObjectName } from '../../protocol/object-name.ts';
import { archiveSource, readKeyStatement } from './archive.ts';
import { listLogs } from './logs.ts';
import { countStats } from './stats.ts';

interface Line {
  readonly i: number;
  readonly o?: { readonly [member: string]: never } & Signed;
  readonly n?: string;
}
interface Signed {
  readonly actor: Did;
  readonly type: string;
  readonly object: unknown;
  readonly instrument?: unknown;
  readonly origin?: unknown;
  readonly target?: unknown;
}

/** The lines of `objects/*.ndjson`, which are the only ones in an archive that begin so. */
async function linesOf(node: Sandbox, origin: string): Promise<Line[]> {
  const keyStatement = await readKeyStatement(node.db, node.context.node.did);
  const contexts = await readContextFiles();
  const surroundings = { createdAt: '2026-11-21T00:00:00Z', contexts, didDocuments: [] };
  const source = await archiveSource(
    node.db,
    origin,
    { ...surroundings, keyStatement: keyStatement ?? expect.fail() },
    crypto,
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeArchive(source ?? expect.fail(origin), crypto)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  // A header of a member, which has no end of line, may stand before its first.
  return [...text.matchAll(/\{(?:"[a-h]\w*":(?:"[^"]*"|\d+|null),)*"i":\d+,.*\}$/gm)].map(
    ([line]) => JSON.parse(line),
  );
}

/** Follows the acts in their order. Erased posts and comments do not stand, and an erased act of another kind has no effect on them. */
function recount(lines: readonly Line[]) {
  const items = new Map<ObjectName, { post: boolean; removed: boolean }>();
  const votes = new Set<ObjectName>();
  const agents = new Set<string>();
  for (const { o } of lines) {
    if (o === undefined) continue;
    const name = nameOf(canonicalize(o), crypto);
    const gesture = ['Create', 'Like', 'Dislike', 'Follow', 'Update', 'Flag'].includes(o.type);
    if (gesture && o.instrument === undefined) agents.add(subjectOf(o.actor));
    const object = o.object as ObjectName;
    const item = items.get(object);
    if (o.type === 'Create' && typeof o.object === 'object' && o.object !== null) {
      const { type } = o.object as { type: string };
      if (type !== 'Group') items.set(name, { post: type === 'Article', removed: false });
    } else if (o.type === 'Delete') items.delete(object);
    else if (o.type === 'Like' || o.type === 'Dislike') votes.add(name);
    else if (o.type === 'Undo') votes.delete(object);
    else if (o.type === 'Remove' && o.origin !== undefined && item) item.removed = true;
    else if (o.type === 'Add' && nameFromId(idOf(o.target as ObjectName)) && item) {
      if (String(o.target).startsWith('ni:')) item.removed = false;
    }
  }
  const standing = [...items.values()].filter(({ removed }) => !removed);
  const posts = standing.filter(({ post }) => post).length;
  return { posts, comments: standing.length - posts, votes: votes.size, agents };
}

test.each([2, 9])(
  'equal a recount from archives of the logs, seed %i',
  { timeout: 60_000 },
  async (seed) => {
    const node = await Sandbox.open('a');
    const { submolts } = await live(node, seed, 220, steadyPeople(5));
    const logs = await listLogs(node.db);
    const counts = { posts: 0, comments: 0, votes: 0 };
    const agents = new Set<string>();
    let entries = 0;
    for (const { origin, size, submolt } of logs) {
      const lines = await linesOf(node, origin);
      expect(lines).toHaveLength(size);
      entries += size;
      const found = recount(lines);
      for (const agent of found.agents) agents.add(agent);
      if (submolt === null) continue;
      for (const key of ['posts', 'comments', 'votes'] as const) counts[key] += found[key];
    }
    const stats = await countStats(node.db, node.clock.now);
    expect(stats).toMatchObject({
      ...counts,
      entries,
      logs: logs.length,
      submolts: submolts.length,
    });
    expect(stats.home).toEqual({ ...counts, submolts: submolts.length });
    expect(counts.posts + counts.comments + counts.votes).toBeGreaterThan(20);
    expect(stats.agents).toBe(agents.size);
    expect(stats.keys).toBe(stats.agents);
    await node.close();
  },
);
