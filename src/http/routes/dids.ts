// The DID documents that this node serves for others: any did:key's, and with its log that of every did:webvh it knows.
import type { CommandContext } from '../../commands/context.ts';
import { type Did, parseDid, scidOf, subjectOfScid } from '../../protocol/did.ts';
import { readDidLog } from '../../protocol/did-log.ts';
import { documentOfDidLog } from '../../protocol/did-log-document.ts';
import { lastVersion } from '../../protocol/did-log-statement.ts';
import { isMultihash } from '../../protocol/multihash.ts';
import { findDidLog, type StoredDidLog } from '../../store/queries/identities.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { didKeyDocument } from '../node-document.ts';
import { segment } from '../parameters.ts';
import { refuse } from '../problem.ts';

const DID_TYPE = 'application/did+json';
const LOG_TYPE = 'text/jsonl; charset=utf-8';
/** Seconds. A key that is rotated away stops for whoever asks here. */
const LOG_MAX_AGE = 60;
const DID_KEY_MAX_AGE = 300;

/** What `/dids/<…>/` may stand for. */
type Named = { readonly did: Did } | { readonly scid: string };

function parseNamed(text: string): Named | null {
  if (isMultihash(text)) return { scid: text };
  const did = parseDid(text);
  return did !== null && scidOf(did) === null ? { did } : null;
}

export function mountDids(app: EdgeApp, context: CommandContext): void {
  const { crypto, db, node } = context;

  mount(app, '/dids/:did/did.json', {
    async GET(c) {
      const named = segment(c, 'did', parseNamed, 'an SCID or a did:key of an Ed25519 key');
      if ('did' in named) {
        const found = didKeyDocument(named.did, crypto);
        if (found === null) return unknown(c, named.did);
        return answer(DID_TYPE, JSON.stringify(found), DID_KEY_MAX_AGE);
      }
      const files = await findDidLog(db, subjectOfScid(named.scid), node.did);
      const document = files && documentOfDidLog(readDidLog(files.text), crypto);
      if (files === null || document === null) return unknown(c, named.scid);
      return answerFile(c, files, DID_TYPE, JSON.stringify(document));
    },
  });
  const mountFile = (handler: (c: EdgeContext, files: StoredDidLog) => Response | null) => ({
    async GET(c: EdgeContext) {
      const scid = segment(c, 'did', (text) => (isMultihash(text) ? text : null), 'an SCID');
      const files = await findDidLog(db, subjectOfScid(scid), node.did);
      return (files && handler(c, files)) ?? unknown(c, scid);
    },
  });
  mount(
    app,
    '/dids/:did/did.jsonl',
    mountFile((c, files) => answerFile(c, files, LOG_TYPE, files.text)),
  );
  mount(
    app,
    '/dids/:did/did-witness.json',
    mountFile((c, files) =>
      files.witnesses === null ? null : answerFile(c, files, 'application/json', files.witnesses),
    ),
  );
}

/** The version tells all three files of a DID from those before. */
function answerFile(
  c: EdgeContext,
  { text: log }: StoredDidLog,
  type: string,
  text: string,
): Response {
  const etag = `"${lastVersion(readDidLog(log)).versionId}"`;
  const fresh = c.req.header('if-none-match')?.includes(etag) ?? false;
  return answer(type, fresh ? null : text, LOG_MAX_AGE, { etag });
}

function answer(
  type: string,
  text: string | null,
  maxAge: number,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = { 'content-type': type, 'cache-control': `public, max-age=${maxAge}`, ...more };
  return new Response(text, { status: text === null ? 304 : 200, headers });
}

function unknown(c: EdgeContext, name: string): Response {
  return refuse(c, { code: 'not_found', detail: `${name} has no such document here.` });
}
