// Logs for everybody: checkpoint, tiles, entries, proofs, bodies and archives, as c2sp.org/tlog-tiles has them and more.
import type { CommandContext } from '../../commands/context.ts';
import { systemOrigin } from '../../commands/origin.ts';
import { OwnStatements } from '../../commands/own-statements.ts';
import { proveStatedFounding, proveStatedHead } from '../../commands/prove-head.ts';
import { encodeEntryBody } from '../../federation/entry-record.ts';
import { type ArchivedDocument, writeArchive } from '../../log/archive.ts';
import { formatStatedHead } from '../../log/head-proof.ts';
import { inclusionProof } from '../../log/inclusion.ts';
import { formatProofFile } from '../../log/proof-file.ts';
import { type SuggestedWitness, suggestPolicy } from '../../log/suggest-policy.ts';
import { formatSystemEntry } from '../../log/system-entry.ts';
import { parseTilePath } from '../../log/tile.ts';
import { concatBytes, utf8 } from '../../protocol/bytes.ts';
import { formatDateTime } from '../../protocol/date-time.ts';
import { type Did, didMethod } from '../../protocol/did.ts';
import { canonicalize } from '../../protocol/jcs.ts';
import { parseIJson } from '../../protocol/json.ts';
import { hashOf, nameFromId } from '../../protocol/object-name.ts';
import { findNoteOver } from '../../store/cosigned.ts';
import { listDocuments } from '../../store/did-documents.ts';
import { type LogHead, readLog, selectLogsFor } from '../../store/logs.ts';
import { readObject } from '../../store/queries/activity-status.ts';
import {
  archiveSource,
  lacksTombstones,
  listWebDids,
  listWitnessKeys,
  readKeyStatement,
} from '../../store/queries/archive.ts';

import { readLeaves } from '../../store/queries/bodies.ts';
import {
  findLog as findLogOf,
  proofReader,
  readEntries,
  readTile,
} from '../../store/queries/logs.ts';
import { compressed } from '../compressed.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import type { Limits } from '../limits.ts';
import type { Logger } from '../logger.ts';
import { mount } from '../mount.ts';
import { choice, integer, ParameterError } from '../parameters.ts';
import { Places } from '../places.ts';
import { refuse } from '../problem.ts';
import { streamed } from '../stream.ts';

export interface LogsOptions {
  readonly context: CommandContext;
  readonly log: Logger;
  /** Tells readers apart, if anything does. */
  readonly limits?: Pick<Limits, 'addressOf'>;
  /** Archives on their way at a time: 8 unless told. Each holds up to 30 MB for as long as its reader likes. */
  readonly archives?: number;
  /** The JSON-LD contexts that signed objects name. */
  readonly contexts: readonly { readonly iri: string; readonly bytes: Uint8Array }[];
  /** Those of the documents that the node has in memory, for DIDs it has kept none of; a stranger's download opens no connection. */
  readonly didDocuments: (
    dids: readonly Did[],
  ) => Promise<readonly { readonly did: Did; readonly document: unknown }[]>;
}

/** What is under a size and an index never changes; a deletion takes bodies, not leaves. */
const FOR_EVER = { 'cache-control': 'public, max-age=31536000, immutable' };
const FRESH = { 'cache-control': 'no-cache' };
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const NDJSON = { 'content-type': 'application/x-ndjson' };
const BINARY = { 'content-type': 'application/octet-stream' };
const NEWLINE = utf8('\n');

const UNKNOWN_HOME = 'The home of this log is not known well enough.';

const MAX_ENTRIES = 1024;
const MAX_BODIES = 256;
/** Bodies read at a time; each may have a quarter of a megabyte. */
const BODIES_STEP = 16;
const ARCHIVES = 8;
const ARCHIVES_OF_ADDRESS = 2;

type LogHandler = (c: EdgeContext, head: LogHead) => Response | Promise<Response>;

