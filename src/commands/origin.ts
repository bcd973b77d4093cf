// Origins of this node's logs, the signer of their checkpoints, and the one that cosigns those of others.
import { COSIGNATURE_V1, NOTE_ED25519, type NoteSigner, noteSigner } from '../log/note-key.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import type { NodeIdentity } from './context.ts';

type Authority = Pick<NodeIdentity, 'authority'>;

/** `<authority>/log/system`. */
export function systemOrigin({ authority }: Authority): string {
  return `${authority}/log/system`;
}

/** `<authority>/log/<id of the founding object>`. */
export function submoltOrigin({ authority }: Authority, submolt: ObjectName): string {
  return `${authority}/log/${idOf(submolt)}`;
}

/** `<authority>/witness`: the name of a node's witness key, and behind its scheme the prefix of its witness. */
export function witnessName({ authority }: Authority): string {
  return `${authority}/witness`;
}

export function witnessSigner(
  node: Pick<NodeIdentity, 'authority' | 'witnessSeed'>,
  crypto: Crypto,
): NoteSigner {
  return noteSigner(witnessName(node), COSIGNATURE_V1, node.witnessSeed, crypto);
}

/** Makes signers and keeps them: each holds the public key of a log seed, which costs as much as a signature. */
export class CheckpointSigners {
  readonly #seeds: readonly Uint8Array[];
  readonly #crypto: Crypto;
  readonly #byOrigin = new Map<string, readonly NoteSigner[]>();

  /** `before`: seed of the key that is being replaced, which signs along. */
  constructor({ logSeed }: Pick<NodeIdentity, 'logSeed'>, crypto: Crypto, before?: Uint8Array) {
    this.#seeds = before === undefined ? [logSeed] : [before, logSeed];
    this.#crypto = crypto;
  }

  /** Those who sign, the one that goes on last. The key's name is the log's origin (c2sp.org/tlog-checkpoint). */
  for(origin: string): readonly NoteSigner[] {
    const known = this.#byOrigin.get(origin);
    if (known !== undefined) return known;
    const signers = this.#seeds.map((seed) => noteSigner(origin, NOTE_ED25519, seed, this.#crypto));
    this.#byOrigin.set(origin, signers);
    return signers;
  }
}
