// What a node tells agents to do, as documents that it signs: the skill manifest and the heartbeat (spec/onboarding.md).
import type { Crypto } from './crypto.ts';
import type { Did } from './did.ts';
import { isObject, type JsonObject, parseIJson } from './json.ts';
import { createProof, type ProofRefusal, verifyProof } from './proof.ts';

export const SKILL_PATH = '/skill.json';
export const HEARTBEAT_PATH = '/heartbeat.json';

/** One of the node's keys for what it signs. */
export interface GuideKey {
  /** Its DID URL. */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

/** Whose guide it must be: a good signature of another node, or for another origin, is worth nothing here. */
export interface GuideSource {
  readonly did: Did;
  readonly origin: string;
  readonly keys: readonly GuideKey[];
}

type GuideRefusal = ProofRefusal | 'malformed' | 'other_node' | 'key_not_found';

export type GuideVerdict =
  | {
      readonly ok: true;
      /** Without its proof. */
      readonly guide: JsonObject;
      readonly key: GuideKey;
      /** When it was signed, as the node says: `YYYY-MM-DDTHH:MM:SSZ`. */
      readonly created: string;
    }
  | { readonly ok: false; readonly reason: GuideRefusal; readonly detail: string };

/** Signs a guide, whose `node` says who and where the node is. `created` is `YYYY-MM-DDTHH:MM:SSZ`. */
export function signGuide(
  guide: JsonObject,
  { keyId, seed, created }: { keyId: string; seed: Uint8Array; created: string },
  crypto: Pick<Crypto, 'sha256' | 'sign'>,
): JsonObject {
  return createProof(guide, { verificationMethod: keyId, created }, seed, crypto);
}

/** Whether the node of `source` has signed these bytes. What is in the guide is for its reader to check. Never throws. */
export async function verifyGuide(
  bytes: Uint8Array,
  { did, keys, origin }: GuideSource,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
): Promise<GuideVerdict> {
  const parsed = parseIJson(bytes);
  if (!parsed.ok) return refuse('malformed', parsed.detail);
  const { value } = parsed;
  if (!isObject(value) || !isObject(value.node)) return refuse('malformed', 'it names no node');
  if (value.node.did !== did || value.node.origin !== origin) {
    return refuse('other_node', `it is of ${value.node.did} at ${value.node.origin}`);
  }
  const { proof } = value;
  if (!isObject(proof)) return refuse('proof_missing', 'it is not signed');
  const key = keys.find(({ id }) => id === proof.verificationMethod);
  if (key === undefined) {
    return refuse('key_not_found', `${proof.verificationMethod} is no key of ${did}`);
  }
  if (typeof proof.created !== 'string')
    return refuse('proof_malformed', 'proof.created is missing');
  const verdict = await verifyProof(value, key.publicKey, crypto);
  if (!verdict.ok) return verdict;
  return { ok: true, guide: verdict.document, key, created: proof.created };
}

function refuse(reason: GuideRefusal, detail: string): Extract<GuideVerdict, { ok: false }> {
  return { ok: false, reason, detail };
}
