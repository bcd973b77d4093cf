// The signature base, against an independent implementation of RFC 9421 and its rules for what cannot be covered.
import fc from 'fast-check';
import { createSignatureSync, isSignatureError } from 'http-message-sig';
import { describe, expect, test } from 'vitest';
import { decodeUtf8 } from './bytes.ts';
import { createSignature, parseSignatures } from './http-signature.ts';
import { type RequestToCover, type SignatureComponent, signatureBase } from './signature-base.ts';

const request: RequestToCover = {
  kind: 'request',
  method: 'POST',
  targetUri: 'https://node.example/a/b?c=d&e',
  requestTarget: '/a/b?c=d&e',
  fields: [
    { name: 'Content-Type', value: ' application/json\t' },
    { name: 'X-List', value: 'a' },
    { name: 'x-list', value: '  b ' },
    {
      name: 'Signature-Agent',
      value: 'sig1="https://a.example/did.json", b=(x "y";z);q=?0;r=:AQI=:',
    },
    { name: 'X-Empty', value: '' },
  ],
};
const component = (name: string, key: string | null = null, req = false): SignatureComponent => ({
  name,
  key,
  req,
});
const parameters = new Map([['created', 1]]);

function baseOf(message: RequestToCover, ...components: SignatureComponent[]): string {
  const built = signatureBase(message, { components, parameters });
  return built.ok ? decodeUtf8(built.base) : built.reason;
}

describe('RFC 9421 §2', () => {
  test.each<[string, SignatureComponent, string]>([
    ['@method', component('@method'), 'POST'],
    ['@target-uri', component('@target-uri'), 'https://node.example/a/b?c=d&e'],
    ['@request-target', component('@request-target'), '/a/b?c=d&e'],
    ['@authority', component('@authority'), 'node.example'],
    ['@scheme', component('@scheme'), 'https'],
    ['@path', component('@path'), '/a/b'],
    ['@query', component('@query'), '?c=d&e'],
    ['a field without the blanks around it', component('content-type'), 'application/json'],
    ['a repeated field', component('x-list'), 'a, b'],
    ['an empty field', component('x-empty'), ''],
  ])('%s', (_, covered, value) => {
    expect(baseOf(request, covered)).toBe(
      `"${covered.name}": ${value}\n"@signature-params": ("${covered.name}");created=1`,
    );
  });

  test('a member of a dictionary is written anew', () => {
    expect(baseOf(request, component('signature-agent', 'b'))).toBe(
      '"signature-agent";key="b": (x "y";z);q=?0;r=:AQI=:\n' +
        '"@signature-params": ("signature-agent";key="b");created=1',
    );
  });

  test.each([
    ['https://node.example', '/', '?', 'node.example'],
    ['https://node.example?q', '/', '?q', 'node.example'],
    ['https://NODE.example:443/%7Ea/', '/%7Ea/', '?', 'node.example'],
    ['http://node.example:8080/a?', '/a', '?', 'node.example:8080'],
    ['http://[::1]:8787/a:b', '/a:b', '?', '[::1]:8787'],
  ])('%s', (targetUri, path, query, authority) => {
    const message = { ...request, targetUri };
    const covered = [component('@path'), component('@query'), component('@authority')];
    expect(
      baseOf(message, ...covered)
        .split('\n')
        .slice(0, 3),
    ).toEqual([`"@path": ${path}`, `"@query": ${query}`, `"@authority": ${authority}`]);
  });

  test.each([
    ['a field that is absent', component('x-absent'), 'missing_component'],
    ['a member that is absent', component('signature-agent', 'c'), 'missing_component'],
    ['a member of a field that is no dictionary', component('content-type', 'a'), 'malformed'],
    ['@status of a request', component('@status'), 'unsupported_component'],
    ['@query-param', component('@query-param'), 'unsupported_component'],
    ['a request component of a request', component('@method', null, true), 'unsupported_component'],
    ['a derived component that is not known', component('@colour'), 'unsupported_component'],
  ])('refuses %s', (_, covered, reason) => {
    expect(baseOf(request, covered)).toBe(reason);
  });

  test.each(['a\nb', 'a\r\n b', 'caf\u00e9', 'a\0b', '\u007f'])(
    'refuses the value %j, which would have a second form',
    (value) => {
      expect(baseOf({ ...request, fields: [{ name: 'x', value }] }, component('x'))).toBe(
        'malformed',
      );
    },
  );
});

test('has the same bytes as an independent implementation, or both refuse', () => {
  const value = fc.string({ unit: fc.constantFrom(...' \tab="1;,()é:') });
  const names = ['@method', '@target-uri', '@authority', '@path', '@query', 'x', 'y', 'd'] as const;
  fc.assert(
    fc.property(
      fc.record({
        method: fc.constantFrom('GET', 'POST', 'get'),
        target: fc.constantFrom('', '/', '/a', '/a?', '/a?b=%20', '?x', '/%2e/a'),
        fields: fc.array(fc.record({ name: fc.constantFrom('x', 'Y', 'y'), value })),
        member: fc.constantFrom('k="v"', 'k=1;a;b=?0', 'k=(a "b";c)', 'k', 'j=1', 'k=:AQI=:'),
        covered: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
        nonce: fc.string({ unit: fc.constantFrom(...'ab"\\ '), maxLength: 8 }),
      }),
      ({ method, target, fields, member, covered, nonce }) => {
        const message: RequestToCover = {
          kind: 'request',
          method,
          targetUri: `https://node.example${target}`,
          fields: [...fields, { name: 'D', value: member }],
        };
        const components = covered.map((name) => component(name, name === 'd' ? 'k' : null));
        const signed = new Map<string, string | number>([['created', 7]]).set('nonce', nonce);
        let theirs: { base: string; signatureInput: string } | null = null;
        try {
          let base = '';
          // Only what is covered is handed over: the other refuses a message for any field of it.
          const kept = message.fields.filter((f) => covered.includes(f.name.toLowerCase() as 'x'));
          const { signatureInput } = createSignatureSync(
            { ...message, fields: kept },
            {
              label: 'sig1',
              components: components.map(({ name, key }) => ({
                name,
                parameters: key === null ? {} : { key },
              })),
              parameters: Object.fromEntries(signed),
              signer: {
                algorithm: 'ed25519',
                sign: (bytes) => {
                  base = decodeUtf8(bytes);
                  return new Uint8Array(64);
                },
              },
            },
          );
          theirs = { base, signatureInput };
        } catch (error) {
          if (!isSignatureError(error)) throw error;
        }
        const built = signatureBase(message, { components, parameters: signed });
        expect(built.ok ? decodeUtf8(built.base) : null).toBe(theirs?.base ?? null);
        if (theirs === null) return;
        const ours = createSignature(
          message,
          'sig1',
          { components, parameters: signed },
          () => new Uint8Array(64),
        );
        expect(ours.signatureInput).toBe(theirs.signatureInput);
        expect(parseSignatures(ours.signatureInput, ours.signature)).toMatchObject({ ok: true });
      },
    ),
    { numRuns: 500 },
  );
});
