// Submitting one signed object, and asking what became of it.

import type { CommandContext } from '../../commands/context.ts';
import type { Sequencer } from '../../commands/sequencer.ts';
import type { VerifyOwner } from '../../net/owner-credentials.ts';
import { parseIJson } from '../../protocol/json.ts';
import { type KeyResolver, verifyObject } from '../../protocol/object.ts';
import { idOf } from '../../protocol/object-name.ts';
import { getActivityStatus } from '../../store/queries/activity-status.ts';
import { proveReceipt } from '../../store/queries/receipts.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { nameSegment } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { refuseAcceptance } from '../refuse-acceptance.ts';
import { success } from '../success.ts';

export interface ActivitiesOptions {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly resolveKey: KeyResolver;
  readonly verifyOwner: VerifyOwner;
}

export function mountActivities(app: EdgeApp, options: ActivitiesOptions): void {
  mount(app, '/api/v1/activities/:id', { GET: (c) => answerStatus(c, options.context) });
  mount(app, '/api/v1/activities', { POST: (c) => submit(c, options) });
}

/** The proof inside decides who wrote; the caller only brings it, and answers for the nonce. */
async function submit(
  c: EdgeContext,
  { context, sequencer, resolveKey, verifyOwner }: ActivitiesOptions,
): Promise<Response> {
  const parsed = parseIJson(c.get('body'));
  if (!parsed.ok) return refuse(c, { code: parsed.reason, detail: parsed.detail });
  const verdict = await verifyObject(parsed.value, { crypto: context.crypto, resolveKey });
  if (!verdict.ok) {
    const { reason: code, detail, path } = verdict;
    return refuse(c, { code, detail, path });
  }
  const { object } = verdict;
  const refusal = await refuseAcceptance(object, context, verifyOwner);
  if (refusal !== null) return refuse(c, refusal);
  const outcome = await sequencer.submit({ object, caller: c.get('caller') });
  const names = { id: idOf(object.name), object: object.name };
  switch (outcome.kind) {
    case 'refused':
      return refuse(c, { code: outcome.code, detail: outcome.detail });
    case 'pending':
      return success({ ...names, status: 'pending' }, 202);
    case 'accepted': {
      const receipt = await proveReceipt(context.db, outcome.receipt, context.crypto);
      return success({ ...names, status: 'accepted', receipt }, outcome.first ? 201 : 200);
    }
  }
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
