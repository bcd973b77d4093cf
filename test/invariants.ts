// What must hold in every database of a node, whatever has happened to it: for tests to check after each step.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logVerifiers } from '../src/commands/log-keys.ts';
import { openCheckpoint } from '../src/log/checkpoint.ts';
import { commitment } from '../src/log/entry.ts';
import { Frontier, leafHash } from '../src/log/merkle.ts';
import { TILE_WIDTH, tilesOf } from '../src/log/tile.ts';
import { concatBytes, equalBytes, toHex } from '../src/protocol/bytes.ts';
import type { Crypto } from '../src/protocol/crypto.ts';
import { type Did, didMethod, subjectOf } from '../src/protocol/did.ts';
import { keysFor } from '../src/protocol/did-document.ts';
import { type DidLog, extendsDidLog, verifyDidLog } from '../src/protocol/did-log.ts';
import { DID_LOGS } from '../src/protocol/labels.ts';
import { didKeyResolver, type KeyResolver, verifyObjectBytes } from '../src/protocol/object.ts';
import { type Database, integer, type Row, type Value } from '../src/store/database.ts';
import { derivedRows } from '../src/store/derived-digest.ts';
import { lineOf, readEntry, selectEntries } from '../src/store/entries.ts';
import { FileDatabase } from '../src/store/file-database.ts';
import { isHeld, listHolds } from '../src/store/holds.ts';
import type { LogHead } from '../src/store/logs.ts';
import { migrate } from '../src/store/migrate.ts';
import { readLeaves } from '../src/store/queries/bodies.ts';
import { listLogs, readTile } from '../src/store/queries/logs.ts';
import { DERIVED_TABLES, rebuildDerived } from '../src/store/rebuild.ts';

/**
 * Throws an Error naming the first thing that does not hold: every object verifies from its stored bytes, each
 * commitment opens, each root recomputes from stored entries and is the one signed, tiles are what they should be,
 * nothing is in a log twice, did:webvh authors
 * have stated the key in that very log before, no reference dangles, and derived rows are those a rebuild makes. Authors must be did:key
 * unless `resolveKey` knows better.
 */
export async function checkInvariants(
  db: Database,
  crypto: Crypto,
  resolveKey: KeyResolver = didKeyResolver,
): Promise<void> {
  for (const log of await listLogs(db)) {
    await checkTree(db, log, crypto);
    await checkBodies(db, log, crypto, resolveKey);
  }
  await checkRows(db);
  await checkDerived(db);
}

function hold(condition: boolean, what: string): void {
  if (!condition) throw new Error(`invariant broken: ${what}`);
}

async function rowsOf(db: Database, sql: string, args: readonly Value[] = []): Promise<Row[]> {
  const [rows = []] = await db.batch('read', [{ sql, args }]);
  return rows;
}

