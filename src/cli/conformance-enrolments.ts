// Keys that make themselves known: a did:key without Signature-Agent is enrolled, used, withdrawn, and nobody else by it.
import type { AgentKey } from '../client/keys.ts';
import { utf8 } from '../protocol/bytes.ts';
import { type Case, every, expectRefusal, expectSuccess } from './conformance-case.ts';
import type { Answer } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';

const group = 'enrolments';
const target = '/api/v1/enrolments';

interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly target: string;
  readonly body?: Uint8Array;
  /** None unless told. */
  readonly signatureAgent?: string;
}

function ask(live: Live, agent: AgentKey, request: Asked): Promise<Answer> {
  return live.ask(() => live.signed(agent, { signatureAgent: null, ...request }));
}

function enrol(live: Live, agent: AgentKey, did: string, signatureAgent?: string) {
  const body = utf8(JSON.stringify({ did }));
  const named = signatureAgent === undefined ? {} : { signatureAgent };
  return ask(live, agent, { method: 'POST', target, body, ...named });
}

const read = (live: Live, agent: AgentKey) =>
  // The caller's own feed: nobody is let in without a signature, however open reads are.
  ask(live, agent, { method: 'GET', target: '/api/v1/feed' });

export const ENROLMENT_CASES: readonly Case[] = [
  {
    group,
    name: 'a did:key signs without Signature-Agent from its enrolment to its withdrawal',
    async run(live) {
      const agent = live.agent('enrolled');
      const withdraw = () => ask(live, agent, { method: 'DELETE', target });
      const before = expectRefusal(await read(live, agent), 'no_identifier', live);
      const enrolled = expectSuccess(await enrol(live, agent, agent.did), 201, live);
      const known = expectSuccess(await read(live, agent), 200, live);
      const again = expectSuccess(await enrol(live, agent, agent.did), 200, live);
      const withdrawn = expectSuccess(await withdraw(), 200, live);
      const after = expectRefusal(await read(live, agent), 'no_identifier', live);
      return every(before, enrolled, known, again, withdrawn, after);
    },
  },
  {
    group,
    name: 'a did:key is enrolled by its own key alone',
    async run(live) {
      const agent = live.agent('not enrolled');
      const other = live.agent('another');
      const answer = await enrol(live, other, agent.did);
      const after = expectRefusal(await read(live, agent), 'no_identifier', live);
      return every(expectRefusal(answer, 'key_not_in_directory', live), after);
    },
  },
  {
    group,
    name: 'a replayed enrolment brings no withdrawn key back',
    async run(live) {
      const agent = live.agent('replayed');
      const body = utf8(JSON.stringify({ did: agent.did }));
      const signatureAgent = null;
      const message = live.signed(agent, { method: 'POST', target, body, signatureAgent });
      const first = expectSuccess(await live.exchange(message), 201, live);
      const withdrawn = await ask(live, agent, { method: 'DELETE', target });
      const again = expectRefusal(await live.exchange(message), 'replayed', live);
      const after = expectRefusal(await read(live, agent), 'no_identifier', live);
      return every(first, expectSuccess(withdrawn, 200, live), again, after);
    },
  },
  {
    group,
    name: 'a URL that stands for a DID is enrolled for no other',
    async run(live) {
      const agent = live.agent('named by its URL');
      const url = `${live.node.origin}/dids/${agent.did}/did.json`;
      const answer = await enrol(live, agent, 'did:web:agents.example:alice', url);
      return expectRefusal(answer, 'url_names_a_did', live);
    },
  },
  {
    group,
    name: 'an enrolment names one DID and nothing else',
    async run(live) {
      const agent = live.agent('odd');
      const bodies = ['{}', '[]', `{"did":"${agent.did}","more":1}`, '{"did":"did:example:x"}'];
      const outcomes = [];
      for (const text of bodies) {
        const answer = await ask(live, agent, { method: 'POST', target, body: utf8(text) });
        outcomes.push(expectRefusal(answer, 'enrolment_malformed', live));
      }
      return every(...outcomes);
    },
  },
];
