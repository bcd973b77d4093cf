// Where things are on this node: paths of pages, of signed bytes and of logs, and which web addresses a page may link to.
import { type Did, didWebToUrl, scidOf } from '../protocol/did.ts';

export interface NodeCard {
  readonly name: string;
  readonly did: string;
  /** URL origin. */
  readonly origin: string;
}

interface NamedSubmolt {
  readonly id: string;
  readonly name: string;
}

/** The hash is the name, so the link holds on every node that carries the submolt. */
export function submoltPath({ id }: NamedSubmolt): string {
  return `/m/${id}`;
}

/** `m/slug`, or `m/slug@host` for a home elsewhere: slugs are unique only at their home. */
export function submoltLabel(submolt: NamedSubmolt, logOrigin: string, node: NodeCard): string {
  const [authority = ''] = logOrigin.split('/');
  const own = new URL(node.origin).host === authority;
  return own ? `m/${submolt.name}` : `m/${submolt.name}@${authority}`;
}

/** Of a post, or of a comment with what hangs below it. */
export function itemPath({ id }: { readonly id: string }): string {
  return `/post/${id}`;
}

/** A did:web may hold percent signs, which stand for themselves here. */
export function agentPath(did: string): string {
  return `/u/${did.replaceAll('%', '%25')}`;
}

/** The exact bytes that were signed, RFC 6920 §4. */
export function bytesPath({ id }: { readonly id: string }): string {
  return `/.well-known/ni/sha-256/${id}`;
}

export function logPath({ id }: NamedSubmolt, part: string): string {
  return `/log/${id}/${part}`;
}

/** This node has the documents of did:keys; a did:web's is at its own host. */
export function didDocumentAddress(did: Did): string {
  return didWebToUrl(did) ?? `/dids/${scidOf(did) ?? did}/did.json`;
}

/** The address as a browser will open it, punycode and percent-encoding shown; null unless it is http(s). */
export function webAddress(text: string): URL | null {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : null;
}
