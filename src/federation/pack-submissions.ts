// One request's worth of waiting objects, with the DID logs of their authors before them.
import { concatBytes, decodeUtf8, utf8 } from '../protocol/bytes.ts';
import { type Did, didMethod, subjectOf } from '../protocol/did.ts';
import { listStatements } from '../store/queries/identities.ts';
import type { WaitingObject } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';

/** Objects in one request, statements included. */
export const MAX_SUBMISSIONS = 64;
const MAX_BYTES = 512 * 1024;

export interface PackedSubmissions {
  /** Those of the waiting objects that are in the request, from the first on. */
  readonly batch: readonly WaitingObject[];
  /** `{"objects":[…]}`. */
  readonly body: Uint8Array;
}

/**
 * Takes as many objects as one request may have, at least one. An author's newest statement goes before the first object of
 * theirs: a home that has it already says so, and that is no fault.
 */
export async function packSubmissions(
  { db, node }: Pick<FederationContext, 'db' | 'node'>,
  waiting: readonly WaitingObject[],
): Promise<PackedSubmissions> {
  const authors = waiting.map(authorOf);
  const needed = new Set(authors.filter((author) => author !== null));
  const statements = await listStatements(db, needed, node.did);
  const batch: WaitingObject[] = [];
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (const [i, object] of waiting.entries()) {
    const author = authors[i] ?? null;
    const statement = author && statements.get(author);
    const added = statement ? [statement, object.bytes] : [object.bytes];
    bytes += added.reduce((sum, part) => sum + part.length + 1, 0);
    const full = bytes > MAX_BYTES || parts.length + added.length > MAX_SUBMISSIONS;
    if (full && batch.length > 0) break;
    if (author !== null) statements.delete(author);
    parts.push(...added);
    batch.push(object);
  }
  return { batch, body: encode(parts) };
}

/** Of an agent whose keys are in a DID log its subject; null for any other. */
function authorOf({ bytes }: WaitingObject): Did | null {
  // Waiting objects were verified before they were stored.
  const { actor } = JSON.parse(decodeUtf8(bytes)) as { readonly actor: Did };
  return didMethod(actor) === 'webvh' ? subjectOf(actor) : null;
}

function encode(parts: readonly Uint8Array[]): Uint8Array {
  const comma = utf8(',');
  const list = parts.flatMap((part, i) => (i === 0 ? [part] : [comma, part]));
  return concatBytes(utf8('{"objects":['), ...list, utf8(']}'));
}
