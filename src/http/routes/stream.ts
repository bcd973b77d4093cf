// The stream: what comes to this node, as it comes, as server-sent events (WHATWG HTML §9.2).
import type { CommandContext } from '../../commands/context.ts';
import { subjectOf } from '../../protocol/did.ts';
import { nameFromId, type ObjectName, parseObjectName } from '../../protocol/object-name.ts';
import { STREAM_EVENTS, type StreamEventName } from '../../protocol/stream-events.ts';
import {
  findSubmoltNumber,
  findThreadNumber,
  readFollowing,
} from '../../store/queries/stream-items.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import type { Limits } from '../limits.ts';
import { type MarkVerdict, newestMark, readMark } from '../live/event-id.ts';
import type { StreamHub } from '../live/hub.ts';
import type { Scope } from '../live/scope.ts';
import { StreamPlaces } from '../live/stream-places.ts';
import { mount } from '../mount.ts';
import { choice, ParameterError, text } from '../parameters.ts';
import { type Refusal, refuse } from '../problem.ts';
import { rawValues } from '../request-target.ts';
import { findSubmolt } from './submolts.ts';

const MAX_STREAMS = 500;
/** Of one caller. */
const MAX_OWN = 8;
const MAX_SUBMOLTS = 20;

const FILTERS = ['all', 'feed', 'following', 'notifications'] as const;

const FIELDS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  // Proxies that collect answers before they pass them on would pass nothing on.
  'x-accel-buffering': 'no',
};

export interface StreamOptions {
  readonly context: CommandContext;
  readonly streams: StreamHub;
  /** Knows what address a request counts as. */
  readonly limits?: Limits;
}

export function mountStream(app: EdgeApp, options: StreamOptions): void {
  const places = new StreamPlaces({ most: MAX_STREAMS, perCaller: MAX_OWN });
  mount(app, '/api/v1/stream', {
    async GET(c) {
      const scope = await readScope(c, options.context);
      if ('code' in scope) return refuse(c, scope);
      const from = await readFrom(c, options.context);
      if (from === null || options.streams.isClosed) {
        return refuse(c, { code: 'not_ready', detail: 'The node is starting or stopping.' });
      }
      if (!from.ok) return refuse(c, { ...from, path: 'Last-Event-ID' });
      // Nobody reads what is made for HEAD.
      if (c.env.incoming.method === 'HEAD') return new Response(null, { headers: FIELDS });
      const refusal = takePlace(c, callerOf(c, options.limits), places);
      if (refusal !== null) return refuse(c, refusal, { 'retry-after': '5' });
      const body = options.streams.open(scope, from.mark, c.env.outgoing);
      return new Response(body, { headers: FIELDS });
    },
  });
}

/** Null while the node has taken nothing at all. */
async function readFrom(
  c: EdgeContext,
  { crypto, db, node }: CommandContext,
): Promise<MarkVerdict | null> {
  const marker = { crypto, did: node.did };
  const fields = rawValues(c.env.incoming.rawHeaders, 'last-event-id');
  // Who comes back does so with the URL it began with: what the field says is newer.
  const id = fields.length > 0 ? fields.join(', ') : text(c, 'after');
  if (id !== undefined && id !== '') return readMark(db, id, marker);
  const mark = await newestMark(db, marker);
  return mark && { ok: true, mark };
}

/** The agent, or the address of somebody who has not signed; null where many come from one address. */
function callerOf(c: EdgeContext, limits: Limits | undefined): string | null {
  const caller = c.get('caller');
  if (caller !== null) return subjectOf(caller.did);
  const { incoming } = c.env;
  return limits === undefined ? `${incoming.socket.remoteAddress}` : limits.addressOf(incoming);
}

function takePlace(c: EdgeContext, caller: string | null, places: StreamPlaces): Refusal | null {
  const outcome = places.take(c.env.outgoing, caller);
  if (outcome === 'taken') return null;
  if (outcome === 'full') return { code: 'overloaded', detail: `${MAX_STREAMS} streams are open.` };
  const detail = `At most ${MAX_OWN} streams of one caller are open at a time.`;
  return { code: 'too_many_streams', detail };
}

async function readScope(c: EdgeContext, { db }: CommandContext): Promise<Scope | Refusal> {
  const events = readEvents(c);
  const filter = choice(c, 'filter', FILTERS);
  const caller = c.get('caller');
  if (filter !== 'all' && caller === null) {
    const detail = 'A feed is somebody’s; sign the request to say whose.';
    return { code: 'signature_missing', detail };
  }
  const refs = list(c, 'submolt', MAX_SUBMOLTS);
  const submolts = new Set<number>();
  for (const ref of refs ?? []) {
    const found = await findSubmolt(db, ref);
    const number = found && (await findSubmoltNumber(db, found.object));
    if (number === null) {
      return { code: 'submolt_unknown', detail: `This node has no submolt ${ref}.` };
    }
    submolts.add(number);
  }
  const item = nameOf(c, 'thread');
  const thread = item && (await findThreadNumber(db, item));
  if (item !== null && thread === null) {
    return { code: 'not_found', detail: `There is no post ${item} here.` };
  }
  const scope = { events, submolts: refs === null ? null : submolts, thread };
  if (filter === 'all' || caller === null) return { ...scope, feed: null, notified: null };
  const { did: reader } = caller;
  if (filter === 'notifications') return { ...scope, feed: null, notified: subjectOf(reader) };
  const read = () => readFollowing(db, reader);
  return { ...scope, feed: { reader, filter, read }, notified: null };
}

function readEvents(c: EdgeContext): ReadonlySet<StreamEventName> {
  const names = list(c, 'events', STREAM_EVENTS.length);
  if (names === null) return new Set(STREAM_EVENTS);
  return new Set(
    names.map((name) => {
      const known = STREAM_EVENTS.find((event) => event === name);
      if (known !== undefined) return known;
      throw new ParameterError('events', `events must be some of ${STREAM_EVENTS.join(', ')}.`);
    }),
  );
}

/** Values of one parameter with commas between them; null if it is not there. */
function list(c: EdgeContext, name: string, most: number): string[] | null {
  const given = text(c, name);
  if (given === undefined) return null;
  const values = given.split(',');
  if (values.length <= most && values.every((value) => value !== '')) return values;
  throw new ParameterError(name, `${name} must be 1 to ${most} values with commas between them.`);
}

function nameOf(c: EdgeContext, parameter: string): ObjectName | null {
  const given = text(c, parameter);
  if (given === undefined) return null;
  const name = nameFromId(given) ?? parseObjectName(given);
  if (name !== null) return name;
  throw new ParameterError(parameter, `${parameter} must be the 43 characters of a post’s name.`);
}
