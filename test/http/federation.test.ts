// The routes between nodes, over real connections: who may call them, what they refuse, and that two nodes get in step.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { Agent } from '../sandbox.ts';
import { post } from '../town.ts';
import { dumpDatabase } from './database-dump.ts';
import { type Answer, HttpNode, POSTED } from './http-node.ts';

const ada = new Agent('ada');
let home: HttpNode;
let follower: HttpNode;
let submolt: ObjectName;
let first: ObjectName;

beforeAll(async () => {
  home = await HttpNode.open({ name: 'home', federated: true });
  follower = await HttpNode.open({ name: 'follower', federated: true });
  const object = { type: 'Group', preferredUsername: 'tides', name: 'Tides' } as const;
  submolt = await home.accept(ada, { type: 'Create', target: home.context.node.did, object });
  first = await home.accept(ada, post(submolt, 'first'));
});
afterAll(() => Promise.all([home.close(), follower.close()]));

/** The node itself as a signer of requests. */
const operator = (node: HttpNode) => node.context.node as unknown as Agent;

const tell = (node: HttpNode, path: string, by: Agent, value: unknown, method = 'POST') =>
  node.ask(by, path, { ...POSTED, method, body: JSON.stringify(value) });

async function eventually(holds: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

const titleAt = async (node: HttpNode, item: ObjectName) => {
  const { json } = await node.ask(ada, `/api/v1/posts/${idOf(item)}`);
  return (json.post as { title?: string } | undefined)?.title;
};

describe('between nodes', () => {
  type Case = [string, number, string, () => Promise<Answer>];
  test.each<Case>([
    [
      'an unsigned batch',
      403,
      'signature_missing',
      () => home.send('/federation/entries', { ...POSTED, body: '{}' }),
    ],
    [
      'a batch of nothing',
      400,
      'malformed_request',
      () => tell(home, '/federation/entries', ada, {}),
    ],
    [
      'a batch that is no JSON',
      400,
      'invalid_json',
      () => home.ask(ada, '/federation/entries', { ...POSTED, body: '{' }),
    ],
    [
      'a batch over a megabyte',
      413,
      'too_large',
      () => home.ask(ada, '/federation/entries', { ...POSTED, body: 'x'.repeat(1_048_577) }),
    ],
    [
      'entries of a log that is not followed',
      404,
      'log_unknown',
      () =>
        tell(home, '/federation/entries', ada, {
          log: 'other.example/log/system',
          start: 0,
          checkpoint: '',
          entries: [],
        }),
    ],
    [
      'a follower of a log that is not here',
      404,
      'log_unknown',
      () =>
        tell(home, '/federation/followers', ada, {
          log: 'other.example/log/system',
          node: follower.origin,
        }),
    ],
    [
      'a follower under somebody else’s URL',
      403,
      'node_mismatch',
      () =>
        tell(home, '/federation/followers', ada, {
          log: `${home.context.node.authority}/log/${idOf(submolt)}`,
          node: follower.origin,
        }),
    ],
    [
      'submissions of nothing',
      400,
      'malformed_request',
      () => tell(home, '/federation/submissions', ada, { objects: [] }),
    ],
    [
      'a wish that is not the operator’s',
      403,
      'not_node_key',
      () => tell(home, '/federation/follows', ada, {}),
    ],
    [
      'a look at peers that is not the operator’s',
      403,
      'not_node_key',
      () => home.ask(ada, '/federation/peers'),
    ],
    ['an unsigned look at peers', 403, 'signature_missing', () => home.send('/federation/peers')],
    [
      'a method that is not there',
      405,
      'method_not_allowed',
      () => tell(home, '/federation/entries', ada, {}, 'DELETE'),
    ],
  ])('refuses %s', async (_, status, code, send) => {
    const { headers, json, status: actual } = await send();
    expect({ status: actual, code: json.code }).toEqual({ status, code });
    expect(headers.get('content-type')).toBe('application/problem+json');
  });

  test('judges each forwarded object by its own proof', async () => {
    const good = (await ada.sign(post(submolt, 'forwarded'), home.clock.now)).bytes;
    const bad = decodeUtf8(good).replace('forwarded', 'forged');
    const objects = [JSON.parse(decodeUtf8(good)), JSON.parse(bad)];
    const { json } = await tell(home, '/federation/submissions', operator(follower), { objects });
    expect(json.results).toMatchObject([
      { status: 'accepted', receipt: { index: 2 } },
      { status: 'refused', code: 'proof_invalid' },
    ]);
  });

  test('a replayed batch of submissions is refused and leaves no trace', async () => {
    const { bytes } = await ada.sign(post(submolt, 'once'), home.clock.now);
    const body = utf8(`{"objects":[${decodeUtf8(bytes)}]}`);
    const sent = { ...POSTED, body };
    const headers = { ...POSTED.headers, ...home.sign(ada, '/federation/submissions', sent) };
    expect((await home.send('/federation/submissions', { ...sent, headers })).status).toBe(200);
    const before = await dumpDatabase(home.context.db);
    const again = await home.send('/federation/submissions', { ...sent, headers });
    expect({ status: again.status, code: again.json.code }).toEqual({
      status: 429,
      code: 'replayed',
    });
    expect(await dumpDatabase(home.context.db)).toEqual(before);
  });

  test('a node follows a submolt at its operator’s wish and gets what is posted there', async () => {
    const wish = { submolt: `${home.origin}/m/tides` };
    const answer = await tell(follower, '/federation/follows', operator(follower), wish);
    expect(answer).toMatchObject({ status: 202, json: { success: true, submolt } });
    expect(await eventually(async () => (await titleAt(follower, first)) === 'first')).toBe(true);
    const later = await home.accept(ada, post(submolt, 'later'));
    expect(await eventually(async () => (await titleAt(follower, later)) === 'later')).toBe(true);
    const peers = await follower.ask(operator(follower), '/federation/peers');
    expect(peers.json).toMatchObject({ success: true, peers: [{ did: home.context.node.did }] });
  });

  test('a post for a submolt with another home is pending until that home has logged it', async () => {
    const { bytes, name } = await ada.sign(post(submolt, 'from afar'), follower.clock.now);
    const answer = await follower.submit(ada, bytes);
    expect(answer).toMatchObject({ status: 202, json: { status: 'pending', object: name } });
    const status = async () =>
      (await follower.ask(ada, `/api/v1/activities/${idOf(name)}`)).json.status;
    expect(await eventually(async () => (await status()) === 'accepted')).toBe(true);
    expect(await titleAt(home, name)).toBe('from afar');
  });

  test('a replica serves the log of its home, proofs and archive included', async () => {
    const path = `/log/${idOf(submolt)}`;
    const [theirs, ours] = [
      await home.send(`${path}/checkpoint`),
      await follower.send(`${path}/checkpoint`),
    ];
    expect(ours.text).toBe(theirs.text);
    expect((await follower.send(`${path}/proof?index=0`)).text).toContain('c2sp.org/tlog-proof@v1');
    expect((await follower.send(`${path}/archive`)).status).toBe(200);
  });

  test('nothing of this was a failure of a node', () => {
    expect([...home.failures, ...follower.failures]).toEqual([]);
  });
});
