// A node's heart under load, to be killed: writes each acknowledged receipt and its object to standard output.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openNode } from '../../src/commands/open-node.ts';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { lockDataFolder } from '../../src/store/node-lock.ts';
import { comment, group, post } from '../drafts.ts';
import { Agent, crypto, identityOf } from '../sandbox.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const IN_FLIGHT = 24;

lockDataFolder(folder);
const sequencer = await openNode({
  db: new FileDatabase(join(folder, 'node.db')),
  crypto,
  now: Date.now,
  random: (bytes) => globalThis.crypto.getRandomValues(new Uint8Array(bytes)),
  node: identityOf('crash'),
});
const agents = Array.from({ length: 8 }, (_, i) => new Agent(`agent ${i}`));
let sent = 0;

async function submit(agent: Agent, draft: ActivityDraft): Promise<ObjectName> {
  const object = await agent.sign(draft, Date.now());
  const nonce = `${round} ${sent++}`;
  const caller = { did: agent.did, nonce, nonceExpires: Math.floor(Date.now() / 1000) + 60 };
  const outcome = await sequencer.submit({ object, caller });
  if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
  const bytes = Buffer.from(object.bytes).toString('base64');
  writeSync(1, `${JSON.stringify({ receipt: outcome.receipt, bytes })}\n`);
  return object.name;
}

/** One author's life: writes, answers, votes, and takes things back. */
async function live(i: number, submolt: ObjectName): Promise<never> {
  const [author, other] = [agents[i % 8] as Agent, agents[(i + 1) % 8] as Agent];
  for (let n = 0; ; n++) {
    const thread = await submit(author, post(submolt, `Post ${round} ${i} ${n}`));
    const reply = await submit(other, comment(submolt, thread, 'An answer'));
    const vote = await submit(other, { type: 'Like', audience: submolt, object: thread });
    if (n % 3 === 0) await submit(other, { type: 'Undo', audience: submolt, object: vote });
    if (n % 4 === 0) await submit(other, { type: 'Delete', audience: submolt, object: reply });
  }
}

const submolt = await submit(agents[0] as Agent, group(`round-${round}`, identityOf('crash').did));
await Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => live(i, submolt)));
