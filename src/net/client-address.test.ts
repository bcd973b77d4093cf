// Whom a request is counted against, whatever it says of itself.
import { describe, expect, test } from 'vitest';
import { createAddressReader, type ProxyField, parseAddressRange } from './client-address.ts';

const reader = (
  proxies: string[] = [],
  field: ProxyField = 'x-forwarded-for',
  behindProxy = false,
) =>
  createAddressReader({
    proxies: proxies.map((text) => parseAddressRange(text)!),
    field,
    behindProxy,
  });
const xff = (value: string) => ['X-Forwarded-For', value];

describe('without a trusted proxy', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['64:ff9b::c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', null],
    ['localhost', null],
    ['010.0.0.1', null],
  ])('%s counts as %s', (address, key) => {
    expect(reader().keyOf(address, xff('203.0.113.9'))).toBe(key);
  });

  test('a stranger speaks for nobody else', () => {
    const headers = [...xff('203.0.113.9'), 'Forwarded', 'for=203.0.113.9'];
    expect(reader(['10.0.0.1']).keyOf('192.0.2.7', headers)).toBe('192.0.2.7');
    expect(reader(['10.0.0.0/8']).isShared('192.0.2.7')).toBe(false);
  });

  test('behind a proxy that is not named nobody is known, and nobody pays for others', () => {
    const hidden = reader([], 'x-forwarded-for', true);
    for (const address of ['127.0.0.1', '172.18.0.2', '::1', 'fd00::1']) {
      expect(hidden.keyOf(address, xff('203.0.113.9'))).toBeNull();
      expect(hidden.isShared(address)).toBe(true);
    }
    expect(hidden.keyOf('93.184.216.34', [])).toBe('93.184.216.34');
    expect(hidden.isShared('93.184.216.34')).toBe(false);
  });
});

describe('X-Forwarded-For of a trusted proxy', () => {
  const one = reader(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);
  test.each<[string, string, string | null]>([
    ['the one address', '203.0.113.9', '203.0.113.9'],
    ['the last that is no proxy', 'spoofed, 198.51.100.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['never what the client has written before it', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['with a port', '203.0.113.9:4711', '203.0.113.9'],
    ['with brackets', '[2001:db8::1]:443', '2001:db8:0:0::/64'],
    ['IPv6 as it is', '2001:db8::1', '2001:db8:0:0::/64'],
    ['nobody, where a proxy says nothing', '', null],
    ['nobody, where it says what is no address', 'unknown', null],
    ['nobody beyond what is no address', '203.0.113.9, unknown', null],
    ['nobody, where all are proxies', '10.1.1.1, 10.2.2.2', null],
  ])('gives %s', (_, value, key) => {
    expect(one.keyOf('127.0.0.1', xff(value))).toBe(key);
  });

  test('may come as several fields, and Forwarded is not looked at', () => {
    const headers = [...xff('1.1.1.1'), 'Forwarded', 'for=2.2.2.2', ...xff('203.0.113.9')];
    expect(one.keyOf('::ffff:10.0.0.3', headers)).toBe('203.0.113.9');
    expect(one.keyOf('127.0.0.1', ['forwarded', 'for=2.2.2.2'])).toBeNull();
    expect(one.isShared('fd12::1')).toBe(true);
  });
});

describe('Forwarded of a trusted proxy', () => {
  const one = reader(['127.0.0.1'], 'forwarded');
  test.each<[string, string | null]>([
    ['for=203.0.113.9', '203.0.113.9'],
    ['For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe:0::/64'],
    ['for=1.1.1.1, for=203.0.113.9;proto=https;by=203.0.113.43', '203.0.113.9'],
    ['proto=https;for="203.0.113.9:80"', '203.0.113.9'],
    ['by="for=1.1.1.1, for=2.2.2.2";for=203.0.113.9', '203.0.113.9'],
    ['for=unknown', null],
    ['for=_hidden', null],
    ['proto=https', null],
    ['', null],
  ])('%s', (value, key) => {
    expect(one.keyOf('127.0.0.1', ['Forwarded', value, ...xff('9.9.9.9')])).toBe(key);
  });
});

test('networks are read strictly', () => {
  expect(
    ['10.0.0.0/8', '::1', '192.0.2.1', 'fd00::/8'].map((text) => parseAddressRange(text) !== null),
  ).toEqual([true, true, true, true]);
  expect(['', '10.0.0.0/33', 'proxy', '10.1', '10.0.0.0/8/8'].map(parseAddressRange)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});
