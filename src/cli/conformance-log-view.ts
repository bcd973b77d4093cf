// A log of the node under test as anybody can read it: checkpoints are believed under the log key alone.
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { NOTE_ED25519, type NoteVerifier, noteVerifier } from '../log/note-key.ts';
import type { HashReader } from '../log/subtree.ts';
import { tileHashReader, tilePath } from '../log/tile.ts';
import { decodeUtf8, utf8 } from '../protocol/bytes.ts';
import { describeAnswer } from './conformance-case.ts';
import type { Answer } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';
import { verifiedLogKey } from './conformance-log-key.ts';

/** Everything throws when the node does not answer, or not with what it should. */
export class LogView {
  readonly #live: Live;
  readonly path: string;
  readonly origin: string;

  constructor(live: Live, id: string) {
    this.#live = live;
    this.path = `/log/${id}`;
    this.origin = `${live.authority}${this.path}`;
  }

  async get(path: string): Promise<Answer> {
    const answer = await this.#live.open(`${this.path}/${path}`);
    if (answer.status !== 200) throw new Error(`${this.path}/${path}: ${describeAnswer(answer)}`);
    return answer;
  }

  /** The key that signs this log, by the node's verified statement. */
  async verifier(): Promise<NoteVerifier> {
    const verdict = await verifiedLogKey(this.#live);
    if (!verdict.ok) throw new Error(`the log key statement: ${verdict.detail}`);
    return noteVerifier(this.origin, NOTE_ED25519, verdict.publicKey, this.#live.crypto);
  }

  /** The checkpoint in a note that the log's key has signed. */
  async open(note: string): Promise<Checkpoint> {
    const opened = await openCheckpoint(
      note,
      [await this.verifier()],
      this.#live.crypto,
      this.origin,
    );
    if (!opened.ok) throw new Error(`the checkpoint: ${opened.reason}: ${opened.detail}`);
    return opened.checkpoint;
  }

  async checkpoint(): Promise<Checkpoint> {
    return this.open(decodeUtf8((await this.get('checkpoint')).bytes));
  }

  /** The first `size` entries, without their newlines. */
  async lines(size: number): Promise<Uint8Array[]> {
    const lines: Uint8Array[] = [];
    while (lines.length < size) {
      const { bytes } = await this.get(`entries?start=${lines.length}&limit=1024`);
      const some = decodeUtf8(bytes).split('\n').slice(0, -1);
      if (some.length === 0) throw new Error(`the log ends at ${lines.length} of ${size} entries`);
      lines.push(...some.map(utf8));
    }
    return lines.slice(0, size);
  }

  tiles(size: number): HashReader {
    const read = async (level: number, index: number, width: number) =>
      (await this.get(tilePath(level, index, width))).bytes;
    return tileHashReader(read, size, this.#live.crypto);
  }
}
