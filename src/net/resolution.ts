// Everything that finds keys for a node: documents and DID logs behind one guarded client, and the resolvers over them.
import type { Resolver } from 'did-resolver';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { RequestKeyLookup } from '../protocol/request-signature.ts';
import { createDidLogCache } from './did-log-cache.ts';
import type { DidLogs } from './did-logs.ts';
import { createDidResolver } from './did-resolver.ts';
import { createDocumentCache, type DocumentCache } from './document-cache.ts';
import { createEnrolledKeys, type EnrolledKeys, type HeldKeys } from './enrolled-keys.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { createKnownDidLogs } from './known-did-logs.ts';
import { createObjectKeys, type FindKeptDocuments, type ObjectKeys } from './object-keys.ts';
import { createRequestKeys } from './request-keys.ts';

export interface ResolutionOptions {
  readonly crypto: Pick<Crypto, 'sha256' | 'verify' | 'acceptsKey'>;
  readonly fetch: Pick<GuardedFetch, 'request'>;
  /** Milliseconds. */
  readonly now: () => number;
  /** The node's own: what it serves it does not fetch. */
  readonly origin?: string;
  /** The node is on plain http itself. */
  readonly loopback: boolean;
  /** The text of the newest DID log this node knows of a subject. */
  readonly findDidLog: (subject: Did) => Promise<string | null>;
  /** did:web documents that objects were accepted under; none unless told. */
  readonly findKeptDocuments?: FindKeptDocuments;
  /** Keys that were enrolled; none unless told. */
  readonly held?: HeldKeys;
  /** Where documents are kept in memory; one of its own unless told. */
  readonly documents?: DocumentCache;
  /** The node's own documents by URL. */
  readonly own?: ReadonlyMap<string, JsonObject>;
}

export interface Resolution {
  readonly resolver: Resolver;
  readonly didLogs: DidLogs;
  readonly objectKeys: ObjectKeys;
  readonly requestKeys: RequestKeyLookup;
  readonly enrolledKeys: EnrolledKeys;
}

const NONE_HELD: HeldKeys = { find: async () => null, note: async () => undefined };

export function createResolution(options: ResolutionOptions): Resolution {
  const { crypto, findDidLog, held = NONE_HELD, loopback, now, origin = null } = options;
  const documents = options.documents ?? createDocumentCache(options);
  const findKept = options.findKeptDocuments ?? (async () => []);
  const known = createKnownDidLogs({ find: findDidLog, now });
  const didLogs = { known, published: createDidLogCache(options), origin, loopback };
  const resolver = createDidResolver({ documents, didLogs });
  const enrolledKeys = createEnrolledKeys({ documents, resolver, held, crypto, now });
  return {
    resolver,
    didLogs,
    objectKeys: createObjectKeys(resolver, known, findKept, crypto),
    requestKeys: createRequestKeys({ documents, didLogs }, crypto, enrolledKeys.lookup),
    enrolledKeys,
  };
}
