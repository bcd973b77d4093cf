// Signatures that this room makes are those that it takes, and nothing that a stranger writes into a field makes it stumble.
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { utf8 } from '../protocol/bytes.ts';
import { type ForeignRequest, findSignatures, signForeign } from './http-message.ts';

const crypto = createNodeCrypto();
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKey = createPublicKey(privateKey);
const NOW = Date.UTC(2026, 10, 20, 10);
const ORIGIN = 'https://node.example';
const body = utf8('{"type":"Follow"}');

function signed(form: 'draft' | 'standard', target = '/c/tides/inbox?a=b'): ForeignRequest {
  const headers = signForeign(
    {
      ...{ method: 'POST', url: ORIGIN + target, body, now: NOW, keyId: 'https://x.example/u#k' },
      sign: (bytes) => sign('sha256', bytes, privateKey),
    },
    form,
    crypto,
  );
  const fields = [['Host', 'node.example'], ...Object.entries(headers)] as [string, string][];
  return { method: 'POST', target, origin: ORIGIN, headers: fields, body };
}

const holds = (request: ForeignRequest, now = NOW) => {
  const found = findSignatures(request, now / 1000, crypto);
  return (
    found.ok &&
    found.signatures.some(({ base, signature }) => verify('sha256', base, publicKey, signature))
  );
};

describe.each(['draft', 'standard'] as const)('%s', (form) => {
  test('what is signed is taken, within its time', () => {
    expect(holds(signed(form))).toBe(true);
    expect(holds(signed(form), NOW + 3_600_000)).toBe(true);
    expect(holds(signed(form), NOW + 3_601_000)).toBe(false);
    expect(holds(signed(form), NOW - 300_000)).toBe(true);
    expect(holds(signed(form), NOW - 301_000)).toBe(false);
  });

  test.each([
    ['another method', { method: 'PUT' }],
    ['another target', { target: '/c/tides/inbox?a=c' }],
    ['another path', { target: '/inbox' }],
    ['another host', { origin: 'https://other.example' }],
    ['another body', { body: utf8('{"type":"Undo"}') }],
    ['no body', { body: new Uint8Array(0) }],
  ] as [string, Partial<ForeignRequest>][])('with %s it is not', (_, change) => {
    expect(holds({ ...signed(form), ...change })).toBe(false);
  });

  test('no text in a field throws or passes', () => {
    const names = ['signature', 'signature-input', 'digest', 'content-digest', 'date', 'host'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string(), (name, value) => {
        const request = signed(form);
        const headers = request.headers.map(([field, old]) => {
          return [field, field.toLowerCase() === name ? value : old] as const;
        });
        const hit = headers.some(
          ([field], i) => headers[i]?.[1] !== request.headers[i]?.[1] && field,
        );
        const passes = holds({ ...request, headers });
        // What is covered by the name that this node has for itself is not read from the field.
        if (hit && name !== 'host') expect(passes).toBe(false);
      }),
    );
  });

  test('half a signature is none', () => {
    const { headers, ...request } = signed(form);
    for (const [missing] of headers) {
      const rest = headers.filter(([name]) => name !== missing);
      expect(holds({ ...request, headers: rest })).toBe(missing === 'Host');
    }
  });
});

test('a long list of covered names is not gone through', () => {
  const { headers, ...request } = signed('draft');
  const many = Array.from({ length: 500 }, () => 'x').join(' ');
  const signature = `keyId="k",headers="(request-target) host digest date ${many}",signature="AAAA"`;
  const found = headers.map(
    ([name, value]) => [name, name === 'signature' ? signature : value] as const,
  );
  expect(findSignatures({ ...request, headers: found }, NOW / 1000, crypto)).toMatchObject({
    ok: false,
  });
});
