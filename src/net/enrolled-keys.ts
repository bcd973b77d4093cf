// Keys that are known because they were enrolled: by (URL, keyid), looked at again while they are in use.
import type { Resolver } from 'did-resolver';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didKeyOf, didMethod } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { readJwkSet } from '../protocol/jwk-set.ts';
import {
  type CheckedKeyLink,
  checkKeyLink,
  didOfAgentUrl,
  type KeyLink,
} from '../protocol/key-link.ts';
import type {
  FoundRequestKey,
  RequestKey,
  RequestKeyLookup,
  RequestKeyRefusal,
} from '../protocol/request-signature.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import type { ResolveMode } from './did-resolver.ts';
import type { DocumentCache } from './document-cache.ts';
import { unfetchedReason } from './unfetched-reason.ts';

export interface HeldKey extends RequestKey {
  /** Milliseconds: when JWK Set and DID document last agreed; null when they were seen not to. */
  readonly agreedAt: number | null;
}

/** What the node remembers. It may throw; then nobody is known by an enrolment. */
export interface HeldKeys {
  find(url: string | null, keyid: string): Promise<HeldKey | null>;
  /** Whether the documents agree as of now. */
  note(url: string, keyid: string, agreed: boolean): Promise<void>;
}

type CheckedLink =
  | CheckedKeyLink
  | {
      readonly ok: false;
      /** The JWK Set, or the document of the DID, cannot be had. */
      readonly reason: 'set_unavailable' | 'did_unavailable';
      readonly detail: string;
    };

export interface EnrolledKeys {
  /** For any request: what was enrolled and still stands. */
  readonly lookup: RequestKeyLookup;
  /** For a request to enrol: the key in the JWK Set at the URL, which speaks for itself alone, as a did:key. */
  readonly published: RequestKeyLookup;
  /** For a request to withdraw: the enrolled key, as a did:key, whatever the documents say by now. */
  readonly held: RequestKeyLookup;
  /** Whether URL, key and DID point at each other now. */
  check(link: KeyLink): Promise<CheckedLink>;
}

const HOUR = 60 * 60_000;
/** The documents are not looked at again for so long after they agreed. */
const TRUSTED = HOUR;
/** So long a key stays good while they cannot be had. */
const LONGEST = 24 * HOUR;

const HOW_TO_ENROL = 'enrol it once: POST /api/v1/enrolments with {"did":"…"}, signed by the key';

