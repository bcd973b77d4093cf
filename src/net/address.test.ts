// Tables of addresses that may and may not be connected to.
import { describe, expect, it } from 'vitest';
import { isGlobalUnicast, isLoopback } from './address.ts';

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '192.0.1.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:82f::200e',
  '2001:4860:4860::8888',
];

const REFUSED: Record<string, readonly string[]> = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
  'link-local': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  'site-local': ['fec0::1', 'feff::1'],
  'shared (CGNAT)': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1'],
  broadcast: ['255.255.255.255'],
  reserved: ['240.0.0.1', '192.0.0.1', '198.18.0.1', '198.19.255.255', '192.88.99.1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1'],
  'IPv4-compatible': ['::127.0.0.1', '::8.8.8.8'],
  'IPv4-translated': ['::ffff:0:127.0.0.1'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::808:808', '64:ff9b:1::1'],
  '6to4': ['2002:7f00:1::', '2002:808:808::1'],
  Teredo: ['2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ORCHID: ['2001:10::1', '2001:20::1'],
  benchmarking: ['2001:2::1'],
  discard: ['100::1'],
  'segment routing': ['5f00::1'],
  unassigned: ['4000::1', '8000::1', 'e000::1'],
  'not an address as a resolver writes it': [
    '',
    'localhost',
    '8.8.8',
    '134744072',
    '010.8.8.8',
    '0x8.8.8.8',
    '8.8.8.8.',
    ' 8.8.8.8',
    '8.8.8.8/32',
    '[2606:4700::1]',
    '2606:4700::1%1',
  ],
};

describe('isGlobalUnicast', () => {
  it.each(PUBLIC)('accepts %s', (address) => {
    expect(isGlobalUnicast(address)).toBe(true);
  });

  for (const [range, addresses] of Object.entries(REFUSED)) {
    it.each(addresses)(`refuses ${range}: %s`, (address) => {
      expect(isGlobalUnicast(address)).toBe(false);
    });
  }
});

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1'])('accepts %s', (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '::',
    '::ffff:127.0.0.1',
    '::127.0.0.1',
    '126.0.0.1',
    '8.8.8.8',
    'localhost',
  ])('refuses %s', (address) => {
    expect(isLoopback(address)).toBe(false);
  });
});
