// Checks rows that say by themselves, or by another row, whether they are whole: bytes that have a hash, keys that have a thumbprint.
import { openCheckpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { verifyEvidence } from '../log/evidence.ts';
import { peekKeys, verifyKeyChain } from '../log/key-chain.ts';
import { parseNote } from '../log/note.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { equalBytes, utf8 } from '../protocol/bytes.ts';
import { type Did, didMethod, parseDid, subjectOf } from '../protocol/did.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import { didKeyResolver } from '../protocol/object.ts';
import { nameFromHash } from '../protocol/object-name.ts';
import { decodeRemains } from '../protocol/remains.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import type { Cell, Row } from '../store/database.ts';
import { readLogKeys } from '../store/queries/archive.ts';
import { findUnlistedFault, LINE } from '../store/unlisted-erasures.ts';
import type { CommandContext } from './context.ts';
import { type Fault, fault } from './fault.ts';
import { digestKeys } from './keep-documents.ts';

type Context = Pick<CommandContext, 'db' | 'crypto'>;
type RowCheck = (row: Row, context: Context) => string | null | Promise<string | null>;

interface Rule {
  readonly table: string;
  /** First column: how the row is called. */
  readonly sql: string;
  readonly check: RowCheck;
}

const bytesOf = (cell: Cell | undefined) => (cell instanceof Uint8Array ? cell : new Uint8Array());
const ALWAYS = (problem: string) => () => problem;

const RULES: readonly Rule[] = [
  {
    table: 'agents',
    sql: 'SELECT id, did FROM agents',
    check: ([, did]) => (isSubject(`${did}`) ? null : `${did} is no DID`),
  },
  {
    table: 'objects',
    sql: `SELECT o.id, o.hash FROM objects AS o WHERE o.bytes IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.object = o.id AND e.salt IS NOT NULL)
AND NOT (EXISTS (SELECT 1 FROM withdrawals AS w WHERE w.act = o.id) AND EXISTS (SELECT 1 FROM holds))`,
    // Why something was withdrawn is known from the list of erasures before a held log has it back.
    check: ([, hash]) => `${nameFromHash(bytesOf(hash))} has bytes, and no entry commits to them`,
  },
  {
    table: 'pending',
    sql: 'SELECT id, hash, bytes, status FROM pending',
    check([, hash, bytes, status], { crypto }) {
      if (status === 'refused')
        return bytesOf(bytes).length === 0 ? null : 'what was refused stays';
      const isIts = equalBytes(crypto.sha256(bytesOf(bytes)), bytesOf(hash));
      return isIts ? null : 'its bytes have another hash';
    },
  },
  {
    table: 'peers',
    sql: `SELECT p.id, a.did, p.url, p.log_key, p.key_statement FROM peers AS p JOIN agents AS a ON a.id = p.did`,
    check: checkPeer,
  },
  {
    table: 'enrolments',
    sql: 'SELECT keyid, did, subject, public_key FROM enrolments',
    check([keyid, did, subject, publicKey], { crypto }) {
      if (jwkThumbprint(bytesOf(publicKey), crypto) !== keyid)
        return 'keyid is not that of the key';
      const parsed = parseDid(`${did}`);
      return parsed !== null && subjectOf(parsed) === subject ? null : 'subject is not that of did';
    },
  },
  {
    table: 'did_documents',
    sql: 'SELECT did, keys, document FROM did_documents',
    check([did, keys, bytes], { crypto }) {
      const parsed = parseIJson(bytesOf(bytes));
      const digest = parsed.ok ? digestKeys(parsed.value, did as Did, crypto) : null;
      return digest !== null && equalBytes(digest, bytesOf(keys))
        ? null
        : 'keys is not the hash of those in the document';
    },
  },
  {
    table: 'followers',
    sql: `SELECT 'log ' || f.log || ', peer ' || f.peer FROM followers AS f JOIN logs AS l ON l.id = f.log
WHERE l.is_home = 0 OR f.size NOT BETWEEN 0 AND l.size`,
    check: ALWAYS('no follower can have acknowledged so many entries of this log'),
  },
  {
    table: 'arrivals',
    // Older ones are forgotten, so where a log begins here is not known.
    sql: `SELECT 'version ' || w.version || ', log ' || w.log FROM (
  SELECT version, log, start + count AS end, lead(start) OVER (PARTITION BY log ORDER BY version) AS next FROM arrivals
) AS w WHERE w.end <> coalesce(w.next, (SELECT size FROM logs WHERE id = w.log))
OR w.version > (SELECT version FROM node)`,
    check: ALWAYS('the entries of its log do not go on where it ends'),
  },
  {
    table: 'sources',
    sql: `SELECT 'log ' || s.log FROM sources AS s JOIN logs AS l ON l.id = s.log
WHERE l.is_home = 1 OR s.known_size < 0`,
    check: ALWAYS('it is not the source of a replica'),
  },
  {
    table: 'logs',
    sql: `SELECT 'id ' || l.id FROM logs AS l WHERE l.is_home = 0 AND NOT EXISTS (SELECT 1 FROM sources WHERE log = l.id)`,
    check: ALWAYS('a replica without a source'),
  },
  {
    table: 'logs',
    sql: 'SELECT l.id, a.did, l.log_key FROM logs AS l JOIN agents AS a ON a.id = l.home',
    async check([, home, logKey], { db }) {
      const stated = (await readLogKeys(db, `${home}` as Did)).at(-1);
      const same = stated !== undefined && equalBytes(stated, bytesOf(logKey));
      return same ? null : 'log_key is not the one that the home has stated last';
    },
  },
  {
    table: 'skeletons',
    sql: `SELECT 'object ' || k.object FROM skeletons AS k WHERE NOT EXISTS
  (SELECT 1 FROM entries AS e WHERE e.object = k.object AND e.erased_by IS NOT NULL
   AND (k.remains ->> 'type' = e.kind OR (k.remains IS NULL AND e.kind = 'Create')))`,
    check: ALWAYS('no erased Create or act is behind it'),
  },
  {
    table: 'entries',
    sql: `SELECT 'log ' || e.log || ', idx ' || e.idx FROM entries AS e JOIN logs AS l ON l.id = e.log
WHERE e.erased_by IS NOT NULL AND (e.kind = 'Create' AND l.submolt IS NOT NULL OR e.kind NOT IN ('Create', 'Update'))
AND NOT EXISTS (SELECT 1 FROM skeletons WHERE object = e.object)`,
    check: ALWAYS('it is erased, and nothing says whose it was'),
  },
  {
    table: 'entries',
    sql: `SELECT 'log ' || e.log || ', idx ' || e.idx, e.erased_by FROM entries AS e JOIN logs AS l ON l.id = e.log
WHERE e.erased_by < l.size AND e.erased_by <> e.idx AND NOT EXISTS
  (SELECT 1 FROM entries AS d WHERE d.log = e.log AND d.idx = e.erased_by AND d.kind = 'Delete')`,
    check: ([, by]) => `entry ${by}, which is said to have erased it, is no Delete`,
  },
  {
    table: 'entries',
    sql: `SELECT 'log ' || e.log || ', idx ' || e.idx, o.hash, ifnull(b.bytes, CAST(k.remains AS BLOB)) FROM entries AS e
JOIN objects AS o ON o.id = e.object JOIN entries AS d ON d.log = e.log AND d.idx = e.erased_by AND d.kind = 'Delete'
JOIN objects AS b ON b.id = d.object LEFT JOIN skeletons AS k ON k.object = d.object
WHERE e.erased_by <> e.idx AND EXISTS (SELECT 1 FROM skeletons WHERE object = e.object)`,
    check([, hash, bytes]) {
      const parsed = parseIJson(bytesOf(bytes));
      const named = parsed.ok && isObject(parsed.value) ? parsed.value.object : null;
      return named === nameFromHash(bytesOf(hash)) ? null : 'what erased it names something else';
    },
  },
  {
    table: 'skeletons',
    sql: "SELECT 'object ' || object, remains FROM skeletons WHERE remains IS NOT NULL",
    check: ([, left]) => (decodeRemains(`${left}`) === null ? 'remains is of no act' : null),
  },
  {
    table: 'entries',
    sql: `SELECT 'log ' || e.log || ', idx ' || e.idx FROM entries AS e JOIN logs AS l ON l.id = e.log
WHERE e.erased_by = e.idx AND (l.is_home = 1 AND e.object <> l.submolt OR NOT EXISTS (SELECT 1 FROM withdrawals WHERE object = e.object))`,
    check: ALWAYS('its body is gone, and nothing says why'),
  },
  {
    table: 'withdrawals',
    sql: `SELECT 'object ' || w.object FROM withdrawals AS w WHERE NOT EXISTS
  (SELECT 1 FROM entries AS e JOIN logs AS l ON l.id = e.log AND l.is_home = 1 AND l.submolt IS NULL
   WHERE e.object = w.act AND e.kind = 'Delete')
AND NOT EXISTS (SELECT 1 FROM holds)`,
    check: ALWAYS('no Delete of this node is behind it'),
  },
  {
    table: 'unlisted_erasures',
    sql: `SELECT id, ${LINE} FROM unlisted_erasures`,
    check: ([, line], { db }) => findUnlistedFault(db, bytesOf(line)),
  },
  {
    table: 'objects',
    sql: `SELECT DISTINCT o.id, o.hash FROM objects AS o JOIN entries AS e ON e.object = o.id
WHERE e.erased_by IS NOT NULL AND o.bytes IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM entries AS n WHERE n.object = o.id AND n.salt IS NOT NULL)`,
    check: ([, hash]) => `${nameFromHash(bytesOf(hash))} is erased, and its bytes are there`,
  },
  { table: 'evidence', sql: 'SELECT id, file, newest FROM evidence', check: checkEvidence },
  {
    table: 'seen_heads',
    sql: `SELECT s.origin, s.size, s.root, s.note,
  (SELECT key_statement FROM peers WHERE substr(s.origin, 1, instr(s.origin, '/') - 1) = substr(url, instr(url, '//') + 2))
FROM seen_heads AS s`,
    check: checkNote,
  },
  {
    table: 'holds',
    sql: 'SELECT origin, size, note FROM holds WHERE note IS NOT NULL',
    check([origin, size, note]) {
      const parsed = parseNote(`${note}`);
      const read = parsed.ok ? parseCheckpoint(parsed.note.text) : parsed;
      if (!read.ok) return `note: ${read.detail}`;
      const same = read.checkpoint.origin === origin && read.checkpoint.size <= (size as number);
      return same ? null : 'note is of another head';
    },
  },
  {
    table: 'witnessed',
    sql: `SELECT w.origin, w.size, w.root, w.note, p.key_statement, w.hash FROM witnessed AS w
JOIN peers AS p ON p.id = w.peer`,
    check(row, context) {
      const [origin, , , , , hash] = row;
      const named = equalBytes(context.crypto.sha256(utf8(`${origin}`)), bytesOf(hash));
      return named ? checkNote(row, context) : 'hash is not that of origin';
    },
  },
  {
    table: 'signers',
    sql: `SELECT 'log ' || s.log || ', agent ' || s.agent, a.did FROM signers AS s JOIN agents AS a ON a.id = s.agent`,
    check: ([, did]) => (`${did}`.startsWith('did:web:') ? null : `${did} needs no document`),
  },
  {
    table: 'node',
    sql: 'SELECT id, version, rebuilding FROM node',
    check: ([, version, rebuilding]) =>
      rebuilding === 0 && (version as number) >= 0 ? null : 'a rebuild was cut short',
  },
  {
    table: 'nonces',
    sql: 'SELECT bucket FROM nonces GROUP BY bucket HAVING bucket < 0',
    check: ALWAYS('no time is before 1970'),
  },
];

/** Faults of single rows, of whatever table; what none of the rules can tell is left to the logs. */
export async function findRowFaults(context: Context): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const { check, sql, table } of RULES) {
    const [rows = []] = await context.db.batch('read', [{ sql, args: [] }]);
    for (const row of rows) {
      const problem = await problemOf(check, row, context);
      const [name] = row;
      if (problem !== null) {
        faults.push(fault(table, typeof name === 'number' ? `id ${name}` : `${name}`, problem));
      }
    }
  }
  return faults;
}

