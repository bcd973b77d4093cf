// What /metrics says after requests of every kind, to whom, and that no caller can write into it.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../../src/http/problem.ts';
import { parseDid } from '../../src/protocol/did.ts';
import { buildDidWebDocument } from '../../src/protocol/did-document.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { agentUrlOfDidKey, DIRECTORY_PATH } from '../../src/protocol/signature-agent.ts';
import { Agent, crypto } from '../sandbox.ts';
import { type Line, signByHand } from './hand-signature.ts';
import { HttpNode } from './http-node.ts';
import { message, outcomeOf } from './raw-connection.ts';

const ada = new Agent('ada');
const HOST = 'https://agents.example';
const directory = buildDidWebDocument(
  {
    did: parseDid('did:web:agents.example')!,
    keys: [{ publicKey: crypto.publicKeyOf(ada.seed), purposes: ['authentication'] }],
  },
  crypto,
) as unknown as JsonObject;
const documents = new Map([
  [HOST + DIRECTORY_PATH, directory],
  [`${HOST}/.well-known/did.json`, directory],
]);

/** Series by name and labels. */
async function read(node: HttpNode): Promise<Map<string, number>> {
  const { text } = await node.send('/metrics');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

const labelsIn = (series: Iterable<string>, name: string): string[] => [
  ...new Set(
    [...series]
      .flatMap((line) => [...line.matchAll(new RegExp(`[{,]${name}="([^"]*)"`, 'g'))])
      .map(([, value]) => value!),
  ),
];

/** A signed read with the given Signature-Agent. */
function ask(node: HttpNode, field: string, covered: Line, by = ada) {
  const path = '/api/v1/posts';
  const covers: Line[] = [['"@method"', 'GET'], ['"@target-uri"', node.origin + path], covered];
  const { input, signature } = signByHand({
    by,
    covers,
    created: Math.floor(node.clock.now / 1000),
  });
  const headers = { 'signature-agent': field, 'signature-input': input, signature };
  return node.send(path, { headers });
}

describe('after some requests', () => {
  let node: HttpNode;
  let series: Map<string, number>;
  beforeAll(async () => {
    node = await HttpNode.open({ name: 'counted', documents });
    const own = agentUrlOfDidKey(HOST, ada.did);
    const member = (value: string): Line => ['"signature-agent";key="sig1"', value];
    await ask(node, `sig1="${own}"`, member(`"${own}"`));
    await ask(
      node,
      `sig1="${HOST}/.well-known/did.json"`,
      member(`"${HOST}/.well-known/did.json"`),
    );
    await ask(node, `sig1="${HOST}${DIRECTORY_PATH}"`, member(`"${HOST}${DIRECTORY_PATH}"`));
    await ask(node, `sig1="${HOST}"`, member(`"${HOST}"`));
    await ask(node, `sig1="${HOST}";type=directory`, member(`"${HOST}";type=directory`));
    await ask(node, `"${own}"`, ['"signature-agent"', `"${own}"`]);
    await ask(node, `sig1="${own}"`, ['"signature-agent"', `sig1="${own}"`]);
    await ask(node, `sig1="${own}"`, member(`"${own}"`), new Agent('eve'));
    await ask(node, `sig1="${own}"`, member('"https://other.example"'));

    const object = { type: 'Service', name: 'Ada' } as const;
    const { bytes } = await ada.sign({ type: 'Update', object }, node.clock.now);
    await node.submit(ada, bytes, { nonce: 'once' });
    await node.submit(ada, bytes);
    await node.submit(ada, bytes, { nonce: 'once' });
    const other = { type: 'Follow', object: node.context.node.did } as const;
    await node.submit(ada, (await ada.sign(other, node.clock.now)).bytes);
    await node.submit(ada, bytes, { signedBody: new Uint8Array(3) });
    await node.send('/api/v1/posts');
    await node.send('/api/v1/posts/none', { method: 'POST' });
    await node.send('/');
    await node.send('/healthz');
    const { port } = node.server.address;
    await outcomeOf(port, message('GET / HTTP/1.1', ['Host: elsewhere.example']));
    await outcomeOf(port, message('HELLO', []));
    series = await read(node);
  });
  afterAll(() => node.close());

  test.each([
    ['direct', 'did_key'],
    ['direct', 'did_web'],
    ['direct', 'directory'],
    ['origin', 'directory'],
    ['typed', 'directory'],
    ['string', 'did_key'],
    ['whole_field', 'did_key'],
  ])('signatures that were let in are counted by form and key: %s, %s', (form, agent) => {
    // The writes are in the usual form.
    const count = form === 'direct' && agent === 'did_key' ? 5 : 1;
    const name = `exuvia_accepted_signatures_total{form="${form}",agent="${agent}"}`;
    expect(series.get(name)).toBe(count);
  });

  test('requests are counted by what their signature came to', () => {
    const of = (outcome: string) =>
      series.get(`exuvia_request_signatures_total{outcome="${outcome}"}`);
    expect(of('verified')).toBe(11);
    expect(of('invalid')).toBe(2);
    expect(of('unverified')).toBe(3);
    expect(of('unsigned')).toBeGreaterThanOrEqual(2);
  });

  test.each([
    ['key_not_in_directory', 'unverified'],
    ['bad_signature', 'invalid'],
    ['content_digest_mismatch', 'invalid'],
    ['signature_missing', 'unverified'],
    ['replayed', 'verified'],
    ['misdirected', 'unsigned'],
    ['malformed_http', 'unsigned'],
  ])('refusals are counted by code and outcome: %s, %s', (code, outcome) => {
    const name = `exuvia_refusals_total{code="${code}",outcome="${outcome}"}`;
    expect(series.get(name)).toBeGreaterThanOrEqual(1);
  });

  test.each<[string, string, number]>([
    ['accepted', '', 2],
    ['repeated', '', 1],
    ['pending', '', 0],
    ['refused', 'replayed', 1],
  ])('submissions are counted by outcome: %s %s', (outcome, code, count) => {
    const name = `exuvia_submissions_total{outcome="${outcome}",code="${code}"}`;
    expect(series.get(name)).toBe(count);
  });

  test('requests are counted by route, method and status, and timed by route', () => {
    const requests = (labels: string) => series.get(`exuvia_http_requests_total{${labels}}`);
    expect(requests('route="/api/v1/posts",method="GET",status="200"')).toBe(7);
    expect(requests('route="/api/v1/activities",method="POST",status="201"')).toBe(2);
    expect(requests('route="/api/v1/posts/:id",method="POST",status="403"')).toBe(1);
    expect(requests('route="/healthz",method="GET",status="200"')).toBeGreaterThanOrEqual(1);
    expect(requests('route="none",method="other",status="421"')).toBe(1);
    const timed = 'exuvia_http_request_duration_seconds';
    expect(series.get(`${timed}_count{route="/api/v1/posts"}`)).toBe(10);
    expect(series.get(`${timed}_bucket{le="60",route="/api/v1/posts"}`)).toBe(10);
  });

  test('bytes and logs are there', () => {
    expect(series.get('exuvia_http_received_bytes_total')).toBeGreaterThan(5_000);
    expect(series.get('exuvia_http_sent_bytes_total')).toBeGreaterThan(5_000);
    expect(series.get('exuvia_logs{kind="system"}')).toBe(1);
    expect(series.get('exuvia_logs{kind="home"}')).toBe(0);
    expect(series.get('exuvia_held_logs')).toBe(0);
    expect(series.get('exuvia_evidence{decision="none"}')).toBe(0);
    expect(series.get('exuvia_evidence{decision="drop"}')).toBe(0);
    // The statements of two keys, the profile, and whom its agent follows.
    expect(series.get('exuvia_log_entries{kind="system"}')).toBe(4);
  });
});

test('whatever strangers send, the labels stay those of closed sets', async () => {
  const node = await HttpNode.open({ name: 'closed' });
  const { port } = node.server.address;
  const before = (await read(node)).size;
  for (let i = 0; i < 40; i++) {
    const odd = `odd-${i}`;
    const fields = [`Host: ${node.context.node.authority}`, `X-${odd}: ${odd}`];
    const signed = [
      `Signature-Agent: ${odd}="https://${odd}.example";type=${odd}`,
      `Signature-Input: ${odd}=("@method" "${odd}");keyid="${odd}";tag="${odd}"`,
      `Signature: ${odd}=:YQ==:`,
    ];
    await outcomeOf(port, message(`GET /${odd}?${odd} HTTP/1.1`, [...fields, ...signed]));
    await outcomeOf(port, message(`GET /m/${odd} HTTP/1.1`, fields));
    await outcomeOf(port, message(`GET /api/v1/posts/${odd} HTTP/1.1`, [...fields, ...signed]));
    await outcomeOf(port, message(`PROPFIND /${odd} HTTP/1.1`, fields));
    await outcomeOf(port, message(`GET / HTTP/1.1`, [`Host: ${odd}.example`]));
  }
  const series = await read(node);
  expect([...series.keys()].join('\n')).not.toContain('odd-');
  expect(labelsIn(series.keys(), 'method')).toEqual(expect.arrayContaining(['GET', 'other']));
  for (const code of labelsIn(series.keys(), 'code')) {
    expect(code === '' || code in PROBLEMS).toBe(true);
  }
  // One line for each new pair, and one histogram for each new route: not one for each request.
  expect(series.size - before).toBeLessThan(100);
  await node.close();
});

describe('who may read it', () => {
  const nodes: HttpNode[] = [];
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });
  const open = async (metrics: 'loopback' | 'open' | 'off') => {
    const node = await HttpNode.open({ name: 'read', metrics });
    nodes.push(node);
    return node;
  };
  /** The status for a reader with these fields. */
  function statusFor(node: HttpNode, headers: Record<string, string>): Promise<number> {
    const { port } = node.server.address;
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/metrics', headers }, (answer) => {
        void text(answer).then(() => resolve(answer.statusCode ?? 0), reject);
      })
        .on('error', reject)
        .end();
    });
  }

  test.each([{ host: '127.0.0.1:9999' }, { host: 'localhost' }, { host: '[::1]:80' }])(
    'this machine, by any of its loopback names: %o',
    async (headers) => {
      expect(await statusFor(await open('loopback'), headers)).toBe(200);
    },
  );

  test.each([
    { host: 'node.example' },
    { host: '127.0.0.1.evil.example' },
    { host: '192.168.0.1' },
    { host: 'localhost', forwarded: 'for=192.0.2.7' },
    { host: 'localhost', 'X-Forwarded-For': '192.0.2.7' },
    { host: 'localhost', 'x-forwarded-proto': 'https' },
    { host: 'localhost', 'x-real-ip': '127.0.0.1' },
    { host: 'localhost', via: '1.1 proxy' },
  ])('nobody who comes through a proxy on it, or by another name: %o', async (headers) => {
    const node = await open('loopback');
    expect(await statusFor(node, headers as Record<string, string>)).toBe(404);
  });

  test('everybody, where the operator says so', async () => {
    const node = await open('open');
    expect(await statusFor(node, { host: '10.0.0.7:8787', via: '1.1 proxy' })).toBe(200);
  });

  test('nobody, where nothing is counted', async () => {
    const node = await open('off');
    expect(await node.send('/metrics')).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });

  test('no script of another origin, and no cache', async () => {
    const { headers } = await (await open('loopback')).send('/metrics');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});
