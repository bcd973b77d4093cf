// Requests with signatures of others beside the caller's, as proxies make them: what counts, who is meant, what is remembered.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentDigest } from '../../src/protocol/content-digest.ts';
import { agentUrlOfDidKey } from '../../src/protocol/signature-agent.ts';
import { Agent, crypto } from '../sandbox.ts';
import { type HandWritten, type Line, type Signed, signByHand } from './hand-signature.ts';
import { HttpNode } from './http-node.ts';
import { message, outcomeOf } from './raw-connection.ts';

const PATH = '/api/v1/posts';
const ada = new Agent('ada');
const proxy = new Agent('proxy');
let node: HttpNode;
beforeEach(async () => {
  node = await HttpNode.open({ name: 'several' });
});
afterEach(() => node.close());

const now = () => Math.floor(node.clock.now / 1000);
const urlOf = (agent: Agent) => agentUrlOfDidKey(node.origin, agent.did);
const target = (): Line[] => [
  ['"@method"', 'GET'],
  ['"@target-uri"', node.origin + PATH],
];
const member = (key: string, agent: Agent): Line => [
  `"signature-agent";key="${key}"`,
  `"${urlOf(agent)}"`,
];

function sign(by: Agent, covers: readonly Line[], more: Partial<HandWritten> = {}): Signed {
  return signByHand({ by, covers, created: now(), ...more });
}

function ask(agents: string, signed: readonly Signed[], path = PATH) {
  const headers = {
    'signature-agent': agents,
    'signature-input': signed.map(({ input }) => input).join(', '),
    signature: signed.map(({ signature }) => signature).join(', '),
  };
  return node.send(path, { headers });
}

const code = ({ status, json }: Awaited<ReturnType<typeof ask>>) =>
  json.code === undefined ? status : `${status} ${json.code}`;

describe('a proxy that signs as well', () => {
  const agents = () => `sig1="${urlOf(ada)}"`;
  const hers = () => sign(ada, [...target(), member('sig1', ada)]);

  test.each<[string, (hers: Signed) => Line[]]>([
    [
      'the request',
      () => [
        ['"@authority"', 'x'],
        ['"forwarded"', 'for=192.0.2.7'],
      ],
    ],
    ['what this node computes for nobody', () => [['"@query-param";name="a"', 'b']]],
    [
      'fields in ways this node knows nothing of',
      () => [
        ['"date";bs', ':YQ==:'],
        ['"x";sf', '1'],
      ],
    ],
    [
      'the signature of the caller',
      ({ input, bytes }) => [
        ['"signature";key="sig1"', bytes],
        ['"signature-input";key="sig1"', input.slice('sig1='.length)],
      ],
    ],
    [
      'more than this node would read',
      () => Array.from({ length: 30 }, (_, i): Line => [`"x-${i}"`, '']),
    ],
  ])('with a tag of its own may sign %s', async (_, covers) => {
    const caller = hers();
    const its = sign(proxy, covers(caller), { label: 'proxy', tag: 'proxy' });
    expect(code(await ask(agents(), [caller, its]))).toBe(200);
    expect(code(await ask(agents(), [its, caller]))).toBe(200);
  });

  test('does not get a request in that is not signed by a caller', async () => {
    const its = sign(proxy, [...target(), member('sig1', ada)], { tag: 'proxy' });
    expect(code(await ask(agents(), [its]))).toBe('403 no_applicable_signature');
  });

  test('as a caller of its own makes it unclear who is meant', async () => {
    const its = sign(proxy, [...target(), member('p', proxy)], { label: 'p' });
    const both = `${agents()}, p="${urlOf(proxy)}"`;
    expect(code(await ask(both, [hers(), its]))).toBe('403 ambiguous_signer');
    expect(code(await ask(both, [its, hers()]))).toBe('403 ambiguous_signer');
    expect(code(await ask(both, [hers()]))).toBe(200);
  });

  test('as a caller cannot sign the signature of another', async () => {
    const caller = hers();
    const over: Line[] = [
      ['"signature";key="sig1"', caller.bytes],
      ['"signature-input";key="sig1"', caller.input.slice('sig1='.length)],
    ];
    const its = sign(ada, [...target(), member('sig1', ada), ...over], { label: 'p' });
    expect(code(await ask(agents(), [caller, its]))).toBe('400 unsupported_component');
  });
});

