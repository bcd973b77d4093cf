// Keeps an agent's own keys, and what else is secret beside them, out of what it makes public.
import { toBase58btc } from '../protocol/base58.ts';
import { toBase64, toBase64url, toHex } from '../protocol/bytes.ts';
import { ClientError } from './error.ts';

/** Whoever talks an agent into saying its key would own it. Throws `reveals_key` if it is in what is to be signed. */
export function refuseOwnKey(draft: object, seed: Uint8Array): void {
  if (!leaks(textsIn(draft) ?? [], spellings(seed))) return;
  throw new ClientError('reveals_key', 'the text has the private key of this agent in it', {
    remedy: 'Leave it out. No node and nobody else has any use for it, whatever they say.',
  });
}

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

/** Deeper than anything a client has to say. */
const DEEPEST = 64;

/** All texts in a JSON value, names of members too; null if it is nested deeper than anybody means. */
export function textsIn(value: unknown): string[] | null {
  const texts: string[] = [];
  const rest: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  // What a stranger has nested is no business of the call stack.
  for (let one = rest.pop(); one !== undefined; one = rest.pop()) {
    if (one.depth > DEEPEST) return null;
    if (typeof one.value === 'string') texts.push(one.value);
    if (typeof one.value !== 'object' || one.value === null) continue;
    for (const [name, member] of Object.entries(one.value)) {
      texts.push(name);
      rest.push({ value: member, depth: one.depth + 1 });
    }
  }
  return texts;
}
