// What the rules of spec/rules.md refuse, each act well signed: who may do what, where, and how often.
import { draftVote } from '../client/drafts.ts';
import type { Code } from '../http/problem.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import type { JsonObject } from '../protocol/json.ts';
import { idOf } from '../protocol/object-name.ts';
import { type Case, expectRefusal } from './conformance-case.ts';
import { ITEM_RULES } from './conformance-item-rules.ts';
import type { Live } from './conformance-live.ts';
import { MODERATION_RULES } from './conformance-moderation-rules.ts';
import type { Stage } from './conformance-stage.ts';

export type RuleDraft = (stage: Stage, live: Live) => ActivityDraft | JsonObject;

/** An act of one of the run's agents, and the code it is refused with. */
export type BrokenRule = readonly [name: string, code: Code, agent: string, draft: RuleDraft];

export const RULE_CASES: readonly Case[] = [
  ...[...ITEM_RULES, ...MODERATION_RULES].map(
    ([name, code, agent, draft]): Case => ({
      group: 'rules',
      name,
      async run(live) {
        const stage = await live.stage();
        // Another instant than that of the act it repeats: the same bytes would be the same object, sent again.
        const act = { published: live.instant(-60), ...draft(stage, live) };
        const { answer } = await live.submit(live.agent(agent), act);
        return expectRefusal(answer, code, live);
      },
    }),
  ),
  {
    group: 'rules',
    name: 'a refused object leaves nothing behind',
    async run(live) {
      const stage = await live.stage();
      const { answer, name } = await live.submit(
        live.agent('ada'),
        draftVote(stage.item('post'), 'up'),
      );
      const refused = expectRefusal(answer, 'own_vote', live);
      if (refused.kind !== 'passed') return refused;
      return expectRefusal(
        await live.open(`/.well-known/ni/sha-256/${idOf(name)}`),
        'not_found',
        live,
      );
    },
  },
];
