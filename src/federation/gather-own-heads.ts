// Collects all that is known of what this node has signed: from other nodes, from the file beside the database, from its holds.
import type { CommandContext } from '../commands/context.ts';
import { logVerifiers } from '../commands/log-keys.ts';
import { isOwnOrigin } from '../commands/own-heads.ts';
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { formatNote, parseNote } from '../log/note.ts';
import type { NoteVerifier } from '../log/note-key.ts';
import { toBase64 } from '../protocol/bytes.ts';
import { listHolds } from '../store/holds.ts';
import { askOwnHeads } from './ask-own-heads.ts';
import type { PeerClient } from './peer-client.ts';
import { logPath, openRemoteLog } from './remote-log.ts';

/** A head that this node has signed. */
export interface OwnHead {
  readonly checkpoint: Checkpoint;
  /** With the node's own signatures alone: two where its key was replaced at this size. */
  readonly note: string;
  /** Who has shown it: URLs of nodes, or names of files. */
  readonly sources: readonly string[];
}

export interface OwnLog {
  readonly origin: string;
  /** The smallest first; two of one size have different roots. */
  readonly heads: readonly OwnHead[];
  /** URLs of nodes that serve a replica of the log, those that serve most of it first. */
  readonly replicas: readonly string[];
}

export interface Gathered {
  /** By origin. */
  readonly logs: ReadonlyMap<string, OwnLog>;
  /** URLs of the nodes that have answered. */
  readonly answered: ReadonlySet<string>;
}

export interface Kept {
  readonly notes: readonly string[];
  readonly source: string;
}

/** Asks the nodes at `urls` (URL origins). Notes that this node has not signed are passed over. */
export async function gatherOwnHeads(
  context: CommandContext,
  client: PeerClient,
  urls: readonly string[],
  kept: Kept,
): Promise<Gathered> {
  const found = new Collection(context);
  for (const { note, source } of await listHolds(context.db)) {
    if (note !== null) await found.add(note, source);
  }
  for (const note of kept.notes) await found.add(note, kept.source);
  const answered = new Set<string>();
  await Promise.all(
    urls.map(async (url) => {
      const heads = await askOwnHeads(client, context.node, url);
      if (!heads.ok) return;
      answered.add(url);
      for (const note of heads.value) {
        const head = await found.add(note, url);
        if (head === null) continue;
        // What it shows may be larger than what it has of the log, and then the entries end before.
        const replica = await openRemoteLog(
          client,
          url + logPath(head.origin),
          context.crypto,
        ).checkpoint();
        const served = replica.ok ? await found.add(replica.value, url) : null;
        if (served?.origin === head.origin) found.serves(url, served);
      }
    }),
  );
  return { logs: found.logs(), answered };
}

class Collection {
  readonly #context: CommandContext;
  readonly #heads = new Map<string, Map<string, OwnHead>>();
  readonly #replicas = new Map<string, { readonly url: string; readonly size: number }[]>();

  constructor(context: CommandContext) {
    this.#context = context;
  }

  /** Null for a note that this node has not signed, or of an empty log. */
  async add(note: string, source: string): Promise<Checkpoint | null> {
    const { crypto, db, node } = this.#context;
    const origin = note.slice(0, Math.max(0, note.indexOf('\n')));
    if (!isOwnOrigin(origin, node)) return null;
    const logKey = crypto.publicKeyOf(node.logSeed);
    const verifiers = await logVerifiers({ crypto, db }, { home: node.did, logKey, origin });
    const opened = await openCheckpoint(note, verifiers, crypto, origin);
    const own = ownLines(note, verifiers);
    if (!opened.ok || own === null || opened.checkpoint.size === 0) return null;
    const { checkpoint } = opened;
    const heads = this.#heads.get(origin) ?? new Map<string, OwnHead>();
    this.#heads.set(origin, heads);
    const key = `${checkpoint.size} ${toBase64(checkpoint.root)}`;
    const sources = new Set([...(heads.get(key)?.sources ?? []), source]);
    // Of two that show one head, the note that more of the node's keys have signed.
    const known = heads.get(key)?.note ?? '';
    const fuller = own.length > known.length ? own : known;
    heads.set(key, { checkpoint, note: fuller, sources: [...sources] });
    return checkpoint;
  }

  serves(url: string, { origin, size }: Checkpoint): void {
    this.#replicas.set(origin, [...(this.#replicas.get(origin) ?? []), { url, size }]);
  }

  logs(): Map<string, OwnLog> {
    const logs = [...this.#heads].map(([origin, heads]): [string, OwnLog] => {
      const bySize = [...heads.values()].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
      const replicas = (this.#replicas.get(origin) ?? []).sort((a, b) => b.size - a.size);
      return [origin, { origin, heads: bySize, replicas: replicas.map(({ url }) => url) }];
    });
    return new Map(logs);
  }
}

/** The note with what these keys have signed, once each; null if none has. */
function ownLines(note: string, verifiers: readonly NoteVerifier[]): string | null {
  const parsed = parseNote(note);
  if (!parsed.ok) return null;
  const { signatures, text } = parsed.note;
  const own = verifiers.flatMap(({ keyId, name }) => {
    const line = signatures.find((one) => one.name === name && one.keyId === keyId);
    return line === undefined ? [] : [line];
  });
  return own.length === 0 ? null : formatNote({ text, signatures: own });
}
