// How many requests are taken from an address, an agent and a node; and that nobody uses up what is somebody else's.
import { afterEach, describe, expect, test } from 'vitest';
import type { LimitRates } from '../../src/http/limits.ts';
import { type Did, didKeyOf } from '../../src/protocol/did.ts';
import { Agent, crypto, identityOf } from '../sandbox.ts';
import { type Answer, HttpNode, POSTED } from './http-node.ts';
import type { HttpNodeOptions } from './node-parts.ts';
import { message, RawConnection } from './raw-connection.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
const PATH = '/api/v1/posts';
const per = (quota: number) => ({ quota, windowMs: 60_000 });
let node: HttpNode;

afterEach(() => node.close());

async function open(rates: Partial<LimitRates>, more: HttpNodeOptions = {}): Promise<void> {
  node = await HttpNode.open({ metrics: 'open', rates, ...more });
}
const fieldsOf = ({ headers }: Answer) =>
  ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`x-ratelimit-${name}`)));
/** One after the other: the order decides. */
const codes = async (requests: readonly (() => Promise<Answer>)[]) => {
  const found: unknown[] = [];
  for (const request of requests) {
    const { status, json } = await request();
    found.push(json.code ?? status);
  }
  return found;
};
const seconds = () => node.clock.now / 1000;
const limited = async (name: string) =>
  Number(
    new RegExp(`exuvia_limited_total\\{limit="${name}"\\} (\\d+)`).exec(
      (await node.send('/metrics')).text,
    )?.[1],
  );

describe('an agent', () => {
  test('is told where it stands, and refused with the time to wait', async () => {
    await open({ reads: per(2), writes: per(60) });
    const first = await node.ask(ada, `${PATH}?limit=1`);
    expect([first.status, ...fieldsOf(first)]).toEqual([200, 2, 1, seconds() + 30]);
    expect(first.headers.get('ratelimit-policy')).toBe('"reads";q=2;w=60');
    expect(first.headers.get('ratelimit')).toBe('"reads";r=1;t=30');
    expect(fieldsOf(await node.ask(ada, `${PATH}?limit=2`))).toEqual([2, 0, seconds() + 60]);

    node.clock.now += 500;
    const refused = await node.ask(ada, `${PATH}?limit=3`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(refused.headers.has('accept-signature')).toBe(false);
    expect(refused.json).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      limit: 'reads',
      remaining: 0,
      retry_after_seconds: 30,
      reset_at: new Date(node.clock.now + 29_500).toISOString(),
      retryAfterMinutes: 1,
      statusCode: 429,
    });
    expect(await limited('reads')).toBe(1);

    // Writes are another matter, and so are others.
    const written = await node.submit(ada, { type: 'Like' });
    expect([written.status, ...fieldsOf(written)]).toEqual([422, 60, 59, Math.ceil(seconds() + 1)]);
    expect((await node.ask(bob, PATH)).status).toBe(200);
    node.clock.now += 29_500;
    expect((await node.ask(ada, `${PATH}?limit=4`)).status).toBe(200);
  });

  test('is the same under each of its keys', async () => {
    await open({ reads: per(1) });
    // A did:key enrolled without a URL, and by its URL.
    const enrolled = await node.ask(
      ada,
      '/api/v1/enrolments',
      { ...POSTED, body: JSON.stringify({ did: ada.did }) },
      { signatureAgent: null },
    );
    expect(enrolled.status).toBe(201);
    const bare = { signatureAgent: null };
    expect((await node.ask(ada, PATH, {}, bare)).status).toBe(200);
    expect((await node.ask(ada, `${PATH}?limit=2`)).json.code).toBe('rate_limited');
  });

  test('loses nothing to those who sign badly in its name, or send its requests again', async () => {
    await open({ reads: per(3), writes: per(3), failures: per(50) });
    const forged = { seed: bob.seed };
    expect(
      new Set(await codes(Array.from({ length: 20 }, () => () => node.ask(ada, PATH, {}, forged)))),
    ).toEqual(new Set(['key_not_in_directory']));
    const headers = node.sign(ada, PATH);
    const again = await codes(Array.from({ length: 5 }, () => () => node.send(PATH, { headers })));
    // The first is hers; the others count for whoever sends them.
    expect(again).toEqual([200, 200, 200, 200, 'rate_limited']);
    const own = [1, 2].map((limit) => () => node.ask(ada, `${PATH}?limit=${limit}`));
    expect(await codes(own)).toEqual([200, 200]);
    expect((await node.ask(ada, `${PATH}?limit=3`)).json.code).toBe('rate_limited');
  });

  test('is refused before the body has come', async () => {
    await open({ writes: per(1) });
    await node.submit(ada, { type: 'Like' });
    const signed = node.sign(ada, '/api/v1/activities', { ...POSTED, body: '{}' });
    const fields = Object.entries(signed).map(([name, value]) => `${name}: ${value}`);
    const host = `Host: ${node.context.node.authority}`;
    const connection = new RawConnection(node.server.address.port).write(
      message('POST /api/v1/activities HTTP/1.1', [host, ...fields, 'Content-Length: 200000']),
    );
    expect(await connection.answer()).toMatchObject({ status: 429, code: 'rate_limited' });
    connection.end();
  });

  test('is not the operator, whom nothing holds back', async () => {
    await open({ reads: per(1), peer: per(1), stranger: per(1) }, { name: 'own', federated: true });
    const { did, seed } = node.context.node;
    const asked = [1, 2, 3].map((limit) => () => node.ask({ did, seed }, `${PATH}?limit=${limit}`));
    expect(await codes(asked)).toEqual([200, 200, 200]);
    expect(
      await codes([1, 2].map(() => () => node.ask({ did, seed }, '/federation/peers'))),
    ).toEqual([200, 200]);
  });
});

