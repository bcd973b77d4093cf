// Finds the key of a request that enrols or withdraws a key, before anybody is known by it.
import { parseContentDigest } from '../protocol/content-digest.ts';
import { didKeyOf, publicKeyOfDidKey } from '../protocol/did.ts';
import type { FoundRequestKey, RequestKeyLookup } from '../protocol/request-signature.ts';
import type { EdgeContext } from './edge.ts';
import { type EnrolmentBody, MAX_ENROLMENT, parseEnrolment } from './enrolment-body.ts';
import type { Refusal } from './problem.ts';
import { readBody } from './read-body.ts';
import { rawValues } from './request-target.ts';

/** Lookups whose callers are their keys: `did` is the did:key of the key, whoever else it may be of. */
export interface EnrolmentKeys {
  /** The key in the JWK Set at the URL. */
  readonly published: RequestKeyLookup;
  /** The key that was enrolled. */
  readonly held: RequestKeyLookup;
}

export interface EnrolmentLookup {
  readonly lookup: RequestKeyLookup;
  /** What is wrong with the body, if that is why no key was found. */
  refusal(): Refusal | null;
  /** The body, if it was read to find the key. */
  body(): Uint8Array | null;
}

type Read = { readonly bytes: Uint8Array; readonly parsed: EnrolmentBody };

/**
 * The lookup of one request to the route.
 *
 * A did:key that signs without Signature-Agent names itself in the body alone, so here, and nowhere else, the body is
 * read before the signature is checked. That costs the node no more than the header section of any request does: the
 * lookup is asked only after parameters, window, coverage and digest have passed; at most 4 KB are read, once for all
 * signatures, hashed and compared with the covered digest; nothing is fetched and no row is read or written for them.
 */
export function enrolmentLookup(c: EdgeContext, keys: EnrolmentKeys): EnrolmentLookup {
  let reading: Promise<Read | Refusal> | null = null;
  let refusal: Refusal | null = null;
  let body: Uint8Array | null = null;

  async function findInBody(): Promise<FoundRequestKey> {
    reading ??= read(c);
    const result = await reading;
    if ('code' in result) {
      refusal = result;
      return refused(result.detail);
    }
    body = result.bytes;
    if (!result.parsed.ok) {
      refusal = result.parsed.refusal;
      return refused(refusal.detail);
    }
    const publicKey = publicKeyOfDidKey(result.parsed.did);
    if (publicKey === null) {
      return refused('without Signature-Agent only a did:key can be enrolled; send and cover it');
    }
    const did = didKeyOf(publicKey);
    const verificationMethod = `${did}#${did.slice('did:key:'.length)}`;
    return { ok: true, did, publicKey, verificationMethod };
  }

  return {
    lookup(url, keyid) {
      if (c.req.method !== 'POST') return keys.held(url, keyid);
      return url === null ? findInBody() : keys.published(url, keyid);
    },
    refusal: () => refusal,
    body: () => body,
  };
}

async function read(c: EdgeContext): Promise<Read | Refusal> {
  const { incoming, outgoing } = c.env;
  const stated = parseContentDigest(rawValues(incoming.rawHeaders, 'content-digest').join(', '));
  const digest = stated.ok ? stated.digest : null;
  const result = await readBody(incoming, outgoing, MAX_ENROLMENT, digest);
  if (!result.ok) return { code: result.code, detail: result.detail };
  return { bytes: result.bytes, parsed: parseEnrolment(result.bytes) };
}

function refused(detail: string): FoundRequestKey {
  return { ok: false, reason: 'no_identifier', detail, retryable: false };
}
