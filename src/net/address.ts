// Which IP addresses may be connected to: global unicast by allow-list, or loopback and nothing else.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** RFC 4291 §2.4 with the IANA registry: all global unicast IPv6 space assigned so far. */
const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * True for an address that belongs to one host on the public Internet. Everything else is false: private,
 * loopback, link-local, shared (CGNAT), multicast, reserved, documentation, and every form that carries an
 * IPv4 address inside IPv6 (mapped, compatible, NAT64, 6to4, Teredo), since the inner one may be any of these.
 */
export function isGlobalUnicast(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === null || parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6);
}

/** True for 127.0.0.0/8 and ::1, not for their mapped forms. */
export function isLoopback(address: string): boolean {
  return parseAddress(address)?.range() === 'loopback';
}

function parseAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  // ipaddr.js also reads octal, hexadecimal and short forms, and zone ids; a resolver answers none of these.
  if (isIP(address) === 0 || address.includes('%')) return null;
  return ipaddr.parse(address);
}
