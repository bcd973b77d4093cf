// Submitting one signed object, and asking what became of it.

import type { CommandContext } from '../../commands/context.ts';
import type { Sequencer } from '../../commands/sequencer.ts';
import { parseIJson } from '../../protocol/json.ts';
import { type KeyResolver, verifyObject } from '../../protocol/object.ts';
import { idOf } from '../../protocol/object-name.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { refuse } from '../problem.ts';

export interface ActivitiesOptions {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly resolveKey: KeyResolver;
}

export function mountActivities(app: EdgeApp, options: ActivitiesOptions): void {
  mount(app, '/api/v1/activities', { POST: (c) => submit(c, options) });
}

/** The proof inside decides who wrote; the caller only brings it, and answers for the nonce. */
async function submit(
  c: EdgeContext,
  { context, sequencer, resolveKey }: ActivitiesOptions,
): Promise<Response> {
  const parsed = parseIJson(c.get('body'));
  if (!parsed.ok) return refuse(c, { code: parsed.reason, detail: parsed.detail });
  const verdict = await verifyObject(parsed.value, { crypto: context.crypto, resolveKey });
  if (!verdict.ok) {
    const { reason: code, detail, path } = verdict;
    return refuse(c, { code, detail, path });
  }
  const { object } = verdict;
  const outcome = await sequencer.submit({ object, caller: c.get('caller') });
  const accepted = { id: idOf(object.name), object: object.name };
  switch (outcome.kind) {
    case 'refused':
      return refuse(c, { code: outcome.code, detail: outcome.detail });
    case 'pending':
      return c.json({ success: true, ...accepted, status: 'pending' }, 202);
    case 'accepted':
      return c.json(
        { success: true, ...accepted, status: 'accepted', receipt: outcome.receipt },
        outcome.first ? 201 : 200,
      );
  }
}
