// Finds the keys that object proofs name, for `verifyObject`.
import type { Resolver } from 'did-resolver';
import { DatedDocuments } from '../log/dated-documents.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { keysFor, keysOfOthers } from '../protocol/did-document.ts';
import type { DidLogOptions } from '../protocol/did-log.ts';
import {
  createStatedKeys,
  isDidLogStatement,
  type ResolvedKey,
  statedKey,
  stateOf,
} from '../protocol/did-log-statement.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';
import type { ResolveMode } from './did-resolver.ts';
import type { KnownDidLogs } from './known-did-logs.ts';

export interface ObjectKeys {
  /**
   * For submissions. Fetches documents of did:web that are not known, and again (once a minute at most) when a key is not in
   * them; of a did:webvh the log that is known here decides, and nothing is fetched.
   */
  readonly resolve: KeyResolver;
  /**
   * For messages: as for submissions, but the DID log of a did:webvh that this node does not know is fetched from where it is
   * published, because who writes to whom is in no log that a statement could be put into.
   */
  readonly published: KeyResolver;
  /**
   * For entries of logs: opens no connection, and a did:web's key of an unknown document is `key_unresolvable`, retryable. A
   * document that objects were accepted under before counts too, whatever has become of it. A did:webvh's is left to the log.
   */
  readonly cached: KeyResolver;
  /** The same for an entry of time `t` (milliseconds): a kept document counts while no other had taken its place. */
  readonly cachedAt: (t: number) => KeyResolver;
}

/** Documents of a did:web that objects were accepted under. */
export type FindKeptDocuments = (did: Did) => Promise<
  readonly {
    readonly document: unknown;
    /** Milliseconds, here and below. */
    readonly lastSeen: number;
    readonly until: number | null;
  }[]
>;

/** Makes the key resolvers over one DID resolver and its cache, the DID logs this node knows, and the documents it has kept. */
export function createObjectKeys(
  resolver: Resolver,
  known: KnownDidLogs,
  kept: FindKeptDocuments,
  crypto: DidLogOptions['crypto'],
): ObjectKeys {
  async function find(did: Did, id: string, mode: ResolveMode): Promise<ResolvedKey> {
    if (!id.startsWith(`${did}#`)) {
      return refused('did_mismatch', `${id} is not a key of ${did}`, false);
    }
    const { didDocument, didResolutionMetadata } = await resolver.resolve(did, { mode });
    if (didDocument === null) {
      const { error, message = error, retryable = false } = didResolutionMetadata;
      return refused('key_unresolvable', String(message), Boolean(retryable));
    }
    const keys = keysFor(didDocument, did, 'assertionMethod');
    if (!keys.ok) return refused('key_unresolvable', keys.detail, false);
    const key = keys.keys.find((candidate) => candidate.id === id);
    if (key !== undefined) return { ok: true, publicKey: key.publicKey };
    const others = keysOfOthers(didDocument, did, 'assertionMethod');
    return others.ok && others.keys.some((other) => other.id === id)
      ? refused('did_mismatch', `${id} has another controller than ${did}`, false)
      : refused('key_not_found', `${did} lists no ${id} under assertionMethod`, false);
  }

  const fetched: KeyResolver = async (did, id) => {
    if (did.startsWith('did:key:')) return didKeyResolver(did, id);
    const found = await find(did, id, 'usual');
    // A new key may have been published since the document was fetched.
    return found.ok || found.reason !== 'key_not_found' ? found : find(did, id, 'refresh');
  };
  const stated = (fresh: boolean) =>
    createStatedKeys(
      async (did) => {
        const log = await known.get(subjectOf(did), { fresh });
        return log && stateOf(log);
      },
      crypto,
      fetched,
    );
  const [usual, anew] = [stated(false), stated(true)];

  /** A document that lists the key no more has taken the place of every one that was kept. */
  async function findKept(did: Did, id: string, t: number | null, replaced: boolean) {
    const documents = new DatedDocuments(did);
    for (const { document, lastSeen, until } of await kept(did)) {
      documents.add(document, until ?? (replaced ? lastSeen : null));
    }
    return documents.find(id, t);
  }
  const cached =
    (t: number | null): KeyResolver =>
    async (did, id) => {
      if (did.startsWith('did:key:')) return didKeyResolver(did, id);
      if (did.startsWith('did:webvh:')) return statedKey(null, did, id);
      const found = await find(did, id, 'cached');
      if (found.ok || found.reason === 'did_mismatch') return found;
      const before = await findKept(did, id, t, found.reason === 'key_not_found');
      if (before.ok) return before;
      return found.reason === 'key_not_found' ? { ...found, retryable: true } : found;
    };

  return {
    async resolve(did, id, activity) {
      const found = await usual(did, id, activity);
      if (found.ok || !did.startsWith('did:webvh:')) return found;
      // Another process on this database may have taken a newer statement; a statement itself depends on none.
      const stands = activity !== undefined && isDidLogStatement(activity);
      return stands ? found : anew(did, id, activity);
    },
    published: (did, id) => fetched(did, id),
    cached: cached(null),
    cachedAt: cached,
  };
}

function refused(
  reason: 'key_unresolvable' | 'key_not_found' | 'did_mismatch',
  detail: string,
  retryable: boolean,
): ResolvedKey {
  return { ok: false, reason, detail, retryable };
}
