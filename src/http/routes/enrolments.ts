// Enrolling a key, so that requests signed with it are known by their DID; and withdrawing it.
import type { CommandContext } from '../../commands/context.ts';
import { enrol, type NewEnrolment, withdraw } from '../../commands/enrol.ts';
import type { EnrolmentRoom } from '../../commands/enrolment-room.ts';
import type { Sequencer } from '../../commands/sequencer.ts';
import type { EnrolledKeys } from '../../net/enrolled-keys.ts';
import { type Did, publicKeyOfDidKey } from '../../protocol/did.ts';
import { didOfAgentUrl } from '../../protocol/key-link.ts';
import { isoTime } from '../../store/cell.ts';
import type { VerifiedCaller } from '../authenticate.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { parseEnrolment } from '../enrolment-body.ts';
import { mount } from '../mount.ts';
import { type Refusal, refuse } from '../problem.ts';
import { success } from '../success.ts';

export interface EnrolmentsOptions {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly enrolledKeys: EnrolledKeys;
  /** Of all DIDs; as many as come unless told. */
  readonly enrolmentRoom?: EnrolmentRoom;
}

export function mountEnrolments(app: EdgeApp, options: EnrolmentsOptions): void {
  mount(app, '/api/v1/enrolments', {
    POST: (c) => answerEnrol(c, options),
    DELETE: (c) => answerWithdraw(c, options),
  });
}

/** The signature has shown who holds the key; here is shown whose it is. */
async function answerEnrol(c: EdgeContext, options: EnrolmentsOptions): Promise<Response> {
  // Writes have a caller, and here it is the key: `authenticate` lets none through without.
  const caller = c.get('caller') as VerifiedCaller;
  const body = parseEnrolment(c.get('body'));
  if (!body.ok) return refuse(c, body.refusal);
  const { context, sequencer, enrolledKeys, enrolmentRoom } = options;
  const linked = await link(caller, body.did, enrolledKeys);
  if ('code' in linked) return refuse(c, linked);
  if (enrolmentRoom !== undefined && !(await enrolmentRoom.make())) {
    const detail = 'This node has as many enrolments as it takes.';
    return refuse(c, { code: 'too_many_enrolments', detail });
  }
  const outcome = await enrol(context, sequencer, linked, caller);
  if (outcome.ok && outcome.first) enrolmentRoom?.added();
  if (!outcome.ok) return refuse(c, { code: outcome.reason, detail: outcome.detail });
  const { did, keyid, url } = linked;
  const enrolled_at = isoTime(outcome.enrolledAt);
  const enrolment = { did, keyid, signature_agent: url, enrolled_at };
  return success({ enrolment }, outcome.first ? 201 : 200);
}

async function link(
  { agentUrl: url, did: ofKey, keyid }: VerifiedCaller,
  did: Did,
  enrolledKeys: EnrolledKeys,
): Promise<NewEnrolment | Refusal> {
  if (url === null) {
    const publicKey = publicKeyOfDidKey(ofKey) as Uint8Array;
    const verificationMethod = `${did}#${did.slice('did:key:'.length)}`;
    return { url, keyid, did, publicKey, verificationMethod, published: [], listed: [keyid] };
  }
  const checked = await enrolledKeys.check({ url, keyid, did });
  if (checked.ok) return { url, keyid, ...checked };
  const { detail, reason } = checked;
  if (reason === 'set_unavailable') return { code: 'discovery_failed', detail };
  return { code: reason === 'did_unavailable' ? 'did_unresolvable' : reason, detail };
}

async function answerWithdraw(
  c: EdgeContext,
  { context, sequencer }: EnrolmentsOptions,
): Promise<Response> {
  const caller = c.get('caller') as VerifiedCaller;
  const { agentUrl: url, keyid } = caller;
  const outcome = await withdraw(context, sequencer, { url, keyid }, caller);
  if (outcome.ok) return success({ enrolment: { did: outcome.did, keyid, signature_agent: url } });
  const named = url === null ? null : didOfAgentUrl(url);
  const detail = named === null ? outcome.detail : `requests with this URL are those of ${named}`;
  return refuse(c, { code: outcome.reason, detail });
}
