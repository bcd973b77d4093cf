// What comes to an inbox: follows and their ends are taken, what would have to enter a log unproven is refused, the rest means nothing here.
import { admit } from '../commands/admit.ts';
import { utf8 } from '../protocol/bytes.ts';
import { type IJsonRefusal, isObject, type JsonObject, parseIJson } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Row, Statement } from '../store/database.ts';
import {
  deleteForeignFollower,
  insertForeignFollower,
  insertSeen,
  readFollowing,
  selectFollowing,
  selectSeen,
} from '../store/foreign-followers.ts';
import { findFollowed, isDenied, isForeignFollower } from '../store/queries/foreign-followers.ts';
import { groupUrl } from './addresses.ts';
import { type Authenticated, authenticateActor } from './authenticate-actor.ts';
import type { ActivityPubContext } from './context.ts';
import type { ForeignRequest } from './http-message.ts';
import { findGroup } from './read-views.ts';
import { plainUrl, type RemoteActor } from './remote-actor.ts';

export type ForeignRefusal =
  | Exclude<Extract<Authenticated, { ok: false }>['reason'], 'gone'>
  | IJsonRefusal
  | 'malformed_request'
  | 'unproven_act'
  | 'not_followable'
  | 'host_denied'
  | 'too_many_followers'
  | 'overloaded';

export type Reception =
  /** `ignored`: well received, and of no consequence here. */
  | { readonly ok: true; readonly outcome: 'followed' | 'unfollowed' | 'repeated' | 'ignored' }
  | { readonly ok: false; readonly code: ForeignRefusal; readonly detail: string };

/** Followers of one submolt, those of one host among them, and those of all submolts: anybody may found some. */
const FOLLOWER_LIMITS = { all: 10_000, host: 5_000, total: 100_000 } as const;
/** Activities that are being looked at: each may wait for the host that it names. */
const AT_ONCE = 32;
/** Milliseconds: longer than any signature counts, so that nothing is taken twice. */
const REMEMBERED_MS = 3 * 3_600_000;
const MAX_BYTES = 131_072;

/** What nobody can take back here, since nothing of the kind is ever taken. */
const OF_NO_CONSEQUENCE = new Set([
  'Accept',
  'Reject',
  'TentativeAccept',
  'TentativeReject',
  'View',
]);
const ACTOR_TYPES = new Set(['Person', 'Service', 'Application', 'Organization', 'Group']);

const IGNORED: Reception = { ok: true, outcome: 'ignored' };

function refuse(code: ForeignRefusal, detail: string): Reception {
  return { ok: false, code, detail };
}

/** Takes what was posted to an inbox. All inboxes are one: what an activity is about says whom it is for. */
export async function receiveActivity(
  context: ActivityPubContext,
  request: ForeignRequest,
): Promise<Reception> {
  const { type, object } = peek(request.body);
  const kind = kindOf(type, object);
  if (kind === 'ignored') return IGNORED;
  if (kind === 'refused') {
    const detail = `${type} would be an act in a log, and logs have only what its author has signed with a DID.`;
    return refuse('unproven_act', detail);
  }
  const parsed = parseIJson(request.body, { maxBytes: MAX_BYTES });
  if (!parsed.ok) return refuse(parsed.reason, parsed.detail);
  const activity = isObject(parsed.value) ? readEnvelope(parsed.value) : null;
  if (activity === null) {
    const detail = 'An activity has type, and id and actor at one host: plain https URLs.';
    return refuse('malformed_request', detail);
  }
  if (await isDenied(context.db, domainsOf(activity.host))) {
    return refuse('host_denied', `This node takes nothing from ${activity.host}.`);
  }
  // Deletions of accounts are sent to everybody, and there is nobody left to ask whose they are.
  if (kind !== 'follow' && !(await isForeignFollower(context.db, activity.actor))) return IGNORED;
  if (context.receiving.count >= AT_ONCE) {
    return refuse('overloaded', 'Too many activities are being looked at.');
  }
  context.receiving.count += 1;
  try {
    return await settle(context, request, activity, kind);
  } finally {
    context.receiving.count -= 1;
  }
}

type Kind = 'follow' | 'undo' | 'farewell';

/** Type and object, from anything: no more than what decides whether a second look is worth it. */
function peek(body: Uint8Array): { readonly type: string; readonly object: unknown } {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (isObject(value)) return { type: String(value.type), object: value.object };
  } catch {
    // The gate says what is wrong with it.
  }
  return { type: 'Follow', object: null };
}

function kindOf(type: string, object: unknown): Kind | 'ignored' | 'refused' {
  const about = isObject(object) ? String(object.type) : '';
  switch (type) {
    case 'Follow':
      return 'follow';
    case 'Undo':
      return about === '' || about === 'Follow' ? 'undo' : 'ignored';
    case 'Delete':
      // Nothing that is anybody's elsewhere is here, but followers.
      return about === '' ? 'farewell' : 'ignored';
    case 'Update':
      return ACTOR_TYPES.has(about) ? 'ignored' : 'refused';
    default:
      return OF_NO_CONSEQUENCE.has(type) ? 'ignored' : 'refused';
  }
}

interface Envelope {
  readonly id: string;
  readonly actor: string;
  readonly host: string;
  /** Id of the object, and the object itself where it is not named alone. */
  readonly objectId: string | null;
  readonly object: JsonObject | null;
  readonly whole: JsonObject;
}

