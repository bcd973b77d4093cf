// Seals a signed letter for its readers, and opens one: what is inside has to say the same as the envelope outside.
import type { AgreementKey, AgreementSecret } from './agreement-key.ts';
import { equalBytes } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import type { Letter } from './envelope.ts';
import { canonicalize } from './jcs.ts';
import { parseIJson } from './json.ts';
import { openJwe, sealJwe } from './jwe.ts';
import { pad, unpad } from './letter-padding.ts';
import type { ObjectRefusal } from './object.ts';
import {
  type EnvelopeContext,
  type SignedEnvelope,
  type VerifiedEnvelope,
  verifyLetter,
} from './signed-envelope.ts';

/**
 * Why a letter is not read. `not_for_us`: none of these keys is among its readers. `undecryptable`: the key that is does not
 * open it. `padding_malformed`, `not_a_letter`: what was inside is something else. `other_sender`, `other_recipient`,
 * `other_conversation`, `other_instant`: it was put into an envelope that it was not written for. Or what a verifier says of
 * its proof.
 */
export type LetterRefusal =
  | 'nothing_sealed'
  | 'not_for_us'
  | 'undecryptable'
  | 'padding_malformed'
  | 'not_a_letter'
  | 'other_sender'
  | 'other_recipient'
  | 'other_conversation'
  | 'other_instant'
  | ObjectRefusal;

export type OpenedLetter =
  | { readonly ok: true; readonly letter: Letter }
  | {
      readonly ok: false;
      readonly reason: LetterRefusal;
      readonly detail: string;
      /** A key that could not be had now may be had later. */
      readonly retryable?: boolean;
    };

/** The letter as the text of a JWE that the owner of each of these keys can open. */
export async function sealLetter(
  letter: Pick<SignedEnvelope, 'bytes'>,
  readers: readonly AgreementKey[],
  platform: {
    readonly crypto: Pick<Crypto, 'sha256'>;
    readonly random: (length: number) => Uint8Array;
  },
): Promise<string> {
  return sealJwe(pad(letter.bytes), readers, platform);
}

/** What the envelope's sender wrote, if one of the secrets is among its readers'. Never throws unless `resolveKey` does. */
export async function openLetter(
  { envelope, sealed }: VerifiedEnvelope,
  secrets: readonly AgreementSecret[],
  context: EnvelopeContext,
): Promise<OpenedLetter> {
  if (sealed === null) return refuse('nothing_sealed', `nothing is sealed in ${envelope.type}`);
  const secret = secrets.find(({ id }) => sealed.kids.includes(id));
  if (secret === undefined) {
    return refuse('not_for_us', `sealed for ${sealed.kids.join(', ')}`);
  }
  const padded = await openJwe(sealed, secret);
  if (padded === null) return refuse('undecryptable', `${secret.id} does not open it`);
  const bytes = unpad(padded);
  if (bytes === null) return refuse('padding_malformed', 'padded in another way');
  const parsed = parseIJson(bytes);
  if (!parsed.ok) return refuse('not_a_letter', parsed.detail);
  if (!equalBytes(canonicalize(parsed.value), bytes)) {
    return refuse('not_a_letter', 'what is inside is not in JCS form (RFC 8785)');
  }
  const verdict = await verifyLetter(parsed.value, context);
  if (!verdict.ok) return { ...verdict, detail: `${verdict.path ?? ''} ${verdict.detail}`.trim() };
  const { letter } = verdict;
  // Whoever can open a letter could seal it again for somebody else, or in another place: it would still be signed.
  if (
    letter.actor !== envelope.actor ||
    letter.attributedTo !== envelope.attributedTo ||
    letter.instrument !== envelope.instrument
  ) {
    return refuse('other_sender', `written by ${letter.actor}, sent by ${envelope.actor}`);
  }
  if (letter.to[0] !== envelope.to[0]) {
    return refuse('other_recipient', `written to ${letter.to[0]}, sent to ${envelope.to[0]}`);
  }
  const conversation = envelope.type === 'Create' ? envelope.context : undefined;
  if (letter.context !== conversation) {
    return refuse('other_conversation', `written for ${letter.context ?? 'a new conversation'}`);
  }
  if (letter.published !== envelope.published) {
    return refuse('other_instant', `written at ${letter.published}, sent at ${envelope.published}`);
  }
  return { ok: true, letter };
}

function refuse(reason: LetterRefusal, detail: string): OpenedLetter {
  return { ok: false, reason, detail };
}
