// One hash over everything derived, in names instead of numbers: equal on every node with the same logs.
import { createHash } from 'node:crypto';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import type { Cell, Database, Value } from './database.ts';

interface DigestedTable {
  readonly name: string;
  /** `?1` is the hash of the submolt, or null for all. */
  readonly sql: string;
  /** Of one node's system log, and left out when a single submolt is asked for. */
  readonly system?: true;
}

const OF_SUBMOLT = '(?1 IS NULL OR s.hash = ?1)';

const tables: readonly DigestedTable[] = [
  {
    name: 'acts',
    sql: `SELECT o.hash, c.kind, a.did, s.hash, t.hash, d.did FROM acts AS c
JOIN objects AS o ON o.id = c.object JOIN agents AS a ON a.id = c.actor LEFT JOIN objects AS s ON s.id = c.submolt
LEFT JOIN objects AS t ON t.id = c.on_object LEFT JOIN agents AS d ON d.id = c.on_agent
WHERE ${OF_SUBMOLT} ORDER BY 1`,
  },
  {
    name: 'delegation_places',
    sql: `SELECT o.hash, s.hash FROM delegation_places AS p
JOIN objects AS o ON o.id = p.object JOIN objects AS s ON s.id = p.submolt WHERE ${OF_SUBMOLT} ORDER BY 1, 2`,
  },
  {
    name: 'delegation_states',
    sql: `SELECT o.hash, n.did, r.hash FROM delegation_states AS d JOIN objects AS o ON o.id = d.object
JOIN agents AS n ON n.id = d.node LEFT JOIN objects AS r ON r.id = d.revoked WHERE ?1 IS NULL ORDER BY 1, 2`,
    system: true,
  },
  {
    name: 'delegations',
    sql: `SELECT o.hash, p.hash, g.did, e.did, a.did, d.depth, d.capability, d.key_id FROM delegations AS d
JOIN objects AS o ON o.id = d.object LEFT JOIN objects AS p ON p.id = d.parent JOIN agents AS g ON g.id = d.delegator
JOIN agents AS e ON e.id = d.delegate JOIN agents AS a ON a.id = d.principal
WHERE ?1 IS NULL OR EXISTS (SELECT 1 FROM delegation_places AS l JOIN objects AS s ON s.id = l.submolt
  WHERE l.object = d.object AND s.hash = ?1) ORDER BY 1`,
  },
  {
    name: 'follows',
    sql: `SELECT a.did, b.did, n.did, o.hash FROM follows AS f JOIN agents AS a ON a.id = f.follower
JOIN agents AS b ON b.id = f.followed JOIN agents AS n ON n.id = f.node LEFT JOIN objects AS o ON o.id = f.act
WHERE ?1 IS NULL ORDER BY 1, 2, 3`,
    system: true,
  },
  {
    name: 'identities',
    sql: `SELECT a.did, n.did, o.hash, i.did, i.version, i.version_id, i.keys, i.deactivated FROM identities AS i
JOIN agents AS a ON a.id = i.agent JOIN agents AS n ON n.id = i.node JOIN objects AS o ON o.id = i.statement
WHERE ?1 IS NULL ORDER BY 1, 2`,
    system: true,
  },
  {
    name: 'identity_places',
    sql: `SELECT a.did, s.hash, o.hash, i.did, i.version, i.version_id, i.keys, i.deactivated FROM identity_places AS i
JOIN agents AS a ON a.id = i.agent JOIN objects AS s ON s.id = i.submolt JOIN objects AS o ON o.id = i.statement
WHERE ${OF_SUBMOLT} ORDER BY 1, 2`,
  },
  {
    name: 'items',
    sql: `SELECT o.hash, s.hash, a.did, p.hash, r.hash, i.depth, i.created_at, i.updated_at, b.hash, i.up, i.down,
  i.score, i.hot, i.replies, i.locked, i.pinned, i.removed, i.deleted, d.hash, w.did FROM items AS i
JOIN objects AS o ON o.id = i.object JOIN objects AS s ON s.id = i.submolt JOIN agents AS a ON a.id = i.author
LEFT JOIN objects AS p ON p.id = i.parent JOIN objects AS r ON r.id = i.root JOIN objects AS b ON b.id = i.body
LEFT JOIN objects AS d ON d.id = i.delegation LEFT JOIN agents AS w ON w.id = i.answers
WHERE ${OF_SUBMOLT} ORDER BY 1`,
  },
  {
    name: 'labels',
    sql: `SELECT s.hash, l.subject, l.label, o.hash FROM labels AS l JOIN objects AS s ON s.id = l.submolt
LEFT JOIN objects AS o ON o.id = l.act WHERE ${OF_SUBMOLT} ORDER BY 1, 2, 3`,
  },
  {
    name: 'memberships',
    sql: `SELECT a.did, s.hash, m.role, f.hash, b.hash, m.banned_until, m.karma, m.posts, m.comments
FROM memberships AS m JOIN agents AS a ON a.id = m.agent JOIN objects AS s ON s.id = m.submolt
LEFT JOIN objects AS f ON f.id = m.subscription LEFT JOIN objects AS b ON b.id = m.ban
WHERE ${OF_SUBMOLT} ORDER BY 1, 2`,
  },
  {
    name: 'mentions',
    sql: `SELECT o.hash, m.did, c.hash FROM mentions AS m JOIN objects AS o ON o.id = m.item
JOIN items AS i ON i.object = m.item JOIN objects AS s ON s.id = i.submolt JOIN objects AS c ON c.id = m.act
WHERE ${OF_SUBMOLT} ORDER BY 1, 2`,
  },
  {
    name: 'node_bans',
    sql: `SELECT a.did, n.did, o.hash, b.until FROM node_bans AS b JOIN agents AS a ON a.id = b.agent
JOIN agents AS n ON n.id = b.node LEFT JOIN objects AS o ON o.id = b.act WHERE ?1 IS NULL ORDER BY 1, 2`,
    system: true,
  },
  {
    name: 'notices',
    sql: `SELECT o.hash, n.topic, a.did, c.hash, n.value FROM notices AS n JOIN objects AS o ON o.id = n.about
JOIN agents AS a ON a.id = n.agent JOIN objects AS c ON c.id = n.act
LEFT JOIN items AS i ON i.object = n.about LEFT JOIN objects AS s ON s.id = coalesce(i.submolt, n.about)
WHERE ${OF_SUBMOLT} ORDER BY 1, 2, 3`,
  },
  {
    name: 'owners',
    sql: `SELECT w.credential, n.did, a.did, w.owner, w.role, w.form, w.since, w.until, o.hash, e.hash FROM owners AS w
JOIN agents AS n ON n.id = w.node JOIN agents AS a ON a.id = w.agent JOIN objects AS o ON o.id = w.act
LEFT JOIN objects AS e ON e.id = w.ended WHERE ?1 IS NULL ORDER BY 1, 2`,
    system: true,
  },
  {
    name: 'profiles',
    sql: `SELECT a.did, n.did, p.title, p.summary, p.joined_at, p.updated_at FROM profiles AS p
JOIN agents AS a ON a.id = p.agent JOIN agents AS n ON n.id = p.node WHERE ?1 IS NULL ORDER BY 1, 2`,
    system: true,
  },
  {
    name: 'reports',
    sql: `SELECT o.hash, s.hash, a.did, r.subject, r.content, r.created_at FROM reports AS r
JOIN objects AS o ON o.id = r.act JOIN objects AS s ON s.id = r.submolt JOIN agents AS a ON a.id = r.reporter
WHERE ${OF_SUBMOLT} ORDER BY 1`,
  },
  {
    name: 'submolts',
    sql: `SELECT s.hash, m.slug, h.did, w.did, m.title, m.summary, b.hash, m.created_at, m.posts, m.pinned,
  m.subscribers, v.did FROM submolts AS m JOIN objects AS s ON s.id = m.object
JOIN objects AS b ON b.id = m.described_by JOIN agents AS h ON h.id = m.home
JOIN agents AS w ON w.id = m.owner LEFT JOIN agents AS v ON v.id = m.moved_to
WHERE ${OF_SUBMOLT} ORDER BY 1`,
  },
  {
    name: 'votes',
    sql: `SELECT o.hash, a.did, c.hash, v.value FROM votes AS v JOIN objects AS o ON o.id = v.item
JOIN items AS i ON i.object = v.item JOIN objects AS s ON s.id = i.submolt JOIN agents AS a ON a.id = v.agent
JOIN objects AS c ON c.id = v.act WHERE ${OF_SUBMOLT} ORDER BY 1, 2`,
  },
];

/** Derived rows by table, as `derivedDigest` hashes them: what to compare when two digests differ. */
export async function derivedRows(
  db: Database,
  submolt?: ObjectName,
): Promise<Record<string, string[]>> {
  const filter: Value = submolt === undefined ? null : hashOf(submolt);
  const asked = tables.filter((table) => submolt === undefined || !table.system);
  const results = await db.batch(
    'read',
    asked.map(({ sql }) => ({ sql, args: [filter] })),
  );
  return Object.fromEntries(
    asked.map(({ name }, i) => [
      name,
      (results[i] ?? []).map((row) => JSON.stringify(row.map(printed))),
    ]),
  );
}

/** SHA-256 in hex over all derived tables in name order, or over what is derived from one submolt's log. */
export async function derivedDigest(db: Database, submolt?: ObjectName): Promise<string> {
  const hash = createHash('sha256');
  for (const [table, rows] of Object.entries(await derivedRows(db, submolt))) {
    hash.update(`${table} ${rows.length}\n`);
    for (const row of rows) hash.update(`${row}\n`);
  }
  return hash.digest('hex');
}

function printed(cell: Cell): string | number | null {
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('base64url') : cell;
}
