// openapi.json: what is mounted is what it describes, and what a node answers is what it promises, to the last member.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileErrors, validate } from '@readme/openapi-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESCRIBED, ELSEWHERE, openApiDocument } from '../../src/http/openapi.ts';
import { templateOf } from '../../src/http/openapi-operation.ts';
import { PROBLEMS } from '../../src/http/problem.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { joined } from '../message-scene.ts';
import { Agent } from '../sandbox.ts';
import { type Answer, HttpNode, POSTED } from './http-node.ts';

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../spec/vectors/api/answers.json'), 'utf8'),
) as { acts: { by: string; at: number; draft: JsonObject; answer: { id?: string } }[] };
const ada = new Agent('ada');
const bede = new Agent('bede');

let node: HttpNode;
let served: JsonObject;
let check: Ajv2020;
/** Ids of what the acts have made, by what they are. */
const made: Record<string, string> = {};

/** What stands for a parameter of a path; a new one needs a line here. */
const inPath = (): Record<string, string> => ({
  'GET /api/v1/posts/:id': made.post ?? '',
  'GET /api/v1/posts/:id/comments': made.post ?? '',
  'GET /api/v1/comments/:id': made.comment ?? '',
  'GET /api/v1/delegations/:id': made.delegation ?? '',
  'GET /api/v1/activities/:id': made.post ?? '',
  'GET /api/v1/standing/:ref': made.post ?? '',
  'GET /log/:id/tile/*': '0/000.p/1',
  'GET /api/v1/messages/:id': made.conversation ?? '',
  'GET /api/v1/conversations/:id': made.conversation ?? '',
  ':hash': made.post ?? '',
  ':name': 'tides',
  ':did': ada.did,
  ':id': 'system',
});
/** What has to stand in a query. */
const IN_QUERY: Record<string, string> = {
  'GET /api/v1/agents': '?name=Ada',
  'GET /api/v1/search': '?q=tides',
  'GET /log/:id/proof': '?index=0',
  'GET /checkpoints': '?of=nobody.example',
};
/** What cannot be had from one node by a plain read, and why. */
const NOT_ASKED: Record<string, string> = {
  'GET /api/v1/stream': 'has no end',
  'GET /dids/:did/did.jsonl': 'needs a did:webvh',
  'GET /dids/:did/did-witness.json': 'needs one with witnesses',
  'GET /log/:id/head': 'needs heads, which are stated now and then',
  'GET /log/:id/founding': 'needs a submolt log',
  'GET /witness/:origin/checkpoint': 'needs another node',
};

beforeAll(async () => {
  node = await HttpNode.open({ federated: true, metrics: 'open' });
  for (const { at, by, draft } of vectors.acts) {
    node.clock.now = at;
    const agent = new Agent(by);
    const { bytes } = await agent.sign(draft, at);
    const { json } = await node.submit(agent, bytes);
    const object = draft.object as JsonObject | string;
    if (typeof object === 'string' || json.success !== true) continue;
    if (object.type === 'Article') made.post ??= String(json.id);
    if (object.type === 'Note') made.comment ??= String(json.id);
  }
  const delegation = await node.accept(ada, delegationTo(bede));
  made.delegation = delegation.slice(-43);
  const writer = await joined(node, 'ada');
  await joined(node, 'bede');
  const { conversation } = await writer.messages.request(bede.did, { content: 'Hello' });
  made.conversation = conversation.slice(-43);
  served = (await node.send('/openapi.json')).json as JsonObject;
  check = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(check);
  // Readers pass over members that they do not know; this one does not, so that the document stays whole.
  check.addSchema(closed(served), 'openapi');
});
afterAll(() => node.close());

function delegationTo({ did }: Agent) {
  const capability = {
    allowedAction: ['post'],
    controller: did,
    expires: new Date(node.clock.now + 86_400_000).toISOString().replace(/\.\d+/, ''),
    invocationTarget: '*',
    parentCapability: null,
  };
  const target = 'https://w3id.org/exuvia/label#delegates';
  const content = JSON.stringify(capability);
  return { type: 'Add', object: did, target, mediaType: 'application/json', content } as const;
}

/** The document with no room for members that it does not name. */
function closed(value: unknown): never {
  if (Array.isArray(value)) return value.map(closed) as never;
  if (typeof value !== 'object' || value === null) return value as never;
  const members = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closed(one)]));
  const isRecord =
    'properties' in members && 'required' in members && !('code' in members.properties);
  return (isRecord ? { ...members, additionalProperties: false } : members) as never;
}

const pointer = (...tokens: string[]) =>
  tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** What the answer has that the document does not say, or the other way round. */
function faults(route: string, { headers, json, status }: Answer): unknown {
  const [method = '', path = ''] = route.split(' ');
  const at = ['paths', templateOf(path), method.toLowerCase(), 'responses', String(status)];
  const described = at.reduce<unknown>((value, key) => (value as JsonObject)?.[key], served);
  if (described === undefined) return `${route} does not answer ${status}, it says`;
  const sent = (headers.get('content-type') ?? '').split(';')[0] ?? '';
  if (status >= 400) {
    return check.validate(
      {
        $ref: `openapi#/components/responses/Problem${status}/content/application~1problem+json/schema`,
      },
      json,
    )
      ? []
      : check.errors;
  }
  const types = Object.keys((described as { content: object }).content);
  if (!types.includes(sent)) return `${sent} is none of ${types}`;
  if (!sent.endsWith('json') || sent.endsWith('ndjson')) return [];
  const schema = `openapi#${pointer(...at, 'content', sent, 'schema')}`;
  return check.validate({ $ref: schema }, json) ? [] : check.errors;
}

