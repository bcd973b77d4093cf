// Tells a node what the DID of an agent stands for now: its DID log as a statement that the agent signs.

import type { Crypto } from '../protocol/crypto.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { scidOf } from '../protocol/did.ts';
import { type DidLog, readDidLog } from '../protocol/did-log.ts';
import { didLogStatement } from '../protocol/did-log-statement.ts';
import { signObject } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { ClientError } from './error.ts';
import { checkReceipt } from './fetch-object.ts';
import type { AgentKey } from './keys.ts';
import { compareDidLogs, fetchDidLog } from './known-did-log.ts';
import { parseObject, type SignedFetch } from './signed-fetch.ts';

/** What became of a DID log: the node has taken the statement `id`, or has had this version before. */
export type Published =
  | { readonly status: 'accepted'; readonly id: ObjectName; readonly receipt: Receipt }
  | { readonly status: 'known' };

export interface PublishContext {
  /** Signs as the did:key of the agent's key: the node need not have heard of the agent. */
  readonly send: SignedFetch;
  readonly crypto: Crypto;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Throws ClientError: the node's refusal, or why no answer came. */
export async function publishDidLog(key: AgentKey, context: PublishContext): Promise<Published> {
  const { send, crypto, now } = context;
  const { didLog } = key;
  if (didLog === undefined) {
    throw new ClientError('invalid_argument', `${key.did} has no DID log to publish`);
  }
  const created = formatDateTime(Math.floor(now() / 1000));
  const { name, bytes } = signObject(didLogStatement(didLog), { ...key, created }, crypto);
  const request = { method: 'POST', path: '/api/v1/activities', body: bytes } as const;
  let stale: ClientError | null = null;
  const answer = await send(request).catch((error: unknown) => {
    if (!(error instanceof ClientError)) throw error;
    if (error.code === 'identity_forked') throw refusedAs(error, error.message);
    if (error.code !== 'identity_stale') throw error;
    stale = error;
    return null;
  });
  // 200: the node has had this very statement, and perhaps a later one since.
  if (answer === null || answer.status === 200) {
    const known = await fetchDidLog(scidOf(key.did) ?? '', send, crypto);
    requireSame(readDidLog(didLog), known?.log ?? null, stale);
    return { status: 'known' };
  }
  const { receipt } = (parseObject(answer.body) ?? {}) as { receipt?: Receipt };
  if (receipt === undefined) {
    throw new ClientError('bad_response', 'the node gave no receipt for the DID log');
  }
  checkReceipt(receipt, name, bytes, crypto);
  return { status: 'accepted', id: name, receipt };
}

/** That the node has this version already is as good as that it takes it; a later one is not this agent's. */
function requireSame(mine: DidLog, known: DidLog | null, refusal: ClientError | null): void {
  if (known !== null && compareDidLogs(mine, known) === 'same') return;
  const [have, has] = [mine.versions.length, known?.versions.length ?? 'another'];
  const refused =
    refusal ?? new ClientError('identity_stale', 'no news', { problem: { status: 409 } });
  throw refusedAs(refused, `the node knows version ${has} of ${mine.did}, not ${have}`);
}

/** The node's refusal in the words of whoever owns the identity. */
function refusedAs({ code, problem }: ClientError, message: string): ClientError {
  return new ClientError(code, message, {
    ...(problem !== null && { problem }),
    remedy:
      'If you changed the keys elsewhere, take the key files from there. If it was not you, somebody has your keys: recover with the recovery key.',
  });
}
