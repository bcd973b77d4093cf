// Signs an act of the node itself, such as a statement of its keys, as it goes into its own system log.
import type { ActivityDraft } from '../protocol/activity.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { signObject, type VerifiedObject, verifyObject } from '../protocol/object.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import type { Sequencer } from './sequencer.ts';

export async function signOwn(
  { crypto, node, now }: CommandContext,
  draft: ActivityDraft,
): Promise<VerifiedObject> {
  const created = formatDateTime(Math.floor(now() / 1000));
  const signer = { did: node.did, seed: node.seed, verificationMethod: node.keyId, created };
  const { object } = signObject(draft, signer, crypto);
  // The node need not fetch its own document to know its key.
  const publicKey = crypto.publicKeyOf(node.seed);
  const resolveKey = async () => ({ ok: true, publicKey }) as const;
  const verdict = await verifyObject(object, { crypto, resolveKey });
  if (!verdict.ok) throw new CommandError('failed', `${verdict.reason}: ${verdict.detail}`);
  return verdict.object;
}

/** Signs an act of the node and has it logged. Throws CommandError `failed` if its own rules refuse it. */
export async function stateOwn(
  context: CommandContext,
  sequencer: Sequencer,
  draft: ActivityDraft,
): Promise<VerifiedObject> {
  const object = await signOwn(context, draft);
  const outcome = await sequencer.submit({ object, caller: null });
  if (outcome.kind === 'accepted') return object;
  const why = outcome.kind === 'refused' ? outcome.detail : outcome.kind;
  throw new CommandError('failed', `the node's own act was not accepted: ${why}`);
}
