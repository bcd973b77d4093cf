// Every range of the IANA special-purpose address registries: nothing inside is connected to, what lies next to it is.
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGlobalUnicast } from './address.ts';

/**
 * The IPv4 registry as of 2026, with the RFC that made each entry, and below the line what other registries set
 * apart. Ranges the registry calls globally reachable (anycast services, AS112) are refused as well: no host of ours
 * lives there.
 */
const IPV4: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'RFC 791, this network'],
  ['0.0.0.0/32', 'RFC 1122, this host'],
  ['10.0.0.0/8', 'RFC 1918, private use'],
  ['100.64.0.0/10', 'RFC 6598, shared address space'],
  ['127.0.0.0/8', 'RFC 1122, loopback'],
  ['169.254.0.0/16', 'RFC 3927, link local'],
  ['172.16.0.0/12', 'RFC 1918, private use'],
  ['192.0.0.0/24', 'RFC 6890, IETF protocol assignments'],
  ['192.0.0.0/29', 'RFC 7335, IPv4 service continuity'],
  ['192.0.0.8/32', 'RFC 7600, dummy address'],
  ['192.0.0.9/32', 'RFC 7723, Port Control Protocol anycast'],
  ['192.0.0.10/32', 'RFC 8155, TURN anycast'],
  ['192.0.0.170/32', 'RFC 7050, NAT64/DNS64 discovery'],
  ['192.0.0.171/32', 'RFC 8880, NAT64/DNS64 discovery'],
  ['192.0.2.0/24', 'RFC 5737, documentation (TEST-NET-1)'],
  ['192.31.196.0/24', 'RFC 7535, AS112-v4'],
  ['192.52.193.0/24', 'RFC 7450, AMT'],
  ['192.88.99.0/24', 'RFC 7526, deprecated 6to4 relay anycast'],
  ['192.88.99.2/32', 'RFC 6751, 6a44 relay anycast'],
  ['192.168.0.0/16', 'RFC 1918, private use'],
  ['192.175.48.0/24', 'RFC 7534, direct delegation AS112'],
  ['198.18.0.0/15', 'RFC 2544, benchmarking'],
  ['198.51.100.0/24', 'RFC 5737, documentation (TEST-NET-2)'],
  ['203.0.113.0/24', 'RFC 5737, documentation (TEST-NET-3)'],
  ['240.0.0.0/4', 'RFC 1112, reserved'],
  ['255.255.255.255/32', 'RFC 8190, limited broadcast'],
  ['224.0.0.0/4', 'RFC 5771, multicast'],
];

/** The IPv6 registry as of 2026, then what other registries and RFCs set apart. */
const IPV6: readonly (readonly [string, string])[] = [
  ['::1/128', 'RFC 4291, loopback'],
  ['::/128', 'RFC 4291, unspecified'],
  ['::ffff:0:0/96', 'RFC 4291, IPv4-mapped'],
  ['64:ff9b::/96', 'RFC 6052, NAT64'],
  ['64:ff9b:1::/48', 'RFC 8215, local NAT64'],
  ['100::/64', 'RFC 6666, discard only'],
  ['100:0:0:1::/64', 'RFC 9780, dummy prefix'],
  ['2001::/23', 'RFC 2928, IETF protocol assignments'],
  ['2001::/32', 'RFC 4380, Teredo'],
  ['2001:1::1/128', 'RFC 7723, Port Control Protocol anycast'],
  ['2001:1::2/128', 'RFC 8155, TURN anycast'],
  ['2001:1::3/128', 'RFC 9665, DNS-SD SRP anycast'],
  ['2001:2::/48', 'RFC 5180, benchmarking'],
  ['2001:3::/32', 'RFC 7450, AMT'],
  ['2001:4:112::/48', 'RFC 7535, AS112-v6'],
  ['2001:10::/28', 'RFC 4843, deprecated ORCHID'],
  ['2001:20::/28', 'RFC 7343, ORCHIDv2'],
  ['2001:30::/28', 'RFC 9374, drone remote ID'],
  ['2001:db8::/32', 'RFC 3849, documentation'],
  ['2002::/16', 'RFC 3056, 6to4'],
  ['2620:4f:8000::/48', 'RFC 7534, direct delegation AS112'],
  ['3fff::/20', 'RFC 9637, documentation'],
  ['5f00::/16', 'RFC 9602, segment routing'],
  ['fc00::/7', 'RFC 4193, unique local'],
  ['fe80::/10', 'RFC 4291, link local'],
  ['::/96', 'RFC 4291, deprecated IPv4-compatible'],
  ['::ffff:0:0:0/96', 'RFC 7915, IPv4-translated'],
  ['fec0::/10', 'RFC 3879, deprecated site local'],
  ['ff00::/8', 'RFC 4291, multicast'],
];

