// Parameters of did:webvh 1.0: which there are, and what each may be.

import { parseDid, publicKeyOfDidKey } from './did.ts';
import { isObject } from './json.ts';
import { isMultihash } from './multihash.ts';
import { ed25519FromMultibase } from './multikey.ts';
import {
  type Check,
  type Contradiction,
  flag,
  list,
  literal,
  malformed,
  optional,
  record,
  string,
} from './schema.ts';

/** Who approves versions, and how many of them have to. */
export interface WitnessPolicy {
  readonly threshold: number;
  /** did:keys, each once. */
  readonly witnesses: readonly { readonly id: string }[];
}

export interface DidLogParameters {
  readonly method?: 'did:webvh:1.0';
  readonly scid?: string;
  readonly updateKeys?: readonly string[];
  readonly nextKeyHashes?: readonly string[];
  /** `{}`: no witnesses. */
  readonly witness?: WitnessPolicy | Record<string, never>;
  readonly watchers?: readonly string[];
  readonly portable?: boolean;
  readonly deactivated?: boolean;
  readonly ttl?: number;
}

const MAX_LIST = 100;

const integer = (min: number, max: number): Check<number> => {
  return (value, path) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : malformed(path, `a whole number from ${min} to ${max}`);
};

/** The JSON schema of the method: no item twice. */
function distinct<T>(items: Check<readonly T[]>): Check<readonly T[]> {
  return (value, path) =>
    items(value, path) ??
    (new Set(value as string[]).size === (value as string[]).length
      ? null
      : malformed(path, 'a list that has nothing twice'));
}

const policy = record<WitnessPolicy>(
  {
    threshold: integer(1, MAX_LIST),
    witnesses: list(
      record<{ id: string }>({
        id: string((id) => keyOfWitness(id) !== null, 'an Ed25519 did:key'),
      }),
      MAX_LIST,
    ),
  },
  ({ threshold, witnesses }): Contradiction | undefined => {
    // § The witness Parameter: one witness listed twice would approve twice.
    const ids = new Set(witnesses.map(({ id }) => id)).size;
    if (ids < witnesses.length) return ['witnesses', 'a list that has no witness twice'];
    return threshold > ids ? ['threshold', `at most ${ids}, the number of witnesses`] : undefined;
  },
);

export const parameters = record<DidLogParameters>({
  // § method: any other value ends the reading, it is never taken for one that is known.
  method: optional(literal('did:webvh:1.0')),
  scid: optional(string(isMultihash, 'a multihash by SHA-256')),
  updateKeys: optional(
    distinct(
      list(
        string((key) => ed25519FromMultibase(key) !== null, 'an Ed25519 Multikey'),
        MAX_LIST,
      ),
    ),
  ),
  // § Pre-Rotation Key Hash Generation: hashes that belong to no key, even random strings, may stand among them.
  nextKeyHashes: optional(
    distinct(
      list(
        string((hash) => hash.length <= 200, 'at most 200 characters'),
        MAX_LIST,
      ),
    ),
  ),
  witness: optional((value, path) =>
    isObject(value) && Object.keys(value).length === 0 ? null : policy(value, path),
  ),
  watchers: optional(
    distinct(
      list(
        string(
          (url) => url.length <= 2000 && URL.canParse(url) && !/\s/.test(url),
          'an absolute URL',
        ),
        MAX_LIST,
      ),
    ),
  ),
  portable: optional(flag),
  deactivated: optional(flag),
  ttl: optional(integer(0, 2 ** 31)),
});

/** The 32 bytes of a witness's key, from the body of its DID and from nowhere else; null for what is no Ed25519 did:key. */
export function keyOfWitness(id: string): Uint8Array | null {
  const did = parseDid(id);
  return did === null ? null : publicKeyOfDidKey(did);
}
