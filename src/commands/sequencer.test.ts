// What the one writer promises: order, receipts, no trace of what is refused.
import { expect, test } from 'vitest';
import { Agent, Sandbox } from '../../test/sandbox.ts';

test('a post is accepted with a receipt', async () => {
  const node = await Sandbox.open();
  const ada = new Agent('ada');
  const submolt = await node.accept(ada, {
    type: 'Create',
    target: node.context.node.did,
    object: { type: 'Group', preferredUsername: 'general', name: 'General' },
  });
  const outcome = await node.submit(ada, {
    type: 'Create',
    audience: submolt,
    object: { type: 'Article', name: 'Hello' },
  });
  expect(outcome).toMatchObject({ kind: 'accepted', first: true });
  await node.close();
});
