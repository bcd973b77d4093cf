// Sealed letters under random damage: what is read is what was written, or nothing.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type AgreementKey,
  agreementOfEd25519,
  derivedSecret,
} from '../../src/protocol/agreement-key.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { EnvelopeDraft } from '../../src/protocol/envelope.ts';
import { canonicalize } from '../../src/protocol/jcs.ts';
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts';
import { openJwe, readJwe, sealJwe } from '../../src/protocol/jwe.ts';
import { pad, unpad } from '../../src/protocol/letter-padding.ts';
import { didKeyResolver } from '../../src/protocol/object.ts';
import { openLetter, sealLetter } from '../../src/protocol/sealed-letter.ts';
import { signEnvelope, signLetter, verifyEnvelope } from '../../src/protocol/signed-envelope.ts';
import { Agent, crypto } from '../sandbox.ts';

const [ada, bob] = [new Agent('ada'), new Agent('bob')];
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const context = { crypto, resolveKey: didKeyResolver };
const secret = derivedSecret(bob.did, bob.seed, crypto);
const readers: AgreementKey[] = [
  { id: secret.id, publicKey: agreementOfEd25519(crypto.publicKeyOf(bob.seed)) },
];
const signer = { did: ada.did, seed: ada.seed, created: '2026-11-20T10:00:00Z' };
const platform = { crypto, random };

async function offer(words: string): Promise<JsonObject> {
  const object = { type: 'Note', content: words, mediaType: 'text/plain' } as const;
  const letter = signLetter({ type: 'Create', to: [bob.did], seq: 0, object }, signer, crypto);
  const content = await sealLetter(letter, readers, platform);
  const document = { type: 'Document', mediaType: 'application/jose+json', content };
  const draft = { type: 'Offer', to: [bob.did], origin: ada.did, object: document };
  return signEnvelope(draft as unknown as EnvelopeDraft, signer, crypto).object;
}

async function read(value: JsonValue): Promise<string | null> {
  const verdict = await verifyEnvelope(value, context);
  if (!verdict.ok) return null;
  const opened = await openLetter(verdict.verified, [secret], context);
  return opened.ok ? opened.letter.object.content : null;
}

let sound: JsonObject;
let jwe: string;
beforeAll(async () => {
  sound = await offer('The words.');
  jwe = await sealJwe(utf8('The words.'), readers, platform);
});

describe('a letter', () => {
  const words = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
    .filter((text) => !/[^\P{Cc}\n\t]/u.test(text) && !/[\ufdd0-\ufdef\ufffe\uffff]/u.test(text));

  test('is read as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(words, async (text) => {
        expect(await read(await offer(text))).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  test('whose envelope is changed in one character is not read', async () => {
    const text = new TextDecoder().decode(canonicalize(sound));
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...'aZ0-_"{}'), async (at, by) => {
        const changed = text.slice(0, at) + by + text.slice(at + 1);
        fc.pre(changed !== text);
        let value: JsonValue;
        try {
          value = JSON.parse(changed);
        } catch {
          return;
        }
        expect(await read(value)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('is no other JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect(await read(value as JsonValue)).toBeNull();
        expect(await read({ ...sound, object: value } as JsonValue)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });
});

test('a JWE that is changed in one character opens to nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(jwe.length - 1), fc.constantFrom(...'aZ0-_"'), async (at, by) => {
      const changed = jwe.slice(0, at) + by + jwe.slice(at + 1);
      fc.pre(changed !== jwe);
      const parsed = readJwe(changed, crypto);
      expect(parsed.ok ? await openJwe(parsed.sealed, secret) : null).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test('padding comes off as it went on, and nothing else is taken for it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
      const padded = pad(bytes);
      expect(unpad(padded)).toEqual(bytes);
      const again = unpad(bytes);
      if (again !== null) expect(pad(again)).toEqual(bytes);
    }),
  );
});
