// Decides from the raw request line and Host field whether a request is for this node, and for which target.
import { authorityOf, isNormalForm, SINGLE_FIELDS } from '../protocol/request-message.ts';

/** Why a request line or its routing fields were refused. */
export type TargetRefusal =
  | 'bad_target'
  | 'non_canonical_target'
  | 'host_missing'
  | 'field_repeated'
  | 'misdirected';

export type TargetCheck =
  | { readonly ok: true; readonly target: string }
  | { readonly ok: false; readonly code: TargetRefusal; readonly detail: string };

/** The configured public origin, in the parts that requests are compared with. */
export interface OwnOrigin {
  /** `https://node.example`, without a trailing slash. */
  readonly origin: string;
  /** Host, and port unless it is the scheme's own. */
  readonly authority: string;
  readonly scheme: 'http' | 'https';
}

export function ownOrigin(origin: string): OwnOrigin {
  const { host, protocol } = new URL(origin);
  return { origin, authority: host, scheme: protocol === 'https:' ? 'https' : 'http' };
}

/** Orchestrators and monitoring probe by address, so these answer whatever the Host field says. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

function refuse(code: TargetRefusal, detail: string): TargetCheck {
  return { ok: false, code, detail };
}

/** Values of one field, in order, from Node's flat `rawHeaders` (the merged map drops repeats). */
export function rawValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}

/**
 * The origin-form target of a request, exactly as it was sent and as `@target-uri` will hold it.
 *
 * Nothing is taken from Host but a yes or no.
 */
export function checkTarget(
  sent: string,
  rawHeaders: readonly string[],
  { origin, authority, scheme }: OwnOrigin,
): TargetCheck {
  let target = sent;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(sent)) {
    // RFC 9112 §3.2.2: absolute-form is accepted, but only for what this node is.
    if (!sent.toLowerCase().startsWith(`${origin}/`)) {
      return refuse('misdirected', `The request target is not under ${origin}.`);
    }
    target = sent.slice(origin.length);
  }
  if (!target.startsWith('/') || target.includes('#')) {
    return refuse('bad_target', 'The request target must be a path and query without fragment.');
  }
  const repeated = [...SINGLE_FIELDS].find((name) => rawValues(rawHeaders, name).length > 1);
  if (repeated) return refuse('field_repeated', `The field ${repeated} occurs more than once.`);
  if (!PROBES.has(target)) {
    const [host] = rawValues(rawHeaders, 'host');
    if (host === undefined) return refuse('host_missing', 'The request has no Host field.');
    if (authorityOf(host, scheme) !== authority) {
      return refuse('misdirected', `This node is ${origin}; the request names another host.`);
    }
  }
  if (!isNormalForm(origin, target)) {
    return refuse(
      'non_canonical_target',
      'The target changes when it is normalised (RFC 3986 §6).',
    );
  }
  return { ok: true, target };
}
