// Who an agent's owners are, checked here: both signatures, and whether the owner has taken the credential back since.
import type { Activity } from '../protocol/activity.ts';
import { mediaTypeOf } from '../protocol/credential-form.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, scidOf, subjectOf } from '../protocol/did.ts';
import type { DocumentResolver } from '../protocol/did-document.ts';
import { OWNERS } from '../protocol/labels.ts';
import type { KeyResolver } from '../protocol/object.ts';
import { nameFromId, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import { credentialName } from '../protocol/owner-acceptance.ts';
import type { OwnerVerdict, verifyOwnerCredential } from '../protocol/owner-credential.ts';
import { readStatedOwnership } from '../protocol/stated-ownership.ts';
import type { OwnerView } from '../protocol/views.ts';
import { ClientError } from './error.ts';
import { createDocumentResolver } from './fetch-document.ts';
import { fetchAct, fetchVerifiedObject } from './fetch-object.ts';
import { createStatusListFetcher } from './fetch-status-list.ts';
import type { SignedFetch } from './signed-fetch.ts';

/** An owner as the node shows them, and what came of checking it. */
export interface CheckedOwner extends OwnerView {
  /** The owner's half, as of now. */
  readonly verdict: OwnerVerdict;
  /**
   * The agent's half. `signed`: its proof holds here. `told`: the key cannot be had, or the agent's document lists it no
   * more, so that it is for the node to know whether it counted then.
   */
  readonly acceptance: 'signed' | 'told';
}

/**
 * `verifyOwnerCredential` of `exuvia/owner-credential`. It is handed in: it brings a JWT library, which agents that look at
 * no owners need not load.
 */
export type VerifyOwner = typeof verifyOwnerCredential;

export interface OwnerCheck {
  readonly send: SignedFetch;
  readonly fetch: typeof globalThis.fetch;
  readonly crypto: Crypto;
  readonly resolveKey: KeyResolver;
  /** Milliseconds. */
  readonly now: () => number;
  readonly verify: VerifyOwner;
  /** Origin of the node that is asked for DID logs. */
  readonly node: string;
}

/** Throws `verification_failed` where the node shows an acceptance that is none of this agent, or of another credential. */
export async function checkOwner(
  agent: Did,
  owner: OwnerView,
  check: OwnerCheck,
): Promise<CheckedOwner> {
  const { activity, acceptance } = await fetchAcceptance(owner.object, check);
  const { crypto, fetch, now, verify } = check;
  const text = contentOf(activity, agent);
  if (text === null || credentialName(text, crypto) !== owner.credential) {
    const detail = `${owner.object} is no acceptance of ${owner.credential} by ${agent}`;
    throw new ClientError('verification_failed', detail);
  }
  const verdict = await verify(text, {
    agent,
    mediaType: mediaTypeOf(text),
    now: now() / 1000,
    crypto,
    resolveDocument: documentsOf(check),
    statusList: createStatusListFetcher(fetch),
  });
  return { ...owner, verdict, acceptance };
}

/** The DID log of an owner may be at the node, or where the owner keeps it. */
function documentsOf({ crypto, fetch, node }: OwnerCheck): DocumentResolver {
  const [atNode, elsewhere] = [{ crypto, node }, { crypto }].map((options) =>
    createDocumentResolver(fetch, options),
  ) as [DocumentResolver, DocumentResolver];
  return async (did) => {
    if (scidOf(did) === null) return elsewhere(did);
    const found = await atNode(did);
    return found.ok ? found : elsewhere(did);
  };
}

async function fetchAcceptance(name: ObjectName, { crypto, resolveKey, send }: OwnerCheck) {
  try {
    const { activity } = await fetchVerifiedObject(name, send, { crypto, resolveKey });
    return { activity, acceptance: 'signed' } as const;
  } catch (error) {
    if (!(error instanceof ClientError && error.code === 'verification_failed')) throw error;
    const { activity } = await fetchAct(name, send, crypto);
    return { activity, acceptance: 'told' } as const;
  }
}

function contentOf(activity: Activity, agent: Did): string | null {
  if (activity.type !== 'Add' || activity.target !== OWNERS) return null;
  return subjectOf(activity.actor) === subjectOf(agent) ? (activity.content ?? null) : null;
}

/** Throws `invalid_argument` for what no node would take from this agent, before anything is signed. */
export function requireClaimOn(agent: Did, credential: string): void {
  const stated = readStatedOwnership(credential, mediaTypeOf(credential));
  if (stated === null) throw new ClientError('invalid_argument', 'not a credential of an owner');
  if (stated.agent !== subjectOf(agent)) {
    throw new ClientError('invalid_argument', `the credential is about ${stated.agent}`);
  }
}

/** The name of a credential that is given by its text, its name or the 43 characters of that. */
export function credentialOf(ref: string, crypto: Pick<Crypto, 'sha256'>): ObjectName {
  return parseObjectName(ref) ?? nameFromId(ref) ?? credentialName(ref, crypto);
}