/** A row that cannot even be looked at is at fault too. */
async function problemOf(check: RowCheck, row: Row, context: Context): Promise<string | null> {
  try {
    return await check(row, context);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Columns and note say the same; the note is signed, and the columns are what is looked for. */
async function checkNote(
  [origin, size, root, note, statement]: Row,
  { crypto }: Context,
): Promise<string | null> {
  if (statement === null) return 'no peer has a log of that origin';
  const verifiers = peekKeys(bytesOf(statement)).map((key) =>
    noteVerifier(`${origin}`, NOTE_ED25519, key, crypto),
  );
  const opened = await openCheckpoint(`${note}`, verifiers, crypto, `${origin}`);
  if (!opened.ok) return `note: ${opened.detail}`;
  const { checkpoint } = opened;
  const same = checkpoint.size === size && equalBytes(checkpoint.root, bytesOf(root));
  return same ? null : 'note is of another head';
}

async function checkEvidence([, ...files]: Row, { crypto }: Context): Promise<string | null> {
  for (const [i, file] of files.entries()) {
    if (file === null) continue;
    const verdict = await verifyEvidence(bytesOf(file), crypto);
    if (!verdict.ok) return `${i === 0 ? 'file' : 'newest'}: ${verdict.detail}`;
  }
  return null;
}

/** A DID, or what stands for a did:webvh wherever it is. */
function isSubject(text: string): boolean {
  return /^did:scid:vh:1:Qm[1-9A-HJ-NP-Za-km-z]{44}$/.test(text) || parseDid(text) !== null;
}

async function checkPeer(
  [, did, url, logKey, statement]: Row,
  { crypto }: Context,
): Promise<string | null> {
  if (URL.parse(`${url}`)?.origin !== url) return `${url} is no origin`;
  const bytes = bytesOf(statement);
  const stated = peekKeys(bytes).at(-1);
  if (stated === undefined) return 'key_statement is no statement';
  if (!equalBytes(stated, bytesOf(logKey))) return 'key_statement names another key';
  // The key of a did:web is in a document that is not stored.
  if (didMethod(`${did}` as Did) !== 'key') return null;
  const parsed = parseIJson(bytes);
  if (!parsed.ok) return `key_statement: ${parsed.detail}`;
  const verdict = await verifyKeyChain(parsed.value, { crypto, resolveKey: didKeyResolver });
  if (!verdict.ok) return `key_statement: ${verdict.detail}`;
  return verdict.chain.home === did ? null : 'key_statement is by another node';
}
