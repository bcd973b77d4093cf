// A letter from ada to bob, and everything that somebody in between, or one of the two, might make of it.
import { beforeAll, describe, expect, test } from 'vitest';
import { Agent, crypto } from '../../test/sandbox.ts';
import type { ActivityDraft } from './activity.ts';
import { parseActivity } from './activity-schema.ts';
import { type AgreementKey, agreementOfEd25519, derivedSecret } from './agreement-key.ts';
import { concatBytes, utf8 } from './bytes.ts';
import type { EnvelopeDraft, LetterDraft } from './envelope.ts';
import { canonicalize } from './jcs.ts';
import type { JsonObject } from './json.ts';
import { sealJwe } from './jwe.ts';
import { didKeyResolver, signObject } from './object.ts';
import { nameFromHash, type ObjectName } from './object-name.ts';
import { openLetter, sealLetter } from './sealed-letter.ts';
import {
  signEnvelope,
  signLetter,
  type VerifiedEnvelope,
  verifyEnvelope,
} from './signed-envelope.ts';

const [ada, bob, eve, node] = ['ada', 'bob', 'eve', 'node'].map((name) => new Agent(name)) as [
  Agent,
  Agent,
  Agent,
  Agent,
];
const created = '2026-11-20T10:00:00Z';
const context = { crypto, resolveKey: didKeyResolver };
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const platform = { crypto, random };
const thread = nameFromHash(new Uint8Array(32).fill(7));
const other = nameFromHash(new Uint8Array(32).fill(8));

const secretOf = ({ did, seed }: Agent) => derivedSecret(did, seed, crypto);
const keyOf = (agent: Agent): AgreementKey => ({
  id: secretOf(agent).id,
  publicKey: agreementOfEd25519(crypto.publicKeyOf(agent.seed)),
});
const signerOf = ({ did, seed }: Agent) => ({ did, seed, created });

const draft = (more: Partial<LetterDraft> = {}): LetterDraft => ({
  type: 'Create',
  to: [bob.did],
  context: thread,
  seq: 0,
  object: { type: 'Note', content: 'Meet me at the mole.', mediaType: 'text/plain' },
  ...more,
});
const write = (more: Partial<LetterDraft> = {}, author = ada) =>
  signLetter(draft(more), signerOf(author), crypto);
const seal = (letter = write(), readers = [ada, bob]) =>
  sealLetter(letter, readers.map(keyOf), platform);

async function send(
  content: string,
  more: Partial<EnvelopeDraft> & JsonObject = {},
  sender = ada,
): Promise<VerifiedEnvelope> {
  const object = { type: 'Document', mediaType: 'application/jose+json', content } as const;
  const whole = {
    type: 'Create',
    to: [bob.did],
    origin: node.did,
    context: thread,
    object,
    ...more,
  };
  const { object: signed } = signEnvelope(whole as EnvelopeDraft, signerOf(sender), crypto);
  const verdict = await verifyEnvelope(signed, context);
  if (!verdict.ok) throw new Error(`${verdict.reason} ${verdict.path} ${verdict.detail}`);
  return verdict.verified;
}

const open = (sent: VerifiedEnvelope, reader = bob) =>
  openLetter(sent, [secretOf(reader)], context);
const reasonOf = async (sent: VerifiedEnvelope, reader = bob) => {
  const opened = await open(sent, reader);
  return opened.ok ? 'opened' : opened.reason;
};

