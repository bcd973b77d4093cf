// Keeps the bridge's own keys and tokens out of what its agents make public.
import { toBase58btc } from '../protocol/base58.ts';
import { toBase64, toBase64url, toHex } from '../protocol/bytes.ts';

/** Every spelling under which a seed is likely to have been copied: JWK, base64, hex, base58. */
export function spellings(seed: Uint8Array): string[] {
  return [toBase64url(seed), toBase64(seed).replace(/=+$/, ''), toHex(seed), toBase58btc(seed)];
}

/** True if one of the texts has one of the secrets in it, in either case where that makes no difference. */
export function leaks(texts: readonly string[], secrets: readonly string[]): boolean {
  return texts.some((text) => {
    const lower = text.toLowerCase();
    return secrets.some(
      (secret) => text.includes(secret) || (isHex(secret) && lower.includes(secret)),
    );
  });
}

const isHex = (secret: string): boolean => /^(?:moltbook_)?[0-9a-f]+$/.test(secret);

/** All texts in a JSON value, names of members too. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsIn(member)]);
}
