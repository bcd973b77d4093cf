// Keys at the command line without any node: made, shown, rotated, recovered, moved, and finished after a stop.
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identityFiles } from '../../src/cli/identity-files.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { verifyDidLog } from '../../src/protocol/did-log.ts';
import { openShell, type Shell } from './exuvia.ts';

const crypto = createNodeCrypto();
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';
let ada: Shell;
let file: (name: string) => string;

beforeEach(async () => {
  ada = await openShell({ EXUVIA_NODE: NOWHERE });
  file = (name) => join(ada.home, '.config/exuvia', name);
});
afterEach(() => ada.remove());

async function shownLog() {
  const verdict = await verifyDidLog((await ada.run('key', 'show', '--log')).out, { crypto });
  if (!verdict.ok) throw new Error(verdict.detail);
  return verdict.log;
}

async function secrets(): Promise<string[]> {
  const names = (await readdir(file('.'))).filter((name) => name.endsWith('.jwk'));
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(file(name), 'utf8')).d));
}

test('what keygen says to do next is for the key that it has made', async () => {
  const other = join(ada.home, 'bede.jwk');
  const made = await ada.run('keygen', '--key', other);
  expect(made.out).toContain(`Next: exuvia join --key ${other} --name NAME`);
});

describe('a did:webvh', () => {
  test('is made, shown and rotated, and no secret is ever printed', async () => {
    const made = await ada.run('keygen', '--did', 'webvh', '--offline');
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toMatch(/^did:webvh:(Qm\w{44}):localhost%3A9:dids:\1\n/);
    expect(made.out).toContain(`Take ${file('agent.recovery.jwk')} to another place now`);
    const printed = [made.out];
    const before = await secrets();
    const shown = await ada.json('key', 'show');
    expect(shown).toMatchObject({
      did: made.out.split('\n')[0],
      subject: expect.stringMatching(/^did:scid:vh:1:Qm/),
      version: 1,
      next: { thumbprint: expect.stringMatching(/^[\w-]{43}$/) },
      recovery: file('agent.recovery.jwk'),
      nodes: [{ url: NOWHERE, knows: 'unreachable' }],
    });
    const rotated = await ada.json('key', 'rotate', '--offline');
    expect(rotated).toMatchObject({ did: shown.did, version: 2, published: false });
    expect(await ada.json('key', 'show')).toMatchObject({
      key: { multikey: multikeyOf(shown, 'next') },
    });
    expect((await shownLog()).versions).toHaveLength(2);
    printed.push(JSON.stringify([shown, rotated]), (await ada.run('key', 'show')).out);
    for (const secret of [...before, ...(await secrets())])
      expect(printed.join()).not.toContain(secret);
  });

  test('is made although its node does not answer, and never over another key', async () => {
    const made = await ada.run('keygen', '--did', 'webvh');
    expect(made.code).toBe(0);
    expect(made.out).toContain(`${NOWHERE} was not told`);
    const keys = await secrets();
    for (const kind of ['webvh', 'key', 'did:web:ada.example']) {
      const again = await ada.run('keygen', '--did', kind);
      expect(again, kind).toMatchObject({ code: 1, out: '' });
      expect(again.err).toContain('never overwritten');
    }
    expect(await secrets()).toEqual(keys);
  });

  test('is ended for good by whoever says so', async () => {
    await ada.run('keygen', '--did', 'webvh', '--offline');
    const unsure = await ada.run('key', 'deactivate', '--offline');
    expect(unsure).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    const ended = await ada.json('key', 'deactivate', '--yes', '--offline');
    expect(ended).toMatchObject({ version: 2, published: false });
    expect(await ada.json('key', 'show')).toMatchObject({ deactivated: true, version: 2 });
    expect((await ada.run('key', 'show')).out).toContain('ENDED');
    expect(await shownLog()).toMatchObject({ deactivated: true });
    expect(await ada.run('key', 'rotate', '--offline')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not_promised'),
    });
  });

  test('recovers with the recovery key alone, on another machine', async () => {
    await ada.run('keygen', '--did', 'webvh', '--offline');
    const { did } = await ada.json('key', 'show');
    const elsewhere = join(ada.home, 'vault.jwk');
    await copyFile(file('agent.recovery.jwk'), elsewhere);
    for (const name of ['agent.recovery.jwk', 'agent.next.jwk']) await rm(file(name));
    const lost = await ada.run('key', 'rotate', '--offline');
    expect(lost.code).toBe(1);
    expect(lost.err).toContain('not_promised');
    const recovered = await ada.json('key', 'recover', '--recovery', elsewhere, '--offline');
    expect(recovered).toMatchObject({ did, version: 2 });
    const shown = await ada.run('key', 'show');
    expect(shown.out).toContain(`still in ${file('agent.recovery.jwk')}`);
    const again = await ada.run('key', 'recover', '--recovery', elsewhere, '--offline');
    expect(again.err).toContain('not_promised');
  });

  test('moves to another host under the same subject', async () => {
    await ada.run('keygen', '--did', 'webvh', '--offline');
    const { did, subject } = await ada.json('key', 'show');
    const moved = await ada.json('key', 'move', '--to', 'https://b.example', '--offline');
    expect(moved.did).toContain(':b.example:dids:');
    const shown = await ada.json('key', 'show');
    expect(shown).toMatchObject({ did: moved.did, subject, version: 2 });
    expect((await shownLog()).versions[1]?.document.alsoKnownAs).toEqual([did]);
  });

  test('takes the promised key from elsewhere', async () => {
    await ada.run('keygen', '--did', 'webvh', '--offline');
    const vault = join(ada.home, 'vault.jwk');
    await copyFile(file('agent.next.jwk'), vault);
    await rm(file('agent.next.jwk'));
    expect((await ada.run('key', 'show')).out).toContain('--next FILE');
    expect(await ada.json('key', 'rotate', '--next', vault, '--offline')).toMatchObject({
      version: 2,
    });
  });

  test('whose rotation was interrupted is finished by whatever runs next', async () => {
    await ada.run('keygen', '--did', 'webvh', '--offline');
    const unheard = await ada.run('key', 'rotate');
    expect(unheard.code).toBe(1);
    expect(unheard.err).toContain('The new keys are kept');
    const storage = identityFiles(file('agent.jwk'), crypto);
    const prepared = await storage.loadPrepared();
    const token = await ada.json('token', '--audience', 'https://forum.example');
    const [header = ''] = String(token.token).split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    expect(kid).toBe((await keyIds()).at(-1));
    expect(await storage.load()).toEqual({ ...prepared, recovery: null });
    await ada.run('key', 'rotate');
    const finished = await ada.json('key', 'rotate', '--offline');
    expect(finished).toMatchObject({ finished: true, version: 3 });
    expect(await ada.json('key', 'rotate', '--offline')).toMatchObject({ version: 4 });
  });

  async function keyIds(): Promise<string[]> {
    const { document } = (await shownLog()).versions.at(-1)!;
    return document.assertionMethod as string[];
  }
});

