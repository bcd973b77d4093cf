// A log of another node with its key, and a node that may cosign it.
import { addPeer } from '../src/commands/add-peer.ts';
import { Witness } from '../src/commands/witness.ts';
import { formatAddCheckpoint } from '../src/log/add-checkpoint.ts';
import { signCheckpoint } from '../src/log/checkpoint.ts';
import { consistencyProof } from '../src/log/consistency.ts';
import { emptyRoot, Frontier, leafHash } from '../src/log/merkle.ts';
import { signNote } from '../src/log/note.ts';
import { NOTE_ED25519, noteSigner } from '../src/log/note-key.ts';
import { utf8 } from '../src/protocol/bytes.ts';
import type { CanonicalBytes } from '../src/protocol/jcs.ts';
import { crypto, identityOf, type Sandbox } from './sandbox.ts';

/** A log whose leaves are `<word> <i>`: two words make two histories of one log. `past` has the words of the first leaves. */
export class PlainLog {
  readonly origin: string;
  readonly #seed: Uint8Array;
  readonly #word: string;
  readonly #past: readonly string[];

  constructor(origin: string, seed: Uint8Array, word = 'leaf', past: readonly string[] = []) {
    this.origin = origin;
    this.#seed = seed;
    this.#word = word;
    this.#past = past;
  }

  /** The word of each leaf up to this size. */
  words(size: number): string[] {
    return Array.from({ length: size }, (_, i) => this.#past[i] ?? this.#word);
  }

  root(size: number): Uint8Array {
    if (size === 0) return emptyRoot(crypto);
    const frontier = new Frontier(crypto);
    for (let i = 0; i < size; i++) frontier.append(this.#leaf(i));
    return frontier.root();
  }

  note(size: number, root = this.root(size)): string {
    const signer = noteSigner(this.origin, NOTE_ED25519, this.#seed, crypto);
    return signCheckpoint({ origin: this.origin, size, root }, signer, crypto);
  }

  /** The same checkpoint with a line more. */
  extended(size: number, line: string): string {
    const signer = noteSigner(this.origin, NOTE_ED25519, this.#seed, crypto);
    const text = this.note(size).split('\n\n')[0];
    return signNote(`${text}\n${line}\n`, [signer], crypto);
  }

  proof(oldSize: number, size: number): Promise<Uint8Array[]> {
    return consistencyProof(oldSize, size, (level, index) => this.#subtree(level, index), crypto);
  }

  /** The body of a request. */
  async ask(oldSize: number, size: number): Promise<string> {
    const proof = oldSize === 0 ? [] : await this.proof(oldSize, size);
    return formatAddCheckpoint({ oldSize, proof, note: this.note(size) });
  }

  #leaf(index: number): Uint8Array {
    return leafHash(utf8(`${this.#past[index] ?? this.#word} ${index}`), crypto);
  }

  #subtree(level: number, index: number): Uint8Array {
    const frontier = new Frontier(crypto);
    const width = 2 ** level;
    for (let i = index * width; i < (index + 1) * width; i++) frontier.append(this.#leaf(i));
    return frontier.root();
  }
}

/** Makes `name` a peer of the node; gives the log key that the peer has stated. */
export async function befriend(
  { context, sequencer }: Pick<Sandbox, 'context' | 'sequencer'>,
  name: string,
): Promise<Uint8Array> {
  const { authority, did, logSeed } = identityOf(name);
  await addPeer(
    context,
    sequencer,
    {
      did,
      url: `https://${authority}`,
      name,
      logKey: crypto.publicKeyOf(logSeed),
      keyStatement: utf8('{}') as CanonicalBytes,
    },
    null,
  );
  return logSeed;
}

export function witnessOf({ context, sequencer }: Sandbox): Witness {
  return new Witness(context, sequencer);
}