function readEnvelope(whole: JsonObject): Envelope | null {
  const { object } = whole;
  const actor = plainUrl(idOf(whole.actor));
  // Some ids have fragments: they are names here, and nobody asks for them.
  const id = typeof whole.id === 'string' && whole.id.length <= 2_048 ? URL.parse(whole.id) : null;
  if (actor === null || id === null || id.origin !== actor.origin) return null;
  return {
    id: whole.id as string,
    actor: idOf(whole.actor) as string,
    host: actor.host,
    objectId: idOf(object),
    object: isObject(object) ? object : null,
    whole,
  };
}

function idOf(value: unknown): string | null {
  const id = isObject(value) ? value.id : value;
  return typeof id === 'string' ? id : null;
}

/** The host, then what is left of it from each dot on. */
export function domainsOf(host: string): string[] {
  const labels = (host.split(':')[0] ?? '').split('.');
  return [host, ...labels.map((_, i) => labels.slice(i).join('.'))];
}

async function settle(
  context: ActivityPubContext,
  request: ForeignRequest,
  activity: Envelope,
  kind: Kind,
): Promise<Reception> {
  const submolt = await submoltOf(context, activity, kind);
  if (kind === 'follow' && submolt === null) {
    const detail = `${activity.objectId ?? 'What is to be followed'} is no submolt of this node.`;
    return refuse('not_followable', detail);
  }
  if (kind === 'undo' && submolt === null) return IGNORED;
  if (kind === 'farewell' && activity.objectId !== activity.actor) return IGNORED;
  const { actor: url, whole } = activity;
  const authenticated = await authenticateActor(context, request, whole, url);
  if (!authenticated.ok) {
    const { detail, reason } = authenticated;
    if (reason !== 'gone') return refuse(reason, detail);
    // Its own host has said so: no signature could say more.
    if (kind !== 'follow') return leave(context, activity, null, utf8(activity.id));
    return refuse('foreign_signature_invalid', detail);
  }
  return kind === 'follow'
    ? follow(context, activity, submolt as ObjectName, authenticated)
    : leave(context, activity, kind === 'farewell' ? null : submolt, authenticated.signed);
}

/** Which submolt a Follow is of, or an Undo of one. */
async function submoltOf(
  context: ActivityPubContext,
  { actor, object, objectId }: Envelope,
  kind: Kind,
): Promise<ObjectName | null> {
  if (kind === 'farewell') return null;
  const named = kind === 'follow' ? objectId : idOf(object?.object);
  if (named === null) {
    return objectId === null ? null : findFollowed(context.db, actor, objectId);
  }
  const base = groupUrl(context.origin, '');
  const group = named.startsWith(base) ? await findGroup(context, named.slice(base.length)) : null;
  if (group === null || group.moved_to !== null) return null;
  context.askAs(group.name);
  return group.object;
}

async function follow(
  context: ActivityPubContext,
  activity: Envelope,
  submolt: ObjectName,
  { actor, signed }: { readonly actor: RemoteActor; readonly signed: Uint8Array },
): Promise<Reception> {
  const { id: follow, host } = activity;
  const counted = selectFollowing(submolt, host, actor.id);
  const reception = await once(context, signed, [counted], ([rows = []]) => {
    const { all, here, known, total } = readFollowing(rows[0]);
    const full =
      all >= FOLLOWER_LIMITS.all || here >= FOLLOWER_LIMITS.host || total >= FOLLOWER_LIMITS.total;
    if (!known && full) {
      const detail = `The submolt has ${all} followers, ${here} of them at ${host}.`;
      return { result: refuse('too_many_followers', detail) };
    }
    const inbox = actor.sharedInbox ?? actor.inbox;
    const follower = { submolt, actor: actor.id, host, inbox, answerTo: actor.inbox, follow };
    const write = insertForeignFollower(follower, context.now());
    return { result: { ok: true, outcome: 'followed' }, write };
  });
  if (reception.ok) context.poke();
  return reception;
}

function leave(
  context: ActivityPubContext,
  activity: Envelope,
  submolt: ObjectName | null,
  signed: Uint8Array,
): Promise<Reception> {
  return once(context, signed, [], () => ({
    result: { ok: true, outcome: 'unfollowed' },
    write: deleteForeignFollower(activity.actor, submolt),
  }));
}

/** Seen, decided and done in one batch: what is sent again by whoever has caught it is done once, whatever was done in between. */
async function once(
  context: ActivityPubContext,
  signed: Uint8Array,
  reads: readonly Statement[],
  plan: (rows: readonly Row[][]) => { result: Reception; write?: readonly Statement[] },
): Promise<Reception> {
  const { crypto, now, sequencer } = context;
  const seen = crypto.sha256(signed);
  const admitted = await admit(
    context,
    sequencer,
    null,
    [selectSeen(seen), ...reads],
    ([known = [], ...rows]) => {
      if (known.length > 0) {
        const repeated: Reception = { ok: true, outcome: 'repeated' };
        return { result: repeated };
      }
      const { result, write } = plan(rows);
      if (write === undefined) return { result };
      return { result, write: [...write, ...insertSeen(seen, now(), now() - REMEMBERED_MS)] };
    },
  );
  return admitted as Reception;
}