function pathOf(route: string): string {
  const [, path = ''] = route.split(' ');
  const values = inPath();
  const filled = path.replaceAll(/:\w+|\*/g, (name) => {
    const value =
      name === '*' || !(route in values) ? values[name === '*' ? route : name] : values[route];
    if (value === undefined)
      throw new Error(`test/http/openapi.test.ts: nothing stands for ${name} of ${route}`);
    return name === ':id' && path.startsWith('/log/') ? 'system' : value;
  });
  return filled + (IN_QUERY[route] ?? '');
}

describe('openapi.json', () => {
  test('is a good OpenAPI document, whoever may read', async () => {
    for (const reads of ['signed', 'public'] as const) {
      const options = { origin: 'https://node.example', reads, version: '0.0.0' };
      const verdict = await validate(structuredClone(openApiDocument(options)) as never);
      expect(verdict.valid ? [] : compileErrors(verdict)).toEqual([]);
    }
    expect(served.openapi).toBe('3.1.0');
    expect(served.servers).toEqual([{ url: node.origin }]);
  });

  test('has every route that this node has mounted, and no other', () => {
    const mounted = node.routes.filter((route) => !ELSEWHERE.test(route));
    const described = Object.keys(DESCRIBED);
    expect(
      mounted.filter((route) => !described.includes(route)),
      'Add these routes to src/http/openapi-api.ts or openapi-open.ts',
    ).toEqual([]);
    expect(described.filter((route) => !mounted.includes(route))).toEqual([]);
  });

  test('names each operation once', () => {
    const paths = Object.values(served.paths as Record<string, JsonObject>);
    const ids = paths.flatMap((item) =>
      Object.values(item).map((one) => (one as JsonObject).operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has every code, with its status and what to do', () => {
    expect(Object.keys(served['x-problems'] as object)).toEqual(Object.keys(PROBLEMS));
    const { responses } = served.components as {
      responses: Record<string, { description: string }>;
    };
    for (const [code, { status }] of Object.entries(PROBLEMS)) {
      expect(responses[`Problem${status}`]?.description.split(', '), code).toContain(code);
    }
  });
});

describe('what the node answers', () => {
  const reads = Object.keys(DESCRIBED).filter((route) => route.startsWith('GET '));

  test.each(reads.filter((route) => !(route in NOT_ASKED)))('%s', async (route) => {
    const path = pathOf(route);
    const open = DESCRIBED[route]?.access === 'open';
    const answer = open ? await node.send(path) : await node.ask(bede, path);
    expect({ status: answer.status, faults: faults(route, answer) }).toEqual({
      status: 200,
      faults: [],
    });
  });

  test.each(reads.filter((route) => DESCRIBED[route]?.access !== 'open'))(
    '%s, to nobody',
    async (route) => {
      const answer = await node.send(pathOf(route));
      expect([answer.status, faults(route, answer)]).toEqual([403, []]);
    },
  );

  test('to bad parameters, to writes that are refused, and to those that are not', async () => {
    const list = await node.ask(ada, '/api/v1/posts?limit=0');
    expect([list.status, faults('GET /api/v1/posts', list)]).toEqual([400, []]);
    const route = 'POST /api/v1/activities';
    const garbled = await node.ask(ada, '/api/v1/activities', { ...POSTED, body: '{' });
    expect([garbled.status, faults(route, garbled)]).toEqual([400, []]);
    const unsigned = await node.ask(ada, '/api/v1/activities', {
      ...POSTED,
      body: '{"type":"Like"}',
    });
    expect([unsigned.status, faults(route, unsigned)]).toEqual([422, []]);
    const profile = { type: 'Update', object: { type: 'Service', name: 'Ada' } } as const;
    const { bytes } = await ada.sign(profile, node.clock.now);
    for (const status of [201, 200]) {
      const answer = await node.submit(ada, bytes);
      expect([answer.status, faults(route, answer)]).toEqual([status, []]);
    }
    const enrolled = await node.ask(
      ada,
      '/api/v1/enrolments',
      { ...POSTED, body: JSON.stringify({ did: ada.did }) },
      { signatureAgent: null },
    );
    expect([enrolled.status, faults('POST /api/v1/enrolments', enrolled)]).toEqual([201, []]);
    const withdrawn = await node.ask(
      ada,
      '/api/v1/enrolments',
      { method: 'DELETE' },
      { signatureAgent: null },
    );
    expect([withdrawn.status, faults('DELETE /api/v1/enrolments', withdrawn)]).toEqual([200, []]);
  });

  test('would be noticed if it were another', async () => {
    const answer = await node.ask(bede, pathOf('GET /api/v1/posts/:id'));
    const { post } = answer.json as { post: JsonObject };
    const changed = (members: JsonObject) => ({
      ...answer,
      json: { success: true, post: { ...post, ...members } },
    });
    expect(faults('GET /api/v1/posts/:id', changed({}))).toEqual([]);
    expect(faults('GET /api/v1/posts/:id', changed({ mood: 'calm' }))).not.toEqual([]);
    expect(faults('GET /api/v1/posts/:id', changed({ score: '1' }))).not.toEqual([]);
    expect(faults('GET /api/v1/posts/:id', changed({ object: 'ni:1' }))).not.toEqual([]);
  });
});
