// Founds a node: the first entry of its system log states, signed, which key signs its logs.
import { equalBytes } from '../protocol/bytes.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { didKeyOf } from '../protocol/did.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import { signObject, type VerifiedObject, verifyObject } from '../protocol/object.ts';
import { readLog, selectAllLogs } from '../store/logs.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import { systemOrigin } from './origin.ts';
import type { Sequencer } from './sequencer.ts';

/**
 * Makes sure that the system log exists and is this node's. Throws CommandError `identity_mismatch` when the
 * database belongs to a node with another origin, DID or log key: its logs would fork under this one's.
 */
export async function foundNode(context: CommandContext, sequencer: Sequencer): Promise<void> {
  const { crypto, db, node } = context;
  const [rows = []] = await db.batch('read', [selectAllLogs()]);
  const own = rows.map((row) => readLog(row)).filter((head) => head.isHome);
  const logKey = crypto.publicKeyOf(node.logSeed);
  const origin = systemOrigin(node);
  for (const head of own) {
    const prefix = `${node.authority}/log/`;
    if (head.origin.startsWith(prefix) && head.home === node.did && equalBytes(head.logKey, logKey))
      continue;
    throw new CommandError(
      'identity_mismatch',
      `the database has the log ${head.origin} of ${head.home}; this node is ${node.did} at ${node.authority}. Use its keys and origin, or another database.`,
    );
  }
  if (own.some((head) => head.origin === origin)) return;
  const object = await keyStatement(context, logKey);
  const outcome = await sequencer.submit({ object, caller: null });
  if (outcome.kind !== 'accepted') {
    const why = outcome.kind === 'refused' ? outcome.detail : outcome.kind;
    throw new CommandError('failed', `the key statement was not accepted: ${why}`);
  }
}

async function keyStatement(
  { crypto, node, now }: CommandContext,
  logKey: Uint8Array,
): Promise<VerifiedObject> {
  const created = formatDateTime(Math.floor(now() / 1000));
  const { object } = signObject(
    { type: 'Add', object: didKeyOf(logKey), target: LOG_KEYS },
    { did: node.did, seed: node.seed, verificationMethod: node.keyId, created },
    crypto,
  );
  // The node need not fetch its own document to know its key.
  const publicKey = crypto.publicKeyOf(node.seed);
  const resolveKey = async () => ({ ok: true, publicKey }) as const;
  const verdict = await verifyObject(object, { crypto, resolveKey });
  if (!verdict.ok) throw new CommandError('failed', `${verdict.reason}: ${verdict.detail}`);
  return verdict.object;
}