test('a kill at any moment of a rotation leaves an identity that works', {
  timeout: 60_000,
}, async () => {
  await ada.run('keygen', '--did', 'webvh', '--offline');
  for (const patience of [250, 300, 350, 400, 450, 500]) {
    await ada.killed(patience, 'key', 'rotate', '--offline');
    const { version } = await ada.json('key', 'show');
    expect((await shownLog()).versions).toHaveLength(version as number);
    expect(await ada.json('key', 'rotate', '--offline')).toMatchObject({
      version: (version as number) + 1,
    });
  }
});

describe('other DIDs', () => {
  test('a did:web prints its document, and signs as that DID', async () => {
    const made = await ada.json('keygen', '--did', 'did:web:ada.example:agents');
    expect(made).toMatchObject({
      did: 'did:web:ada.example:agents',
      url: 'https://ada.example/agents/did.json',
      document: { id: 'did:web:ada.example:agents', keys: [{ use: 'sig' }] },
    });
    const key = JSON.parse(await readFile(file('agent.jwk'), 'utf8'));
    expect(key).toMatchObject({ did: made.did, x: (made.document as Published).keys[0]?.x });
    const plain = await ada.run('key', 'show');
    expect(plain.out).toContain('document  https://ada.example/agents/did.json');
    expect(JSON.parse((await ada.run('key', 'show', '--log')).out)).toEqual(made.document);
    const { token } = await ada.json('token', '--audience', 'https://forum.example');
    const [header = '', payload = ''] = String(token)
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(payload)).toMatchObject({ iss: made.did });
    const { assertionMethod } = made.document as Published;
    expect(assertionMethod).toContain(JSON.parse(header).kid);
  });

  test.each([
    ['key', 'A did:key is its key for ever'],
    ['did:web:ada.example', 'what its document says'],
  ])('%s is told that it cannot be rotated', async (kind, hint) => {
    await ada.run('keygen', '--did', kind);
    for (const args of [['rotate'], ['move', '--to', 'https://b.example']]) {
      const ran = await ada.run('key', ...args);
      expect(ran.code).toBe(1);
      expect(ran.err).toContain(hint);
    }
  });

  test.each(['did:key:z6Mkh4LmfP1ev9MNPGr7JbEbtD6BD4fsu1duEj83PMCs3xHG', 'did:web:1.2.3.4', 'plc'])(
    '%s cannot be made',
    async (kind) => {
      const ran = await ada.run('keygen', '--did', kind);
      expect(ran).toMatchObject({ code: 2, out: '' });
      expect(ran.err).toContain('--did webvh');
    },
  );

  test('a recovery key has to say whose it is', async () => {
    await ada.run('keygen', '--did', 'webvh', '--offline');
    const vault = join(ada.home, 'vault.jwk');
    const { did: _, ...bare } = JSON.parse(await readFile(file('agent.recovery.jwk'), 'utf8'));
    await writeFile(vault, JSON.stringify(bare), { mode: 0o600 });
    const ran = await ada.run('key', 'recover', '--recovery', vault, '--offline');
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('does not say which did:webvh');
  });
});

interface Published {
  readonly keys: readonly { readonly x: string }[];
  readonly assertionMethod: readonly string[];
}

function multikeyOf(shown: Record<string, unknown>, name: string): string {
  return (shown[name] as { multikey: string }).multikey;
}
