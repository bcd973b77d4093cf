// Founds a node: its system log begins with signed statements of which key signs its logs, and which cosigns those of others.
import { openCheckpoint } from '../log/checkpoint.ts';
import { peekKeys } from '../log/key-chain.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import { LOG_KEYS, WITNESS_KEYS } from '../protocol/labels.ts';
import { isHeld, listHolds } from '../store/holds.ts';
import { type LogHead, readLog, replaceLogKey, selectAllLogs, selectLog } from '../store/logs.ts';
import { readOwnChain } from '../store/queries/archive.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import { systemOrigin } from './origin.ts';
import { OwnStatements } from './own-statements.ts';
import type { Sequencer } from './sequencer.ts';
import { stateOwn } from './sign-own.ts';

/**
 * Makes sure that the system log exists and is this node's, and that it states the witness key the node has now. Throws CommandError `identity_mismatch` when the
 * database belongs to a node with another origin, DID or log key: its logs would fork under this one's; `rolled_back` when there is no
 * system log and must not be a new one.
 */
export async function foundNode(context: CommandContext, sequencer: Sequencer): Promise<void> {
  const { crypto, db, node } = context;
  await adoptKey(context);
  const own = await listOwnLogs(context);
  const origin = systemOrigin(node);
  const founded = own.some((head) => head.origin === origin);
  if (isHeld(await listHolds(db), origin)) {
    if (founded) return;
    const detail = `this node has signed ${origin} before, and the database has nothing of it. Run exuvia admin recover, or restore the newest copy; nothing has been signed. A node that begins anew needs another data folder, with keys of its own.`;
    throw new CommandError('rolled_back', detail);
  }
  if (!founded) {
    const object = didKeyOf(crypto.publicKeyOf(node.logSeed));
    await stateOwn(context, sequencer, { type: 'Add', object, target: LOG_KEYS });
  }
  await stateWitnessKey(context, sequencer);
}

/** Throws CommandError `identity_mismatch` when they are not this node's. */
export async function listOwnLogs({ crypto, db, node }: CommandContext): Promise<LogHead[]> {
  const [rows = []] = await db.batch('read', [selectAllLogs()]);
  const own = rows.map((row) => readLog(row)).filter((head) => head.isHome);
  const logKey = crypto.publicKeyOf(node.logSeed);
  for (const head of own) {
    const prefix = `${node.authority}/log/`;
    if (head.origin.startsWith(prefix) && head.home === node.did && equalBytes(head.logKey, logKey))
      continue;
    throw new CommandError(
      'identity_mismatch',
      `the database has the log ${head.origin} of ${head.home}; this node is ${node.did} at ${node.authority}. Use its keys and origin, or another database.`,
    );
  }
  return own;
}

/**
 * A database from before the log key was replaced has the old one. The statement of the new key may be in it, filled again from
 * peers; or there is a head that the key has signed.
 */
export async function adoptKey({ crypto, db, node }: CommandContext): Promise<void> {
  const key = crypto.publicKeyOf(node.logSeed);
  const [rows = []] = await db.batch('read', [selectLog(systemOrigin(node))]);
  const [system] = rows.map((row) => readLog(row));
  if (system === undefined || system.home !== node.did || equalBytes(system.logKey, key)) return;
  const stated = peekKeys(await readOwnChain(db, node.did)).at(-1);
  let counts = stated !== undefined && equalBytes(stated, key);
  for (const { note, origin } of await listHolds(db)) {
    if (counts || note === null) continue;
    const verifier = noteVerifier(origin, NOTE_ED25519, key, crypto);
    counts = (await openCheckpoint(note, [verifier], crypto, origin)).ok;
  }
  if (counts) await db.batch('write', [replaceLogKey(key)]);
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
