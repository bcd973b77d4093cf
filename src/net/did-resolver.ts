// DIDs to DID documents: did:key by computation, did:web over the guarded client, did:webvh by its log, behind did-resolver.
import {
  type DIDDocument,
  type DIDResolutionOptions,
  type DIDResolutionResult,
  Resolver,
} from 'did-resolver';
import { type Did, didWebToUrl, parseDid } from '../protocol/did.ts';
import { buildDidKeyDocument } from '../protocol/did-document.ts';
import { lastVersion } from '../protocol/did-log-statement.ts';
import type { JsonObject } from '../protocol/json.ts';
import { type DidLogs, findDidLog } from './did-logs.ts';
import type { DocumentCache } from './document-cache.ts';

/** `cached` opens no connection; `refresh` fetches again, at most once a minute; the default is in between. */
export type ResolveMode = 'usual' | 'cached' | 'refresh';

/** Codes of DID Core §7.1.2, and `unavailable` for a document that could not be fetched now. */
type ResolveRefusal = 'invalidDid' | 'notFound' | 'invalidDidDocument' | 'unavailable';

/**
 * A resolver of the methods this network knows. `resolve(did, { mode })` takes a `ResolveMode`. A did:webvh whose log says that it
 * is over has no document, and `deactivated` or `moved` in its metadata.
 */
export function createDidResolver({
  documents,
  didLogs,
}: {
  readonly documents: DocumentCache;
  readonly didLogs: DidLogs;
}): Resolver {
  return new Resolver({
    key: async (text) => {
      const did = parseDid(text);
      return did === null
        ? failure('invalidDid', `${text} is no Ed25519 did:key`, false)
        : found(buildDidKeyDocument(did) as unknown as JsonObject);
    },
    web: async (text, _parsed, _resolver, options) => {
      const did = parseDid(text);
      const url = did === null ? null : didWebToUrl(did);
      if (did === null || url === null) {
        return failure('invalidDid', `${text} is no did:web in its one spelling`, false);
      }
      return resolveWeb(documents, did, url, modeOf(options));
    },
    webvh: async (text, _parsed, _resolver, options) => {
      const did = parseDid(text);
      if (did === null) return failure('invalidDid', `${text} is no did:webvh`, false);
      const result = await findDidLog(didLogs, did, modeOf(options));
      if (result.ok) return checked(lastVersion(result.log).document, did);
      const { detail, ended, retryable } = result;
      const failed = failure(retryable ? 'unavailable' : 'notFound', detail, retryable);
      return ended === undefined ? failed : { ...failed, didDocumentMetadata: { [ended]: true } };
    },
  });
}

function modeOf(options: DIDResolutionOptions): ResolveMode {
  return (options.mode as ResolveMode | undefined) ?? 'usual';
}

async function resolveWeb(
  documents: DocumentCache,
  did: Did,
  url: string,
  mode: ResolveMode,
): Promise<DIDResolutionResult> {
  if (mode === 'cached') {
    const document = documents.peek(url);
    return document === null
      ? failure('unavailable', `the document of ${did} is not known here yet`, true)
      : checked(document, did);
  }
  const result = await documents.get(url, { refresh: mode === 'refresh' });
  if (result.ok) return checked(result.document, did);
  const code = result.reason === 'invalid' ? 'invalidDidDocument' : 'notFound';
  return failure(result.retryable ? 'unavailable' : code, result.detail, result.retryable);
}

/** A document speaks only for the DID it names, and only if that is the one asked for. */
function checked(document: JsonObject, did: Did): DIDResolutionResult {
  if (document.id === did) return found(document);
  return failure('invalidDidDocument', `the document of ${did} names another subject`, false);
}

function found(document: JsonObject): DIDResolutionResult {
  return {
    didResolutionMetadata: { contentType: 'application/did+json' },
    didDocument: document as unknown as DIDDocument,
    didDocumentMetadata: {},
  };
}

function failure(error: ResolveRefusal, message: string, retryable: boolean): DIDResolutionResult {
  return {
    didResolutionMetadata: { error, message, retryable },
    didDocument: null,
    didDocumentMetadata: {},
  };
}
