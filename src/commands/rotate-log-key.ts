// Replaces the key that signs this node's logs: states the new one, and signs what there is with both, in one write.
import { MAX_KEY_STATEMENTS, nameOfLast, peekKeys } from '../log/key-chain.ts';
import { formatNote, makeSignature, parseNote } from '../log/note.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import { replaceCosigned } from '../store/cosigned.ts';
import { isHeld, listHolds } from '../store/holds.ts';
import {
  type LogHead,
  readLog,
  replaceCheckpoints,
  replaceLogKey,
  selectAllLogs,
} from '../store/logs.ts';
import { readKeyStatement } from '../store/queries/archive.ts';
import type { CommandContext, NodeIdentity } from './context.ts';
import { CommandError } from './error.ts';
import { CheckpointSigners, systemOrigin } from './origin.ts';
import { signOwn } from './sign-own.ts';
import { submitGroup } from './submit-group.ts';

/**
 * The node as it goes on: with the key it is to have next where one was prepared, as it is otherwise. Cut off at any point it
 * has done nothing, or all of it, and what is done is not done twice. Throws CommandError `too_many_keys`.
 */
export async function rotateLogKey(context: CommandContext): Promise<NodeIdentity> {
  const { crypto, db, node } = context;
  const { nextLogSeed, ...rest } = node;
  if (nextLogSeed === undefined) return node;
  const next: NodeIdentity = { ...rest, logSeed: nextLogSeed };
  const [rows = []] = await db.batch('read', [selectAllLogs()]);
  const own = rows.map((row) => readLog(row)).filter(({ isHome }) => isHome);
  const system = own.find(({ origin }) => origin === systemOrigin(node));
  // Nothing is signed yet; or the change was made, and only the file is left to be put in its place.
  const key = crypto.publicKeyOf(nextLogSeed);
  if (system !== undefined && equalBytes(system.logKey, key)) return next;
  // While the node has to get back what it has signed it states nothing: the new key waits.
  if (isHeld(await listHolds(db), systemOrigin(node))) return node;
  if (system === undefined) return next;
  // The key in the folder is not the one that has signed: `foundNode` says so.
  if (!equalBytes(system.logKey, crypto.publicKeyOf(node.logSeed))) return node;
  await change({ ...context, node: next }, node.logSeed, own, system);
  return next;
}

async function change(
  context: CommandContext,
  before: Uint8Array,
  own: readonly LogHead[],
  system: LogHead,
): Promise<void> {
  const { crypto, db, node } = context;
  const key = crypto.publicKeyOf(node.logSeed);
  const statements = await readKeyStatement(db, node.did);
  const previous = statements && nameOfLast(statements, crypto);
  if (statements === null || previous === null) {
    throw new CommandError('log_mismatch', 'the system log does not state its key');
  }
  const seq = peekKeys(statements).length;
  if (seq >= MAX_KEY_STATEMENTS) {
    const detail = `a node has at most ${MAX_KEY_STATEMENTS} log keys, one after the other`;
    throw new CommandError('too_many_keys', detail);
  }
  const draft = { type: 'Add', object: didKeyOf(key), target: LOG_KEYS, seq, previous } as const;
  const object = await signOwn(context, draft);
  const signers = new CheckpointSigners(node, crypto, before);
  const again = own.flatMap((head) => (head === system ? [] : signAgain(head, signers, crypto)));
  const { outcomes } = await submitGroup(
    context,
    signers,
    [{ objects: [object], caller: null }],
    [
      ...replaceCheckpoints(again.map(({ log, plain }) => [log, plain])),
      ...replaceCosigned(again.map(({ log, size, whole }) => [log, size, whole])),
      replaceLogKey(key),
    ],
  );
  const outcome = outcomes[0]?.[0];
  if (outcome?.kind === 'accepted') return;
  const why = outcome?.kind === 'refused' ? outcome.detail : outcome?.kind;
  throw new CommandError('failed', `the new log key was not stated: ${why}`);
}

/** The head as it stands, under both keys: `plain` as the log signs it, `whole` with what witnesses have added. */
function signAgain(
  { checkpoint, id, origin, signedSize }: LogHead,
  signers: CheckpointSigners,
  crypto: CommandContext['crypto'],
): {
  readonly log: number;
  readonly size: number;
  readonly plain: string;
  readonly whole: string;
}[] {
  const parsed = checkpoint === null ? null : parseNote(checkpoint);
  if (parsed?.ok !== true) return [];
  const { signatures, text } = parsed.note;
  const own = signers.for(origin).map((signer) => makeSignature(text, signer, crypto));
  const others = signatures.filter(({ name }) => name !== origin);
  const plain = formatNote({ text, signatures: own });
  const whole = formatNote({ text, signatures: [...own, ...others] });
  return [{ log: id, size: signedSize, plain, whole }];
}