export function mountLogs(app: EdgeApp, options: LogsOptions): void {
  const { context } = options;
  const { crypto, db } = context;
  const withLog = (handler: LogHandler) => async (c: EdgeContext) => {
    const head = await findLog(context, c.req.param('id') ?? '');
    if (head !== null) return handler(c, head);
    return refuse(c, { code: 'log_unknown', detail: 'This node has no log of that name.' });
  };

  mount(app, '/log/:id/checkpoint', {
    GET: withLog(async (c, head) => {
      const { note } = await noteOf(c, context, head, 0);
      return new Response(note, { headers: { ...TEXT, ...FRESH } });
    }),
  });
  mount(app, '/log/:id/tile/*', {
    GET: withLog(async (c, head) => {
      const address = parseTilePath(c.req.path.slice(c.req.path.indexOf('/tile/') + 1));
      const bytes = address && (await readTile(db, head, head.signedSize, address, crypto));
      const headers = { ...BINARY, ...FOR_EVER };
      // "Entry bundles SHOULD be compressed at the HTTP layer"; hashes cannot be.
      if (bytes && address.level === 'entries') return compressed(c, bytes, headers);
      if (bytes) return binary(bytes, headers);
      return refuse(c, { code: 'not_found', detail: 'The log has no such tile at its size.' });
    }),
  });
  mount(app, '/log/:id/entries', { GET: withLog((c, head) => answerEntries(c, context, head)) });
  mount(app, '/log/:id/proof', { GET: withLog((c, head) => answerProof(c, context, head)) });
  mount(app, '/log/:id/key', { GET: withLog((c, head) => answerKey(c, options, head)) });
  mount(app, '/log/:id/head', { GET: withLog((c, head) => answerHead(c, context, head)) });
  mount(app, '/log/:id/founding', {
    GET: withLog((c, head) => answerFounding(c, context, head)),
  });
  mount(app, '/log/:id/bodies', { POST: withLog((c, head) => answerBodies(c, options, head)) });
  const statements = new OwnStatements(context);
  /** Whom another home asks is for it to say. */
  const witnessesOf = async ({ isHome }: LogHead) =>
    isHome ? listWitnessKeys(db, [...(await statements.read()).witnesses]) : [];
  const { archives: most = ARCHIVES, limits } = options;
  const archives = new Places({ most, perAddress: ARCHIVES_OF_ADDRESS, now: context.now });
  mount(app, '/log/:id/archive', {
    GET: withLog((c, head) => {
      const address = limits?.addressOf(c.env.incoming) ?? null;
      if (!archives.take(c.env.outgoing, address)) {
        const detail = `${archives.taken} archives are being downloaded; at most ${most} are, and ${ARCHIVES_OF_ADDRESS} from one address.`;
        return refuse(c, { code: 'overloaded', detail });
      }
      return answerArchive(c, options, head, witnessesOf);
    }),
  });
}

/**
 * `system`, or a submolt's id: its log if this node is its home, else the replica. `<id>@<authority>` is the log with the origin
 * `<authority>/log/<id>`, such as the system log of another node. Null until it has a checkpoint.
 */
async function findLog({ db, node }: CommandContext, id: string): Promise<LogHead | null> {
  const [, name, authority] = /^([\w-]+)@([^/@]+)$/.exec(id) ?? [];
  if (name !== undefined) {
    const named = await findLogOf(db, `${authority}/log/${name}`);
    return named?.checkpoint === null ? null : named;
  }
  const submolt = nameFromId(id);
  if (submolt === null && id !== 'system') return null;
  const wanted = selectLogsFor(submolt === null ? [] : [submolt], systemOrigin(node));
  const [rows = []] = await db.batch('read', [wanted]);
  const head = rows.map((row) => readLog(row)).find((log) => log.submolt === submolt);
  return head === undefined || head.checkpoint === null ? null : head;
}

function binary(bytes: Uint8Array, headers: Record<string, string>): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
}

function lines(parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts.flatMap((part) => [part, NEWLINE]));
}

async function answerEntries(
  c: EdgeContext,
  { db }: CommandContext,
  head: LogHead,
): Promise<Response> {
  const size = head.signedSize;
  const start = integer(c, 'start', { min: 0, max: size, fallback: 0 });
  const limit = integer(c, 'limit', { min: 1, max: MAX_ENTRIES, fallback: MAX_BODIES });
  const leaves = await readEntries(db, head, start, Math.min(start + limit, size));
  return binary(lines(leaves), { ...NDJSON, ...FRESH });
}

function wantsCosigned(c: EdgeContext): boolean {
  return choice(c, 'cosigned', ['false', 'true']) === 'true';
}

/** The newest note, or with `cosigned=true` the newest that witnesses have cosigned, if there is one that covers `index`. */
async function noteOf(c: EdgeContext, { db }: CommandContext, head: LogHead, index: number) {
  if (wantsCosigned(c)) return findNoteOver(db, head, index);
  return { size: head.signedSize, note: head.checkpoint ?? '' };
}

async function answerProof(
  c: EdgeContext,
  context: CommandContext,
  head: LogHead,
): Promise<Response> {
  const { db, crypto } = context;
  const index = integer(c, 'index', { min: 0, max: head.signedSize - 1 });
  const { note: checkpoint, size } = await noteOf(c, context, head, index);
  const hashes = await inclusionProof(index, size, proofReader(db, head, size, crypto), crypto);
  const text = formatProofFile({ extra: null, index, hashes, checkpoint });
  return new Response(text, { headers: { ...TEXT, ...FRESH } });
}

/** Whose log it is and which key signs it, with what proves that: for receipts that are to be kept. */
async function answerKey(
  c: EdgeContext,
  options: LogsOptions,
  { home, submolt }: LogHead,
): Promise<Response> {
  const { context } = options;
  const keyStatement = await readKeyStatement(context.db, home);
  const founding = submolt && (await readObject(context.db, hashOf(submolt)));
  if (keyStatement === null || (founding !== null && !('bytes' in founding))) {
    return refuse(c, { code: 'log_unknown', detail: UNKNOWN_HOME });
  }
  const kept = await documentsOf(didMethod(home) === 'web' ? [home] : [], options);
  const documents = kept.map(({ did, document, until }) =>
    until == null ? { did, document } : { did, document, until },
  );
  const text = concatBytes(
    utf8('{"documents":'),
    canonicalize(documents),
    utf8(',"founding":'),
    founding?.bytes ?? utf8('null'),
    utf8(',"keyStatement":'),
    keyStatement,
    utf8('}'),
  );
  return binary(text, { 'content-type': 'application/json', ...FRESH });
}

