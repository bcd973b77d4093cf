// Identity tokens at the command line: one shell makes them, another checks them, no node is there.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openShell, type Shell } from './exuvia.ts';

const audience = ['--audience', 'https://forum.example'];
let ada: Shell;
let forum: Shell;
let did: string;
let token: string;

beforeAll(async () => {
  ada = await openShell();
  forum = await openShell();
  did = String((await ada.json('keygen')).did);
  token = (await ada.run('token', ...audience)).out.trim();
});

afterAll(() => Promise.all([ada.remove(), forum.remove()]));

describe('exuvia token', () => {
  test('prints a token and nothing else, never the key', async () => {
    const { d } = JSON.parse(await readFile(join(ada.home, '.config/exuvia/agent.jwk'), 'utf8'));
    const ran = await ada.run('token', ...audience);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{86}\n$/);
    const json = await ada.json('token', ...audience);
    expect(json).toMatchObject({ did, audience: 'https://forum.example' });
    expect(ran.out + JSON.stringify(json)).not.toContain(d);
    const parts = ran.out.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
    expect(parts.join()).not.toContain(Buffer.from(d, 'base64url').toString('hex'));
  });

  test.each([
    [['token'], 'audience'],
    [['token', '--audience', 'https://forum.example/login'], 'Write an origin'],
    [['token', '--audience', 'http://forum.example'], 'Write an origin'],
    [['token', ...audience, '--nonce', 'a b'], 'nonce'],
  ])('%j is called wrongly', async (args, hint) => {
    const ran = await ada.run(...args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(hint);
  });

  test('without a key it says how to make one', async () => {
    const ran = await forum.run('token', ...audience);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('exuvia keygen');
  });
});

describe('exuvia verify-token', () => {
  test('tells who it is, from an argument or from standard input', async () => {
    const ran = await forum.run('verify-token', token, ...audience);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain(`VERIFIED ${did}\n`);
    const piped = await forum.pipe(`${token}\n`, 'verify-token', ...audience, '--json');
    expect(piped.code).toBe(0);
    expect(JSON.parse(piped.out)).toMatchObject({ ok: true, identity: { did } });
  });

  test('exits with 1 for a token for somebody else, and for one that was changed', async () => {
    const other = ['--audience', 'https://other.example', '--json'];
    const wrong = await forum.run('verify-token', token, ...other);
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.out)).toMatchObject({
      outcome: 'invalid',
      reason: 'audience_mismatch',
    });
    const [header, payload, signature = ''] = token.split('.');
    const changed = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const ran = await forum.run('verify-token', changed, ...audience);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('INVALID (signature_invalid)');
  });

  test('wants the nonce that was given out', async () => {
    const nonced = (await ada.run('token', ...audience, '--nonce', 'n-1')).out.trim();
    expect((await forum.run('verify-token', nonced, ...audience, '--nonce', 'n-1')).code).toBe(0);
    const ran = await forum.run('verify-token', token, ...audience, '--nonce', 'n-1');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('nonce_mismatch');
  });
});
