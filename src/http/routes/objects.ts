// Objects by their hash, as the exact bytes that were signed (RFC 6920 §4).
import { hashOf, nameFromId } from '../../protocol/object-name.ts';
import type { Database } from '../../store/database.ts';
import { readObject } from '../../store/queries/activity-status.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { segment } from '../parameters.ts';
import { refuse } from '../problem.ts';

const LD_JSON = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"';
const ACTIVITY_JSON = 'application/activity+json';
/** Bytes under a hash cannot change, but they can be erased: no cache may answer without asking. */
const WHILE_THERE = 'public, no-cache';

export function mountObjects(app: EdgeApp, db: Database): void {
  mount(app, '/.well-known/ni/sha-256/:hash', { GET: (c) => answerObject(c, db) });
}

async function answerObject(c: EdgeContext, db: Database): Promise<Response> {
  const name = segment(c, 'hash', nameFromId, '43 characters of base64url');
  const found = await readObject(db, hashOf(name));
  if (found === null) return refuse(c, { code: 'not_found', detail: `${name} is not here.` });
  if ('withdrawn' in found) {
    return refuse(c, { code: 'withdrawn', detail: `This node does not serve ${name} any more.` });
  }
  if ('erased' in found) return refuse(c, { code: 'erased', detail: `${name} was erased.` });
  const etag = `"${c.req.param('hash')}"`;
  const fields = { etag, 'cache-control': WHILE_THERE, vary: 'accept' };
  if (c.req.header('if-none-match')?.includes(etag)) {
    return new Response(null, { status: 304, headers: fields });
  }
  const wantsActivity = c.req.header('accept')?.includes(ACTIVITY_JSON) ?? false;
  const type = wantsActivity ? ACTIVITY_JSON : LD_JSON;
  return new Response(found.bytes as Uint8Array<ArrayBuffer>, {
    headers: { ...fields, 'content-type': type },
  });
}
