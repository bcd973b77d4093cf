// The interface as a document, for programs that make their clients from it.
import { toBase64url, utf8 } from '../../protocol/bytes.ts';
import type { Crypto } from '../../protocol/crypto.ts';
import type { EdgeApp } from '../edge.ts';
import { mount } from '../mount.ts';
import { type OpenApiOptions, openApiDocument } from '../openapi.ts';

/** Seconds. */
const MAX_AGE = 300;

export function mountOpenApi(app: EdgeApp, options: OpenApiOptions, crypto: Crypto): void {
  const bytes = utf8(JSON.stringify(openApiDocument(options)));
  const etag = `"${toBase64url(crypto.sha256(bytes))}"`;
  const fields = { etag, 'cache-control': `public, max-age=${MAX_AGE}` };
  mount(app, '/openapi.json', {
    GET(c) {
      if (c.req.header('if-none-match')?.includes(etag)) {
        return new Response(null, { status: 304, headers: fields });
      }
      return new Response(bytes as Uint8Array<ArrayBuffer>, {
        headers: { ...fields, 'content-type': 'application/json' },
      });
    },
  });
}
