// The policy that an archive suggests: its log's key, and the witnesses that are asked to cosign it. Nobody has to believe it.
import type { Crypto } from '../protocol/crypto.ts';
import { COSIGNATURE_V1, formatVerifierKey, NOTE_ED25519, noteVerifier } from './note-key.ts';

export interface SuggestedWitness {
  /** `<authority>/witness`. */
  readonly name: string;
  readonly publicKey: Uint8Array;
}

/** With two thirds of the witnesses and one more: any two such quorums have honest ones in common if a third are not. */
export function suggestPolicy(
  origin: string,
  logKey: Uint8Array,
  witnesses: readonly SuggestedWitness[],
  crypto: Crypto,
): string {
  const lines = [
    '# Suggested by whoever made this archive. Use a policy of your own.',
    `log ${formatVerifierKey(noteVerifier(origin, NOTE_ED25519, logKey, crypto))}`,
    ...witnesses.map(({ name, publicKey }, i) => {
      const key = noteVerifier(name, COSIGNATURE_V1, publicKey, crypto);
      return `witness w${i + 1} ${formatVerifierKey(key)}`;
    }),
  ];
  if (witnesses.length === 0) return `${lines.join('\n')}\nquorum none\n`;
  const enough = Math.floor((2 * witnesses.length) / 3) + 1;
  const names = witnesses.map((_, i) => `w${i + 1}`).join(' ');
  lines.push(`group panel ${Math.min(enough, witnesses.length)} ${names}`, 'quorum panel');
  return `${lines.join('\n')}\n`;
}
