// Holds a signed head of one of this node's own logs against what is stored: entries may be lost, or two histories signed.
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { treeRoot } from '../log/subtree.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { findLog, proofReader } from '../store/queries/logs.ts';
import type { CommandContext } from './context.ts';

export type OwnHead =
  /** Not of a log of this node, or not signed by its key. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'known' }
  /** This node has signed more than it has. */
  | { readonly kind: 'behind'; readonly checkpoint: Checkpoint; readonly size: number }
  /** This node has signed another history than the one it has. */
  | { readonly kind: 'forked'; readonly checkpoint: Checkpoint };

type Context = Pick<CommandContext, 'db' | 'crypto' | 'node'>;

export async function judgeOwnHead({ crypto, db, node }: Context, note: string): Promise<OwnHead> {
  const origin = note.slice(0, Math.max(0, note.indexOf('\n')));
  if (!isOwnOrigin(origin, node)) return { kind: 'foreign' };
  const logKey = crypto.publicKeyOf(node.logSeed);
  const verifier = noteVerifier(origin, NOTE_ED25519, logKey, crypto);
  const opened = await openCheckpoint(note, [verifier], crypto, origin);
  if (!opened.ok) return { kind: 'foreign' };
  const { checkpoint } = opened;
  const log = await findLog(db, origin);
  const size = log?.size ?? 0;
  if (checkpoint.size > size) return { kind: 'behind', checkpoint, size };
  if (log === null || checkpoint.size === 0) return { kind: 'known' };
  const root =
    checkpoint.size === size
      ? log.root
      : await treeRoot(checkpoint.size, proofReader(db, log, size, crypto), crypto);
  return equalBytes(root, checkpoint.root) ? { kind: 'known' } : { kind: 'forked', checkpoint };
}

export function isOwnOrigin(origin: string, { authority }: Pick<Context['node'], 'authority'>) {
  const prefix = `${authority}/log/`;
  return origin.startsWith(prefix) && /^(?:system|[\w-]{43})$/.test(origin.slice(prefix.length));
}