describe('a letter', () => {
  test('is read by its recipient, and by its sender again', async () => {
    const sent = await send(await seal());
    for (const reader of [ada, bob]) {
      const opened = await open(sent, reader);
      expect(opened).toMatchObject({
        ok: true,
        letter: { actor: ada.did, object: { content: 'Meet me at the mole.' } },
      });
    }
    expect(await reasonOf(sent, eve)).toBe('not_for_us');
  });

  test('can be in an Offer, without a conversation', async () => {
    const offer = signLetter(
      { type: 'Create', to: [bob.did], seq: 0, object: draft().object },
      signerOf(ada),
      crypto,
    );
    const object = {
      type: 'Document',
      mediaType: 'application/jose+json',
      content: await seal(offer),
    } as const;
    const { object: signed } = signEnvelope(
      { type: 'Offer', to: [bob.did], origin: node.did, object },
      signerOf(ada),
      crypto,
    );
    const verdict = await verifyEnvelope(signed, context);
    expect(verdict.ok && (await reasonOf(verdict.verified))).toBe('opened');
  });

  test('has one of six lengths', async () => {
    const sizeOf = async (characters: number, character = 'a') => {
      const object = { ...draft().object, content: character.repeat(characters) };
      const { sealed } = await send(await seal(write({ object })));
      return sealed!.size;
    };
    expect(await sizeOf(1)).toBe(2_048);
    expect(await sizeOf(300)).toBe(2_048);
    expect(await sizeOf(10_000)).toBe(16_384);
    expect(await sizeOf(10_000, '語')).toBe(32_768);
    expect(await sizeOf(10_000, '"')).toBe(32_768);
  });

  test('that is forwarded to somebody else in a new envelope gives itself away', async () => {
    // Bob has read it and seals it for eve, as if ada had written to her, or as if it were his.
    const letter = write();
    const forEve = await seal(letter, [bob, eve]);
    expect(await reasonOf(await send(forEve, { to: [eve.did] }, bob), eve)).toBe('other_sender');
    // Ada herself, to pretend that she had told bob what she told eve.
    expect(await reasonOf(await send(forEve, { to: [eve.did] }), eve)).toBe('other_recipient');
  });

  test('cannot be moved into another conversation, or to another time', async () => {
    expect(await reasonOf(await send(await seal(), { context: other }))).toBe('other_conversation');
    const published = '2026-11-20T11:00:00Z';
    expect(await reasonOf(await send(await seal(), { published }))).toBe('other_instant');
  });

  test('cannot be claimed by who did not write it', async () => {
    expect(await reasonOf(await send(await seal(), {}, eve))).toBe('other_sender');
    const delegated = { attributedTo: eve.did, instrument: other };
    expect(await reasonOf(await send(await seal(), delegated))).toBe('other_sender');
  });

  test('with a forged proof, or none, is not read', async () => {
    const { object } = write();
    const forged = { ...object, object: { ...draft().object, content: 'Do not come.' } };
    const text = await seal({ bytes: canonicalize(forged) } as never);
    expect(await reasonOf(await send(text))).toBe('proof_invalid');
    const { proof: _, ...bare } = object;
    const unsigned = await seal({ bytes: canonicalize(bare) } as never);
    expect(await reasonOf(await send(unsigned))).toBe('proof_missing');
  });

  test('padded otherwise, not canonical, or something else, is not read', async () => {
    const sealBytes = (bytes: Uint8Array) => sealJwe(bytes, [ada, bob].map(keyOf), platform);
    const { bytes } = write();
    const padded = (size: number, end = 0x80, tail = 0) => {
      const all = new Uint8Array(size).fill(tail);
      all.set(bytes);
      all[bytes.length] = end;
      return all;
    };
    for (const wrong of [
      padded(4_096),
      padded(2_048, 0),
      padded(2_048, 0x80, 1),
      new Uint8Array(2_048),
    ]) {
      expect(await reasonOf(await send(await sealBytes(wrong)))).toBe('padding_malformed');
    }
    const reseal = async (inner: Uint8Array) => send(await seal({ bytes: inner } as never));
    expect(await reasonOf(await reseal(concatBytes(utf8(' '), bytes)))).toBe('not_a_letter');
    expect(await reasonOf(await reseal(utf8('hello')))).toBe('not_a_letter');
    expect(await reasonOf(await reseal(utf8('{}')))).toBe('unknown_context');
  });

  test('is opened with the key that its envelope names, not with another one of the agent', async () => {
    const sent = await send(await seal());
    const mixed = [{ id: secretOf(bob).id, secret: secretOf(eve).secret }];
    expect(await openLetter(sent, mixed, context)).toMatchObject({ reason: 'undecryptable' });
    const renamed = [{ id: `${bob.did}#other`, secret: secretOf(bob).secret }];
    expect(await openLetter(sent, renamed, context)).toMatchObject({ reason: 'not_for_us' });
  });

  test('that is too long is not sealed', async () => {
    const bytes = new Uint8Array(65_536);
    await expect(seal({ bytes } as never)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('an envelope', () => {
  let signed: JsonObject;
  beforeAll(async () => {
    const object = {
      type: 'Document',
      mediaType: 'application/jose+json',
      content: await seal(),
    } as const;
    const whole: EnvelopeDraft = {
      type: 'Create',
      to: [bob.did],
      origin: node.did,
      context: thread,
      object,
    };
    signed = signEnvelope(whole, signerOf(ada), crypto).object;
  });
  const verdictOn = async (value: JsonObject) => {
    const verdict = await verifyEnvelope(value, context);
    return verdict.ok ? 'ok' : verdict.reason;
  };

  test('changed anywhere is refused', async () => {
    expect(await verdictOn(signed)).toBe('ok');
    for (const [member, value] of Object.entries({
      to: [eve.did],
      context: other,
      origin: eve.did,
      published: '2026-11-20T10:00:01Z',
    })) {
      expect(await verdictOn({ ...signed, [member]: value })).toBe('proof_invalid');
    }
    expect(await verdictOn({ ...signed, actor: eve.did })).toBe('proof_actor_mismatch');
  });

  test.each<[string, JsonObject]>([
    ['an unknown member', { audience: thread }],
    ['a sequence number outside', { seq: 1 }],
    ['a delegation without whose it is', { instrument: thread }],
    ['two recipients', { to: [bob.did, eve.did] }],
    ['no recipient', { to: [] }],
    ['the public as recipient', { to: ['https://www.w3.org/ns/activitystreams#Public'] }],
    ['a conversation that is no name', { context: 'talk' }],
  ])('with %s is refused', async (_, more) => {
    expect(['malformed', 'unknown_member', 'did_malformed']).toContain(
      await verdictOn({ ...signed, ...more }),
    );
  });

  test('with something else than a JWE is refused', async () => {
    const document = signed.object as JsonObject;
    for (const content of ['hello', '{}', `${document.content} `, 'x'.repeat(140_000)]) {
      expect(await verdictOn({ ...signed, object: { ...document, content } })).toBe('malformed');
    }
    const mediaType = 'application/json';
    expect(await verdictOn({ ...signed, object: { ...document, mediaType } })).toBe('malformed');
    const short = await sealJwe(new Uint8Array(100), [keyOf(bob)], platform);
    expect(await verdictOn({ ...signed, object: { ...document, content: short } })).toBe(
      'malformed',
    );
  });

  test('is no public act, and neither is a letter; and no public act is one of them', async () => {
    expect(parseActivity(signed).ok).toBe(false);
    expect(parseActivity(write().object).ok).toBe(false);
    expect(parseActivity(write({ context: undefined } as never).object ?? {}).ok).toBe(false);
    const note = { type: 'Note', content: 'Hello.', mediaType: 'text/plain', inReplyTo: thread };
    const post = { type: 'Create', audience: thread, object: note } as ActivityDraft;
    expect(await verdictOn(signObject(post, signerOf(ada), crypto).object)).not.toBe('ok');
  });
});

test('an answer to an Offer has nothing sealed in it', async () => {
  const { object } = signEnvelope(
    { type: 'Accept', to: [ada.did], origin: node.did, object: thread as ObjectName },
    signerOf(bob),
    crypto,
  );
  const verdict = await verifyEnvelope(object, context);
  expect(verdict.ok && (await reasonOf(verdict.verified))).toBe('nothing_sealed');
});

test.each<[string, Partial<LetterDraft>]>([
  ['a later place without the one before', { seq: 1 }],
  ['the first place with one before', { seq: 0, previous: other }],
  ['no words', { object: { ...draft().object, content: '' } }],
  ['too many words', { object: { ...draft().object, content: 'x'.repeat(10_001) } }],
  [
    'another label',
    { object: { ...draft().object, tag: ['https://w3id.org/exuvia/label#locked'] } },
  ],
])('a letter with %s is not signed', (_, more) => {
  expect(() => write(more)).toThrow();
});
