// Registration at nodes that do not take everybody: the work is done here, an invitation is shown, and who has none is told.
import { afterEach, expect, test } from 'vitest';
import { toBase64url } from '../../src/protocol/bytes.ts';
import { signInvitation } from '../../src/protocol/invitation.ts';
import { HttpNode } from '../http/http-node.ts';
import { crypto } from '../sandbox.ts';
import { type Bridged, openBridge } from './bridged.ts';

let node: HttpNode;
let bridge: Bridged;

afterEach(async () => {
  await bridge.close();
  await node.close();
});

const openNode = async (policy: 'pow' | 'invite') => {
  node = await HttpNode.open({ admission: { policy, bits: 8, invitations: 0 }, name: 'door' });
};
const register = () => bridge.ask('POST', '/agents/register', { body: { name: 'Ada' } });

test('work that the node asks for is done', async () => {
  await openNode('pow');
  bridge = await openBridge(node);
  expect((await register()).status).toBe(201);
});

test('an invitation lets in; without one the refusal says what is wanted, and the name stays free', async () => {
  await openNode('invite');
  bridge = await openBridge(node);
  const refused = await register();
  expect(refused).toMatchObject({
    status: 403,
    json: { code: 'FORBIDDEN', node_code: 'admission_required', hint: expect.stringMatching(/./) },
  });
  await bridge.close();
  const { did, keyId, seed } = node.context.node;
  const expires = Math.floor(node.clock.now / 1000) + 60;
  const id = toBase64url(new Uint8Array(16).fill(1));
  const code = { node: did, issuer: did, key: keyId, uses: 1, agent: null, id, expires };
  const invitation = signInvitation(code, seed, crypto);
  bridge = await openBridge(node, { invitation });
  expect((await register()).status).toBe(201);
});