describe('an address', () => {
  test('has a quota for everything, signed or not, that other addresses do not share', async () => {
    await open({ address: per(3) }, { proxies: ['127.0.0.1'] });
    const from =
      (address: string, path = '/') =>
      () =>
        node.send(path, { headers: { 'x-forwarded-for': address } });
    expect(
      await codes([
        from('192.0.2.1'),
        from('192.0.2.1', PATH),
        from('192.0.2.1', '/log/none/checkpoint'),
      ]),
    ).toEqual(['not_found', 'signature_missing', 'log_unknown']);
    const refused = await from('192.0.2.1')();
    expect(refused.json).toMatchObject({ code: 'rate_limited', limit: 'address' });
    expect(fieldsOf(refused)[0]).toBe(3);
    const signed = { ...node.sign(ada, PATH), 'x-forwarded-for': '192.0.2.1' };
    expect((await node.send(PATH, { headers: signed })).json.code).toBe('rate_limited');
    expect(await codes([from('192.0.2.2'), from('2001:db8::1'), () => node.send('/')])).toEqual([
      ...Array(3).fill('not_found'),
    ]);
    // A host has a whole /64.
    await codes([from('2001:db8::2'), from('2001:db8::3')]);
    expect((await from('2001:db8::ffff')()).json.code).toBe('rate_limited');
    expect((await from('2001:db8:0:1::1')()).status).toBe(404);
  });

  test('is told where it stands on every refusal under the API', async () => {
    await open({ address: per(5) });
    const answers = [await node.send(PATH), await node.send('/api/v1/none'), await node.send('/')];
    expect(answers.map((answer) => fieldsOf(answer).slice(0, 2))).toEqual([
      [5, 4],
      [5, 3],
      [0, 0],
    ]);
  });

  test('whose signatures fail is not listened to, and nothing is verified or fetched', async () => {
    await open({ failures: per(3) }, { proxies: ['127.0.0.1'] });
    const bad = (address: string) => () => {
      const headers = {
        ...node.sign(ada, PATH, {}, { seed: bob.seed }),
        'x-forwarded-for': address,
      };
      return node.send(PATH, { headers });
    };
    expect(await codes([bad('192.0.2.1'), bad('192.0.2.1'), bad('192.0.2.1')])).toEqual(
      Array(3).fill('key_not_in_directory'),
    );
    expect((await bad('192.0.2.1')()).json).toMatchObject({
      code: 'rate_limited',
      limit: 'failures',
    });
    expect(await codes([bad('192.0.2.2')])).toEqual(['key_not_in_directory']);
    const good = (address: string) =>
      node.send(PATH, { headers: { ...node.sign(ada, PATH), 'x-forwarded-for': address } });
    expect((await good('192.0.2.1')).json.code).toBe('rate_limited');
    expect((await good('192.0.2.2')).status).toBe(200);
    // What is open stays open: nothing is verified for it.
    expect(
      (await node.send('/log/none/key', { headers: { 'x-forwarded-for': '192.0.2.1' } })).status,
    ).toBe(404);
  });

  test('of the machine itself may look whether the node lives as often as it likes', async () => {
    await open({ address: per(1) });
    expect(await codes([1, 2, 3].map(() => () => node.send('/healthz')))).toEqual([200, 200, 200]);
    const outside = { headers: { 'x-forwarded-for': '192.0.2.1' } };
    expect(await codes([1, 2].map(() => () => node.send('/healthz', outside)))).toEqual([
      200,
      'rate_limited',
    ]);
  });
});

