// Whose address a request comes from: that of its socket, or what a proxy that is trusted says of it.
import ipaddr from 'ipaddr.js';

/** Which field the proxy writes. Another one may have been sent by the client, and is never looked at. */
export type ProxyField = 'x-forwarded-for' | 'forwarded';

/** One address, or a network such as `10.0.0.0/8`. */
export type AddressRange = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

export interface AddressReaderOptions {
  /** Proxies whose word is taken. */
  readonly proxies: readonly AddressRange[];
  readonly field: ProxyField;
  /** Nobody reaches this node but through a proxy: an address that is not public is the proxy's, whether or not it is named. */
  readonly behindProxy: boolean;
}

export interface AddressReader {
  /**
   * What the other end counts as: an IPv4 address, or the /64 of an IPv6 address, which one host has whole. Null where that
   * is not known, such as behind a proxy that is not named.
   */
  keyOf(remoteAddress: string, rawHeaders: readonly string[]): string | null;
  /** True if a connection from there may carry the requests of many. */
  isShared(remoteAddress: string): boolean;
}

/** Null for what is neither an address nor a network. */
export function parseAddressRange(text: string): AddressRange | null {
  if (text.includes('/')) return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null;
  const address = parseAddress(text);
  return address === null ? null : [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** For a node that counts nothing by address. */
export const NO_ADDRESSES: AddressReader = { keyOf: () => null, isShared: () => true };

export function createAddressReader(options: AddressReaderOptions): AddressReader {
  const { behindProxy, field, proxies } = options;
  const isTrusted = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
    proxies.some(
      (range) => range[0].kind() === address.kind() && address.match(...(range as [never, number])),
    );
  return {
    keyOf(remoteAddress, rawHeaders) {
      const address = parseAddress(remoteAddress);
      if (address === null) return null;
      if (proxies.length === 0 || !isTrusted(address)) {
        return behindProxy && address.range() !== 'unicast' ? null : keyOf(address);
      }
      // The last is what the nearest proxy has seen itself; what stands before a stranger's address is the stranger's word.
      for (const text of forwardedFor(field, rawHeaders).reverse()) {
        const client = parseAddress(text);
        if (client === null) return null;
        if (!isTrusted(client)) return keyOf(client);
      }
      return null;
    },
    isShared(remoteAddress) {
      const address = parseAddress(remoteAddress);
      if (address === null) return true;
      return isTrusted(address) || (behindProxy && address.range() !== 'unicast');
    },
  };
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** IPv4 inside IPv6 is the IPv4 address: `::ffff:192.0.2.1`, and what a NAT64 makes of it. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (IPV4.test(text))
    return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : null;
  const bare = text.replace(/%.*$/, '');
  if (!bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return null;
  const address = ipaddr.IPv6.parse(bare);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.range() === 'rfc6052' ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

function keyOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address.kind() === 'ipv4') return address.toString();
  const network = (address as ipaddr.IPv6).parts.slice(0, 4);
  return `${network.map((part) => part.toString(16)).join(':')}::/64`;
}

/** The addresses of the field, the client's first. */
function forwardedFor(field: ProxyField, rawHeaders: readonly string[]): string[] {
  const values = rawHeaders.filter(
    (_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === field,
  );
  const text = values.join(',');
  if (field === 'x-forwarded-for') return text.split(',').map((one) => withoutPort(one.trim()));
  return forwardedElements(text).map((element) => {
    const node = /(?:^|;)[ \t]*for=("[^"]*"|[^;"\s]*)[ \t]*(?:;|$)/i.exec(element)?.[1] ?? '';
    return withoutPort(node.replaceAll('"', ''));
  });
}

/** RFC 7239 §4: a list, whose quoted strings may have commas. */
function forwardedElements(text: string): string[] {
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g)].map(([element]) => element.trim());
}

/** `192.0.2.1:4711`, `[2001:db8::1]:4711`, and both without a port. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\w+)?$/.exec(text)?.[1];
  return bracketed ?? /^(\d{1,3}(?:\.\d{1,3}){3}):\w+$/.exec(text)?.[1] ?? text;
}
