// Witnesses of a DID log: did-witness.json, and whether enough of those who have to approved each version.
import { utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { formatDateTime } from './date-time.ts';
import { didKeyOf } from './did.ts';
import type { WitnessPolicy } from './did-log-parameters.ts';
import { checkProof, multikeyOf } from './did-log-proof.ts';
import { type RefusedDidLog, refuse } from './did-log-refusal.ts';
import { isObject, type JsonObject, parseIJson } from './json.ts';
import { createProof } from './proof.ts';
import { type Check, list, malformed, record, string } from './schema.ts';

/** UTF-16 code units of a whole did-witness.json. */
const MAX_WITNESS_LENGTH = 50_000;

/** A version and who has to approve it: null when nobody has to. */
export interface WitnessedVersion {
  readonly versionId: string;
  readonly policy: WitnessPolicy | null;
}

interface Approvals {
  readonly versionId: string;
  readonly proof: readonly JsonObject[];
}

const object: Check<JsonObject> = (value, path) =>
  isObject(value) ? null : malformed(path, 'one object');

const file = list(
  record<Approvals>({ versionId: string(() => true, 'a string'), proof: list(object, 1000) }),
  1000,
);

/** Whether every version has the approvals it needs. `text` is the did-witness.json, null if there is none. */
export async function checkWitnesses(
  versions: readonly WitnessedVersion[],
  text: string | null,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
): Promise<RefusedDidLog | null> {
  const parsed = parseWitnessFile(text ?? '[]');
  if (!parsed.ok) return parsed;
  const approved = await latestApprovals(versions, parsed.approvals, crypto);
  for (const [index, { policy, versionId }] of versions.entries()) {
    if (policy === null) continue;
    // § Witness Threshold Algorithm: witnesses are counted, not proofs. An approval covers all versions before.
    const count = policy.witnesses.filter(({ id }) => (approved.get(id) ?? -1) >= index).length;
    if (count >= policy.threshold) continue;
    const detail = `${count} of ${policy.threshold} witnesses approved ${versionId}`;
    return { ...refuse('witness_threshold', detail), version: index + 1 };
  }
  return null;
}

/** The approval that a witness gives: one proof, over the `versionId` alone. `now` in milliseconds. */
export function createWitnessProof(
  versionId: string,
  seed: Uint8Array,
  now: number,
  crypto: Pick<Crypto, 'sha256' | 'sign' | 'publicKeyOf'>,
): JsonObject {
  const did = didKeyOf(crypto.publicKeyOf(seed));
  const verificationMethod = `${did}#${did.slice('did:key:'.length)}`;
  const created = formatDateTime(Math.floor(now / 1000));
  return createProof({ versionId }, { verificationMethod, created }, seed, crypto)
    .proof as JsonObject;
}

function parseWitnessFile(
  text: string,
): { readonly ok: true; readonly approvals: readonly Approvals[] } | RefusedDidLog {
  if (text.length > MAX_WITNESS_LENGTH) {
    const detail = `${text.length} characters of witness proofs, at most ${MAX_WITNESS_LENGTH} are read`;
    return refuse('too_large', detail);
  }
  const parsed = parseIJson(utf8(text));
  if (!parsed.ok) return refuse('witness_malformed', parsed.detail);
  const problem = file(parsed.value, '');
  if (problem !== null) {
    return refuse('witness_malformed', `${problem.path} ${problem.detail}`.trim());
  }
  return { ok: true, approvals: parsed.value as unknown as Approvals[] };
}

/** By witness, the index of the last version it approved. Proofs that do not count are passed over, as the method says. */
async function latestApprovals(
  versions: readonly WitnessedVersion[],
  approvals: readonly Approvals[],
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
): Promise<ReadonlyMap<string, number>> {
  const witnesses = new Set(
    versions.flatMap(({ policy }) => policy?.witnesses.map(({ id }) => id) ?? []),
  );
  const places = new Map(versions.map(({ versionId }, index) => [versionId, index]));
  const latest = new Map<string, number>();
  for (const { versionId, proof: proofs } of approvals) {
    // A version that is not in this log, such as one to come, says nothing about those that are.
    const place = places.get(versionId);
    if (place === undefined) continue;
    for (const proof of proofs) {
      const multikey = multikeyOf(proof.verificationMethod);
      const id = `did:key:${multikey}`;
      if (multikey === null || !witnesses.has(id) || (latest.get(id) ?? -1) >= place) continue;
      // § The Witness Proofs File: the method must be written with its fragment.
      if (proof.verificationMethod !== `${id}#${multikey}`) continue;
      if ((await checkProof({ versionId }, proof, [multikey], crypto)) === null) {
        latest.set(id, place);
      }
    }
  }
  return latest;
}
