// Every statement about messages that a node runs: none walks through a whole table.
import { expect, test } from 'vitest';
import { expectNoScans, recorded } from '../../test/query-scans.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import { record } from '../commands/admit.ts';
import { MESSAGE_LIMITS } from '../commands/envelope-rules.ts';
import {
  blockAgent,
  dropConversation,
  dropMessage,
  readConversationTo,
  tidyMailboxes,
  unblockAgent,
} from '../commands/keep-mailbox.ts';
import { sendEnvelope } from '../commands/send-envelope.ts';
import { agreementOfEd25519 } from '../protocol/agreement-key.ts';
import type { EnvelopeDraft } from '../protocol/envelope.ts';
import { didKeyResolver } from '../protocol/object.ts';
import { sealLetter } from '../protocol/sealed-letter.ts';
import { signEnvelope, verifyEnvelope } from '../protocol/signed-envelope.ts';
import type { Statement } from './database.ts';
import { settleDelivery } from './messages.ts';
import {
  findConversation,
  findMessage,
  findNodesOf,
  getMailbox,
  listBlocks,
  listConversations,
  listMessages,
  listTargets,
  listWaitingMessages,
} from './queries/messages.ts';

test('messages', async () => {
  const node = await Sandbox.open();
  const seen = new Map<string, Statement>();
  Object.assign(node.context, { db: recorded(node.db, seen) });
  const { context, sequencer } = node;
  const [ada, bob] = [new Agent('ada'), new Agent('bob')];
  for (const agent of [ada, bob])
    await node.accept(agent, { type: 'Update', object: { type: 'Service', name: 'x' } });
  const send = async (from: Agent, draft: EnvelopeDraft, via: string | null = null) => {
    const created = new Date(context.now()).toISOString().replace(/\.\d+/, '');
    const signed = signEnvelope(draft, { did: from.did, seed: from.seed, created }, crypto);
    const keys = { crypto, resolveKey: didKeyResolver };
    const verdict = await verifyEnvelope(signed.object, keys);
    if (!verdict.ok) throw new Error(verdict.detail);
    const { verified } = verdict;
    const sending = { verified, chain: [], via };
    const sent = await sendEnvelope(context, sequencer, sending, MESSAGE_LIMITS, null);
    expect(sent).toMatchObject({ ok: true });
    return verified.name;
  };
  const publicKey = agreementOfEd25519(crypto.publicKeyOf(bob.seed));
  const bytes = new Uint8Array(1_000);
  const random = (length: number) => new Uint8Array(length).fill(7);
  const content = await sealLetter({ bytes } as never, [{ id: 'x', publicKey }], {
    crypto,
    random,
  });
  const object = { type: 'Document', mediaType: 'application/jose+json', content } as const;
  const origin = context.node.did;
  const offer = await send(ada, { type: 'Offer', to: [bob.did], origin, object });
  await send(bob, { type: 'Accept', to: [ada.did], origin, object: offer });
  const letter = { type: 'Create', to: [bob.did], origin, context: offer, object } as const;
  const sent = await send(ada, letter);
  await send(ada, { ...letter, published: '2026-11-20T09:00:00Z' } as never, 'http://b.test');
  const { db } = context;
  await getMailbox(db, ada.did);
  for (const state of ['all', 'open'] as const) {
    await listConversations(db, ada.did, { state, limit: 10, cursor: undefined });
  }
  const { row } = (await findConversation(db, ada.did, offer))!;
  await listMessages(db, row, { limit: 10, cursor: undefined });
  await findMessage(db, ada.did, sent);
  await findNodesOf(db, bob.did);
  expect(await listTargets(db)).toEqual(['http://b.test']);
  const [waiting] = await listWaitingMessages(db, 'http://b.test', 10);
  await record(context, sequencer, [settleDelivery(waiting!.id, null)]);
  const keeper = { owner: bob.did, caller: null };
  await readConversationTo(context, sequencer, keeper, offer, sent);
  await blockAgent(context, sequencer, keeper, ada.did);
  await listBlocks(db, bob.did);
  await unblockAgent(context, sequencer, keeper, ada.did);
  await dropMessage(context, sequencer, keeper, sent);
  await dropConversation(context, sequencer, keeper, offer);
  (context as { clock?: { now: number } }).clock!.now += 100 * 86_400_000;
  await tidyMailboxes(context, sequencer, MESSAGE_LIMITS);
  await tidyMailboxes(context, sequencer, MESSAGE_LIMITS);
  expect(seen.size).toBeGreaterThan(40);
  expectNoScans(node, seen);
  await node.close();
});
