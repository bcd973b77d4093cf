// Owners at the command line: what they sign counts for a verifier, until they take it back. No node is there.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { type Did, didKeyOf } from '../../src/protocol/did.ts';
import { buildDidWebDocument } from '../../src/protocol/did-document.ts';
import { mediaTypeOf, verifyOwnerCredential } from '../../src/protocol/owner-credential.ts';
import { runHere } from './exuvia.ts';

const crypto = createNodeCrypto();
const agent = didKeyOf(crypto.publicKeyOf(new Uint8Array(32).fill(1)));
const url = 'https://owner.example/status/1';
let home: string;
let did: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'exuvia-owner-'));
  did = JSON.parse((await exuvia('keygen', '--key', 'owner.jwk', '--json')).out).did;
  for (const namedCurve of ['P-256', 'secp256k1']) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
    await writeFile(join(home, `${namedCurve}.jwk`), jwk, { mode: 0o600 });
  }
});

afterAll(() => rm(home, { recursive: true }));

const key = ['--key', 'owner.jwk'];
/** Names of files are made absolute: they all lie in one folder. */
const exuvia = (...args: string[]) =>
  runHere(home, ...args.map((arg) => (/\.(?:jwk|vc|jwt)$/.test(arg) ? join(home, arg) : arg)));
const attest = (...args: string[]) => exuvia('owner', 'attest', '--agent', agent, ...args);
const file = (name: string) => readFile(join(home, name), 'utf8');

async function verify(text: string, list?: string, document?: unknown) {
  return verifyOwnerCredential(text, {
    mediaType: mediaTypeOf(text),
    agent: agent as Did,
    now: Date.now() / 1000,
    crypto,
    resolveDocument: async () =>
      document === undefined ? { ok: false, detail: 'none' } : { ok: true, document },
    statusList: async () =>
      list === undefined
        ? { ok: false, detail: 'none' }
        : { ok: true, credential: list, mediaType: mediaTypeOf(list) },
  });
}