async function answerHead(
  c: EdgeContext,
  context: CommandContext,
  head: LogHead,
): Promise<Response> {
  const stated = await proveStatedHead(context, head.origin);
  if (stated !== null) {
    const headers = { 'content-type': 'application/json', ...FRESH };
    return new Response(JSON.stringify(formatStatedHead(stated)), { headers });
  }
  const detail =
    'No heads with this log stand in the system log of this node; the home of the log has some.';
  return refuse(c, { code: 'not_found', detail });
}

async function answerFounding(
  c: EdgeContext,
  context: CommandContext,
  { isHome, submolt }: LogHead,
): Promise<Response> {
  const stated = isHome && submolt ? await proveStatedFounding(context, submolt) : null;
  if (stated !== null) {
    const headers = { 'content-type': 'application/json', ...FRESH };
    return new Response(JSON.stringify(formatSystemEntry(stated)), { headers });
  }
  const detail =
    'The system log of this node does not say that it was founded here; ask the home of the log.';
  return refuse(c, { code: 'not_found', detail });
}

function answerBodies(c: EdgeContext, { context, log }: LogsOptions, head: LogHead): Response {
  const { start, end } = readRange(c.get('body'), head.signedSize);
  async function* bodies() {
    for (let next = start; next < end; next += BODIES_STEP) {
      const leaves = await readLeaves(context.db, head, next, Math.min(next + BODIES_STEP, end));
      yield lines(leaves.map(({ index, body }) => encodeEntryBody(`"i":${index}`, body)));
    }
  }
  return streamed(c, log, bodies(), { ...NDJSON, ...FRESH });
}

/** `{"start":n,"end":m}`, m not included. */
function readRange(body: Uint8Array, size: number): { start: number; end: number } {
  const parsed = parseIJson(body);
  const value = parsed.ok ? parsed.value : null;
  const { start, end } = (typeof value === 'object' && value !== null ? value : {}) as {
    start?: unknown;
    end?: unknown;
  };
  const isRange =
    typeof start === 'number' &&
    typeof end === 'number' &&
    start >= 0 &&
    start < end &&
    end <= size;
  if (!isRange || end - start > MAX_BODIES) {
    const detail = `Send {"start":n,"end":m} with n < m <= ${size} and at most ${MAX_BODIES} between.`;
    throw new ParameterError('end', detail);
  }
  return { start, end };
}

/** What was kept of them, and what is in memory where nothing was. */
async function documentsOf(
  dids: readonly Did[],
  { context, didDocuments }: LogsOptions,
): Promise<ArchivedDocument[]> {
  const kept = await listDocuments(context.db, dids);
  const keptOf = new Set(kept.map(({ did }) => did));
  const others = await didDocuments(dids.filter((did) => !keptOf.has(did)));
  return [...kept, ...others];
}

async function answerArchive(
  c: EdgeContext,
  options: LogsOptions,
  head: LogHead,
  witnessesOf: (head: LogHead) => Promise<readonly SuggestedWitness[]>,
): Promise<Response> {
  const { context, log, contexts } = options;
  const { db, crypto, now } = context;
  const cosigned = wantsCosigned(c);
  const keyStatement = await readKeyStatement(db, head.home);
  const { isHome, origin, submolt } = head;
  const stated = isHome ? await proveStatedHead(context, origin) : null;
  const founding = isHome && submolt ? await proveStatedFounding(context, submolt) : null;
  const source =
    keyStatement &&
    (await archiveSource(
      db,
      origin,
      {
        keyStatement,
        contexts,
        didDocuments: await documentsOf(await listWebDids(db, head), options),
        ...(stated === null ? {} : { systemHead: stated }),
        ...(founding === null ? {} : { systemFounding: founding }),
        policy: suggestPolicy(origin, head.logKey, await witnessesOf(head), crypto),
        createdAt: formatDateTime(Math.floor(now() / 1000)),
        cosigned,
      },
      crypto,
    ));
  if (!source) {
    return refuse(c, {
      code: 'log_unknown',
      detail: UNKNOWN_HOME,
    });
  }
  if (await lacksTombstones(db, head, source.size)) {
    const code = isHome ? 'log_held' : 'not_ready';
    const detail =
      'Bodies were erased by entries that this node has not got, or not got back, yet.';
    return refuse(c, { code, detail });
  }
  return streamed(c, log, writeArchive(source, crypto), {
    'content-type': 'application/x-tar',
    'content-disposition': `attachment; filename="${c.req.param('id')}.tar"`,
    ...FRESH,
  });
}
