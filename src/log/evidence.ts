// Verifies evidence, a file that convicts a log of two histories to anybody, without a connection.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import type { JsonObject } from '../protocol/json.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { verifyConsistency } from './consistency.ts';
import { type EvidenceParts, parseEvidence } from './evidence-file.ts';
import { verifyInclusion } from './inclusion.ts';
import { verifyKeyChain } from './key-chain.ts';
import {
  formatVerifierKey,
  isKeyName,
  NOTE_ED25519,
  type NoteVerifier,
  noteVerifier,
  parseVerifierKey,
} from './note-key.ts';

export type EvidenceVerdict =
  | {
      readonly ok: true;
      readonly origin: string;
      /** The node that has stated the keys; null where the file names keys that only the reader can know. */
      readonly home: Did | null;
      /** The smaller one first. */
      readonly heads: readonly [Checkpoint, Checkpoint];
      /** Vkeys of those who have signed them. */
      readonly signers: readonly [string, string];
      /** Two roots for one size; a larger head that does not go on from the smaller; two leaves at one place. */
      readonly why: 'roots' | 'consistency' | 'leaf';
      /** What says that the keys are the home's: its own DID, the documents that the file brings, or nothing in it. */
      readonly keyFrom: 'did' | 'document' | 'reader';
      /** A head is signed with a key that the home has replaced: if that was stolen, the thief can have made the head. */
      readonly replacedKey: boolean;
    }
  | {
      readonly ok: false;
      /**
       * `malformed`: not such a file. `key_statement_refused`: nobody has stated the key, or not the home. `head_refused`: a head
       * is not signed by it, or of another log. `no_contradiction`: both heads may be true.
       */
      readonly reason: 'malformed' | 'key_statement_refused' | 'head_refused' | 'no_contradiction';
      readonly detail: string;
    };

type Refusal = Extract<EvidenceVerdict, { ok: false }>;

interface OpenedKeys {
  readonly home: Did | null;
  /** For each head those that count, the one that signs now last. */
  readonly verifiers: readonly [readonly NoteVerifier[], readonly NoteVerifier[]];
}

/** Verifies a file by itself. Never throws. */
export async function verifyEvidence(bytes: Uint8Array, crypto: Crypto): Promise<EvidenceVerdict> {
  const file = parseEvidence(bytes);
  if (!file.ok) return refuse('malformed', file.detail);
  const { heads: notes, origin } = file.parts;
  if (!isKeyName(origin)) return refuse('malformed', 'log is no name that a note can carry');
  const keys = await openKeys(file.parts, crypto);
  if ('ok' in keys) return keys;
  const heads: Checkpoint[] = [];
  const signers: NoteVerifier[] = [];
  for (const [i, verifiers] of keys.verifiers.entries()) {
    const head = await openCheckpoint(notes[i] as string, verifiers, crypto, origin);
    if (!head.ok) {
      return refuse('head_refused', `the ${i === 0 ? 'first' : 'second'} head: ${head.detail}`);
    }
    heads.push(head.checkpoint);
    // Of several keys that have signed the one counts that signs on.
    const signed = new Set(head.signatures.map(({ verifier }) => verifier));
    signers.push(verifiers.findLast((verifier) => signed.has(verifier)) as NoteVerifier);
  }
  const [first, second] = heads as [Checkpoint, Checkpoint];
  const found = contradiction([first, second], file.parts, crypto);
  if ('harmless' in found) return refuse('no_contradiction', found.harmless);
  const { home, verifiers } = keys;
  const [one, two] = signers.map(formatVerifierKey) as [string, string];
  return {
    ok: true,
    origin,
    home,
    heads: [first, second],
    signers: [one, two],
    why: found.why,
    keyFrom: home === null ? 'reader' : didMethod(home) === 'web' ? 'document' : 'did',
    replacedKey: signers.some((signer, i) => signer !== verifiers[i]?.at(-1)),
  };
}

type Found =
  | { readonly why: Extract<EvidenceVerdict, { ok: true }>['why'] }
  /** Why both heads may be true. */
  | { readonly harmless: string };

