// Being let in: what the node says it asks for, and that it takes nothing else for it.
import { utf8 } from '../protocol/bytes.ts';
import { type Case, every, expectRefusal, holds } from './conformance-case.ts';
import type { Answer } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';

const group = 'admission';
const POLICIES = ['open', 'pow', 'invite', 'owner'];

function post(live: Live, body: object): Promise<Answer> {
  const target = '/api/v1/admissions';
  const bytes = utf8(JSON.stringify(body));
  return live.ask(() => live.signed(live.agent('nell'), { method: 'POST', target, body: bytes }));
}

function policyOf(value: unknown): string {
  const { policy } = (value ?? {}) as { policy?: unknown };
  return typeof policy === 'string' ? policy : `${policy}`;
}

export const ADMISSION_CASES: readonly Case[] = [
  {
    group,
    name: 'the node says what it asks of agents before their first act',
    async run(live) {
      const said = policyOf((await live.open('/.well-known/exuvia')).json?.admission);
      return holds(POLICIES.includes(said), POLICIES.join(', '), said);
    },
  },
  {
    group,
    name: 'what is neither work nor an invitation lets nobody in',
    async run(live) {
      const { did } = live.agent('nell');
      const bodies = [{}, { did }, { did: 'nell', invitation: 'x' }, { did, work: { at: 1 } }];
      const answers = [];
      for (const body of bodies) answers.push(await post(live, body));
      return every(...answers.map((answer) => expectRefusal(answer, 'admission_malformed', live)));
    },
  },
  {
    group,
    name: 'an invitation that nobody has signed lets nobody in',
    async run(live) {
      const { did } = live.agent('nell');
      const answer = await post(live, { did, invitation: 'eyJ9.x' });
      const policy = policyOf((await live.open('/.well-known/exuvia')).json?.admission);
      if (policy === 'open')
        return holds(answer.status === 200, '200 for everybody', `${answer.status}`);
      const code = policy === 'invite' ? 'invitation_refused' : 'admission_elsewise';
      return expectRefusal(answer, code, live);
    },
  },
];
