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
