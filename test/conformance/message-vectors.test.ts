// Runs spec/vectors/messages, makes what is in them again byte for byte, and opens it with another implementation of JOSE.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GeneralJWE, generalDecrypt, importJWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import {
  type AgreementKey,
  agreementKeysFor,
  derivedSecret,
} from '../../src/protocol/agreement-key.ts';
import { fromHex, toBase64url, toHex } from '../../src/protocol/bytes.ts';
import { type Did, parseDid } from '../../src/protocol/did.ts';
import type { EnvelopeDraft, LetterDraft } from '../../src/protocol/envelope.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { didKeyResolver } from '../../src/protocol/object.ts';
import { openLetter, sealLetter } from '../../src/protocol/sealed-letter.ts';
import { signEnvelope, signLetter, verifyEnvelope } from '../../src/protocol/signed-envelope.ts';

interface Secret {
  readonly id: string;
  readonly secret: string;
}

interface Letter {
  readonly comment: string;
  readonly envelope: JsonObject;
  readonly name: string;
  readonly secrets: readonly Secret[];
  readonly made: {
    readonly seed: string;
    readonly created: string;
    readonly letter: LetterDraft;
    readonly readers: readonly { readonly id: string; readonly publicKey: string }[];
    readonly random: readonly string[];
    readonly envelope: JsonObject;
  };
  readonly expected: { readonly letter: JsonObject };
}

interface Refused {
  readonly comment: string;
  readonly envelope: JsonObject;
  readonly secrets: readonly Secret[];
  readonly stage: 'envelope' | 'letter';
  readonly error: string;
}

interface Keys {
  readonly cases: readonly {
    readonly comment: string;
    readonly did: Did;
    readonly document: JsonObject;
    readonly expected: readonly unknown[];
  }[];
  readonly derived: readonly {
    readonly did: Did;
    readonly seed: string;
    readonly expected: Secret;
  }[];
}

const crypto = createNodeCrypto();
const context = { crypto, resolveKey: didKeyResolver };
const bytesOf = (hex: string) => fromHex(hex) as Uint8Array;
const secretOf = ({ id, secret }: Secret) => ({ id, secret: bytesOf(secret) });
const load = <T>(file: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../spec/vectors/messages', file), 'utf8'));
const letters = load<{ cases: Letter[]; answer: { envelope: JsonObject; name: string } }>(
  'letters.json',
);
const keys = load<Keys>('keys.json');

async function verified(envelope: JsonObject) {
  const verdict = await verifyEnvelope(envelope, context);
  if (!verdict.ok) throw new Error(`${verdict.reason} ${verdict.detail}`);
  return verdict.verified;
}

describe('letters.json', () => {
  test.each(letters.cases)('$comment', async ({ envelope, expected, made, name, secrets }) => {
    const sent = await verified(envelope);
    expect(sent.name).toBe(name);
    for (const secret of secrets) {
      const opened = await openLetter(sent, [secretOf(secret)], context);
      expect(opened).toEqual({ ok: true, letter: expected.letter });
    }
    const draws = made.random.map(bytesOf);
    const random = (length: number) => {
      const drawn = draws.shift();
      if (drawn?.length !== length) throw new Error('something else is drawn');
      return drawn;
    };
    const did = parseDid(String(envelope.actor)) as Did;
    const signer = { did, seed: bytesOf(made.seed), created: made.created };
    const readers = made.readers.map(
      ({ id, publicKey }): AgreementKey => ({ id, publicKey: bytesOf(publicKey) }),
    );
    const letter = signLetter(made.letter, signer, crypto);
    const content = await sealLetter(letter, readers, { crypto, random });
    const object = { type: 'Document', mediaType: 'application/jose+json', content };
    const draft = { ...made.envelope, object } as unknown as EnvelopeDraft;
    expect(signEnvelope(draft, signer, crypto).object).toEqual(envelope);
  });

  test.each(letters.cases)(
    '$comment, opened by jose',
    async ({ envelope, expected, made, secrets }) => {
      const { content } = envelope.object as { content: string };
      const [reader] = made.readers;
      const d = toBase64url(bytesOf(secrets[0]!.secret));
      const x = toBase64url(bytesOf(reader!.publicKey));
      const key = await importJWK({ kty: 'OKP', crv: 'X25519', x, d }, 'ECDH-ES+A256KW');
      const jwe = JSON.parse(content) as GeneralJWE & { recipients: object[] };
      // jose tries every recipient; this one is the first.
      jwe.recipients.length = 1;
      const { plaintext } = await generalDecrypt(jwe, key);
      const end = plaintext.lastIndexOf(0x80);
      expect(JSON.parse(new TextDecoder().decode(plaintext.subarray(0, end)))).toEqual(
        expected.letter,
      );
    },
  );

  test('an answer has nothing sealed', async () => {
    const { envelope, name } = letters.answer;
    expect(await verified(envelope)).toMatchObject({ name, sealed: null });
  });
});

describe('refused.json', () => {
  test.each(load<{ cases: Refused[] }>('refused.json').cases)(
    '$comment: $error',
    async ({ envelope, error, secrets, stage }) => {
      const verdict = await verifyEnvelope(envelope, context);
      expect(verdict.ok).toBe(stage === 'letter');
      const opened = verdict.ok
        ? await openLetter(verdict.verified, secrets.map(secretOf), context)
        : verdict;
      expect(opened).toMatchObject({ ok: false, reason: error });
    },
  );
});

describe('keys.json', () => {
  test.each(keys.cases)('$comment', ({ did, document, expected }) => {
    const found = agreementKeysFor(document, did, crypto);
    const listed =
      found.ok && found.keys.map(({ id, publicKey }) => ({ id, publicKey: toHex(publicKey) }));
    expect(listed).toEqual(expected);
  });

  test.each(keys.derived)('$did', ({ did, expected, seed }) => {
    const { id, secret } = derivedSecret(did, bytesOf(seed), crypto);
    expect({ id, secret: toHex(secret) }).toEqual(expected);
  });
});