describe('exuvia owner attest', () => {
  test('prints a credential and nothing else, never the key', async () => {
    const ran = await attest(...key, '--role', 'operator');
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).not.toContain(JSON.parse(await file('owner.jwk')).d);
    const verdict = await verify(ran.out.trim());
    expect(verdict).toMatchObject({
      ok: true,
      claim: { owner: did, role: 'operator', form: 'vc' },
    });
  });

  test.each([
    ['P-256', 'zDn'],
    ['secp256k1', 'zQ3s'],
  ])('signs a JWT with a %s key', async (name, prefix) => {
    const ran = await attest('--key', `${name}.jwk`, '--days', '30');
    const verdict = await verify(ran.out.trim());
    expect(verdict).toMatchObject({ ok: true, claim: { form: 'jwt', domain: null } });
    expect(verdict.ok && verdict.claim.owner).toContain(`did:key:${prefix}`);
    expect(verdict.ok && verdict.claim.validUntil - verdict.claim.validFrom).toBe(30 * 86_400);
  });

  test('writes a file, in the form that is asked for, until the instant that is asked for', async () => {
    const until = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 19)}Z`;
    const ran = await attest(...key, '--form', 'jwt', '--until', until, '--out', 'vc.jwt');
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toContain(`until ${until}`);
    const text = await file('vc.jwt');
    expect(await verify(text.trim())).toMatchObject({
      ok: true,
      claim: { form: 'jwt', validUntil: Date.parse(until) / 1000 },
    });
  });

  test('speaks for a did:web whose document lists the key', async () => {
    const web = 'did:web:corp.example' as Did;
    const { x } = JSON.parse(await file('owner.jwk'));
    const publicKey = Uint8Array.from(Buffer.from(x, 'base64url'));
    const purposes = ['assertionMethod'] as const;
    const document = buildDidWebDocument(
      { did: web, keys: [{ publicKey, purposes, fragment: 'key-1' }] },
      crypto,
    );
    const ran = await attest(...key, '--did', web, '--key-name', 'key-1');
    const verdict = await verify(ran.out.trim(), undefined, document);
    expect(verdict).toMatchObject({ ok: true, claim: { owner: web, domain: 'corp.example' } });
  });

  test.each([
    [['--days', '367'], 'days'],
    [['--days', 'x'], 'days'],
    [['--until', '2027-01-01'], 'days'],
    [['--role', 'landlord'], 'role'],
    [['--did', 'corp.example'], 'did:web'],
    [['--status-list', 'http://owner.example/1'], 'https'],
    [['--status-list', url, '--status-index', '131072'], 'below'],
    [['--form', 'xml'], 'form'],
    [['--key', 'P-256.jwk', '--form', 'vc'], 'jwt'],
  ])('%j is called wrongly', async (args, hint) => {
    const ran = await attest(...key, ...args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(hint);
  });

  test('refuses a key file that is open to others, whose parts do not belong together, or of another DID', async () => {
    const own = JSON.parse(await file('owner.jwk'));
    const [p256, other] = ['P-256.jwk', 'secp256k1.jwk'].map(file);
    const mixed = { ...JSON.parse(await p256!), d: JSON.parse(await other!).d };
    await writeFile(join(home, 'mixed.jwk'), JSON.stringify(mixed), { mode: 0o600 });
    await writeFile(join(home, 'open.jwk'), JSON.stringify(own), { mode: 0o644 });
    expect(await attest('--key', 'mixed.jwk')).toMatchObject({ code: 1, out: '' });
    expect((await attest('--key', 'open.jwk')).err).toContain('chmod 600');
    expect((await attest('--key', 'none.jwk')).err).toContain('exuvia keygen');
    expect(await attest(...key, '--did', agent)).toMatchObject({ code: 1, out: '' });
  });
});

describe('exuvia owner status-list and revoke', () => {
  const list = ['--url', url, '--out', 'list.vc'];

  test('a credential counts until its bit is set, and so does another one after that', async () => {
    const status = ['--status-list', url];
    await attest(...key, ...status, '--status-index', '7', '--out', 'one.vc');
    await attest(...key, ...status, '--out', 'two.vc');
    const [one = '', two = ''] = await Promise.all(['one.vc', 'two.vc'].map(file));
    expect(await exuvia('owner', 'status-list', ...key, ...list)).toMatchObject({ code: 0 });
    const before = await file('list.vc');
    expect(await verify(one.trim(), before)).toMatchObject({ ok: true });
    const ran = await exuvia('owner', 'revoke', 'one.vc', ...key, '--list', 'list.vc');
    expect(ran).toMatchObject({ code: 0 });
    // Signing it anew forgets nothing.
    await exuvia('owner', 'status-list', ...key, ...list, '--form', 'jwt');
    const after = (await file('list.vc')).trim();
    expect(mediaTypeOf(after)).toBe('application/vc+jwt');
    expect(await verify(one.trim(), after)).toMatchObject({ ok: false, reason: 'revoked' });
    expect(await verify(two.trim(), after)).toMatchObject({ ok: true });
  });

  test('a list stays that of its owner and of its address', async () => {
    const stranger = ['--key', 'P-256.jwk', '--form', 'jwt'];
    const other = await exuvia('owner', 'status-list', ...stranger, ...list);
    expect(other).toMatchObject({ code: 1 });
    expect(other.err).toContain(did);
    const moved = ['--url', `${url}2`, '--out', 'list.vc'];
    expect(await exuvia('owner', 'status-list', ...key, ...moved)).toMatchObject({ code: 1 });
    await attest(...stranger, '--status-list', url, '--out', 'three.jwt');
    const args = ['revoke', 'three.jwt', '--list', 'list.vc'];
    expect(await exuvia('owner', ...args, ...stranger)).toMatchObject({ code: 1 });
  });

  test('revoke needs a credential that names a list', async () => {
    await attest(...key, '--out', 'plain.vc');
    const ran = await exuvia('owner', 'revoke', 'plain.vc', ...key, '--list', 'list.vc');
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.err).toContain('names no status list');
    const none = await exuvia('owner', 'revoke', 'owner.jwk', ...key, '--list', 'list.vc');
    expect(none).toMatchObject({ code: 1 });
  });
});
