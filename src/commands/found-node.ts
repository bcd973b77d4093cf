// Founds a node: its system log begins with signed statements of which key signs its logs, and which cosigns those of others.
import { peekKeys } from '../log/key-chain.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import { LOG_KEYS, WITNESS_KEYS } from '../protocol/labels.ts';
import { readLog, replaceLogKey, selectAllLogs, selectLog } from '../store/logs.ts';
import { readOwnChain } from '../store/queries/archive.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import { systemOrigin } from './origin.ts';
import { OwnStatements } from './own-statements.ts';
import type { Sequencer } from './sequencer.ts';
import { stateOwn } from './sign-own.ts';

/**
 * Makes sure that the system log exists and is this node's, and that it states the witness key the node has now. Throws CommandError `identity_mismatch` when the
 * database belongs to a node with another origin, DID or log key: its logs would fork under this one's.
 */
export async function foundNode(context: CommandContext, sequencer: Sequencer): Promise<void> {
  const { crypto, db, node } = context;
  const logKey = crypto.publicKeyOf(node.logSeed);
  const origin = systemOrigin(node);
  await adoptStatedKey(context, logKey);
  const [rows = []] = await db.batch('read', [selectAllLogs()]);
  const own = rows.map((row) => readLog(row)).filter((head) => head.isHome);
  for (const head of own) {
    const prefix = `${node.authority}/log/`;
    if (head.origin.startsWith(prefix) && head.home === node.did && equalBytes(head.logKey, logKey))
      continue;
    throw new CommandError(
      'identity_mismatch',
      `the database has the log ${head.origin} of ${head.home}; this node is ${node.did} at ${node.authority}. Use its keys and origin, or another database.`,
    );
  }
  if (!own.some((head) => head.origin === origin)) {
    const draft = { type: 'Add', object: didKeyOf(logKey), target: LOG_KEYS } as const;
    await stateOwn(context, sequencer, draft);
  }
  await stateWitnessKey(context, sequencer);
}

/** A database that was filled again from peers has the statement of the key, and does not know yet that it counts. */
async function adoptStatedKey({ db, node }: CommandContext, logKey: Uint8Array): Promise<void> {
  const [rows = []] = await db.batch('read', [selectLog(systemOrigin(node))]);
  const [system] = rows.map((row) => readLog(row));
  if (system === undefined || system.home !== node.did || equalBytes(system.logKey, logKey)) return;
  const stated = peekKeys(await readOwnChain(db, node.did)).at(-1);
  if (stated !== undefined && equalBytes(stated, logKey)) {
    await db.batch('write', [replaceLogKey(logKey)]);
  }
}

/** The key may be another than at the last start: an operator has put the file away, or the node had none yet. */
async function stateWitnessKey(context: CommandContext, sequencer: Sequencer): Promise<void> {
  const { witnessKeys } = await new OwnStatements(context).read();
  const own = didKeyOf(context.crypto.publicKeyOf(context.node.witnessSeed));
  const target = WITNESS_KEYS;
  for (const object of witnessKeys.keys()) {
    if (object !== own) await stateOwn(context, sequencer, { type: 'Remove', object, target });
  }
  if (!witnessKeys.has(own))
    await stateOwn(context, sequencer, { type: 'Add', object: own, target });
}
