// What a node knows of an identity: its DID log as the node serves it, checked here, beside the agent's own.
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type DidLog, extendsDidLog, verifyDidLog } from '../protocol/did-log.ts';
import { ClientError } from './error.ts';
import type { SignedFetch } from './signed-fetch.ts';

export interface KnownDidLog {
  readonly text: string;
  readonly log: DidLog;
}

/** The DID log that a node serves for a SCID, or null where it knows none. Throws ClientError. */
export async function fetchDidLog(
  scid: string,
  send: SignedFetch,
  crypto: Pick<Crypto, 'sha256' | 'verify' | 'acceptsKey'>,
): Promise<KnownDidLog | null> {
  const path = `/dids/${scid}/did.jsonl`;
  const answer = await send({ method: 'GET', path, unsigned: true }).catch((error: unknown) => {
    if (error instanceof ClientError && error.problem?.status === 404) return null;
    throw error;
  });
  if (answer === null) return null;
  const text = readText(answer.body);
  const verdict = await verifyDidLog(text, { crypto });
  if (!verdict.ok || verdict.log.scid !== scid) {
    const why = verdict.ok ? 'it is that of another identity' : verdict.detail;
    throw new ClientError('verification_failed', `${path} is not the DID log: ${why}`);
  }
  return { text, log: verdict.log };
}

function readText(body: Uint8Array): string {
  try {
    return decodeUtf8(body);
  } catch (cause) {
    throw new ClientError('bad_response', 'the DID log is not UTF-8', { cause });
  }
}

/**
 * - `same`: both end with the same version;
 * - `older`: theirs lacks versions that mine has;
 * - `newer`: theirs goes on where mine ends;
 * - `forked`: two histories of one identity.
 */
export type DidLogComparison = 'same' | 'older' | 'newer' | 'forked';

/** How the log of somebody else stands to one's own. */
export function compareDidLogs(mine: DidLog, theirs: DidLog): DidLogComparison {
  const [last, known] = [mine.versions.at(-1), theirs.versions.at(-1)];
  if (last === undefined || known === undefined) return 'forked';
  if (extendsDidLog(theirs, last)) return last.number === known.number ? 'same' : 'newer';
  return extendsDidLog(mine, known) ? 'older' : 'forked';
}
