// Recomputes every log from its stored entries, so that a node never signs on top of something else.
import { openCheckpoint } from '../log/checkpoint.ts';
import { Frontier, leafHash } from '../log/merkle.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { lineOf, readEntry, selectEntries } from '../store/entries.ts';
import { type LogHead, readLog, selectAllLogs } from '../store/logs.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';

/** Entries read at a time. */
const STEP = 4096;

type Context = Pick<CommandContext, 'db' | 'crypto'>;

/**
 * Throws CommandError `log_mismatch`, naming log and row, unless each log's entries are complete and in order,
 * and have the stored frontier, root and signed checkpoint.
 */
export async function checkLogs(context: Context): Promise<void> {
  const [rows = []] = await context.db.batch('read', [selectAllLogs()]);
  for (const row of rows) await checkLog(context, readLog(row));
}

async function checkLog({ db, crypto }: Context, head: LogHead): Promise<void> {
  const frontier = new Frontier(crypto);
  let signedRoot = frontier.root();
  let lastT = 0;
  while (frontier.size < head.size) {
    const start = frontier.size;
    const [rows = []] = await db.batch('read', [selectEntries(head.id, start, start + STEP)]);
    if (rows.length === 0) throw mismatch(head, `entry ${start} of ${head.size} is missing`);
    for (const entry of rows.map(readEntry)) {
      if (entry.index !== frontier.size) {
        throw mismatch(head, `entry ${frontier.size} of ${head.size} is missing`);
      }
      if (entry.t < lastT) throw mismatch(head, `the time of entry ${entry.index} runs backwards`);
      lastT = entry.t;
      frontier.append(leafHash(lineOf(entry), crypto));
      if (frontier.size === head.signedSize) signedRoot = frontier.root();
    }
  }
  const beyond = selectEntries(head.id, head.size, head.size + 1);
  const [surplus = []] = await db.batch('read', [beyond]);
  if (surplus.length > 0) throw mismatch(head, `entry ${head.size} is beyond the stored size`);
  if (!equalBytes(frontier.root(), head.root)) {
    throw mismatch(head, 'the entries do not have the stored root');
  }
  if (!equalBytes(frontier.bytes(), head.frontier)) {
    throw mismatch(head, 'the entries do not have the stored frontier');
  }
  await checkSignature(crypto, head, signedRoot);
}

async function checkSignature(
  crypto: CommandContext['crypto'],
  head: LogHead,
  root: Uint8Array,
): Promise<void> {
  if (head.checkpoint === null) {
    if (head.signedSize > 0) throw mismatch(head, 'the checkpoint is missing');
    return;
  }
  const verifier = noteVerifier(head.origin, NOTE_ED25519, head.logKey, crypto);
  const opened = await openCheckpoint(head.checkpoint, [verifier], crypto, head.origin);
  if (!opened.ok) throw mismatch(head, `the checkpoint does not verify: ${opened.detail}`);
  const { size, root: signed } = opened.checkpoint;
  if (size !== head.signedSize || !equalBytes(signed, root)) {
    throw mismatch(head, `the entries do not have the root of the signed checkpoint over ${size}`);
  }
  if (head.isHome && size !== head.size) {
    throw mismatch(head, `the checkpoint covers ${size} entries of ${head.size}`);
  }
}

function mismatch(head: LogHead, problem: string): CommandError {
  return new CommandError(
    'log_mismatch',
    `log ${head.origin} (row ${head.id} of logs): ${problem}. Restore the database from a backup; this node signs nothing on it.`,
  );
}