async function checkTree(db: Database, log: LogHead, crypto: Crypto): Promise<void> {
  const { origin } = log;
  const [rows = []] = await db.batch('read', [selectEntries(log.id, 0, Number.MAX_SAFE_INTEGER)]);
  const entries = rows.map(readEntry);
  hold(entries.length === log.size, `${origin}: ${entries.length} entries, size ${log.size}`);
  const frontier = new Frontier(crypto);
  const leaves: Uint8Array[] = [];
  const nodes = new Map<string, Uint8Array>();
  let signedRoot = frontier.root();
  let lastT = 0;
  for (const [i, entry] of entries.entries()) {
    hold(entry.index === i, `${origin}: entry ${i} is missing`);
    hold(entry.t >= lastT, `${origin}: time runs backwards at ${i}`);
    lastT = entry.t;
    const leaf = leafHash(lineOf(entry), crypto);
    leaves.push(leaf);
    frontier.append(leaf, (level, index, hash) => nodes.set(`${level} ${index}`, hash));
    if (frontier.size === log.signedSize) signedRoot = frontier.root();
  }
  hold(log.lastT === lastT, `${origin}: last time ${log.lastT}, not ${lastT}`);
  hold(equalBytes(frontier.root(), log.root), `${origin}: root`);
  hold(equalBytes(frontier.bytes(), log.frontier), `${origin}: frontier`);
  const isHeldHere = log.isHome && isHeld(await listHolds(db), origin);
  if (log.isHome && !isHeldHere) hold(log.signedSize === log.size, `${origin}: unsigned entries`);
  if (log.checkpoint !== null) {
    const verifiers = await logVerifiers({ db, crypto }, log);
    const opened = await openCheckpoint(log.checkpoint, verifiers, crypto, origin);
    hold(opened.ok, `${origin}: checkpoint signature`);
    if (opened.ok) {
      hold(opened.checkpoint.size === log.signedSize, `${origin}: checkpoint size`);
      hold(equalBytes(opened.checkpoint.root, signedRoot), `${origin}: checkpoint root`);
    }
  }
  let full = 0;
  for (const { level, index, width } of tilesOf(log.size)) {
    const hashes = Array.from({ length: width }, (_, i) => {
      const at = index * TILE_WIDTH + i;
      return (level === 0 ? leaves[at] : nodes.get(`${level * 8} ${at}`)) as Uint8Array;
    });
    const tile = await readTile(db, log, log.size, { level, index, width }, crypto);
    const same = tile !== null && equalBytes(tile, concatBytes(...hashes));
    hold(same, `${origin}: tile ${level}/${index}.p/${width}`);
    if (level > 0 || width === TILE_WIDTH) full += 1;
  }
  const [count] = await rowsOf(db, 'SELECT count(*) FROM tiles WHERE log = ?', [integer(log.id)]);
  hold(count?.[0] === full, `${origin}: ${count?.[0]} tile rows, not ${full}`);
}

async function checkBodies(
  db: Database,
  log: LogHead,
  crypto: Crypto,
  resolveKey: KeyResolver,
): Promise<void> {
  const names = new Set<string>();
  const stated = createKeysByPosition(crypto, resolveKey);
  for (let start = 0; start < log.size; start += 256) {
    for (const { body, index, line } of await readLeaves(db, log, start, start + 256)) {
      const where = `${log.origin} entry ${index}`;
      hold(!names.has(body.name), `${where}: ${body.name} is in the log twice`);
      names.add(body.name);
      if (body.erased && body.by === null) {
        const founding = body.name === log.submolt;
        hold(
          body.withdrawal !== null && (founding || !log.isHome),
          `${where}: withdrawn at its home`,
        );
        continue;
      }
      if (body.erased) {
        // A replica, or a log that is to be recovered, may have heard of an erasure before the Delete that demands it.
        const by = body.by as number;
        const within = by < log.size || !log.isHome || isHeld(await listHolds(db), log.origin);
        hold(by > index && within, `${where}: erased by ${by}`);
        const isCreate = new TextDecoder().decode(line).includes('"k":"Create"');
        const left = body.author !== null || body.remains !== null;
        hold(!isCreate || left, `${where}: an erased Create without its skeleton`);
        continue;
      }
      const verdict = await verifyObjectBytes(body.bytes, { crypto, resolveKey: stated });
      hold(verdict.ok, `${where}: ${verdict.ok ? '' : verdict.detail}`);
      if (verdict.ok) hold(verdict.object.name === body.name, `${where}: another name`);
      const entry = commitment(body.salt, body.bytes, crypto);
      const line64 = Buffer.from(entry).toString('base64url');
      hold(new TextDecoder().decode(line).includes(line64), `${where}: commitment`);
    }
  }
}

/** Keys of did:webvh authors as the log has stated them so far; it is asked in the order of the log. */
function createKeysByPosition(crypto: Crypto, others: KeyResolver): KeyResolver {
  const stated = new Map<Did, DidLog>();
  return async (did, verificationMethod, activity) => {
    if (didMethod(did) !== 'webvh') return others(did, verificationMethod, activity);
    const before = stated.get(subjectOf(did));
    if (activity?.type === 'Add' && activity.target === DID_LOGS) {
      const { attachment, content = '' } = activity;
      const verdict = await verifyDidLog(content, {
        crypto,
        witnesses: attachment?.content ?? null,
      });
      hold(verdict.ok, `a DID log of ${did} that does not verify`);
      if (!verdict.ok) throw new Error(verdict.detail);
      const last = before?.versions.at(-1);
      hold(last === undefined || extendsDidLog(verdict.log, last), `a fork of ${did}`);
      stated.set(subjectOf(did), verdict.log);
    }
    const log = stated.get(subjectOf(did));
    hold(log !== undefined, `an act of ${did} before its DID log`);
    const listed = keysFor(log?.versions.at(-1)?.document, did, 'assertionMethod');
    const key = listed.ok && listed.keys.find(({ id }) => id === verificationMethod);
    if (key) return { ok: true, publicKey: key.publicKey };
    return { ok: false, reason: 'key_not_found', detail: verificationMethod, retryable: false };
  };
}

