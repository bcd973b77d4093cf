// What is in force after an entry of a DID log, and which parameters the next one may bring.
import { utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { type DidLogParameters, keyOfWitness, type WitnessPolicy } from './did-log-parameters.ts';
import { type RefusedDidLog, refuse } from './did-log-refusal.ts';
import { multihashOf } from './multihash.ts';
import { ed25519FromMultibase } from './multikey.ts';

/** What is in force once an entry is published. */
export interface DidLogStanding {
  readonly scid: string;
  readonly updateKeys: readonly string[];
  readonly nextKeyHashes: readonly string[];
  readonly witness: WitnessPolicy | null;
  readonly portable: boolean;
  readonly deactivated: boolean;
}

/** The hash under which a Multikey is promised for the next version. */
export function nextKeyHash(multikey: string, crypto: Pick<Crypto, 'sha256'>): string {
  return multihashOf(utf8(multikey), crypto);
}

/** What is in force after an entry; `scid` is that of the first. */
export function standingAfter(
  previous: DidLogStanding | null,
  entry: DidLogParameters,
): DidLogStanding {
  const { witness } = entry;
  return {
    scid: previous?.scid ?? entry.scid ?? '',
    updateKeys: entry.updateKeys ?? previous?.updateKeys ?? [],
    nextKeyHashes: entry.nextKeyHashes ?? previous?.nextKeyHashes ?? [],
    witness:
      witness === undefined
        ? (previous?.witness ?? null)
        : 'threshold' in witness
          ? (witness as WitnessPolicy)
          : null,
    portable: entry.portable ?? previous?.portable ?? false,
    deactivated: entry.deactivated ?? false,
  };
}

/** Whether well-formed parameters may stand in the entry after `previous` (null: in the first). */
export function checkParameters(
  previous: DidLogStanding | null,
  entry: DidLogParameters,
  crypto: Pick<Crypto, 'sha256' | 'acceptsKey'>,
): RefusedDidLog | null {
  if (previous === null) {
    for (const name of ['method', 'scid', 'updateKeys'] as const) {
      if (entry[name] !== undefined) continue;
      return refuse('parameters_malformed', `the first entry has no ${name}`);
    }
  } else {
    if (entry.scid !== undefined) {
      return refuse('parameters_malformed', 'scid stands in a later entry');
    }
    if (entry.portable === true) {
      return refuse('parameters_malformed', 'a later entry cannot make the DID portable');
    }
    const broken = brokenPromise(previous, entry, crypto);
    if (broken !== null) return refuse('pre_rotation', broken);
  }
  // § The witness Parameter: a key that cannot sign is refused where it is listed, not where it is used.
  for (const key of entry.updateKeys ?? []) {
    if (!crypto.acceptsKey(ed25519FromMultibase(key) as Uint8Array)) {
      return refuse('parameters_malformed', `${key} is no acceptable key`);
    }
  }
  for (const { id } of entry.witness?.witnesses ?? []) {
    if (!crypto.acceptsKey(keyOfWitness(id) as Uint8Array)) {
      return refuse('witness_malformed', `${id} is no acceptable key`);
    }
  }
  return null;
}

/** § Read, step 7: with pre-rotation all keys of an entry were promised by the one before, and nothing is inherited. */
function brokenPromise(
  { nextKeyHashes }: DidLogStanding,
  entry: DidLogParameters,
  crypto: Pick<Crypto, 'sha256'>,
): string | null {
  if (nextKeyHashes.length === 0) return null;
  if (entry.updateKeys === undefined) return 'updateKeys are inherited while keys are pre-rotated';
  if (entry.nextKeyHashes === undefined) {
    return 'nextKeyHashes are inherited while keys are pre-rotated';
  }
  const stray = entry.updateKeys.find((key) => !nextKeyHashes.includes(nextKeyHash(key, crypto)));
  return stray === undefined ? null : `${stray} is not in nextKeyHashes of the version before`;
}