interface Range {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

function toNumber(address: string): bigint {
  if (isIP(address) === 4) {
    return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  }
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].reduce(
    (sum, group) => sum * 65_536n + BigInt(`0x${group}`),
    0n,
  );
}

function toAddress(value: bigint, bits: 32 | 128): string {
  const part = bits === 32 ? 8n : 16n;
  const count = bits === 32 ? 4 : 8;
  const parts = Array.from({ length: count }, (_, i) =>
    ((value >> (part * BigInt(count - 1 - i))) & ((1n << part) - 1n)).toString(
      bits === 32 ? 10 : 16,
    ),
  );
  return parts.join(bits === 32 ? '.' : ':');
}

function rangeOf(cidr: string): Range {
  const [address = '', length] = cidr.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  const first = toNumber(address);
  return { bits, first, last: first + (1n << BigInt(bits - Number(length))) - 1n };
}

const RANGES = [...IPV4, ...IPV6].map(([cidr]) => rangeOf(cidr));
const GLOBAL = rangeOf('2000::/3');

/** What the tables say of an address: RFC 4291 §2.4 assigns no IPv6 unicast outside 2000::/3. */
function isOutside(value: bigint, bits: 32 | 128): boolean {
  const within = (range: Range) =>
    range.bits === bits && range.first <= value && value <= range.last;
  return !RANGES.some(within) && (bits === 32 || within(GLOBAL));
}

describe.each([...IPV4, ...IPV6])('%s (%s)', (cidr) => {
  const { bits, first, last } = rangeOf(cidr);

  it('is refused at its ends and in its middle', () => {
    for (const value of [first, first + (last - first) / 2n, last]) {
      expect(isGlobalUnicast(toAddress(value, bits))).toBe(false);
    }
  });

  it('ends where it says', () => {
    const neighbours = [first - 1n, last + 1n].filter(
      (value) => value >= 0n && value < 1n << BigInt(bits),
    );
    for (const value of neighbours) {
      const address = toAddress(value, bits);
      expect([address, isGlobalUnicast(address)]).toEqual([address, isOutside(value, bits)]);
    }
  });
});

describe('any address', () => {
  it('is judged as the tables judge it', () => {
    const ipv4 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
    // Half of them where IPv6 is in use, close to the beginning, where the special ranges lie.
    const ipv6 = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
      fc.bigInt({ min: 0x2000n << 112n, max: 0x2003n << 112n }),
    );
    fc.assert(
      fc.property(ipv4, ipv6, (four, six) => {
        expect(isGlobalUnicast(toAddress(four, 32))).toBe(isOutside(four, 32));
        expect(isGlobalUnicast(toAddress(six, 128))).toBe(isOutside(six, 128));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused inside another one, public or not', () => {
    for (const address of ['8.8.8.8', ...IPV4.map(([cidr]) => cidr.split('/')[0] ?? '')]) {
      const value = toNumber(address);
      const [high, low] = [(value >> 16n).toString(16), (value & 0xffffn).toString(16)];
      const inverted = (value ^ 0xffffffffn) & 0xffffffffn;
      const carriers = [
        `::ffff:${address}`,
        `::ffff:${high}:${low}`,
        `::${address}`,
        `::ffff:0:${address}`,
        `64:ff9b::${address}`,
        `64:ff9b:1::${address}`,
        // RFC 6052 §2.2: the prefix of 48 bits puts the address around bits 64 to 71.
        `64:ff9b:1:${high}:${(value & 0xff00n).toString(16)}:0:0:0`,
        `2002:${high}:${low}::1`,
        `2001:0:4136:e378:8000:63bf:${(inverted >> 16n).toString(16)}:${(inverted & 0xffffn).toString(16)}`,
        `fe80::5efe:${high}:${low}`,
      ];
      expect(carriers.map((carrier) => [carrier, isGlobalUnicast(carrier)])).toEqual(
        carriers.map((carrier) => [carrier, false]),
      );
    }
  });
});
