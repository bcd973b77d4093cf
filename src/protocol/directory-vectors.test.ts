// The project's own vectors of signed key directories: every case of spec/vectors/requests/directory.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNoble } from '../crypto/noble.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { fromBase64url, utf8 } from './bytes.ts';
import { verifyDirectoryResponse } from './response-signature.ts';

interface DirectoryCase {
  comment: string;
  input: {
    url: string;
    now: number;
    status: number;
    headers: [string, string][];
    body: string;
  };
  expected?: { keyid: string; created: number; expires: number };
  error?: string;
}

const file = join(import.meta.dirname, '../../spec/vectors/requests/directory.json');
const { key, cases } = JSON.parse(readFileSync(file, 'utf8')) as {
  key: { x: string };
  cases: DirectoryCase[];
};
const publicKey = fromBase64url(key.x)!;

describe.each([createNodeCrypto(), createNoble()])('with $name', (crypto) => {
  it.each(cases)('$comment', async ({ input: { now, body, ...response }, expected, error }) => {
    const directory = { ...response, body: utf8(body) };
    const verdict = await verifyDirectoryResponse(directory, { publicKey, now }, crypto);
    expect(verdict).toMatchObject(
      error === undefined ? { ok: true, ...expected } : { ok: false, reason: error },
    );
  });
});
