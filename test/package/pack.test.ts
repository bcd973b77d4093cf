// The packed package works from an empty folder on plain Node: its binary, its entries, its data files.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
let files: string[];

function run(command: string, args: readonly string[], cwd = folder): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-package-'));
  const packed = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], root));
  const [{ filename, files: list }] = Object.values(packed) as [
    { filename: string; files: { path: string }[] },
  ];
  files = list.map(({ path }) => path);
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', join(folder, filename)]);
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('holds the built code, contexts, spec and licence, and nothing else', () => {
    expect(files).toContain('LICENSE');
    expect(files).toContain('README.md');
    expect(files).toContain('dist/main.js');
    expect(files).toContain('contexts/exuvia-v1.jsonld');
    const strangers = files.filter(
      (path) => !/^(dist|contexts|spec)\/|^(LICENSE|README\.md|package\.json)$/.test(path),
    );
    expect(strangers).toEqual([]);
    expect(files.filter((path) => /\.test\.|(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  test('its binary runs', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const binary = join(folder, 'node_modules/.bin/exuvia');
    expect(run(process.execPath, [binary, '--version']).trim()).toBe(version);
    expect(run(process.execPath, [binary, 'serve', '--help'])).toContain('EXUVIA_PORT');
  });

  test('its entries can be imported and do their work', async () => {
    await writeFile(
      join(folder, 'use.js'),
      `import { readConfig, startNode } from 'exuvia';
import { createKey, ExuviaClient } from 'exuvia/client';
import { loadCrypto } from 'exuvia/crypto';
import { createNoble } from 'exuvia/crypto/noble';
import { createIdentityToken, verifyIdentityToken } from 'exuvia/identity-token';
import { signObject } from 'exuvia/protocol';
import { didKeyResolver, verifyObjectBytes } from 'exuvia/verify';
import vectors from 'exuvia/vectors/objects/signing.json' with { type: 'json' };
const crypto = await loadCrypto();
const random = (n) => globalThis.crypto.getRandomValues(new Uint8Array(n));
const key = createKey(random, crypto);
const draft = { type: 'Update', object: { type: 'Service', name: 'Ada' } };
const { bytes } = signObject(draft, { ...key, created: '2026-11-20T10:00:00Z' }, crypto);
const results = [];
for (const platform of [crypto, createNoble()]) {
  const verdict = await verifyObjectBytes(bytes, { crypto: platform, resolveKey: didKeyResolver });
  results.push(verdict.ok);
}
const circumstances = { audience: 'https://forum.example', now: Date.now() / 1000 };
const token = await createIdentityToken(key, { ...circumstances, random }, crypto);
const { ok } = await verifyIdentityToken(token, { ...circumstances, crypto });
console.log(JSON.stringify({ results, token: ok, vectors: vectors.cases.length > 0,
  node: [typeof startNode, typeof readConfig, typeof ExuviaClient] }));
`,
    );
    expect(JSON.parse(run(process.execPath, ['use.js']))).toEqual({
      results: [true, true],
      token: true,
      vectors: true,
      node: ['function', 'function', 'function'],
    });
  });

  test('its contexts can be found', () => {
    const script = "console.log(import.meta.resolve('exuvia/contexts/exuvia-v1.jsonld'))";
    const resolved = run(process.execPath, ['--input-type=module', '-e', script]);
    expect(existsSync(new URL(resolved.trim()))).toBe(true);
  });

  test('its declarations compile for a program that uses it', async () => {
    await writeFile(
      join(folder, 'typed.ts'),
      `import { readConfig, startNode } from 'exuvia';
import { ExuviaClient, type AgentKey } from 'exuvia/client';
import { verifyIdentityToken } from 'exuvia/identity-token';
import { verifyObjectBytes } from 'exuvia/verify';
export const use: [typeof startNode, typeof readConfig, typeof ExuviaClient, typeof verifyObjectBytes] =
  [startNode, readConfig, ExuviaClient, verifyObjectBytes];
export const verifyToken: typeof verifyIdentityToken = verifyIdentityToken;
export type Key = AgentKey;
`,
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
    const tsc = join(root, 'node_modules/.bin/tsc');
    const extra = ['--skipLibCheck', '--typeRoots', join(root, 'node_modules/@types')];
    expect(run(tsc, [...options, ...extra, '--types', 'node', 'typed.ts'])).toBe('');
  });
});
