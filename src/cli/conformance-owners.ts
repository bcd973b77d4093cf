// Owners: a credential and its acceptance count together, each alone and all else does not, and either party ends it.
import type { AgentKey } from '../client/keys.ts';
import type { Code } from '../http/problem.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { mediaTypeOf } from '../protocol/credential-form.ts';
import { credentialName, draftAcceptance, draftWithdrawal } from '../protocol/owner-acceptance.ts';
import type { AgentView } from '../protocol/views.ts';
import { type Case, every, expectRefusal, expectSuccess, holds } from './conformance-case.ts';
import type { Live } from './conformance-live.ts';

const group = 'owners';
const DAY = 86_400;

/** Who takes part in one case, each of them nobody before it. */
interface Parties {
  readonly agent: AgentKey;
  readonly owner: AgentKey;
  readonly stranger: AgentKey;
}

interface Window {
  readonly validFrom: number;
  readonly validUntil: number;
}

function parties(live: Live, name: string): Parties {
  const [agent, owner, stranger] = ['agent', 'owner', 'stranger'].map((party) =>
    live.agent(`${party} of ${name}`),
  ) as [AgentKey, AgentKey, AgentKey];
  return { agent, owner, stranger };
}

async function claim(
  live: Live,
  { agent, owner }: Pick<Parties, 'agent' | 'owner'>,
  { form = 'vc', ...window }: Partial<Window> & { readonly form?: 'vc' | 'jwt' } = {},
): Promise<string> {
  // did-jwt is loaded when a credential is made, not at every start.
  const { createOwnerCredential } = await import('../protocol/owner-credential.ts');
  const validFrom = live.now() - 60;
  const mediaType = form === 'vc' ? 'application/vc' : 'application/vc+jwt';
  const says = { validFrom, validUntil: validFrom + DAY, ...window, mediaType } as const;
  const key = { kind: 'Ed25519', secret: owner.seed } as const;
  return createOwnerCredential(
    { owner: owner.did, agent: agent.did, role: 'operator', ...says },
    { key, keyId: owner.verificationMethod },
    live.crypto,
  );
}

const accepting = (text: string, { crypto }: Live) =>
  draftAcceptance(text, mediaTypeOf(text), crypto);
const ending = (text: string, { crypto }: Live) => draftWithdrawal(credentialName(text, crypto));

async function send(live: Live, by: AgentKey, draft: ActivityDraft) {
  return (await live.submit(by, draft)).answer;
}

async function expectOwners(live: Live, { agent }: Parties, ...owners: readonly AgentKey[]) {
  const answer = await live.read(agent, `/api/v1/agents/${agent.did}`);
  const view = answer.json?.agent as AgentView | undefined;
  const got = (view?.owners ?? []).map(({ did, domain, role }) => [did, domain, role].join(' '));
  const wanted = owners.map(({ did }) => [did, null, 'operator'].join(' '));
  return holds(got.join() === wanted.join(), `owners: ${wanted.join()}`, `owners: ${got.join()}`);
}

/** An acceptance that is refused. */
function refused(
  name: string,
  code: Code,
  make: (live: Live, who: Parties) => Promise<ActivityDraft>,
): Case {
  return {
    group,
    name,
    async run(live) {
      const who = parties(live, name);
      return expectRefusal(await send(live, who.agent, await make(live, who)), code, live);
    },
  };
}

function counts(form: 'vc' | 'jwt', party: 'agent' | 'owner'): Case {
  const name = `a ${form} is accepted, once, and ended for good by the ${party}`;
  return {
    group,
    name,
    async run(live) {
      const who = parties(live, name);
      const text = await claim(live, who, { form });
      const one = await send(live, who.stranger, ending(text, live));
      const accepted = await send(live, who.agent, accepting(text, live));
      const shown = await expectOwners(live, who, who.owner);
      const again = { ...accepting(text, live), published: live.instant(-60) };
      const second = await send(live, who.agent, again);
      const meddled = await send(live, who.stranger, ending(text, live));
      const ended = await send(live, who[party], ending(text, live));
      const gone = await expectOwners(live, who);
      const revived = await send(live, who.agent, { ...again, published: live.instant(-30) });
      return every(
        expectRefusal(one, 'ownership_unknown', live),
        expectSuccess(accepted, 201, live),
        shown,
        expectRefusal(second, 'ownership_stands', live),
        expectRefusal(meddled, 'not_party', live),
        expectSuccess(ended, 201, live),
        gone,
        expectRefusal(revived, 'ownership_ended', live),
      );
    },
  };
}

export const OWNER_CASES: readonly Case[] = [
  counts('vc', 'agent'),
  counts('jwt', 'owner'),
  refused('a credential about somebody else', 'owner_subject_mismatch', async (live, who) =>
    accepting(await claim(live, { ...who, agent: who.stranger }), live),
  ),
  refused('a credential that is over', 'owner_expired', async (live, who) => {
    const window = { validFrom: live.now() - 2 * DAY, validUntil: live.now() - DAY };
    return accepting(await claim(live, who, window), live);
  }),
  refused('a credential that has not begun', 'owner_not_yet_valid', async (live, who) => {
    const window = { validFrom: live.now() + 3600, validUntil: live.now() + DAY };
    return accepting(await claim(live, who, window), live);
  }),
  refused('a credential that was changed', 'owner_signature_invalid', async (live, who) =>
    accepting((await claim(live, who)).replace('"operator"', '"creator"'), live),
  ),
  refused('a credential by the agent itself', 'owner_issuer_refused', async (live, who) => {
    const text = await claim(live, who);
    return accepting(text.replaceAll(who.owner.did, who.agent.did), live);
  }),
  refused('a credential under another name', 'owner_name_mismatch', async (live, who) => {
    const object = credentialName('another', live.crypto);
    return { ...accepting(await claim(live, who), live), object } as ActivityDraft;
  }),
];
