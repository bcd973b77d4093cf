// Decides from the raw request line and Host field whether a request is for this node, and for which target.
import { authorityOf, isNormalForm, SINGLE_FIELDS } from '../protocol/request-message.ts';
import { isLoopbackHost } from '../protocol/signature-agent.ts';

/** Why a request line or its routing fields were refused. */
type TargetRefusal =
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
  /** The name under which a node on loopback hosts DIDs, which have no IP addresses; null for any other node. */
  readonly didAuthority: string | null;
}

export function ownOrigin(origin: string): OwnOrigin {
  const { host, hostname, port, protocol } = new URL(origin);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const named = scheme === 'http' && isLoopbackHost(hostname);
  const didAuthority = named ? `localhost${port && `:${port}`}` : null;
  return { origin, authority: host, scheme, didAuthority };
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

/** DID documents and logs are the same for everybody and under every name. */
function isOwnHost(host: string, target: string, own: OwnOrigin): boolean {
  const named = authorityOf(host, own.scheme);
  return named === own.authority || (named === own.didAuthority && target.startsWith('/dids/'));
}

/**
 * The origin-form target of a request, exactly as it was sent and as `@target-uri` will hold it.
 *
 * Nothing is taken from Host but a yes or no.
 */
export function checkTarget(
  sent: string,
  rawHeaders: readonly string[],
  own: OwnOrigin,
): TargetCheck {
  const { origin } = own;
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
    if (!isOwnHost(host, target, own)) {
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
