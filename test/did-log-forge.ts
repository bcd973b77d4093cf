// DID logs with any fault, and otherwise right: hashed, linked and signed again, so that only the one check can refuse them.
import { createNodeCrypto } from '../src/crypto/node.ts';
import { toBase58btc } from '../src/protocol/base58.ts';
import { decodeUtf8 } from '../src/protocol/bytes.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { entryHashOf, SCID_PLACEHOLDER, scidOfDraft } from '../src/protocol/did-log-hash.ts';
import { promiseOf } from '../src/protocol/did-log-publish.ts';
import { createWitnessProof } from '../src/protocol/did-log-witness.ts';
import { canonicalize } from '../src/protocol/jcs.ts';
import type { JsonObject, JsonValue } from '../src/protocol/json.ts';
import { ed25519ToMultibase } from '../src/protocol/multikey.ts';
import { encodeProofValue, hashData } from '../src/protocol/proof.ts';

export const crypto = createNodeCrypto();

/** Keys are named by the byte their seed is made of. */
export const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
export const multikey = (n: number): string => ed25519ToMultibase(crypto.publicKeyOf(seed(n)));
export const promise = (n: number): string => promiseOf(seed(n), crypto);
export const START = Date.UTC(2025, 0, 1);

/** An order-8 point, as a Multikey: anybody can sign for it where a library does not look. */
export const SMALL_ORDER_MULTIKEY = `z${toBase58btc(
  Uint8Array.of(
    0xed,
    0x01,
    ...Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex'),
  ),
)}`;

interface Members {
  readonly [name: string]: JsonValue | undefined;
}

export interface Forged {
  /** Laid over the right parameters; `undefined` takes one out. */
  readonly parameters?: Members;
  /** Laid over the right document. */
  readonly state?: Members;
  /** Of the whole entry, before it is hashed. */
  readonly edit?: (entry: JsonObject) => JsonObject;
  readonly versionTime?: string;
  /** Who signs; the key that may unless told. */
  readonly by?: number;
  /** `versionId` of the version before, as the hash sees it. */
  readonly after?: string;
  /** Of the right `versionId`. */
  readonly versionId?: (right: string) => string;
  /** Members of the proof that are signed. */
  readonly config?: Members;
  /** Of the whole entry, when all is done: what a stranger on the way could do. */
  readonly finish?: ((entry: JsonObject) => JsonObject) | undefined;
}

/** A log whose first key is 1, and which promises 2 and, for recovery, 9. */
export class ForgedDidLog {
  readonly entries: JsonObject[] = [];
  scid = '';
  did = '';
  #signer = 1;

  constructor(forged: Forged = {}, host = 'agents.example:ada') {
    const did = `did:webvh:${SCID_PLACEHOLDER}:${host}`;
    const draft = drafted(
      {
        versionId: SCID_PLACEHOLDER,
        versionTime: formatDateTime(START / 1000),
        parameters: {
          method: 'did:webvh:1.0',
          scid: SCID_PLACEHOLDER,
          portable: true,
          updateKeys: [multikey(1)],
          nextKeyHashes: [promise(2), promise(9)],
        },
        state: document(did),
      },
      forged,
    );
    this.scid = scidOfDraft(draft, crypto);
    this.did = did.replaceAll(SCID_PLACEHOLDER, this.scid);
    const filled = JSON.parse(
      decodeUtf8(canonicalize(draft)).replaceAll(SCID_PLACEHOLDER, this.scid),
    );
    this.#publish(filled, this.scid, forged);
  }

  /** One more version, right but for what is told: signed by the next key, promising the one after. */
  next(forged: Forged = {}): this {
    const last = this.entries.at(-1) as JsonObject;
    const key = this.#signer + 1;
    const { parameters } = this.entries[0] as { parameters: { nextKeyHashes?: string[] } };
    const preRotated = (parameters.nextKeyHashes ?? []).length > 0;
    this.#signer = preRotated ? key : 1;
    const draft = drafted(
      {
        versionId: last.versionId as string,
        versionTime: formatDateTime(START / 1000 + 60 * this.entries.length),
        parameters: preRotated
          ? { updateKeys: [multikey(key)], nextKeyHashes: [promise(key + 1), promise(9)] }
          : {},
        state: last.state as JsonObject,
      },
      forged,
    );
    this.#publish(draft, last.versionId as string, forged);
    return this;
  }

  get text(): string {
    return this.entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  }

  versionId(number: number): string {
    return this.entries[number - 1]?.versionId as string;
  }

  /** did-witness.json: for each version its number and the keys that approve it. */
  approvals(...versions: readonly (readonly [version: number, ...keys: number[]])[]): JsonValue[] {
    return versions.map(([version, ...keys]) => ({
      versionId: this.versionId(version),
      proof: keys.map((key) => approval(this.versionId(version), key)),
    }));
  }

  #publish(draft: JsonObject, before: string, forged: Forged): void {
    const hash = entryHashOf(draft, forged.after ?? before, crypto);
    const right = `${this.entries.length + 1}-${hash}`;
    const entry = { ...draft, versionId: forged.versionId?.(right) ?? right };
    const signed = { ...entry, proof: [proofOf(entry, forged.by ?? this.#signer, forged.config)] };
    this.entries.push(forged.finish?.(signed) ?? signed);
  }
}

/** A proof over anything by a key, whose configuration may be any. */
export function proofOf(document: JsonObject, key: number, told: Members = {}): JsonObject {
  const config = without({
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    verificationMethod: `did:key:${multikey(key)}#${multikey(key)}`,
    created: '2025-01-01T00:00:00Z',
    proofPurpose: 'assertionMethod',
    ...told,
  });
  const signature = crypto.sign(seed(key), hashData(document, config, crypto));
  return { ...config, proofValue: encodeProofValue(signature) };
}

export function approval(versionId: string, key: number): JsonObject {
  return createWitnessProof(versionId, seed(key), START, crypto);
}

export const witnesses = (threshold: number, ...keys: number[]): JsonObject => ({
  threshold,
  witnesses: keys.map((key) => ({ id: `did:key:${multikey(key)}` })),
});

/** The shortest document: what a log says is of no interest here. */
export function document(did: string): JsonObject {
  return { '@context': ['https://www.w3.org/ns/did/v1'], id: did };
}

function drafted(right: JsonObject, { parameters, state, versionTime, edit }: Forged): JsonObject {
  const draft = {
    ...right,
    ...(versionTime === undefined ? {} : { versionTime }),
    parameters: without({ ...(right.parameters as JsonObject), ...parameters }),
    state: without({ ...(right.state as JsonObject), ...state }),
  };
  return edit?.(draft) ?? draft;
}

function without(members: Members): JsonObject {
  return JSON.parse(JSON.stringify(members));
}
