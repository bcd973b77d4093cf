// What each part of the site asks of a request before it is let in.

import { ENROLMENTS, MAX_ENROLMENT } from './enrolment-body.ts';

export type Reads = 'signed' | 'public';

export interface Demand {
  /** Without a signature the request is refused. With one, the signature is checked whatever this says. */
  readonly signature: boolean;
  /** The request changes something: its signature must carry a nonce. */
  readonly write: boolean;
}

/** `/federation` itself is a page. */
const CLOSED = /^\/(?:api\/v1(?:\/|$)|federation\/)/;

/** True for what is signed unless the operator has opened it. */
export function isSignedPath(path: string): boolean {
  return CLOSED.test(path);
}

/**
 * Everything under /api/v1 and /federation is signed, reads too unless the operator has opened them. The rest
 * (pages, objects by hash, logs, DID documents, discovery, health) is for everybody. A CORS preflight cannot be signed.
 */
export function demandOf(method: string, path: string, reads: Reads): Demand {
  if (!CLOSED.test(path) || method === 'OPTIONS') return { signature: false, write: false };
  const write = method !== 'GET' && method !== 'HEAD';
  return { signature: write || reads === 'signed', write };
}

/** Where ActivityPub software reads and writes, with signatures of its own kinds. */
const FOREIGN = /^\/(?:inbox$|[coa]\/|u\/|\.well-known\/(?:webfinger|nodeinfo)$|nodeinfo\/2\.1$)/;
const INBOX = /^(?:\/[cu]\/[^/]+)?\/inbox$/;

/**
 * True where a signature without the tag of this profile is somebody else's affair: reads there are answered alike for everybody,
 * and an inbox looks at the signature itself.
 */
export function takesForeignSignatures(path: string): boolean {
  return FOREIGN.test(path);
}

/** Its body is no JSON, and other implementations give it whatever type they like. */
export const ADD_CHECKPOINT = '/witness/add-checkpoint';

/**
 * Largest body in bytes: one federation batch, one enrolment, one object, one request for a cosignature, one activity of other software, one range of bodies. 0 where no route takes one; there a body
 * is left unread.
 */
export function bodyCap(path: string): number {
  if (path.startsWith('/federation/')) return 1_048_576;
  if (path === ENROLMENTS) return MAX_ENROLMENT;
  if (CLOSED.test(path)) return 262_144;
  // Sixteen signatures, each of an algorithm whose signatures have 5 kB (c2sp.org/signed-note).
  if (path === ADD_CHECKPOINT) return 131_072;
  if (INBOX.test(path)) return 131_072;
  return /^\/log\/[^/]+\/bodies$/.test(path) ? 4_096 : 0;
}
