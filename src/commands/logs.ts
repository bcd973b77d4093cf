// The logs one group appends to: found by what they are of, opened once, grown and signed together.
import { signCheckpoint } from '../log/checkpoint.ts';
import { emptyRoot, Frontier } from '../log/merkle.ts';
import { equalBytes, toBase64 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { nameFromId, type ObjectName } from '../protocol/object-name.ts';
import type { LogHead } from '../store/logs.ts';
import type { GroupWrite } from '../store/write-group.ts';
import type { CommandContext, NodeIdentity } from './context.ts';
import { CommandError } from './error.ts';
import type { LoadedGroup } from './load-group.ts';
import { LogTail } from './log-tail.ts';
import { type CheckpointSigners, submoltOrigin, systemOrigin } from './origin.ts';

/** What the appended entries add to a write batch. */
export type Growth = Pick<GroupWrite, 'newLogs' | 'grownLogs' | 'entries' | 'tiles' | 'tileHashes'>;

export class Logs {
  readonly #context: CommandContext;
  readonly #signers: CheckpointSigners;
  readonly #loaded: LoadedGroup;
  readonly #tails = new Map<'system' | ObjectName, LogTail>();
  readonly #new = new Set<LogTail>();
  readonly #checkpoints = new Map<LogTail, string>();

  constructor(context: CommandContext, signers: CheckpointSigners, loaded: LoadedGroup) {
    this.#context = context;
    this.#signers = signers;
    this.#loaded = loaded;
  }

  /** The log, if this node has it. */
  find(log: 'system' | ObjectName): LogTail | undefined {
    const open = this.#tails.get(log);
    if (open !== undefined) return open;
    const { crypto, node } = this.#context;
    const head = this.#loaded.heads.find((candidate) =>
      log === 'system' ? candidate.origin === systemOrigin(node) : candidate.submolt === log,
    );
    if (head === undefined) return undefined;
    checkHead(head, crypto);
    checkSigned(head);
    const tail = new LogTail(head, crypto);
    this.#tails.set(log, tail);
    return tail;
  }

  /** The log an act was let into; the act that founds a submolt, or the node's first, begins a new one. */
  open(log: 'system' | ObjectName, act: ObjectName): LogTail {
    const found = this.find(log);
    if (found !== undefined) return found;
    if (log !== act && log !== 'system') {
      throw new CommandError('log_mismatch', `the submolt ${log} has no log`);
    }
    const tail = new LogTail(this.#newHead(log), this.#context.crypto);
    this.#tails.set(log, tail);
    this.#new.add(tail);
    return tail;
  }

  #newHead(log: 'system' | ObjectName): LogHead {
    const { crypto, node } = this.#context;
    const origin = log === 'system' ? systemOrigin(node) : submoltOrigin(node, log);
    const id = this.#loaded.rows.numbering.newLog();
    return { ...newOwnHead(node, origin, crypto), id };
  }

  /** Signs a checkpoint of each log that has grown, over the root of what is about to be stored. */
  async grow(): Promise<Growth> {
    const { crypto, db } = this.#context;
    const grown = [...this.#tails.values()].filter((tail) => tail.size > tail.head.size);
    const heads = grown.map((tail) => {
      const { origin } = tail.head;
      const root = tail.root();
      const note = signCheckpoint(
        { origin, size: tail.size, root },
        this.#signers.for(origin),
        crypto,
      );
      this.#checkpoints.set(tail, note);
      return { tail, head: tail.grown(root, tail.size, note) };
    });
    const tiles = await Promise.all(grown.map((tail) => tail.fullTiles(db)));
    return {
      newLogs: heads.filter(({ tail }) => this.#new.has(tail)).map(({ head }) => head),
      grownLogs: heads.filter(({ tail }) => !this.#new.has(tail)).map(({ head }) => head),
      entries: grown.flatMap((tail) => tail.entries),
      tiles: tiles.flat(),
      tileHashes: grown.flatMap((tail) => tail.tileHashes),
    };
  }

  /** The note that covers all entries of the log: the one just signed, or the stored one. */
  checkpointOf(tail: LogTail): string | null {
    return this.#checkpoints.get(tail) ?? tail.head.checkpoint;
  }
}

/** Of a log that is not stored; real numbers begin at 1. */
export const NO_LOG = 0;

/** An empty log of this node, by its origin. */
export function newOwnHead(node: NodeIdentity, origin: string, crypto: Crypto): LogHead {
  return {
    id: NO_LOG,
    origin,
    home: node.did,
    submolt: nameFromId(origin.slice(origin.indexOf('/log/') + '/log/'.length)),
    isHome: true,
    logKey: crypto.publicKeyOf(node.logSeed),
    size: 0,
    root: emptyRoot(crypto),
    frontier: new Uint8Array(0),
    lastT: 0,
    signedSize: 0,
    checkpoint: null,
  };
}

/**
 * Refuses to go on under another name or from another root than the newest note has: a bit that flips in the row of a log must not have
 * a head of another log signed. A log that is being recovered has entries without a note, and is held.
 */
function checkSigned(head: LogHead): void {
  const { checkpoint, origin, root, signedSize, size } = head;
  if (checkpoint === null || signedSize !== size) return;
  if (checkpoint.startsWith(`${origin}\n${size}\n${toBase64(root)}\n`)) return;
  const detail = `${origin}: the newest checkpoint is not of the stored name, size and root`;
  throw new CommandError('log_mismatch', detail);
}

/** Refuses to build on a head whose frontier does not have its root: the next checkpoint would be a fork. */
export function checkHead(head: LogHead, crypto: Crypto): void {
  if (equalBytes(Frontier.from(head.frontier, head.size, crypto).root(), head.root)) return;
  throw new CommandError(
    'log_mismatch',
    `${head.origin}: the stored frontier of size ${head.size} does not have the stored root`,
  );
}