function contradiction(
  [first, second]: readonly [Checkpoint, Checkpoint],
  { leaves, trueRoot }: Required<EvidenceParts>,
  crypto: Crypto,
): Found {
  if (first.size > second.size) return { harmless: 'the larger head stands first' };
  if (leaves !== null) {
    const { hashes, index, proofs } = leaves;
    for (const [i, { root, size }] of [first, second].entries()) {
      const hash = hashes[i] as Uint8Array;
      if (!verifyInclusion(index, size, hash, proofs[i] ?? [], root, crypto)) {
        return { harmless: `leaf ${index} is not shown to be under head ${i + 1}` };
      }
    }
    return equalBytes(...hashes) ? { harmless: 'both heads have the same leaf' } : { why: 'leaf' };
  }
  if (first.size === second.size) {
    return equalBytes(first.root, second.root)
      ? { harmless: 'both heads say the same' }
      : { why: 'roots' };
  }
  if (trueRoot === null) {
    return { harmless: 'nothing shows that the larger head does not go on from the smaller' };
  }
  const { proof, root } = trueRoot;
  if (!verifyConsistency(first.size, second.size, root, second.root, proof, crypto)) {
    return { harmless: 'the proof does not lead to the larger head' };
  }
  return equalBytes(root, first.root)
    ? { harmless: 'the larger head goes on from the smaller' }
    : { why: 'consistency' };
}

async function openKeys(
  { documents, keys, origin }: Required<EvidenceParts>,
  crypto: Crypto,
): Promise<OpenedKeys | Refusal> {
  if ('vkeys' in keys) return openNamed(keys.vkeys, origin, crypto);
  const { keyStatement } = keys;
  const verdict = await verifyKeyChain(keyStatement, { crypto, resolveKey: keysOf(documents) });
  if (!verdict.ok) return refuse('key_statement_refused', verdict.detail);
  const { home, keys: stated } = verdict.chain;
  const host = didMethod(home) === 'web' ? home.slice('did:web:'.length) : null;
  if (host !== null && !origin.startsWith(`${decodeURIComponent(host)}/log/`)) {
    return refuse('head_refused', `${origin} is no log of ${home}`);
  }
  const verifiers = stated.map((key) => noteVerifier(origin, NOTE_ED25519, key, crypto));
  return { home, verifiers: [verifiers, verifiers] };
}

/** Each head under its own key: what ties the two together is known to the reader or to nobody. */
function openNamed(vkeys: readonly string[], origin: string, crypto: Crypto): OpenedKeys | Refusal {
  const verifiers: NoteVerifier[] = [];
  for (const vkey of vkeys) {
    const parsed = parseVerifierKey(vkey, crypto);
    if (!parsed.ok) return refuse('key_statement_refused', parsed.detail);
    const { name, publicKey, type } = parsed.verifier;
    if (name !== origin || type !== NOTE_ED25519 || !crypto.acceptsKey(publicKey)) {
      return refuse('key_statement_refused', 'a vkey is not that of a key of this log');
    }
    verifiers.push(parsed.verifier);
  }
  const [first, second = first] = verifiers as [NoteVerifier, NoteVerifier?];
  return { home: null, verifiers: [[first], [second as NoteVerifier]] };
}

/** A did:key needs no document; those of a did:web stand in the file. */
function keysOf(documents: readonly JsonObject[]): KeyResolver {
  return async (did, id) => {
    if (didMethod(did) === 'key') return didKeyResolver(did, id);
    for (const document of documents) {
      const found = keysFor(document, did, 'assertionMethod');
      const key = found.ok ? found.keys.find((candidate) => candidate.id === id) : undefined;
      if (key !== undefined) return { ok: true, publicKey: key.publicKey };
    }
    const detail = `the file has no document that lists ${id}`;
    return { ok: false, reason: 'key_not_found', detail, retryable: false };
  };
}

function refuse(reason: Refusal['reason'], detail: string): Refusal {
  return { ok: false, reason, detail };
}