export function createEnrolledKeys(deps: {
  readonly documents: DocumentCache;
  readonly resolver: Resolver;
  readonly held: HeldKeys;
  readonly crypto: Pick<Crypto, 'sha256'>;
  /** Milliseconds. */
  readonly now: () => number;
}): EnrolledKeys {
  const { documents, resolver, held, crypto, now } = deps;
  /** Looks at both documents under way: one for all requests with the key. */
  const looks = new Map<string, Promise<FoundRequestKey>>();

  async function look(link: KeyLink, mode: ResolveMode): Promise<CheckedLink> {
    // Nothing that could be found at such a URL would change that; it may even be this node's own.
    if (didOfAgentUrl(link.url) !== null) {
      return checkKeyLink(link, { jwks: null, didDocument: null }, crypto);
    }
    const set = await documents.get(link.url, { refresh: mode === 'refresh' });
    if (!set.ok) return { ok: false, reason: 'set_unavailable', detail: set.detail };
    const { didDocument, didDocumentMetadata, didResolutionMetadata } = await resolver.resolve(
      link.did,
      { mode },
    );
    if (didDocument === null) {
      const { error, message = error } = didResolutionMetadata;
      // A DID whose own log ends it is not out of reach, it is over.
      const over = didDocumentMetadata.deactivated || didDocumentMetadata.moved;
      const reason = over ? 'did_unresolvable' : 'did_unavailable';
      return { ok: false, reason, detail: String(message) };
    }
    return checkKeyLink(link, { jwks: set.document, didDocument }, crypto);
  }

  async function lookAgain(link: KeyLink, key: HeldKey): Promise<FoundRequestKey> {
    const { keyid, url } = link;
    const checked = await look(link, 'refresh');
    if (checked.ok) {
      await held.note(url, keyid, true);
      return found(checked);
    }
    if (checked.reason === 'set_unavailable' || checked.reason === 'did_unavailable') {
      // Nothing was shown against the key: a host that is down, or was made so, must not silence its agents.
      const stands = key.agreedAt !== null && now() - key.agreedAt < LONGEST;
      return stands ? found(key) : refused('discovery_failed', checked.detail, true);
    }
    // Written down, so that an outage cannot bring a key back that was dropped.
    if (key.agreedAt !== null) await held.note(url, keyid, false);
    return refused('key_not_in_directory', checked.detail, true);
  }

  /** What a DID log says that is known here costs nothing to see: a key that was rotated away stops at once. */
  async function isStillListed({ did }: HeldKey, keyid: string): Promise<boolean> {
    if (didMethod(did) !== 'webvh') return true;
    const { didDocument, didResolutionMetadata } = await resolver.resolve(did, { mode: 'cached' });
    if (didDocument === null) return didResolutionMetadata.retryable === true;
    const keys = keysFor(didDocument, did, 'authentication');
    return keys.ok && keys.keys.some((key) => jwkThumbprint(key.publicKey, crypto) === keyid);
  }

  function lookAgainOnce(link: KeyLink, key: HeldKey): Promise<FoundRequestKey> {
    const name = `${link.keyid} ${link.url}`;
    const under = looks.get(name);
    if (under !== undefined) return under;
    const begun = lookAgain(link, key).finally(() => looks.delete(name));
    looks.set(name, begun);
    return begun;
  }

  async function findPublished(
    url: string,
    keyid: string,
    refresh: boolean,
  ): Promise<FoundRequestKey> {
    const set = await documents.get(url, { refresh });
    if (!set.ok) return refused(unfetchedReason(set.fault), set.detail, set.retryable);
    const read = readJwkSet(set.document, { strictKid: false }, crypto);
    if (!read.ok) return refused(read.reason, read.detail);
    const publicKey = read.keys.get(keyid);
    return publicKey === undefined
      ? refused('key_not_in_directory', `the JWK Set at ${url} has no key ${keyid}`)
      : found(ofKeyAlone(publicKey));
  }

  return {
    async lookup(url, keyid) {
      const key = await held.find(url, keyid);
      if (key === null) return unknown(url);
      const trusted = key.agreedAt !== null && now() - key.agreedAt < TRUSTED;
      // A did:key is its own document: there is nothing to look at.
      if (url === null || (trusted && (await isStillListed(key, keyid)))) return found(key);
      return lookAgainOnce({ url, keyid, did: key.did }, key);
    },
    async held(url, keyid) {
      const key = await held.find(url, keyid);
      return key === null ? unknown(url) : found(ofKeyAlone(key.publicKey));
    },
    async published(url, keyid) {
      if (url === null) return unknown(null);
      const first = await findPublished(url, keyid, false);
      if (first.ok || first.reason !== 'key_not_in_directory') return first;
      return findPublished(url, keyid, true);
    },
    // Fetched anew, at most once a minute: by a cached document a key could be enrolled that has been dropped since.
    check: (link) => look(link, 'refresh'),
  };
}

function ofKeyAlone(publicKey: Uint8Array): RequestKey {
  const did: Did = didKeyOf(publicKey);
  return { did, publicKey, verificationMethod: `${did}#${did.slice('did:key:'.length)}` };
}

function found({ did, publicKey, verificationMethod }: RequestKey): FoundRequestKey {
  return { ok: true, did, publicKey, verificationMethod };
}

function unknown(url: string | null): FoundRequestKey {
  return url === null
    ? refused(
        'no_identifier',
        `send Signature-Agent; or, if the key is a did:key of yours, ${HOW_TO_ENROL} and without Signature-Agent`,
      )
    : refused(
        'not_enrolled',
        `Signature-Agent is no URL of a DID document; if it is a JWK Set that your DID links to, ${HOW_TO_ENROL}`,
      );
}

function refused(reason: RequestKeyRefusal, detail: string, retryable = false): FoundRequestKey {
  return { ok: false, reason, detail, retryable };
}
