// DID logs, from where they may be had: what this node knows comes before anything that is published.
import { type Did, subjectOf } from '../protocol/did.ts';
import type { DidLog } from '../protocol/did-log.ts';
import { type DidLogCache, didLogUrl } from './did-log-cache.ts';
import type { ResolveMode } from './did-resolver.ts';
import type { KnownDidLogs } from './known-did-logs.ts';
import type { NotLoaded } from './url-cache.ts';

export interface DidLogs {
  readonly known: KnownDidLogs;
  readonly published: DidLogCache;
  /** The node's own; null for nobody's. */
  readonly origin: string | null;
  /** The node is on plain http itself. */
  readonly loopback: boolean;
}

type FoundDidLog =
  | { readonly ok: true; readonly log: DidLog }
  | (Omit<NotLoaded, 'reason' | 'fault'> & {
      /** There is a log, and the DID is not what it is called by it any more. */
      readonly ended?: 'deactivated' | 'moved';
    });

/** The log of a did:webvh under the name it has now: the one known here, or else the one at the DID's own address. */
export async function findDidLog(
  { known, loopback, published }: DidLogs,
  did: Did,
  mode: ResolveMode,
): Promise<FoundDidLog> {
  const here = await known.get(subjectOf(did));
  if (here !== null) return judge(here, did);
  const url = didLogUrl(did, { loopback });
  if (url === null) return failure(`${did} has no DID log`, false);
  if (mode === 'cached') {
    const kept = published.peek(url);
    return kept === null
      ? failure(`the DID log of ${did} is not known here yet`, true)
      : judge(kept, did);
  }
  const fetched = await published.get(url, { refresh: mode === 'refresh' });
  return fetched.ok ? judge(fetched.document, did) : fetched;
}

function judge(log: DidLog, did: Did): FoundDidLog {
  if (log.deactivated) {
    return { ...failure(`${did} is deactivated`, false), ended: 'deactivated' };
  }
  if (log.did === did) return { ok: true, log };
  return { ...failure(`the DID log for ${did} is that of ${log.did}`, false), ended: 'moved' };
}

function failure(detail: string, retryable: boolean) {
  return { ok: false, detail, retryable } as const;
}
