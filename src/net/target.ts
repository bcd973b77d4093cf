// Which URLs may be asked for at all, before any name is resolved.
import { isIP } from 'node:net';
import { isLoopbackHost } from '../protocol/signature-agent.ts';
import { NetError } from './error.ts';

/** Names that never belong to a public host (RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN `.internal`). */
const PRIVATE_SUFFIXES = [
  'localhost',
  'local',
  'internal',
  'home.arpa',
  'invalid',
  'test',
  'example',
  'onion',
  'alt',
];

/**
 * Parses an absolute URL and throws `NetError('url_refused')` unless it is https on port 443 with a public
 * DNS name. With `loopback`, http and https to 127.0.0.0/8, [::1] and localhost are allowed too, on any port.
 */
export function parseTarget(url: string, loopback: boolean): URL {
  const target = URL.parse(url);
  if (target === null) throw refused(url, 'not an absolute URL');
  if (target.username !== '' || target.password !== '') throw refused(url, 'carries credentials');
  if (url.includes('#')) throw refused(url, 'has a fragment');
  const host = hostOf(target);
  if (loopback && isLoopbackHost(target.hostname)) {
    if (target.protocol === 'http:' || target.protocol === 'https:') return target;
  }
  if (target.protocol !== 'https:') throw refused(url, 'is not https');
  if (target.port !== '') throw refused(url, 'is not on port 443');
  // The URL parser has already turned octal, hexadecimal, short and dotted forms into a plain IPv4 address.
  if (isIP(host) !== 0) throw refused(url, 'names an IP address, not a host');
  // Also a dot at the end: to a certificate and to a cache it is another name.
  if (host.split('.').includes('')) throw refused(url, 'has an empty label in its host');
  if (!host.includes('.') || isPrivateName(host)) throw refused(url, 'names no public host');
  return target;
}

/** Host of a URL without the brackets of an IPv6 literal. */
function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

function isPrivateName(host: string): boolean {
  return PRIVATE_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
}

function refused(url: string, why: string): NetError {
  return new NetError('url_refused', `${url.slice(0, 200)} ${why}`);
}
