// Holds a signed head of one of this node's own logs against what is stored: entries may be lost, or two histories signed.
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { treeRoot } from '../log/subtree.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { findLog, proofReader } from '../store/queries/logs.ts';
import type { CommandContext } from './context.ts';
import { logVerifiers } from './log-keys.ts';

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
  // What was signed with a key that was replaced since was signed all the same.
  const logKey = crypto.publicKeyOf(node.logSeed);
  const verifiers = await logVerifiers({ crypto, db }, { home: node.did, logKey, origin });
  const opened = await openCheckpoint(note, verifiers, crypto, origin);
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
