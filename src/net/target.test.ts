// URLs that are refused before anything is resolved.
import { describe, expect, it } from 'vitest';
import { parseTarget } from './target.ts';

const ALWAYS_REFUSED = [
  'not a url',
  '/relative',
  'data:application/json,{}',
  'file:///etc/passwd',
  'ftp://host.example.com/',
  'http://host.example.com/',
  'https://host.example.com:22/',
  'https://host.example.com:8443/',
  'https://user@host.example.com/',
  'https://user:pass@host.example.com/',
  'https://host.example.com/#fragment',
  'https://host.example.com/#',
  'https://host.example.com./',
  'https://93.184.216.34/',
  'https://[2606:4700:4700::1111]/',
  'https://10.0.0.1/',
  'https://0/',
  'https://0.0.0.0/',
  'https://[::]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://intranet/',
  'https://db.internal/',
  'https://printer.local/',
  'https://app.localhost/',
  'https://localhost./',
];

const LOOPBACK = [
  'http://127.0.0.1:8787/',
  'https://127.0.0.1/',
  'http://127.1.2.3:22/',
  'http://[::1]:8787/',
  'http://localhost:8787/',
  'https://LOCALHOST/',
  // The URL parser reads these four as 127.0.0.1.
  'http://0177.0.0.1/',
  'http://0x7f.0.0.1/',
  'http://2130706433/',
  'http://127.0.0.1./',
];

describe('parseTarget', () => {
  it.each([
    'https://host.example.com/',
    'https://host.example.com:443/a?b=c',
    'https://bücher.de/',
  ])('lets %s through in both modes', (url) => {
    expect(parseTarget(url, false).protocol).toBe('https:');
    expect(parseTarget(url, true).protocol).toBe('https:');
  });

  it.each(ALWAYS_REFUSED)('refuses %s in both modes', (url) => {
    for (const loopback of [false, true]) {
      expect(() => parseTarget(url, loopback)).toThrow(
        expect.objectContaining({ name: 'NetError', code: 'url_refused' }),
      );
    }
  });

  it.each(LOOPBACK)('lets %s through only for a node on loopback', (url) => {
    expect(() => parseTarget(url, false)).toThrow(expect.objectContaining({ code: 'url_refused' }));
    expect(parseTarget(url, true).hostname).toMatch(/^(localhost|127\.|\[::1\])/);
  });
});

describe('spellings of a host', () => {
  // The URL parser maps characters (UTS 46) and reads all of these numbers; what comes out is judged.
  const AS_LOOPBACK = [
    '127.1',
    '127.0.1',
    '0177.0.0.1',
    '0177.1',
    '017700000001',
    '0x7f.0.0.1',
    '0x7F.1',
    '0x7f000001',
    '2130706433',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '１２７.0.0.1',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '127．0．0．1',
    '12\u00ad7.0.0.1',
    '[0:0:0:0:0:0:0:1]',
    '[0000::0001]',
    'LocalHost',
    'ｌｏｃａｌｈｏｓｔ',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'local\u00adhost',
  ];
  it.each(AS_LOOPBACK)('%s is this machine', (host) => {
    expect(() => parseTarget(`https://${host}/`, false)).toThrow(
      expect.objectContaining({ code: 'url_refused' }),
    );
    expect(parseTarget(`https://${host}/`, true).hostname).toMatch(
      /^(localhost|127\.0\.0\.1|\[::1\])$/,
    );
  });

  const REFUSED = [
    '10.1',
    '0xa.0.0.1',
    '012.0.0.1',
    '167772161',
    '8.8.8.8',
    '8.8.2056',
    '134744072',
    '010.8.8.8',
    '8.8.8.8.',
    '256.1.1.1',
    '1.1.1.1.1',
    '1.1.1.0x100',
    '0.0.0.0',
    '0',
    '0x',
    '4294967295',
    '4294967296',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::127.0.0.1]',
    '[2002:7f00:1::]',
    '[2001:0:4136:e378:8000:63bf:80ff:fffe]',
    '[2606:4700:4700::1111]',
    '[fe80::1]',
    '[fe80::1%25eth0]',
    '[fe80::1%eth0]',
    '[::1%25lo]',
    '::1',
    '[1::2::3]',
    'host.example.com.',
    'host.example.com。',
    'localhost.',
    'a.localhost',
    'LOCALHOST.localdomain.local',
    'metadata.google.internal',
    'ｍetadata.google.internal',
    'router.home.arpa',
    'xn--',
    'xn--a',
    'a..example.com',
    '.example.com',
    'a b.example.com',
    'a%00.example.com',
    'a%2fb.example.com',
    'host.example.com:0',
    'host.example.com:80',
    'host.example.com:444',
    'host.example.com:65536',
    'host.example.com:443:443',
    'user@host.example.com',
    ':@host.example.com:8443',
    'host.example.com@10.0.0.1',
    '10.0.0.1#@host.example.com',
    '10.0.0.1\\@host.example.com',
    '10.0.0.1?@host.example.com',
  ];
  it.each(REFUSED)('%s is refused', (host) => {
    for (const loopback of [false, true]) {
      expect(() => parseTarget(`https://${host}/`, loopback)).toThrow(
        expect.objectContaining({ name: 'NetError', code: 'url_refused' }),
      );
    }
  });

  it.each([
    ['HOST.Example.COM', 'host.example.com'],
    ['host.example.com:443', 'host.example.com'],
    ['host.example.com:0443', 'host.example.com'],
    ['bücher.de', 'xn--bcher-kva.de'],
    ['BÜCHER.DE', 'xn--bcher-kva.de'],
    ['xn--bcher-kva.de', 'xn--bcher-kva.de'],
    ['XN--BCHER-KVA.de', 'xn--bcher-kva.de'],
    ['127.0.0.1.host.example.com', '127.0.0.1.host.example.com'],
    ['127.0.0.1.nip.io', '127.0.0.1.nip.io'],
  ])('%s is asked for as %s', (host, name) => {
    expect(parseTarget(`https://${host}/`, false)).toMatchObject({ host: name, port: '' });
  });
});
