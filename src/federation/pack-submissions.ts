// One request's worth of waiting objects, with the statements that they depend on before them.
import { concatBytes, decodeUtf8, utf8 } from '../protocol/bytes.ts';
import { type Did, didMethod, subjectOf } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { chainIn, listChains } from '../store/queries/delegations.ts';
import { listStatements } from '../store/queries/identities.ts';
import type { WaitingObject } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';

/** Objects in one request, statements included. */
export const MAX_SUBMISSIONS = 64;
/** Bytes of one request, unless a single object has more. */
export const MAX_SUBMISSION_BYTES = 512 * 1024;

export interface PackedSubmissions {
  /** Those of the waiting objects that are in the request, from the first on. */
  readonly batch: readonly WaitingObject[];
  /** `{"objects":[…]}`. */
  readonly body: Uint8Array;
}

/**
 * Takes as many objects as one request may have, at least one. What an object depends on goes before the first that needs
 * it: the delegations of its chain from the first down, and the newest DID logs of who gave them and of the author. A home
 * that has a statement already says so, and that is no fault.
 */
export async function packSubmissions(
  { db, node }: Pick<FederationContext, 'db' | 'node'>,
  waiting: readonly WaitingObject[],
): Promise<PackedSubmissions> {
  const acts = waiting.map(actIn);
  const instruments = new Set(acts.flatMap(({ instrument }) => instrument ?? []));
  const chains = await listChains(db, instruments, node.did);
  const delegators = [...chains.values()].map(({ delegation }) => delegation.delegator);
  const authors = acts.flatMap(({ author }) => author ?? []);
  const logs = await listStatements(db, new Set([...authors, ...delegators]), node.did);
  const sent = new Set<Uint8Array>();
  const batch: WaitingObject[] = [];
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (const [i, object] of waiting.entries()) {
    const { author, instrument } = acts[i] as Act;
    const chain = instrument === null ? [] : chainIn(chains, instrument);
    const statements = chain.flatMap((link) => [logs.get(link.delegation.delegator), link.bytes]);
    if (author !== null) statements.push(logs.get(author));
    const needed = statements.filter((one) => one !== undefined).filter((one) => !sent.has(one));
    const added = [...new Set(needed), object.bytes];
    bytes += added.reduce((sum, part) => sum + part.length + 1, 0);
    const full = bytes > MAX_SUBMISSION_BYTES || parts.length + added.length > MAX_SUBMISSIONS;
    if (full && batch.length > 0) break;
    for (const one of needed) sent.add(one);
    parts.push(...added);
    batch.push(object);
  }
  return { batch, body: encodeSubmissions(parts) };
}

interface Act {
  /** The subject of an author whose keys are in a DID log; null for any other. */
  readonly author: Did | null;
  readonly instrument: ObjectName | null;
}

function actIn({ bytes }: WaitingObject): Act {
  // Waiting objects were verified before they were stored.
  const { actor, instrument = null } = JSON.parse(decodeUtf8(bytes)) as {
    readonly actor: Did;
    readonly instrument?: ObjectName;
  };
  return { author: didMethod(actor) === 'webvh' ? subjectOf(actor) : null, instrument };
}

/** `{"objects":[…]}` of signed objects. */
export function encodeSubmissions(parts: readonly Uint8Array[]): Uint8Array {
  const comma = utf8(',');
  const list = parts.flatMap((part, i) => (i === 0 ? [part] : [comma, part]));
  return concatBytes(utf8('{"objects":['), ...list, utf8(']}'));
}
