// A log that a dishonest home might show: any lines and bodies, properly committed to, hashed and signed, or not.
import type { NodeIdentity } from '../src/commands/context.ts';
import { signCheckpoint } from '../src/log/checkpoint.ts';
import { commitment, type EntryKind, encodeEntry, makeEntry } from '../src/log/entry.ts';
import { Frontier, leafHash } from '../src/log/merkle.ts';
import { NOTE_ED25519, noteSigner } from '../src/log/note-key.ts';
import { parseTilePath, TILE_WIDTH, type TileAddress } from '../src/log/tile.ts';
import { concatBytes, decodeUtf8, toBase64url, utf8 } from '../src/protocol/bytes.ts';
import { canonicalize } from '../src/protocol/jcs.ts';
import type { JsonObject } from '../src/protocol/json.ts';
import type { Fault } from './network.ts';
import type { Answer } from './peer-answer.ts';
import { crypto } from './sandbox.ts';

export interface ForgedEntry {
  readonly line: string;
  /** Members of the body's record beside `i`. */
  readonly body: JsonObject;
}

/** An entry that commits to `object`, whatever that is. */
export function forgeEntry(object: JsonObject, t: number, kind?: EntryKind): ForgedEntry {
  const bytes = canonicalize(object);
  const salt = crypto.sha256(utf8(`salt ${t}`)).subarray(0, 16);
  const entry = makeEntry(commitment(salt, bytes, crypto), kind ?? (object.type as EntryKind), t);
  return { line: decodeUtf8(encodeEntry(entry)), body: { o: object, s: toBase64url(salt) } };
}

export class ForgedLog {
  readonly origin: string;
  readonly entries: ForgedEntry[];
  /** Whether it shows its tree to those who compare heads. */
  hasTree = false;
  readonly #home: NodeIdentity;

  constructor(home: NodeIdentity, origin: string, entries: readonly ForgedEntry[]) {
    this.#home = home;
    this.origin = origin;
    this.entries = [...entries];
  }

  /** Signed by the home's log key, over the first `size` entries or over another root. */
  checkpoint(size = this.entries.length, root = this.root(size)): string {
    const signer = noteSigner(this.origin, NOTE_ED25519, this.#home.logSeed, crypto);
    return signCheckpoint({ origin: this.origin, size, root }, signer, crypto);
  }

  root(size = this.entries.length): Uint8Array {
    const frontier = new Frontier(crypto);
    for (const { line } of this.entries.slice(0, size)) {
      frontier.append(leafHash(utf8(line), crypto));
    }
    return frontier.root();
  }

  /** Of the lowest level: a log of more than 256 entries has others too. */
  #leaves({ index, width }: TileAddress): Uint8Array {
    const lines = this.entries.slice(index * TILE_WIDTH, index * TILE_WIDTH + width);
    return concatBytes(...lines.map(({ line }) => leafHash(utf8(line), crypto)));
  }

  /** The body of `POST /federation/entries` for the entries from `start`. */
  push(start: number): JsonObject {
    const entries = this.entries.slice(start).map(({ body, line }) => ({ line, ...body }));
    return { log: this.origin, start, checkpoint: this.checkpoint(), entries };
  }

  /** Answers for the log in place of its home. */
  readonly fault: Fault = async ({ request, url }, next): Promise<Answer> => {
    const path = this.origin.slice(this.origin.indexOf('/log/'));
    // A home gives its logs by the name that any other node gives them by as well.
    const asked = this.hasTree ? url.pathname.replace(`@${url.host}/`, '/') : url.pathname;
    if (url.host + path !== this.origin || !asked.startsWith(`${path}/`)) return next();
    const part = asked.slice(path.length + 1);
    if (part === 'checkpoint') return { status: 200, body: this.checkpoint() };
    const tile = parseTilePath(part);
    if (tile !== null) return { status: 200, body: this.#leaves(tile) };
    const span =
      part === 'bodies'
        ? (JSON.parse(decodeUtf8(request.body ?? new Uint8Array())) as {
            start: number;
            end: number;
          })
        : null;
    const start = span?.start ?? Number(url.searchParams.get('start'));
    const end = span?.end ?? start + Number(url.searchParams.get('limit'));
    const lines = this.entries
      .slice(start, end)
      .map(({ body, line }, i) =>
        part === 'bodies' ? JSON.stringify({ i: start + i, ...body }) : line,
      );
    return { status: 200, body: lines.map((line) => `${line}\n`).join('') };
  };

  /** The true log of a home, to be changed afterwards. */
  static async of(
    home: NodeIdentity,
    origin: string,
    fetch: (part: string, body?: object) => Promise<string>,
  ) {
    const size = Number((await fetch('checkpoint')).split('\n')[1]);
    const lines = (await fetch(`entries?start=0&limit=${size}`)).trimEnd().split('\n');
    const bodies = (await fetch('bodies', { start: 0, end: size })).trimEnd().split('\n');
    const entries = lines.map((line, i) => {
      const { i: _, ...body } = JSON.parse(bodies[i] as string) as JsonObject;
      return { line, body };
    });
    return new ForgedLog(home, origin, entries);
  }
}
