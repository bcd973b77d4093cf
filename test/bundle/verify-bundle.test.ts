// The verifier as a browser gets it: small, without Node, and at work where there is nothing but the web.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** Bytes, minified: what a page loads to check objects. */
const BUDGET = 25_000;

interface Bundle {
  readonly text: string;
  readonly metafile: Metafile;
}

async function bundle(entry: string, options: BuildOptions = {}): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
    ...options,
  });
  return { text: outputFiles![0]!.text, metafile: metafile! };
}

/** Imports of Node's modules, by whatever name, anywhere in the bundle. */
function nodeImports({ metafile }: Bundle): string[] {
  return Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(({ path, external }) => external || path.startsWith('node:'))
      .map(({ path }) => `${file} imports ${path}`),
  );
}

const VERIFIER = `
  export * from './src/protocol/verify.ts';
  export { createNobleVerifier } from './src/crypto/noble.ts';
`;

describe('the verifier with its cryptography', () => {
  let built: Bundle;
  beforeAll(async () => {
    built = await bundle(VERIFIER);
  });

  test(`has at most ${BUDGET} bytes`, () => {
    const size = Buffer.byteLength(built.text);
    const parts = Object.values(built.metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
      .map(([file, { bytesInOutput }]) => `${bytesInOutput} ${file}`);
    expect(size, `the bundle has ${size} bytes:\n${parts.join('\n')}`).toBeLessThanOrEqual(BUDGET);
  });

  test('imports nothing of Node', () => {
    expect(nodeImports(built)).toEqual([]);
    expect(built.text).not.toMatch(/\b(?:process|Buffer|require)\b/);
  });

  test('accepts a signed object and refuses a tampered one with web globals alone', async () => {
    const file = join(root, 'spec/vectors/objects/signing.json');
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as {
      cases: { expected: { canonical: string; name: string } }[];
    };
    const web = createContext({ TextEncoder, TextDecoder, URL });
    const script = await bundle(VERIFIER, { format: 'iife', globalName: 'exuvia' });
    runInContext(script.text, web);
    const verify = async (text: string): Promise<string> => {
      web.text = text;
      return await runInContext(
        `(async () => {
          const { createNobleVerifier, didKeyResolver, verifyObjectBytes } = exuvia;
          const context = { crypto: createNobleVerifier(), resolveKey: didKeyResolver };
          const verdict = await verifyObjectBytes(new TextEncoder().encode(text), context);
          return verdict.ok ? verdict.object.name : verdict.reason;
        })()`,
        web,
      );
    };
    for (const { expected } of cases.slice(0, 3)) {
      expect(await verify(expected.canonical)).toBe(expected.name);
    }
    const { canonical } = cases[0]!.expected;
    expect(await verify(canonical.replace('The tea room', 'The sea room'))).toBe('proof_invalid');
    expect(await verify(canonical.replace('"Create"', '"Erase"'))).toBe('unknown_type');
    expect(await verify(`${canonical} `)).toBe('not_canonical');
  });
});

test('the protocol as a whole imports nothing of Node, and neither a JSON-LD processor nor a JWT library', async () => {
  const built = await bundle(`export * from './src/protocol/index.ts';`);
  expect(nodeImports(built)).toEqual([]);
  const inputs = Object.keys(built.metafile.inputs);
  expect(inputs.filter((file) => /jsonld|did-jwt/.test(file))).toEqual([]);
});

test('identity tokens can be verified in a browser, and only those who do load the JWT library', async () => {
  const tokens = await bundle(`export * from './src/protocol/identity-token.ts';`);
  expect(nodeImports(tokens)).toEqual([]);
  expect(Object.keys(tokens.metafile.inputs).join()).toContain('did-jwt');
  const client = await bundle(`export * from './src/client/index.ts';`);
  expect(Object.keys(client.metafile.inputs).join()).not.toContain('did-jwt');
});

test('the check for Node fails where there is some', async () => {
  const entry = `export { readFileSync } from 'node:fs';`;
  await expect(bundle(entry)).rejects.toThrow('node:fs');
  const built = await bundle(entry, { external: ['node:*'] });
  expect(nodeImports(built)).toEqual(['<stdin> imports node:fs']);
});
