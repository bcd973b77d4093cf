// An unmodified client of an older draft, web-bot-auth 0.1.3, signs; the verifier lets it in.
import { expect, it } from 'vitest';
import { signatureHeaders } from 'web-bot-auth';
import { signerFromJWK } from 'web-bot-auth/crypto';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase64url, utf8 } from './bytes.ts';
import { contentDigest } from './content-digest.ts';
import { didKeyOf } from './did.ts';
import { REQUEST_WINDOW, verifyRequest } from './request-signature.ts';
import { agentUrlOfDidKey, COMPAT_ALL } from './signature-agent.ts';

const crypto = createNodeCrypto();
const seed = new Uint8Array(32).fill(1);
const publicKey = crypto.publicKeyOf(seed);
const did = didKeyOf(publicKey);
const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64url(publicKey), d: toBase64url(seed) };
const CREATED = 1_763_600_000;
const WRITE = ['@method', '@target-uri', 'content-digest', 'signature-agent'];

async function sendFromWebBotAuth(components: string[]) {
  const body = utf8('{"type":"Like"}');
  const request = new Request('https://node.example/api/v1/activities', {
    method: 'POST',
    body: body as Uint8Array<ArrayBuffer>,
    headers: {
      'content-type': 'application/json',
      'content-digest': contentDigest(body, crypto),
      'signature-agent': `sig1="${agentUrlOfDidKey('https://node.example', did)}"`,
    },
  });
  const signed = await signatureHeaders(request, await signerFromJWK(jwk), {
    created: new Date(CREATED * 1000),
    expires: new Date((CREATED + 60) * 1000),
    components: components as never,
  });
  const headers: [string, string][] = [['Host', 'node.example'], ...request.headers];
  headers.push(['Signature-Input', signed['Signature-Input']], ['Signature', signed.Signature]);
  return verifyRequest(
    {
      method: 'POST',
      target: '/api/v1/activities',
      scheme: 'https',
      authority: 'node.example',
      headers,
    },
    {
      write: true,
      hasBody: true,
      now: CREATED + 1,
      ...REQUEST_WINDOW,
      compat: COMPAT_ALL,
      loopback: false,
      authorities: ['node.example'],
    },
    async () => ({ ok: false, reason: 'discovery_failed', detail: '', retryable: false }),
    crypto,
  );
}

it('is accepted when it covers what a write has to cover', async () => {
  const result = await sendFromWebBotAuth(WRITE);
  expect(result).toMatchObject({ ok: true, did, form: 'whole_field', label: 'sig1' });
});

it('is refused with its defaults, which leave the method and the target open', async () => {
  const result = await sendFromWebBotAuth(['@authority', 'signature-agent']);
  expect(result).toMatchObject({ ok: false, reason: 'insufficient_coverage' });
});
