// A request as its signature sees it: own authority, raw target, combined fields; what cannot be signed safely is refused.
import { type RequestToCover, type SignatureComponent, trimField } from './signature-base.ts';

/** A request before anything has been decoded, joined or routed. */
export interface RawRequest {
  readonly method: string;
  /** The request target as sent: path and query, not decoded. */
  readonly target: string;
  readonly scheme: 'http' | 'https';
  /** The node's own configured authority (host, port unless default); never the Host field. */
  readonly authority: string;
  /** All fields in order, repeats included. */
  readonly headers: readonly (readonly [string, string])[];
}

/** What signatures are checked against. */
export interface RequestMessage {
  readonly method: string;
  readonly target: string;
  readonly targetUri: string;
  /** Combined values by lower-case name (RFC 9421 §2.1). */
  readonly fields: ReadonlyMap<string, string>;
}

export type RequestMessageRefusal =
  | 'malformed'
  | 'bad_target'
  | 'host_missing'
  | 'field_repeated'
  | 'misdirected'
  | 'non_canonical_target'
  | 'limit_exceeded';

export type ReadRequest =
  | { readonly ok: true; readonly message: RequestMessage }
  | { readonly ok: false; readonly reason: RequestMessageRefusal; readonly detail: string };

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MAX_FIELD_BYTES = 16384;
const COUNTED = ['signature', 'signature-input', 'signature-agent', 'content-digest'];
/** Fields that route or delimit a message: parsers disagree on which of two they take. */
export const SINGLE_FIELDS: ReadonlySet<string> = new Set([
  'host',
  'content-type',
  'content-length',
]);

function refuse(reason: RequestMessageRefusal, detail: string): ReadRequest {
  return { ok: false, reason, detail };
}

/** The authority that a Host field names: lower case, without the scheme's default port. */
export function authorityOf(host: string, scheme: RawRequest['scheme']): string {
  const name = trimField(host).toLowerCase();
  // `host:8443:443` has a port already; taking one more off would make it ours.
  const port = /^(?:\[[^\]]*\]|[^:]*)(:[0-9]+)$/.exec(name)?.[1];
  const isDefault = port === (scheme === 'https' ? ':443' : ':80');
  return isDefault ? name.slice(0, -port.length) : name;
}

/**
 * Whether URL parsers leave origin and target as they are. What is signed must be what is routed: dot segments,
 * backslashes and control characters do not survive normalisation, so a target that changes has a second reading.
 */
export function isNormalForm(origin: string, target: string): boolean {
  return URL.parse(origin + target)?.href === origin + target;
}

/** `authorities` are those the Host field may name; the message is built from `request.authority` alone. */
export function readRequest(request: RawRequest, authorities: readonly string[]): ReadRequest {
  const fields = new Map<string, string>();
  for (const [sent, value] of request.headers) {
    const name = sent.toLowerCase();
    // RFC 9421 §7.5.1: a field named like a derived component could take its place in the base.
    if (name.startsWith('@')) return refuse('malformed', 'a field name begins with @');
    const earlier = fields.get(name);
    if (earlier !== undefined && SINGLE_FIELDS.has(name)) {
      return refuse('field_repeated', `the field ${name} occurs more than once`);
    }
    const trimmed = trimField(value);
    fields.set(name, earlier === undefined ? trimmed : `${earlier}, ${trimmed}`);
  }
  const host = fields.get('host');
  if (host === undefined) return refuse('host_missing', 'the request has no Host field');
  if (!authorities.includes(authorityOf(host, request.scheme))) {
    return refuse('misdirected', 'the Host field names another authority than this node');
  }
  let size = 0;
  for (const name of COUNTED) size += fields.get(name)?.length ?? 0;
  if (size > MAX_FIELD_BYTES) {
    return refuse('limit_exceeded', `the signature fields exceed ${MAX_FIELD_BYTES} bytes`);
  }
  const { method, target } = request;
  if (!METHOD.test(method)) return refuse('malformed', 'the method is not a token');
  const origin = `${request.scheme}://${request.authority}`;
  if (!target.startsWith('/') || target.includes('#')) {
    return refuse('bad_target', 'the request target is no path and query');
  }
  if (!isNormalForm(origin, target)) {
    return refuse('non_canonical_target', 'the request target changes when it is normalised');
  }
  return { ok: true, message: { method, target, targetUri: origin + target, fields } };
}

/** Content-Length above zero or any Transfer-Encoding: the request carries content. */
export function announcesBody({ fields }: RequestMessage): boolean {
  return fields.has('transfer-encoding') || !/^0*$/.test(fields.get('content-length') ?? '');
}

/** The part of a message that the components name: an odd value in any other field must not matter. */
export function describeCovered(
  { method, target, targetUri, fields }: RequestMessage,
  components: readonly SignatureComponent[],
): RequestToCover {
  const covered = new Map<string, string>();
  for (const { name } of components) {
    const value = fields.get(name);
    if (value !== undefined) covered.set(name, value);
  }
  return {
    kind: 'request',
    method,
    targetUri,
    requestTarget: target,
    fields: Array.from(covered, ([name, value]) => ({ name, value })),
  };
}