async function checkRows(db: Database): Promise<void> {
  const dangling = await rowsOf(db, 'SELECT "table", rowid, parent FROM pragma_foreign_key_check');
  hold(dangling.length === 0, `dangling references: ${JSON.stringify(dangling.slice(0, 3))}`);
  const [health] = await rowsOf(db, 'SELECT integrity_check FROM pragma_integrity_check');
  hold(health?.[0] === 'ok', `integrity_check: ${health?.[0]}`);
  const [state] = await rowsOf(db, 'SELECT count(*), max(rebuilding) FROM node');
  hold(state?.[0] === 1 && state[1] === 0, 'the node row');
  const erased = await rowsOf(
    db,
    `SELECT o.hash FROM entries AS e JOIN objects AS o ON o.id = e.object
WHERE e.erased_by IS NOT NULL AND o.bytes IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS n WHERE n.object = o.id AND n.salt IS NOT NULL)`,
  );
  hold(erased.length === 0, 'an erased body has its bytes');
  const waiting = await rowsOf(
    db,
    'SELECT p.hash FROM pending AS p JOIN objects AS o ON o.hash = p.hash JOIN entries AS e ON e.object = o.id',
  );
  hold(waiting.length === 0, 'a logged object still waits');
}

/** Rebuilds a copy and compares, table by table. */
async function checkDerived(db: Database): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'exuvia-copy-'));
  const copy = new FileDatabase(join(folder, 'copy.db'));
  try {
    await migrate(copy, () => 0);
    await copyTables(db, copy);
    const before = await derivedRows(copy);
    await rebuildDerived(copy);
    const after = await derivedRows(copy);
    for (const [table, rows] of Object.entries(before)) {
      const rebuilt = new Set(after[table]);
      const stored = new Set(rows);
      const missing = [...rebuilt].filter((row) => !stored.has(row));
      const surplus = rows.filter((row) => !rebuilt.has(row));
      const difference = JSON.stringify({
        missing: missing.slice(0, 2),
        surplus: surplus.slice(0, 2),
      });
      hold(
        missing.length + surplus.length === 0,
        `${table} is not what a rebuild makes: ${difference}`,
      );
    }
  } finally {
    await copy.close();
    rmSync(folder, { recursive: true });
  }
}

const NAMES = ['agents', 'objects', 'logs', 'entries', 'skeletons'];

async function copyTables(from: Database, to: Database): Promise<void> {
  for (const table of [...NAMES, ...DERIVED_TABLES]) {
    const rows = await rowsOf(from, `SELECT * FROM ${table}`);
    const values = (row: Row): Value[] =>
      row.map((cell) => (typeof cell === 'number' ? integer(cell) : cell));
    await to.batch(
      'write',
      rows.map((row) => ({
        sql: `INSERT INTO ${table} VALUES (${row.map(() => '?').join(', ')})`,
        args: values(row),
      })),
    );
  }
}

/** Every row of every table but the migrations', as text: equal dumps mean that nothing has changed. */
export async function dumpTables(db: Database): Promise<Record<string, string[]>> {
  const tables = await rowsOf(
    db,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('schema_migrations', 'search_index') ORDER BY name",
  );
  const dump: Record<string, string[]> = {};
  for (const [table] of tables) {
    const rows = await rowsOf(db, `SELECT * FROM ${table}`);
    dump[`${table}`] = rows.map((row) =>
      JSON.stringify(row.map((cell) => (cell instanceof Uint8Array ? toHex(cell) : cell))),
    );
  }
  return dump;
}
