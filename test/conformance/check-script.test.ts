// check.py of skill.md, run as it is served: what both kinds of nodes sign, it finds signed, and nothing else.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { nodeDocument } from '../../src/http/node-document.ts';
import { createSkillSet } from '../../src/http/skill-set.ts';
import { decodeUtf8 } from '../../src/protocol/bytes.ts';
import { loopbackNode, publicNode, texts } from '../heartbeat-site.ts';
import { crypto } from '../sandbox.ts';

let folder = '';
afterEach(() => rmSync(folder, { recursive: true }));

/** Instead of the network: the files of the folder. */
const HARNESS = `
import io, sys, urllib.parse, urllib.request
urllib.request.urlopen = lambda url: open('served' + urllib.parse.urlsplit(url).path, 'rb')
exec(open('check.py').read())
`;

function check(
  node: ReturnType<typeof publicNode>,
  change: (path: string, text: string) => string = (_, text) => text,
) {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-check-'));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const now = () => Date.UTC(2026, 10, 20, 10);
  const files = createSkillSet({ context: { crypto, node, now }, skill: texts });
  for (const [path, { bytes }] of files) put(`served${path}`, change(path, decodeUtf8(bytes)));
  const document = JSON.stringify(nodeDocument(node, crypto));
  put('served/.well-known/did.json', change('/.well-known/did.json', document));
  const [, script = ''] = /^```python file=check\.py\n([\s\S]*?)^```$/m.exec(
    decodeUtf8(files.get('/skill.md')!.bytes),
  ) ?? ['', ''];
  put('check.py', script);
  const run = spawnSync('python3', ['-c', HARNESS], { cwd: folder, encoding: 'utf8' });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

test.each([
  ['on https', publicNode()],
  ['on loopback', loopbackNode()],
])('a node %s', (_, node) => {
  const { code, err, out } = check(node);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('ok /skill.md');
  const key = Buffer.from(crypto.publicKeyOf(node.seed)).toString('base64url');
  expect(out).toContain(`${node.did} signed version`);
  expect(out.trimEnd().endsWith(key)).toBe(true);
});

test.each([
  [
    'another key under its name',
    '/.well-known/did.json',
    /"x":"[^"]{42}/,
    `"x":"${'A'.repeat(42)}`,
  ],
  ['another document', '/.well-known/did.json', /did:web:node\.example/g, 'did:web:evil.example'],
  ['another version', '/skill.json', /"version": "/, '"version": "9'],
  ['another file', '/rules.md', /No traps/, 'Traps'],
  ['another signature', '/skill.json', /"proofValue": "z./, '"proofValue": "z1'],
])('finds %s', (_, at, from, to) => {
  const { code, err } = check(publicNode(), (path, text) =>
    path === at ? text.replace(from, to) : text,
  );
  expect(code).toBe(1);
  expect(err).toContain('AssertionError');
});
