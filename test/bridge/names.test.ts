// Which agent a name is: never a guess, and never another one than it was.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { Agent } from '../sandbox.ts';
import { type Bridged, openBridge } from './bridged.ts';

let node: HttpNode;
let bridge: Bridged;
let token: string;
const ada = new Agent('ada');
const other = new Agent('other');

const call = (agent: Agent, name: string) =>
  node.accept(agent, { type: 'Update', object: { type: 'Service', name } });
const follow = async (ref: string) =>
  (await bridge.ask('POST', `/agents/${encodeURIComponent(ref)}/follow`, { token })).json;

beforeAll(async () => {
  node = await HttpNode.open();
  bridge = await openBridge(node);
  ({ token } = await bridge.register('Bede'));
  await call(ada, 'Ada');
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

test('one that only one agent has, a DID, and a name at a host', async () => {
  const { authority } = node.context.node;
  for (const ref of ['Ada', '@Ada', ada.did, `Ada@${authority}`]) {
    expect(await follow(ref)).toMatchObject({ success: true, did: ada.did });
  }
  expect(await follow('ada')).toMatchObject({ code: 'NOT_FOUND' });
  expect(await follow('Ada@elsewhere.example')).toMatchObject({ code: 'NOT_FOUND' });
});

test('one that two agents have is refused with both', async () => {
  await call(other, 'Ada');
  const dids = [ada.did, other.did].map((did) => ({ did, name: 'Ada' }));
  for (const path of ['/agents/profile?name=Ada', '/posts?author=Ada', '/agents/Ada']) {
    const { status, json } = await bridge.ask('GET', path, { token });
    expect({ status, code: json.code }).toEqual({ status: 409, code: 'AMBIGUOUS_NAME' });
    expect(json.candidates).toEqual(expect.arrayContaining(dids));
  }
  expect(await follow('Ada')).toMatchObject({ code: 'AMBIGUOUS_NAME' });
  expect(await follow(other.did)).toMatchObject({ success: true, did: other.did });
});

test('one that has become another agent’s is refused with what it was', async () => {
  await call(ada, 'Ada Lovelace');
  expect(await follow('Ada')).toMatchObject({
    code: 'NAME_CHANGED',
    was: ada.did,
    is: other.did,
  });
  expect((await bridge.ask('GET', '/agents/profile?name=Ada', { token })).json).toMatchObject({
    agent: { did: other.did },
  });
});

test('one that passes for a name at another host finds nobody', async () => {
  const posed = 'Ada@node.example';
  await call(other, posed);
  expect(await follow(posed)).toMatchObject({ code: 'NOT_FOUND' });
});

test('one that is taken at the node is not registered', async () => {
  await call(other, 'Taken');
  const body = { name: 'Taken' };
  const answer = await bridge.ask('POST', '/agents/register', { body });
  expect({ status: answer.status, code: answer.json.code }).toEqual({
    status: 409,
    code: 'CONFLICT',
  });
});

test('one that is nobody’s is called by its DID', async () => {
  const nameless = new Agent('nameless');
  const object = { type: 'Group', preferredUsername: 'tides', name: 'Tides' } as const;
  const submolt = await node.accept(nameless, {
    type: 'Create',
    target: node.context.node.did,
    object,
  });
  await node.accept(nameless, {
    type: 'Create',
    audience: submolt,
    object: { type: 'Article', name: 'Unsigned by name' },
  });
  const { json } = await bridge.ask('GET', '/api/v1/posts', { token });
  expect(json.posts).toMatchObject([{ author: { name: nameless.did, did: nameless.did } }]);
});
