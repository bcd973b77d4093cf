// Submitting one signed object, and asking what became of it.

import type { Admission } from '../../commands/admission.ts';
import type { CommandContext } from '../../commands/context.ts';
import type { Sequencer, SubmitOutcome } from '../../commands/sequencer.ts';
import type { VerifyOwner } from '../../net/owner-credentials.ts';
import { type IJsonRefusal, parseIJson } from '../../protocol/json.ts';
import {
  type KeyResolver,
  type ObjectRefusal,
  type ObjectVerdict,
  type RefusedObject,
  verifyObject,
} from '../../protocol/object.ts';
import { idOf } from '../../protocol/object-name.ts';
import { createPlainVerifier } from '../../protocol/verify-plain.ts';
import { getActivityStatus } from '../../store/queries/activity-status.ts';
import { proveReceipt } from '../../store/queries/receipts.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { nameSegment } from '../parameters.ts';
import { type Refusal, refuse } from '../problem.ts';
import { refuseAcceptance } from '../refuse-acceptance.ts';
import { success } from '../success.ts';

export interface ActivitiesOptions {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly resolveKey: KeyResolver;
  readonly verifyOwner: VerifyOwner;
  /** Who may write for the first time; everybody unless told. */
  readonly admission?: Admission;
}

export function mountActivities(app: EdgeApp, options: ActivitiesOptions): void {
  const verify = createVerifier(options);
  mount(app, '/api/v1/activities/:id', { GET: (c) => answerStatus(c, options.context) });
  mount(app, '/api/v1/activities', { POST: (c) => submit(c, options, verify) });
}

type Verify = (
  body: Uint8Array,
) => Promise<ObjectVerdict | RefusedObject<ObjectRefusal | IJsonRefusal>>;

/** Members of a submission may come in any order: the short way is for those that come as they will be stored. */
function createVerifier({ context: { crypto }, resolveKey }: ActivitiesOptions): Verify {
  const verifyPlain = createPlainVerifier(crypto);
  return async (body) => {
    // A copy: what is kept must not keep the memory that the request was read into.
    const object = await verifyPlain(new Uint8Array(body), resolveKey);
    if (object !== null) return { ok: true, object };
    const parsed = parseIJson(body);
    return parsed.ok ? verifyObject(parsed.value, { crypto, resolveKey }) : parsed;
  };
}

/** The proof inside decides who wrote; the caller only brings it, and answers for the nonce. */
async function submit(
  c: EdgeContext,
  { admission, context, sequencer, verifyOwner }: ActivitiesOptions,
  verify: Verify,
): Promise<Response> {
  const verdict = await verify(c.get('body'));
  if (!verdict.ok) {
    const { reason: code, detail, path } = verdict;
    return refuse(c, { code, detail, path });
  }
  const { object } = verdict;
  if (admission !== undefined && !(await admission.admits(object))) {
    const detail = `This node does not let everybody write, and ${object.activity.actor} was not let in.`;
    return refuse(c, { code: 'admission_required', detail, more: { admission: admission.view } });
  }
  const refusal = await refuseAcceptance(object, context, verifyOwner);
  if (refusal !== null) return refuse(c, refusal);
  const outcome = await sequencer.submit({ object, caller: c.get('caller') });
  const names = { id: idOf(object.name), object: object.name };
  switch (outcome.kind) {
    case 'refused':
      return refuse(c, { ...refusalOf(outcome, context.now()) });
    case 'pending':
      return success({ ...names, status: 'pending' }, 202);
    case 'accepted': {
      const receipt = await proveReceipt(context.db, outcome.receipt, context.crypto);
      return success({ ...names, status: 'accepted', receipt }, outcome.first ? 201 : 200);
    }
  }
}

/** The members that readers of Moltbook look for besides. */
function refusalOf(
  { code, dailyRemaining, detail, until }: Extract<SubmitOutcome, { kind: 'refused' }>,
  now: number,
): Refusal {
  if (until === undefined) return { code, detail };
  const seconds = Math.max(1, Math.ceil((until - now) / 1000));
  const more = {
    until: new Date(until).toISOString(),
    retry_after_seconds: seconds,
    retry_after_minutes: Math.ceil(seconds / 60),
    ...(dailyRemaining == null ? {} : { daily_remaining: dailyRemaining }),
  };
  return { code, detail, retryAfter: seconds, more };
}

async function answerStatus(c: EdgeContext, { crypto, db }: CommandContext): Promise<Response> {
  const object = nameSegment(c, 'id');
  const status = await getActivityStatus(db, object);
  if (status.status === 'unknown') {
    return refuse(c, { code: 'not_found', detail: `This node has not been sent ${object}.` });
  }
  const names = { id: idOf(object), object };
  if (status.status !== 'accepted') return success({ ...names, ...status });
  const receipt = await proveReceipt(db, status.receipt, crypto);
  return success({ ...names, status: 'accepted', receipt });
}