describe('a proxy that renames signatures', () => {
  const renamed = ({ input, bytes }: Signed, label: string): Signed => ({
    input: input.replace(/^[^=]+/, label),
    signature: `${label}=${bytes}`,
    bytes,
  });

  test('and leaves the agents alone changes nothing', async () => {
    const hers = sign(ada, [...target(), member('sig1', ada)]);
    expect(code(await ask(`sig1="${urlOf(ada)}"`, [renamed(hers, 'x')]))).toBe(200);
  });

  test('may give each the name of the other', async () => {
    const one = sign(ada, [...target(), member('a', ada)], { label: 'a' });
    const two = sign(ada, [...target(), member('b', ada)], { label: 'b', more: ';x=1' });
    const agents = `a="${urlOf(ada)}", b="${urlOf(ada)}"`;
    expect(code(await ask(agents, [one, two]))).toBe(200);
    expect(code(await ask(agents, [renamed(one, 'b'), renamed(two, 'a')]))).toBe(200);
  });

  test('cannot rename the agent too', async () => {
    const hers = sign(ada, [...target(), member('sig1', ada)]);
    const answer = await ask(`x="${urlOf(ada)}"`, [renamed(hers, 'x')]);
    expect(code(answer)).toBe('403 missing_component');
  });

  test('cannot choose between agents', async () => {
    const both = [...target(), member('a', ada), member('p', proxy)];
    const agents = `a="${urlOf(ada)}", p="${urlOf(proxy)}"`;
    const hers = sign(ada, both, { label: 'a' });
    expect(code(await ask(agents, [hers]))).toBe(200);
    expect(code(await ask(agents, [renamed(hers, 'x')]))).toBe('403 signature_agent_ambiguous');
    expect(code(await ask(agents, [renamed(hers, 'p')]))).toBe('403 key_not_in_directory');
  });
});

describe('two signatures of one caller', () => {
  test('may name the agent in two ways', async () => {
    const one = sign(ada, [...target(), member('sig1', ada)]);
    const whole: Line = ['"signature-agent"', `sig1="${urlOf(ada)}"`];
    const two = sign(ada, [...target(), whole], { label: 'old' });
    expect(code(await ask(`sig1="${urlOf(ada)}"`, [one, two]))).toBe(200);
  });

  test('are each judged by themselves: one that is stale is not saved by one that is fresh', async () => {
    const fresh = sign(ada, [...target(), member('sig1', ada)]);
    const stale = sign(ada, [...target(), member('sig1', ada)], {
      label: 'b',
      created: now() - 200,
    });
    for (const both of [
      [fresh, stale],
      [stale, fresh],
    ]) {
      expect(code(await ask(`sig1="${urlOf(ada)}"`, both))).toBe('403 expired');
    }
  });

  test('leave a nonce behind that is remembered until neither can be used again', async () => {
    // Nonces are forgotten by spans of five minutes: here the one of the old signature alone would be.
    node.clock.now += 200_000;
    const path = '/api/v1/activities';
    const object = { type: 'Service', name: 'Ada' } as const;
    const { bytes: body } = await ada.sign({ type: 'Update', object }, node.clock.now);
    const digest = contentDigest(body, crypto);
    const covers: Line[] = [
      ['"@method"', 'POST'],
      ['"@target-uri"', node.origin + path],
      ['"content-digest"', digest],
      member('sig1', ada),
    ];
    const hour = { nonce: 'once', expires: now() + 3600 };
    const old = sign(ada, covers, { ...hour, created: now() - 290, label: 'old' });
    const young = sign(ada, covers, { ...hour, created: now() + 25 });
    const post = (signed: readonly Signed[]) =>
      node.send(path, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'content-digest': digest,
          'signature-agent': `sig1="${urlOf(ada)}"`,
          'signature-input': signed.map(({ input }) => input).join(', '),
          signature: signed.map(({ signature }) => signature).join(', '),
        },
      });
    expect((await post([old, young])).status).toBe(201);
    node.clock.now += 324_000;
    await node.accept(proxy, { type: 'Update', object: { type: 'Service', name: 'Proxy' } });
    expect(code(await post([young]))).toBe('429 replayed');
    node.clock.now += 2_000;
    expect(code(await post([young]))).toBe('403 too_old');
  });
});

test('a field that is folded over two lines is no HTTP any more', async () => {
  const hers = sign(ada, [...target(), member('sig1', ada)]);
  const fields = [
    `Host: ${node.context.node.authority}`,
    `Signature-Agent: sig1="${urlOf(ada)}"`,
    `Signature-Input: ${hers.input.replace(';created', '\r\n ;created')}`,
    `Signature: ${hers.signature}`,
  ];
  const outcome = await outcomeOf(
    node.server.address.port,
    message(`GET ${PATH} HTTP/1.1`, fields),
  );
  expect(outcome).toEqual({ status: 400, code: 'malformed_http', connection: 'closed' });
});
