// Makes DID logs: a new portable did:webvh, and its next versions, signed by the promised key or the one for recovery.
import { decodeUtf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { formatDateTime } from './date-time.ts';
import type { Did } from './did.ts';
import { buildPlainDocument, type DidService } from './did-document.ts';
import { readHeads } from './did-log.ts';
import { SCID_PLACEHOLDER, scidOfDraft } from './did-log-hash.ts';
import type { WitnessPolicy } from './did-log-parameters.ts';
import { type DidLogCrypto, type MadeDidLog, publishEntry } from './did-log-publish.ts';
import type { DidLogHead } from './did-log-step.ts';
import { parseVersionTime } from './did-log-time.ts';
import { ProtocolError } from './error.ts';
import { canonicalize } from './jcs.ts';
import { isObject, type JsonObject, type JsonValue } from './json.ts';
import { ed25519ToMultibase } from './multikey.ts';

/** Where a node hosts DIDs: `https://<host>/dids/<scid>/did.jsonl`. */
export const HOSTED_PATH: readonly string[] = ['dids', SCID_PLACEHOLDER];

export interface NewDidLog {
  /** DNS name, with `%3A` and a port unless it is the default. */
  readonly host: string;
  /** Segments of the path; `{SCID}` in one stands for the SCID. None unless told. */
  readonly path?: readonly string[];
  /** 32-byte seed of the key that signs this entry. It is spent: the next entry is signed by a promised key. */
  readonly updateSeed: Uint8Array;
  /** Public keys that sign objects and requests. */
  readonly signingKeys: readonly Uint8Array[];
  /** By `promiseOf`: of the key for the next entry, and of one that is kept elsewhere for recovery. */
  readonly nextKeyHashes: readonly string[];
  /** Milliseconds. */
  readonly now: number;
  /** True unless told; a DID that is not portable can never leave its host. */
  readonly portable?: boolean;
  readonly witness?: WitnessPolicy;
  readonly services?: readonly DidService[];
}

/** What changes with the next version; what is left out stays. */
export interface DidLogChange {
  /** Seed of a promised key: of the next one, or of the one for recovery. */
  readonly updateSeed: Uint8Array;
  /** Needed while keys are pre-rotated, but for the last version. The promise of the recovery key stays only if it is repeated. */
  readonly nextKeyHashes?: readonly string[];
  readonly signingKeys?: readonly Uint8Array[];
  /** Moves the DID. */
  readonly host?: string;
  /** With `host` only; none unless told. */
  readonly path?: readonly string[];
  readonly witness?: WitnessPolicy | null;
  /** Ends the log: no key counts any more, and no version can follow. */
  readonly deactivate?: true;
  /** Milliseconds. */
  readonly now: number;
}

/** A new DID and its log. Throws ProtocolError `invalid_argument` if no verifier would accept it. */
export function createDidLog(identity: NewDidLog, crypto: DidLogCrypto): MadeDidLog {
  const { host, path = [], now, portable = true, services, signingKeys, witness } = identity;
  const draft: JsonObject = {
    versionId: SCID_PLACEHOLDER,
    versionTime: formatDateTime(Math.floor(now / 1000)),
    parameters: {
      method: 'did:webvh:1.0',
      scid: SCID_PLACEHOLDER,
      portable,
      updateKeys: [multikeyOfSeed(identity.updateSeed, crypto)],
      nextKeyHashes: [...identity.nextKeyHashes],
      ...(witness === undefined ? {} : { witness: json(witness) }),
    },
    state: documentOf(didAt(SCID_PLACEHOLDER, host, path), signingKeys, services ?? [], crypto),
  };
  const scid = scidOfDraft(draft, crypto);
  const filled = decodeUtf8(canonicalize(draft)).replaceAll(SCID_PLACEHOLDER, scid);
  const empty = { text: '', heads: [] };
  return publishEntry(empty, JSON.parse(filled), identity.updateSeed, crypto);
}

/**
 * The next version of the log `text`, which was verified before: rotates, recovers, moves or ends, by what `change` says.
 * Throws ProtocolError `invalid_argument` if no verifier would accept it.
 */
export function appendToDidLog(
  text: string,
  change: DidLogChange,
  crypto: DidLogCrypto,
): MadeDidLog {
  const heads = readHeads(text);
  const { version, standing } = heads.at(-1) as DidLogHead;
  const { host, path = [], signingKeys, witness } = change;
  const nextKeyHashes = change.deactivate ? [] : change.nextKeyHashes;
  const preRotated = standing.nextKeyHashes.length > 0;
  const did = host === undefined ? version.did : didAt(standing.scid, host, path);
  const draft: JsonObject = {
    versionId: version.versionId,
    versionTime: timeAfter(version.versionTime, change.now),
    parameters: {
      ...(preRotated ? { updateKeys: [multikeyOfSeed(change.updateSeed, crypto)] } : {}),
      ...(nextKeyHashes === undefined ? {} : { nextKeyHashes: [...nextKeyHashes] }),
      ...(witness === undefined ? {} : { witness: witness === null ? {} : json(witness) }),
      ...(change.deactivate ? { deactivated: true } : {}),
    },
    state: nextDocument(version.document, version.did, did, signingKeys, crypto),
  };
  return publishEntry({ text, heads }, draft, change.updateSeed, crypto);
}

/** Whether it is a DID shows when the entry is checked: before the first is hashed there is no SCID. */
function didAt(scid: string, host: string, path: readonly string[]): Did {
  const parts = [host, ...path.map((part) => part.replace(SCID_PLACEHOLDER, scid))];
  // `localhost:8080` would be taken for a host with a path.
  const split = parts.find((part) => part.includes(':'));
  if (split !== undefined) {
    throw new ProtocolError('invalid_argument', `${split} is not escaped: a port follows %3A`);
  }
  return ['did:webvh', scid, ...parts].join(':') as Did;
}

function documentOf(
  did: Did,
  signingKeys: readonly Uint8Array[],
  services: readonly DidService[],
  crypto: Pick<Crypto, 'sha256'>,
): JsonObject {
  const purposes = ['authentication', 'assertionMethod'] as const;
  const keys = signingKeys.map((publicKey) => ({ publicKey, purposes }));
  return buildPlainDocument({ did, keys, services }, crypto);
}

/** The document under its new name and with its new keys; a DID that moves is also known by its old name. */
function nextDocument(
  document: JsonObject,
  from: Did,
  to: Did,
  signingKeys: readonly Uint8Array[] | undefined,
  crypto: Pick<Crypto, 'sha256'>,
): JsonObject {
  const { alsoKnownAs = [], ...named } = document;
  const aliases = new Set(Array.isArray(alsoKnownAs) ? alsoKnownAs : [alsoKnownAs]);
  if (from !== to) aliases.add(from);
  aliases.delete(to);
  const kept = renamed(named, from, to) as JsonObject;
  const keys = signingKeys && documentOf(to, signingKeys, [], crypto);
  return { ...kept, ...keys, ...(aliases.size > 0 ? { alsoKnownAs: [...aliases] } : {}) };
}

/** Every mention of the DID, alone or with path, query or fragment, under its new name. */
function renamed(value: JsonValue, from: Did, to: Did): JsonValue {
  if (typeof value === 'string') {
    const rest = value.slice(from.length);
    return value.startsWith(from) && /^(?:$|[/?#])/.test(rest) ? to + rest : value;
  }
  if (Array.isArray(value)) return value.map((item) => renamed(item, from, to));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, renamed(item, from, to)]),
  );
}

/** Now, or a second after the version before if that is later: two versions have never the same time. */
function timeAfter(previous: string, now: number): string {
  const earliest = Number((parseVersionTime(previous) as bigint) / 1_000_000_000n) + 1;
  return formatDateTime(Math.max(Math.floor(now / 1000), earliest));
}

function multikeyOfSeed(seed: Uint8Array, crypto: Pick<Crypto, 'publicKeyOf'>): string {
  return ed25519ToMultibase(crypto.publicKeyOf(seed));
}

function json(witness: WitnessPolicy): JsonObject {
  return JSON.parse(JSON.stringify(witness));
}
