// The keys of whom an agent writes with: to encrypt for, and to verify by; asked of the agent's node and of the other one's host.
import { type AgreementKey, agreementKeysFor } from '../protocol/agreement-key.ts';
import type { Did } from '../protocol/did.ts';
import { didMethod } from '../protocol/did.ts';
import { didKeyDocument } from '../protocol/did-document.ts';
import type { DidLog } from '../protocol/did-log.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './error.ts';
import { createDocumentResolver, fetchVerifiedLog } from './fetch-document.ts';
import { createKeyResolver } from './key-resolver.ts';
import { compareDidLogs } from './known-did-log.ts';

type Line = Pick<Connection, 'crypto' | 'fetch' | 'origin'>;

const PATIENCE_MS = 10_000;

/**
 * What to encrypt for. Of a did:webvh the newer of two DID logs counts, so that neither the node nor the host alone can hand
 * out a key that was given up. Throws ClientError.
 */
export async function readersOf(did: Did, line: Line): Promise<readonly AgreementKey[]> {
  const document = await documentOf(did, line);
  const listed = agreementKeysFor(document, did, line.crypto);
  if (listed.ok && listed.keys.length > 0) return listed.keys;
  const why = listed.ok ? 'it lists no key' : listed.detail;
  throw new ClientError('no_agreement_key', `nothing can be encrypted for ${did}: ${why}`);
}

async function documentOf(did: Did, line: Line): Promise<unknown> {
  if (didMethod(did) !== 'webvh') {
    const resolve = didMethod(did) === 'key' ? didKeyDocument : createDocumentResolver(line.fetch);
    const found = await resolve(did);
    if (found.ok) return found.document;
    throw new ClientError('key_unresolvable', found.detail);
  }
  const log = await newestLog(did, line);
  if (log.deactivated || log.did !== did) {
    const now = log.deactivated ? 'deactivated' : `${log.did} by now`;
    throw new ClientError('identity_moved', `${did} is ${now}`);
  }
  return log.versions.at(-1)?.document;
}

async function newestLog(did: Did, { crypto, fetch, origin: node }: Line): Promise<DidLog> {
  const options = { crypto, timeout: PATIENCE_MS };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const [here, there] = await Promise.all([
    fetchVerifiedLog(fetch, did, { ...options, node }, signal),
    fetchVerifiedLog(fetch, did, options, signal),
  ]);
  if (!here.ok || !there.ok) {
    const found = here.ok ? here : there;
    if (found.ok) return found.log;
    throw new ClientError('key_unresolvable', found.detail);
  }
  switch (compareDidLogs(here.log, there.log)) {
    case 'newer':
      return there.log;
    case 'forked':
      throw new ClientError('verification_failed', `there are two histories of ${did}`);
    default:
      return here.log;
  }
}

/** The same, each key asked for once. */
export function rememberingKeys(resolve: KeyResolver): KeyResolver {
  const found = new Map<string, ReturnType<KeyResolver>>();
  return (did, id) => {
    const known = found.get(id) ?? resolve(did, id);
    found.set(id, known);
    return known;
  };
}

/** Keys of senders: by the agent's node, or by the host of the sender's DID where the node does not know it. */
export function senderKeys(line: Line): KeyResolver {
  const { crypto, fetch, origin: node } = line;
  const known = createKeyResolver(fetch, { crypto, node });
  const published = createKeyResolver(fetch, { crypto });
  return async (did, id) => {
    const key = await known(did, id);
    return key.ok || didMethod(did) !== 'webvh' ? key : published(did, id);
  };
}