describe('between nodes', () => {
  const seed = identityOf('stranger').seed;
  const stranger = { did: didKeyOf(crypto.publicKeyOf(seed)) as Did, seed };

  test('a node that is not known has less than one that is', async () => {
    await open({ stranger: per(2), peer: per(4) }, { federated: true });
    const push = () => node.ask(stranger, '/federation/entries', { ...POSTED, body: '{}' });
    expect(await codes([push, push, push])).toEqual([
      'malformed_request',
      'malformed_request',
      'rate_limited',
    ]);
    await node.context.db.batch('write', [
      { sql: 'INSERT INTO agents (did) VALUES (?)', args: [stranger.did] },
      {
        sql: `INSERT INTO peers (did, url, name, log_key, key_statement, added_at, failures, retry_at)
SELECT id, 'http://127.0.0.1:1', 'x', zeroblob(32), x'', 0, 0, 0 FROM agents WHERE did = ?`,
        args: [stranger.did],
      },
    ]);
    expect((await push()).json.code).toBe('malformed_request');
    expect((await push()).headers.get('ratelimit-policy')).toBe('"peer";q=4;w=60');
    // What it reads as anybody does is counted as anybody's.
    expect((await node.ask(stranger, PATH)).headers.has('ratelimit')).toBe(false);
  });
});

test('who is denied is answered nothing between nodes, and the operator alone says who is', async () => {
  await open({}, { federated: true });
  const { did, seed } = node.context.node;
  const stranger = new Agent('stranger');
  const push = () => node.ask(stranger, '/federation/entries', { ...POSTED, body: '{}' });
  const decide = async (by: { did: Did; seed: Uint8Array }, body: object) => {
    const sent = { ...POSTED, body: JSON.stringify(body) };
    const { json, status } = await node.ask(by, '/federation/standings', sent);
    return json.code ?? status;
  };
  const deny = { node: stranger.did, standing: 'deny', objects: null };
  expect(await decide(stranger, deny)).toBe('not_node_key');
  expect((await push()).json.code).toBe('malformed_request');
  expect(await decide({ did, seed }, deny)).toBe(200);
  expect((await push()).json.code).toBe('peer_dropped');
  expect((await node.ask({ did, seed }, '/federation/peers')).json.standings).toMatchObject([
    { node: stranger.did, standing: 'denied', objects: null },
  ]);
  expect(await decide({ did, seed }, { ...deny, standing: 'forget' })).toBe(200);
  expect((await push()).json.code).toBe('malformed_request');
  const wrong = [
    {},
    { ...deny, node: did },
    { ...deny, node: 'x' },
    { ...deny, node: 'did:web:*' },
    { ...deny, node: 'did:web:*.EVIL' },
    { ...deny, standing: 'constructor' },
    { ...deny, objects: -1 },
    { ...deny, more: 1 },
  ];
  for (const body of wrong) {
    expect(await decide({ did, seed }, body), JSON.stringify(body)).toBe('malformed_request');
  }
});

test('a disk without room takes no writes of others, before their bodies have come, and is read as before', async () => {
  let isFull = true;
  await open({}, { isFull: () => isFull, federated: true });
  const refused = await node.submit(ada, { type: 'Like' });
  expect([refused.status, refused.json.code, refused.headers.get('retry-after')]).toEqual([
    507,
    'storage_full',
    '60',
  ]);
  const { did, seed } = node.context.node;
  const push = { ...POSTED, body: '{}' };
  expect((await node.ask(bob, '/federation/entries', push)).status).toBe(507);
  expect((await node.send('/witness/add-checkpoint', { method: 'POST', body: 'x' })).status).toBe(
    507,
  );
  expect((await node.ask(ada, PATH)).status).toBe(200);
  expect((await node.ask({ did, seed }, '/federation/follows', push)).json.code).toBe(
    'malformed_request',
  );
  isFull = false;
  expect((await node.submit(ada, { type: 'Like' })).status).toBe(422);
});
