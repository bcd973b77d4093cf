// Puts one more entry at the end of a DID log: numbered, linked, checked as a verifier would, and signed.
import { decodeUtf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import type { DidLog } from './did-log.ts';
import { parseDidLog } from './did-log-entry.ts';
import { entryHashOf } from './did-log-hash.ts';
import { nextKeyHash } from './did-log-standing.ts';
import { checkEntry, type DidLogHead, logOf, signersOf } from './did-log-step.ts';
import { ProtocolError } from './error.ts';
import { canonicalize } from './jcs.ts';
import type { JsonObject } from './json.ts';
import { ed25519ToMultibase } from './multikey.ts';
import { createProof } from './proof.ts';

export type DidLogCrypto = Pick<Crypto, 'sha256' | 'sign' | 'publicKeyOf' | 'acceptsKey'>;

/** A DID log that its maker may publish; with witnesses, as soon as they have approved it. */
export interface MadeDidLog {
  /** The whole did.jsonl: one line of JCS for each version. */
  readonly text: string;
  readonly log: DidLog;
}

/** What promises a key for the next entry: the hash of the seed's public key. */
export function promiseOf(
  seed: Uint8Array,
  crypto: Pick<Crypto, 'sha256' | 'publicKeyOf'>,
): string {
  return nextKeyHash(ed25519ToMultibase(crypto.publicKeyOf(seed)), crypto);
}

/**
 * The log `text`, whose versions are `heads`, with one more entry: `draft` has the `versionId` of the version before, or the
 * SCID in the first. Throws ProtocolError `invalid_argument` if no verifier would accept it.
 */
export function publishEntry(
  { text, heads }: { readonly text: string; readonly heads: readonly DidLogHead[] },
  draft: JsonObject,
  seed: Uint8Array,
  crypto: DidLogCrypto,
): MadeDidLog {
  const hash = entryHashOf(draft, draft.versionId as string, crypto);
  const entry = { ...draft, versionId: `${heads.length + 1}-${hash}` };
  const multikey = ed25519ToMultibase(crypto.publicKeyOf(seed));
  const options = {
    verificationMethod: `did:key:${multikey}#${multikey}`,
    created: draft.versionTime as string,
  };
  const { proof } = createProof(entry, options, seed, crypto);
  const line = decodeUtf8(canonicalize({ ...entry, proof: [proof as JsonObject] }));
  const whole = `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
  const parsed = parseDidLog(whole);
  if (!parsed.ok) throw new ProtocolError('invalid_argument', parsed.detail);
  const previous = heads.at(-1) ?? null;
  const checked = checkEntry(previous, parsed.entries.at(-1) as never, crypto);
  if (!checked.ok) throw new ProtocolError('invalid_argument', checked.detail);
  if (!signersOf(previous, checked.head).includes(multikey)) {
    throw new ProtocolError('invalid_argument', `${multikey} may not sign this version`);
  }
  return { text: whole, log: logOf([...heads, checked.head]) };
}
