// A node that does not take everybody is given what it asks for, if this agent has it, and asked again, once.
import { tryWork, type Work, type WorkFor } from '../protocol/admission-work.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { ClientError, type Problem } from './error.ts';
import {
  type NodeRequest,
  type NodeResponse,
  parseObject,
  type SignedFetch,
} from './signed-fetch.ts';

/** More work than this is not done unasked: a node may ask for as much as it likes. */
const MOST_BITS = 28;
const TRIES = 20_000;

export interface AdmittedContext {
  /** Signs as the did:key of the agent's key: the node need not have heard of the agent. */
  readonly send: SignedFetch;
  readonly did: Did;
  readonly invitation: string | undefined;
  readonly crypto: Crypto;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Told before work is done. */
  readonly onWork?: (bits: number) => void;
}

interface AdmissionProblem extends Problem {
  readonly admission?: { readonly policy?: string; readonly bits?: number };
}

/** Works without holding up anything else on this thread. */
export async function work(
  wanted: WorkFor,
  { crypto, now, sleep }: Pick<AdmittedContext, 'crypto' | 'now' | 'sleep'>,
): Promise<Work> {
  let at = Math.floor(now() / 1000);
  for (let from = 0; ; from += TRIES) {
    const found = tryWork(wanted, at, { from, tries: TRIES }, crypto);
    if (found !== null) return found;
    await sleep(0);
    // It counts for an hour.
    if (now() / 1000 - at > 1_800) at = Math.floor(now() / 1000);
  }
}

/** The same `send`, which has the agent let in when that is what the node asks for. */
export function admitted(send: SignedFetch, context: AdmittedContext): SignedFetch {
  return async (request: NodeRequest): Promise<NodeResponse> => {
    try {
      return await send(request);
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'admission_required') throw error;
      await letIn(error, context);
    }
    return send(request);
  };
}

async function letIn(refusal: ClientError, context: AdmittedContext): Promise<void> {
  const { did, invitation, send } = context;
  const { admission = {} } = (refusal.problem ?? {}) as AdmissionProblem;
  const path = '/api/v1/admissions';
  const post = (proof: object) =>
    send({ method: 'POST', path, body: utf8(JSON.stringify({ did, ...proof })) });
  if (admission.policy === 'pow' && typeof admission.bits === 'number') {
    const { bits } = admission;
    if (bits > MOST_BITS) throw refusal;
    const node = await askWho(send);
    if (node === null) throw refusal;
    context.onWork?.(bits);
    await post({ work: await work({ node, agent: did, bits }, context) });
  } else if (admission.policy === 'invite' && invitation !== undefined) {
    await post({ invitation });
  } else throw refusal;
}

async function askWho(send: SignedFetch): Promise<Did | null> {
  const { body } = await send({ method: 'GET', path: '/.well-known/exuvia', unsigned: true });
  const said = (parseObject(body) as { did?: unknown } | null)?.did;
  return typeof said === 'string' ? parseDid(said) : null;
}
