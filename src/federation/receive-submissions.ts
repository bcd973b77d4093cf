// Takes what another node's agents have submitted to submolts of this node: judged by their own proofs.
import type { Caller } from '../commands/context.ts';
import type { SubmitOutcome } from '../commands/sequencer.ts';
import { looksLikeDelegation, looksLikeRevocation } from '../protocol/delegation-statement.ts';
import { looksLikeDidLogStatement } from '../protocol/did-log-statement.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import { type ObjectVerdict, type VerifiedObject, verifyObject } from '../protocol/object.ts';
import { nameOf, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { readLog, selectLogOfSubmolt } from '../store/logs.ts';
import { listAccepted } from '../store/queries/delegations.ts';
import { proveReceipt } from '../store/queries/receipts.ts';
import type { Intake } from '../store/standings.ts';
import { type PeerAnswer, refusePeer } from './answer.ts';
import type { FederationContext } from './context.ts';
import { findStrangers } from './find-strangers.ts';
import { hasExactly } from './json-shape.ts';
import { noteContact } from './note-contact.ts';
import { MAX_SUBMISSIONS } from './pack-submissions.ts';
import { isVote } from './quarantine.ts';

/** What became of one object; `deferred`: its author's key cannot be had now, or the log is held, so it should be sent again. */
type SubmissionResult =
  | { readonly id: ObjectName; readonly status: 'accepted'; readonly receipt: Receipt }
  | {
      readonly id: ObjectName;
      readonly status: 'refused';
      readonly code: string;
      readonly detail: string;
    }
  | { readonly id: ObjectName; readonly status: 'deferred'; readonly detail: string };

interface SubmissionResults {
  readonly results: readonly SubmissionResult[];
}

/**
 * `POST /federation/submissions`. Results stand in the order of the objects. The caller forwards, the proof says who
 * wrote: any node may forward anybody's object, with the statements that it depends on. What belongs in no submolt of this node is refused, never
 * forwarded once more, so that nothing can go round in circles.
 */
export async function receiveSubmissions(
  context: FederationContext,
  caller: Caller,
  value: JsonValue,
  bytes = 0,
): Promise<PeerAnswer<SubmissionResults>> {
  const objects = parseSubmissions(value);
  if (objects === null) {
    return refusePeer('malformed_request', `not {"objects":[…]} with 1 to ${MAX_SUBMISSIONS}`);
  }
  const taking = await context.quarantine.take(caller.did, objects.length, bytes);
  if ('ok' in taking) return taking;
  let taken: Intake = { objects: 0, votes: 0, bytes: 0 };
  try {
    await noteContact(context, caller.did);
    const surplus = surplusVotes(objects, taking.votes);
    const wanted = objects.filter((object) => !surplus.has(object));
    const answer = await takeObjects(context, caller, wanted);
    if (!answer.ok) return answer;
    taken = { objects: wanted.length, votes: wanted.filter(isVote).length, bytes };
    const judged = answer.body.results.values();
    const results = objects.map((object) =>
      surplus.has(object)
        ? tooManyVotes(context, object)
        : (judged.next().value as SubmissionResult),
    );
    return { ...answer, body: { results } };
  } finally {
    await taking.done(taken);
  }
}

/** Votes beyond what is taken of such a node. */
function surplusVotes(objects: readonly JsonObject[], most: number): ReadonlySet<JsonObject> {
  const votes = objects.filter(isVote);
  return new Set(votes.slice(Math.min(votes.length, most)));
}

function tooManyVotes(
  { crypto, quarantine }: FederationContext,
  object: JsonObject,
): SubmissionResult {
  quarantine.count('votes');
  const detail =
    'The home takes few votes a day through nodes that it has not chosen. Send the vote to the home itself, or tomorrow.';
  const id = nameOf(canonicalize(object), crypto);
  return { id, status: 'refused', code: 'votes_limited', detail };
}

async function takeObjects(
  context: FederationContext,
  caller: Caller,
  objects: readonly JsonObject[],
): Promise<PeerAnswer<SubmissionResults>> {
  const stated = await takeStatements(context, objects);
  const { crypto, keys, sequencer } = context;
  const verdicts = await Promise.all(
    objects.map(
      (object) =>
        stated.get(object)?.verdict ?? verifyObject(object, { crypto, resolveKey: keys.resolve }),
    ),
  );
  const own = await ownSubmolts(context, verdicts);
  const submitted = verdicts.flatMap((verdict) =>
    verdict.ok && own.has(audienceOf(verdict.object)) ? [verdict.object] : [],
  );
  const outcomes = await sequencer.submitAll(submitted, caller);
  if (outcomes.some((outcome) => outcome.kind === 'refused' && outcome.code === 'replayed')) {
    return refusePeer('replayed', 'a request with this nonce was admitted already');
  }
  const byObject = new Map(submitted.map((object, i) => [object, outcomes[i]]));
  const results: SubmissionResult[] = [];
  for (const [i, verdict] of verdicts.entries()) {
    const object = objects[i] as JsonObject;
    const outcome = verdict.ok
      ? (stated.get(object)?.outcome ?? byObject.get(verdict.object))
      : undefined;
    if (!verdict.ok) results.push(refusedObject(context, object, verdict));
    else if (outcome === undefined) results.push(notHere(verdict.object));
    else results.push(await settled(context, verdict.object, outcome));
  }
  return { ok: true, status: 200, body: { results } };
}

/** Not looked at: by an agent who has nothing to do with this node. */
interface Stranger {
  readonly ok: false;
  readonly reason: 'identity_unknown_here';
  readonly detail: string;
  readonly retryable: false;
}

const STRANGER: Stranger = {
  ok: false,
  reason: 'identity_unknown_here',
  detail: 'This node does not know the agent. Its first act here brings the statement along.',
  retryable: false,
};

interface TakenStatement {
  readonly verdict: ObjectVerdict | Stranger;
  /** Null for one that does not verify. */
  readonly outcome: SubmitOutcome | null;
}

/**
 * Takes the statements among the objects, wherever they stand: the others are judged by them. DID logs come first, because
 * delegations are signed by the keys in them; what takes one back comes last. They take no nonce: sent once more, they are no news.
 */
async function takeStatements(
  context: FederationContext,
  objects: readonly JsonObject[],
): Promise<ReadonlyMap<JsonObject, TakenStatement>> {
  const strangers = await findStrangers(context, objects);
  const wanted = objects.filter((object) => !strangers.has(object));
  const logs = await takeAll(context, wanted.filter(looksLikeDidLogStatement));
  const delegations = await takeAll(context, wanted.filter(looksLikeDelegation));
  const revocations = await takeAll(context, await findRevocations(context, wanted));
  const ignored = [...strangers].map(
    (object) => [object, { verdict: STRANGER, outcome: null }] as const,
  );
  return new Map([...ignored, ...logs, ...delegations, ...revocations]);
}

/** What takes back a delegation that this node has accepted. Of others it has no use. */
async function findRevocations(
  { db, node }: FederationContext,
  objects: readonly JsonObject[],
): Promise<readonly JsonObject[]> {
  const named = new Map(
    objects.filter(looksLikeRevocation).flatMap((undo) => {
      const name = typeof undo.object === 'string' ? parseObjectName(undo.object) : null;
      return name === null ? [] : [[undo, name] as const];
    }),
  );
  if (named.size === 0) return [];
  const accepted = await listAccepted(db, [...named.values()], node.did);
  return [...named].flatMap(([undo, name]) => (accepted.has(name) ? [undo] : []));
}

async function takeAll(
  { crypto, keys, sequencer }: FederationContext,
  statements: readonly JsonObject[],
): Promise<(readonly [JsonObject, TakenStatement])[]> {
  if (statements.length === 0) return [];
  const verdicts = await Promise.all(
    statements.map((object) => verifyObject(object, { crypto, resolveKey: keys.resolve })),
  );
  const verified = verdicts.flatMap((verdict) => (verdict.ok ? [verdict.object] : []));
  const outcomes = await sequencer.submitAll(verified, null);
  const byObject = new Map(verified.map((object, i) => [object, outcomes[i]]));
  return statements.map((object, i) => {
    const verdict = verdicts[i] as ObjectVerdict;
    const outcome = (verdict.ok && byObject.get(verdict.object)) || null;
    return [object, { verdict, outcome }];
  });
}

function parseSubmissions(value: JsonValue): JsonObject[] | null {
  if (!isObject(value) || !hasExactly(value, 'objects')) return null;
  const { objects } = value;
  if (!Array.isArray(objects) || objects.length === 0) return null;
  const parsed = objects.filter(isObject);
  return parsed.length === objects.length && parsed.length <= MAX_SUBMISSIONS ? parsed : null;
}

function audienceOf({ activity }: VerifiedObject): ObjectName | undefined {
  return 'audience' in activity ? activity.audience : undefined;
}

/** Those submolts the objects are addressed to that this node is home of. */
async function ownSubmolts(
  { db }: FederationContext,
  verdicts: readonly (ObjectVerdict | Stranger)[],
): Promise<ReadonlySet<ObjectName | undefined>> {
  const named = new Set(
    verdicts.flatMap((verdict) => (verdict.ok ? audienceOf(verdict.object) : [])),
  );
  const audiences = [...named].filter((audience) => audience !== undefined);
  if (audiences.length === 0) return new Set();
  const found = await db.batch('read', audiences.map(selectLogOfSubmolt));
  const logs = found.flatMap((rows) => rows.map((row) => readLog(row)));
  return new Set(logs.flatMap(({ isHome, submolt }) => (isHome && submolt ? [submolt] : [])));
}

function refusedObject(
  { crypto }: FederationContext,
  object: JsonObject,
  { detail, reason, retryable }: Extract<ObjectVerdict, { ok: false }> | Stranger,
): SubmissionResult {
  const id = nameOf(canonicalize(object), crypto);
  return retryable
    ? { id, status: 'deferred', detail }
    : { id, status: 'refused', code: reason, detail };
}

function notHere({ name }: VerifiedObject): SubmissionResult {
  const detail = 'The object is addressed to no submolt of this node. Send it to the home itself.';
  return { id: name, status: 'refused', code: 'wrong_home', detail };
}

async function settled(
  { crypto, db }: FederationContext,
  { name }: VerifiedObject,
  outcome: SubmitOutcome,
): Promise<SubmissionResult> {
  switch (outcome.kind) {
    case 'accepted': {
      const receipt = await proveReceipt(db, outcome.receipt, crypto);
      return { id: name, status: 'accepted', receipt };
    }
    case 'refused':
      return outcome.code === 'log_held'
        ? { id: name, status: 'deferred', detail: outcome.detail }
        : { id: name, status: 'refused', code: outcome.code, detail: outcome.detail };
    case 'pending':
      return { id: name, status: 'deferred', detail: 'The submolt is on its way to another home.' };
  }
}
