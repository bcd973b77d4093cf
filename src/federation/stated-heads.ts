// Whether the submolt logs of this node are what its system log has stated of them last.
import type { CommandContext } from '../commands/context.ts';
import { listOwnLogs } from '../commands/found-node.ts';
import { systemOrigin } from '../commands/origin.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import { formatHeads, sortHeads } from '../log/heads.ts';
import { treeRoot } from '../log/subtree.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { countEntriesBefore } from '../store/entries.ts';
import type { LogHead } from '../store/logs.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { findLog, proofReader } from '../store/queries/logs.ts';
import { findHeadsEntry } from '../store/queries/node-statements.ts';

/**
 * True if the newest statement of heads in the system log is of exactly the logs that are here, as they are now or as they were when
 * it was made. It commits to all of them at once, so one log that is too short, or missing, makes it false.
 */
export async function holdsStatedHeads(context: CommandContext): Promise<boolean> {
  const { crypto, db, node } = context;
  const system = await findLog(db, systemOrigin(node));
  const index = await findHeadsEntry(db, node.did, node.authority);
  const [leaf] =
    system === null || index === null ? [] : await readLeaves(db, system, index, index + 1);
  if (leaf === undefined || leaf.body.erased) return false;
  const { content } = JSON.parse(decodeUtf8(leaf.body.bytes)).object;
  const { t } = JSON.parse(decodeUtf8(leaf.line));
  const logs = (await listOwnLogs(context)).filter(({ submolt }) => submolt !== null);
  const then = await Promise.all(logs.map((log) => headAt(context, log, t)));
  return [logs, then].some(
    (heads) =>
      formatHeads(node.authority, sortHeads(heads.filter(({ size }) => size > 0)), crypto) ===
      content,
  );
}

/** As the log was before the millisecond `t`. */
async function headAt(
  { crypto, db }: CommandContext,
  log: LogHead,
  t: number,
): Promise<Checkpoint> {
  const size = await countEntriesBefore(db, log.id, t);
  const root = await treeRoot(size, proofReader(db, log, log.size, crypto), crypto);
  return { origin: log.origin, size, root };
}
