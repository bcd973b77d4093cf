// The older forms of Signature-Agent over HTTP: each gets in where the operator takes it, and is told why where not.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDid } from '../../src/protocol/did.ts';
import { buildDidWebDocument } from '../../src/protocol/did-document.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import {
  agentUrlOfDidKey,
  COMPAT_ALL,
  COMPAT_NONE,
  DIRECTORY_PATH,
} from '../../src/protocol/signature-agent.ts';
import { Agent, crypto } from '../sandbox.ts';
import { signByHand } from './hand-signature.ts';
import { type Answer, HttpNode } from './http-node.ts';

const PATH = '/api/v1/posts';
const HOST = 'https://agents.example';
const agent = new Agent('older');
const publicKey = crypto.publicKeyOf(agent.seed);
const hostDid = parseDid('did:web:agents.example')!;
const directory = buildDidWebDocument(
  { did: hostDid, keys: [{ publicKey, purposes: ['authentication'] }] },
  crypto,
) as unknown as JsonObject;
const documents = new Map([[HOST + DIRECTORY_PATH, directory]]);
const own = agentUrlOfDidKey('https://node.example', agent.did);

/** Sends a read whose Signature-Agent is `field`, covered as `component` with `value`. */
function ask(node: HttpNode, field: string, component: string, value: string): Promise<Answer> {
  const signed = signByHand({
    by: agent,
    created: Math.floor(node.clock.now / 1000),
    covers: [
      ['"@method"', 'GET'],
      ['"@target-uri"', node.origin + PATH],
      [component, value],
    ],
  });
  const { input, signature } = signed;
  const headers = { 'signature-agent': field, 'signature-input': input, signature };
  return node.send(PATH, { headers });
}

const MEMBER = '"signature-agent";key="sig1"';
const WHOLE = '"signature-agent"';
/** Form, field, how it is covered, the value of that, and how it is refused where the form is off. */
const FORMS = [
  ['origin', `sig1="${HOST}"`, MEMBER, `"${HOST}"`, 403, 'discovery_refused'],
  ['origin', `sig1="${HOST}/"`, MEMBER, `"${HOST}/"`, 403, 'discovery_refused'],
  [
    'typed',
    `sig1="${HOST}";type=directory`,
    MEMBER,
    `"${HOST}";type=directory`,
    403,
    'signature_agent_parameters',
  ],
  [
    'typed',
    `sig1="${own}";type=jwks_uri`,
    MEMBER,
    `"${own}";type=jwks_uri`,
    403,
    'signature_agent_parameters',
  ],
  ['string', `"${own}"`, WHOLE, `"${own}"`, 400, 'signature_agent_malformed'],
  [
    'whole_field',
    `sig1="${own}"`,
    WHOLE,
    `sig1="${own}"`,
    403,
    'signature_agent_member_not_covered',
  ],
] as const;

describe.each(FORMS)('the form %s, as %s', (form, field, component, value, status, code) => {
  const nodes: HttpNode[] = [];
  const open = async (compat: typeof COMPAT_ALL) => {
    const node = await HttpNode.open({ name: `older ${nodes.length}`, compat, documents });
    nodes.push(node);
    return node;
  };
  afterAll(() => Promise.all(nodes.map((node) => node.close())));

  test('gets in where it is taken, also as the only one', async () => {
    expect(await ask(await open(COMPAT_ALL), field, component, value)).toMatchObject({
      status: 200,
    });
    const only = await open({ ...COMPAT_NONE, [form]: true });
    expect(await ask(only, field, component, value)).toMatchObject({ status: 200 });
  });

  test('is refused where it is off, though all others are on', async () => {
    const refused = { status, json: { code } };
    expect(await ask(await open(COMPAT_NONE), field, component, value)).toMatchObject(refused);
    const others = await open({ ...COMPAT_ALL, [form]: false });
    expect(await ask(others, field, component, value)).toMatchObject(refused);
  });
});

describe('a node that takes none of them', () => {
  let node: HttpNode;
  beforeAll(async () => {
    node = await HttpNode.open({ name: 'older none', compat: COMPAT_NONE, documents });
  });
  afterAll(() => node.close());

  test.each([own, HOST + DIRECTORY_PATH])('lets in who covers the member %s', async (url) => {
    expect(await ask(node, `sig1="${url}"`, MEMBER, `"${url}"`)).toMatchObject({ status: 200 });
  });
});
