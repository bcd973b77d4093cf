// Keeps the did:web documents that objects are accepted under, in the write that accepts them.
import { utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import { ed25519ToMultibase } from '../protocol/multikey.ts';
import type { Statement } from '../store/database.ts';
import { keepDocument } from '../store/did-documents.ts';
import type { CommandContext } from './context.ts';

/** Statements for those of `signers` that are did:webs, with the documents that are in use now; a document nobody has is nothing to keep. */
export function keepDocuments(
  context: Pick<CommandContext, 'crypto' | 'documentOf' | 'now'>,
  signers: Iterable<Did>,
): Statement[] {
  const { crypto, documentOf, now } = context;
  const statements: Statement[] = [];
  for (const did of new Set(signers)) {
    const document = didMethod(did) === 'web' ? documentOf?.(did) : undefined;
    if (!document) continue;
    const keys = digestKeys(document, did, crypto);
    if (keys === null) continue;
    statements.push(keepDocument({ did, keys, document: canonicalize(document), at: now() }));
  }
  return statements;
}

/** Statements for documents of before, each with the time until which it stood (milliseconds). */
export function keepFormer(
  { crypto, now }: Pick<CommandContext, 'crypto' | 'now'>,
  did: Did,
  documents: readonly { readonly document: JsonObject; readonly until: number }[],
): Statement[] {
  return documents.flatMap(({ document, until }) => {
    const keys = digestKeys(document, did, crypto);
    const seen = { did, document: canonicalize(document), at: Math.min(until, now()) };
    return keys === null ? [] : [keepDocument({ ...seen, keys })];
  });
}

/** SHA-256 of the keys under assertionMethod, by id; null for a document that has none that can be used. */
export function digestKeys(document: unknown, did: Did, crypto: Crypto): Uint8Array | null {
  const found = keysFor(document, did, 'assertionMethod');
  if (!found.ok) return null;
  const keys = found.keys.map(({ id, publicKey }) => `${id} ${ed25519ToMultibase(publicKey)}\n`);
  return crypto.sha256(utf8(keys.sort().join('')));
}
