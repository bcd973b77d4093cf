// Request keys of agents whose keys change: under `authentication` of the DID log that the Signature-Agent's SCID names.
import type { Crypto } from '../protocol/crypto.ts';
import { didWebvhToUrl, subjectOfScid } from '../protocol/did.ts';
import type { DidLog } from '../protocol/did-log.ts';
import { keysOfDidLog } from '../protocol/did-log-statement.ts';
import type {
  FoundRequestKey,
  RequestKey,
  RequestKeyRefusal,
} from '../protocol/request-signature.ts';
import { isLoopbackHost } from '../protocol/signature-agent.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import type { DidLogs } from './did-logs.ts';
import { unfetchedReason } from './unfetched-reason.ts';

export type DidLogRequestKeys = (
  agentUrl: string,
  scid: string,
  keyid: string,
) => Promise<FoundRequestKey>;

type Found = { readonly ok: true; readonly log: DidLog } | Extract<FoundRequestKey, { ok: false }>;

/**
 * Makes the lookup. The log known to this node decides alone, so that a key that was rotated away stops at once, whatever
 * a host goes on serving. For an agent that is not known the log beside the document is fetched.
 */
export function createDidLogRequestKeys(
  { known, origin, published }: Pick<DidLogs, 'known' | 'origin' | 'published'>,
  crypto: Pick<Crypto, 'sha256'>,
): DidLogRequestKeys {
  // Logs are immutable and cached: their keys go with them.
  const keysByLog = new WeakMap<DidLog, ReadonlyMap<string, RequestKey>>();

  function keysOf(log: DidLog): ReadonlyMap<string, RequestKey> {
    const parsed = keysByLog.get(log) ?? requestKeysOf(log, crypto);
    keysByLog.set(log, parsed);
    return parsed;
  }

  async function logAt(agentUrl: string, scid: string, refresh: boolean): Promise<Found> {
    const here = await known.get(subjectOfScid(scid), { fresh: refresh });
    if (here !== null) return { ok: true, log: here };
    const url = agentUrl.replace(/json$/, 'jsonl');
    // What this node would serve there is what it knows.
    if (origin !== null && url.startsWith(`${origin}/`)) {
      return unknown(`no DID log of ${scid} is known here`);
    }
    const fetched = await published.get(url, { refresh });
    if (!fetched.ok) {
      const { detail, fault, reason: kind, retryable } = fetched;
      if (kind === 'failed') return unknown(`no DID log of ${scid} is known here: ${detail}`);
      // A log has faults of its own, which `detail` names.
      const reason = kind === 'invalid' ? 'discovery_failed' : unfetchedReason(fault);
      return refused(reason, detail, retryable);
    }
    const log = fetched.document;
    if (log.scid !== scid) return refused('did_mismatch', `${url} is the log of ${log.did}`);
    // Elsewhere an old version may lie, with keys that have been rotated away since.
    if (isHostedAt(log, url)) return { ok: true, log };
    return refused('did_mismatch', `${log.did} is not hosted at ${url}`);
  }

  return async (agentUrl, scid, keyid) => {
    let ended = false;
    for (const refresh of [false, true]) {
      const found = await logAt(agentUrl, scid, refresh);
      if (!found.ok) return found;
      ended = found.log.deactivated;
      const key = keysOf(found.log).get(keyid);
      if (key !== undefined) return { ok: true, ...key };
    }
    const detail = ended
      ? `the DID log of ${scid} has ended: no key counts any more`
      : `the DID log of ${scid} lists no ${keyid} for requests`;
    return refused('key_not_in_directory', detail);
  };
}

function requestKeysOf(log: DidLog, crypto: Pick<Crypto, 'sha256'>): Map<string, RequestKey> {
  const keys = new Map<string, RequestKey>();
  if (log.deactivated) return keys;
  for (const { id, publicKey } of keysOfDidLog(log, 'authentication')) {
    const thumbprint = jwkThumbprint(publicKey, crypto);
    // A key may be listed under several ids; the first is the one that is named.
    if (keys.has(thumbprint)) continue;
    keys.set(thumbprint, { did: log.did, publicKey, verificationMethod: id });
  }
  return keys;
}

/** On one machine a node has several names: its port tells it from the others. */
function isHostedAt({ did }: DidLog, url: string): boolean {
  const hosted = didWebvhToUrl(did);
  if (hosted === null) return false;
  const [own, asked] = [new URL(hosted), new URL(url)];
  if (!isLoopbackHost(own.hostname) || !isLoopbackHost(asked.hostname)) return hosted === url;
  return own.port === asked.port && own.pathname === asked.pathname;
}

/** The agent need not wait until somebody answers: it can state its log. */
function unknown(detail: string): Extract<FoundRequestKey, { ok: false }> {
  return refused('identity_unknown', `${detail}; submit its statement`);
}

function refused(
  reason: RequestKeyRefusal,
  detail: string,
  retryable = false,
): Extract<FoundRequestKey, { ok: false }> {
  return { ok: false, reason, detail, retryable };
}
