// The one kind of JWE there is: opened by its readers alone, read in one spelling, the same for another implementation.
import { CompactEncrypt, GeneralEncrypt, type GeneralJWE, generalDecrypt, importJWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { Agent, crypto } from '../../test/sandbox.ts';
import {
  type AgreementKey,
  agreementOfEd25519,
  derivedSecret,
  secretOfSeed,
} from './agreement-key.ts';
import { fromBase64url, toBase64url, utf8 } from './bytes.ts';
import { canonicalize } from './jcs.ts';
import type { JsonObject } from './json.ts';
import { MAX_RECIPIENTS, openJwe, readJwe, sealJwe } from './jwe.ts';

const people = ['ada', 'bob', 'cyd'].map((name) => new Agent(name));
const [ada, bob, cyd] = people as [Agent, Agent, Agent];
const secretOf = ({ did, seed }: Agent) => derivedSecret(did, seed, crypto);
const keyOf = (agent: Agent): AgreementKey => ({
  id: secretOf(agent).id,
  publicKey: agreementOfEd25519(crypto.publicKeyOf(agent.seed)),
});
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const words = utf8('what only two should read');

const seal = (readers: readonly Agent[] = [ada, bob]) =>
  sealJwe(words, readers.map(keyOf), { crypto, random });

async function open(text: string, agent: Agent): Promise<Uint8Array | null> {
  const read = readJwe(text, crypto);
  if (!read.ok) throw new Error(read.detail);
  return openJwe(read.sealed, secretOf(agent));
}

type Parts = Record<string, unknown> & {
  recipients: { header: JsonObject; encrypted_key: string }[];
};

const changed = async (change: (jwe: Parts) => void): Promise<string> => {
  const jwe = JSON.parse(await seal()) as Parts;
  change(jwe);
  return new TextDecoder().decode(canonicalize(jwe));
};
const withHeader = (members: JsonObject) =>
  changed((jwe) => {
    const header = JSON.parse(new TextDecoder().decode(fromBase64url(String(jwe.protected))!));
    jwe.protected = toBase64url(canonicalize({ ...header, ...members }));
  });
const refusalOf = async (text: Promise<string> | string) => {
  const read = readJwe(await text, crypto);
  return read.ok ? null : read.detail;
};

/** Another bit in the byte at `at` of a base64url member. */
function flip(encoded: unknown, at: number): string {
  const bytes = fromBase64url(String(encoded))!;
  bytes[at]! ^= 1;
  return toBase64url(bytes);
}

describe('what is sealed', () => {
  test('is opened by every reader and by nobody else', async () => {
    const text = await seal();
    expect(await open(text, ada)).toEqual(words);
    expect(await open(text, bob)).toEqual(words);
    expect(await open(text, cyd)).toBeNull();
    expect(text).not.toContain('only two');
  });

  test('differs each time', async () => {
    expect(await seal()).not.toBe(await seal());
  });

  test('is not opened by another secret under the name of a reader', async () => {
    const read = readJwe(await seal(), crypto);
    if (!read.ok) throw new Error(read.detail);
    const stolen = { id: secretOf(ada).id, secret: secretOf(bob).secret };
    expect(await openJwe(read.sealed, stolen)).toBeNull();
  });

  test('is bound to its readers: entries cannot be swapped, and one that is gone or new is seen', async () => {
    const swapped = await changed(({ recipients: [one, two] }) => {
      [one!.encrypted_key, two!.encrypted_key] = [two!.encrypted_key, one!.encrypted_key];
    });
    expect(await open(swapped, ada)).toBeNull();
    expect(await refusalOf(changed((jwe) => jwe.recipients.pop()))).toContain('apv');
    const added = changed((jwe) => {
      jwe.recipients.push({ ...jwe.recipients[0]!, header: { kid: secretOf(cyd).id } });
    });
    expect(await refusalOf(added)).toContain('apv');
  });

  test.each(['protected', 'iv', 'ciphertext', 'tag'])(
    'a bit of %s flipped spoils it',
    async (member) => {
      for (const at of [0, 11]) {
        const text = await changed((jwe) => {
          jwe[member] = flip(jwe[member], at);
        });
        const read = readJwe(text, crypto);
        const opened = read.ok ? await openJwe(read.sealed, secretOf(ada)) : null;
        expect(opened).toBeNull();
      }
    },
  );

  test('a bit of a wrapped key flipped, or a ciphertext cut short, spoils it', async () => {
    const wrapped = await changed(({ recipients: [one] }) => {
      one!.encrypted_key = flip(one!.encrypted_key, 3);
    });
    expect(await open(wrapped, ada)).toBeNull();
    const cut = await changed((jwe) => {
      jwe.ciphertext = toBase64url(fromBase64url(String(jwe.ciphertext))!.subarray(0, 10));
    });
    expect(await open(cut, ada)).toBeNull();
  });

  test('an ephemeral key of small order gives nothing', async () => {
    for (const x of [new Uint8Array(32), Uint8Array.from({ length: 32 }, (_, i) => (i ? 0 : 1))]) {
      const epk = { crv: 'X25519', kty: 'OKP', x: toBase64url(x) };
      expect(await open(await withHeader({ epk }), ada)).toBeNull();
    }
  });

  test('nothing is sealed for a key of small order, for nobody, for too many, or twice for one', async () => {
    const zero = { id: `${ada.did}#zero`, publicKey: new Uint8Array(32) };
    const many = Array.from({ length: MAX_RECIPIENTS + 1 }, (_, i) => ({
      ...keyOf(ada),
      id: `x${i}`,
    }));
    for (const readers of [[zero], [], many, [keyOf(ada), keyOf(ada)]]) {
      await expect(sealJwe(words, readers, { crypto, random })).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
  });
});

describe('a header', () => {
  test.each<[string, JsonObject]>([
    ['crit', { crit: ['exp'] }],
    ['zip', { zip: 'DEF' }],
    ['jku', { jku: 'https://keys.example' }],
    ['cty', { cty: 'JWT' }],
    ['kid', { kid: 'other' }],
  ])('with %s is refused', async (_, members) => {
    expect(await refusalOf(withHeader(members))).toContain('alone');
  });

  test.each<[string, JsonObject]>([
    ['alg', { alg: 'dir' }],
    ['alg', { alg: 'ECDH-ES' }],
    ['alg', { alg: 'ECDH-ES+A128KW' }],
    ['enc', { enc: 'A128GCM' }],
    ['enc', { enc: 'XC20P' }],
    ['typ', { typ: 'JWE' }],
    ['apv', { apv: 'AAAA' }],
    ['epk', { epk: { crv: 'P-256', kty: 'EC', x: 'AA', y: 'AA' } }],
    ['epk', { epk: 'AA' }],
  ])('with another %s is refused', async (name, members) => {
    expect(await refusalOf(withHeader(members))).toContain(name);
  });

  test('outside of the protected one has kid alone', async () => {
    const text = changed(({ recipients: [one] }) => {
      one!.header.alg = 'dir';
    });
    expect(await refusalOf(text)).toContain('recipients');
  });

  test('in another spelling is refused', async () => {
    const spaced = changed((jwe) => {
      const header = new TextDecoder().decode(fromBase64url(String(jwe.protected))!);
      jwe.protected = toBase64url(utf8(` ${header}`));
    });
    expect(await refusalOf(spaced)).toContain('JCS');
    expect(await refusalOf(` ${await seal()}`)).toContain('JCS');
  });
});

test.each(['', '[]', '{}', 'null'])('the text %j is no JWE', async (text) => {
  expect(await refusalOf(text)).not.toBeNull();
});

test('a member too many, a text too long, and a compact JWE are none', async () => {
  expect(await refusalOf(changed((jwe) => Object.assign(jwe, { aad: '' })))).toContain('members');
  expect(await refusalOf('x'.repeat(131_073))).toContain('131072');
  const compact = await new CompactEncrypt(words)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(new Uint8Array(32));
  expect(await refusalOf(compact)).not.toBeNull();
});

describe('another implementation', () => {
  const jwkOf = (agent: Agent, secret: boolean) =>
    importJWK(
      {
        kty: 'OKP',
        crv: 'X25519',
        x: toBase64url(keyOf(agent).publicKey),
        ...(secret && { d: toBase64url(secretOfSeed(agent.seed)) }),
      },
      'ECDH-ES+A256KW',
    );

  test('opens what is sealed here', async () => {
    const jwe = JSON.parse(await seal()) as GeneralJWE;
    const { plaintext } = await generalDecrypt(jwe, await jwkOf(bob, true));
    expect(new Uint8Array(plaintext)).toEqual(words);
  });

  test('seals for the same keys, in headers that are not taken here', async () => {
    const encrypt = new GeneralEncrypt(words).setProtectedHeader({ enc: 'A256GCM' });
    encrypt.addRecipient(await jwkOf(ada, false)).setUnprotectedHeader({ alg: 'ECDH-ES+A256KW' });
    const jwe = await encrypt.encrypt();
    expect(new Uint8Array((await generalDecrypt(jwe, await jwkOf(ada, true))).plaintext)).toEqual(
      words,
    );
    expect(await refusalOf(new TextDecoder().decode(canonicalize(jwe)))).not.toBeNull();
  });
});
