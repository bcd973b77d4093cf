// Signature fields in every spelling RFC 9421 knows: signed here by hand, sent byte by byte.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toBase64 } from '../../src/protocol/bytes.ts';
import { agentUrlOfDidKey } from '../../src/protocol/signature-agent.ts';
import { Agent } from '../sandbox.ts';
import { dumpDatabase } from './database-dump.ts';
import { type HandWritten, type Line, type Signed, signByHand } from './hand-signature.ts';
import { HttpNode } from './http-node.ts';
import { message, outcomeOf } from './raw-connection.ts';

const PATH = '/api/v1/posts?sort=new';
const ada = new Agent('ada');
const eve = new Agent('eve');
let node: HttpNode;
let before: Awaited<ReturnType<typeof dumpDatabase>>;

beforeAll(async () => {
  node = await HttpNode.open();
  before = await dumpDatabase(node.context.db);
});
afterAll(async () => {
  // Reads and refusals: whatever was sent, nothing was written.
  expect(await dumpDatabase(node.context.db)).toEqual(before);
  expect(node.failures).toEqual([]);
  await node.close();
});

interface Written extends Partial<Omit<HandWritten, 'covers' | 'created'>> {
  /** Lines of the base behind the usual ones. */
  readonly covered?: readonly Line[];
}

function sign({ by = ada, nonce = 'n', covered = [], ...rest }: Written = {}): Signed {
  const created = Math.floor(node.clock.now / 1000);
  const usual: Line[] = [
    ['"@method"', 'GET'],
    ['"@target-uri"', node.origin + PATH],
    ['"signature-agent";key="sig1"', `"${agentUrlOfDidKey(node.origin, by.did)}"`],
  ];
  return signByHand({ by, nonce, created, covers: [...usual, ...covered], ...rest });
}

const agentOf = (agent: Agent) =>
  `Signature-Agent: sig1="${agentUrlOfDidKey(node.origin, agent.did)}"`;
const inputField = (...signed: Signed[]) =>
  `Signature-Input: ${signed.map(({ input }) => input).join(', ')}`;
const signatureField = (...signed: Signed[]) =>
  `Signature: ${signed.map(({ signature }) => signature).join(', ')}`;
/** The three fields of signatures by ada. */
const fieldsOf = (...signed: Signed[]) => [
  agentOf(ada),
  inputField(...signed),
  signatureField(...signed),
];
/** The three fields of one signature, with its Signature-Input written otherwise than it was signed. */
function respelled(pattern: RegExp | string, text: string, written: Written = {}): string[] {
  const signed = sign(written);
  const input = signed.input.replace(pattern, text);
  if (input === signed.input) throw new Error(`${pattern} is not in ${input}`);
  return [agentOf(ada), `Signature-Input: ${input}`, signatureField(signed)];
}

const send = (fields: readonly string[]) => {
  const all = [`Host: ${node.context.node.authority}`, ...fields];
  return outcomeOf(node.server.address.port, message(`GET ${PATH} HTTP/1.1`, all));
};

describe('a signature holds', () => {
  test.each<[string, () => string[]]>([
    ['as it is', () => fieldsOf(sign())],
    ['under any label', () => fieldsOf(sign({ label: 'x-9' }))],
    ['with blanks in its list', () => respelled(/^sig1=\("@method" /, 'sig1=(   "@method"    ')],
    ['with blanks at the end of its list', () => respelled('")', '"   )')],
    ['with blanks before its parameters', () => respelled(/;(?=[cekn])/g, ';   ')],
    ['with a true that is written out', () => respelled(/;flag$/, ';flag=?1', { more: ';flag' })],
    ['with an escape in a string', () => fieldsOf(sign({ nonce: 'a\\"b\\\\c' }))],
    [
      'with blanks and tabs around its fields',
      () => fieldsOf(sign()).map((field) => `${field.replace(': ', ': \t ')} \t `),
    ],
    [
      'with field names in any case',
      () => fieldsOf(sign()).map((field) => field.replace(/^[^:]+/, (name) => name.toUpperCase())),
    ],
    [
      'beside a broken one with another tag',
      () => fieldsOf(sign(), { ...sign({ label: 'b', tag: 'other' }), signature: 'b=:YQ==:' }),
    ],
    [
      'beside another one of the same signer',
      () => fieldsOf(sign(), sign({ label: 'b', more: ';x=1' })),
    ],
    [
      'beside another one in fields of its own',
      () => {
        const [one, two] = [sign(), sign({ label: 'b', more: ';x=1' })];
        return [
          agentOf(ada),
          inputField(one),
          inputField(two),
          signatureField(two),
          signatureField(one),
        ];
      },
    ],
    [
      'beside an agent that is not covered',
      () => [agentOf(eve).replace('sig1', 'b'), ...fieldsOf(sign())],
    ],
    [
      'over a field that is sent in parts',
      () => ['X-Part:  a ', 'x-part: b', ...fieldsOf(sign({ covered: [['"x-part"', 'a, b']] }))],
    ],
    [
      'with blanks and tabs around the commas between members',
      () => {
        const [one, two] = [sign(), sign({ label: 'b', more: ';x=1' })];
        return [
          agentOf(ada),
          `Signature-Input: ${one.input} \t, \t${two.input}`,
          `Signature: ${one.signature}\t,${two.signature}`,
        ];
      },
    ],
    [
      'with an agent that is split from the others, whatever their order',
      () => [
        agentOf(eve).replace('sig1', 'a'),
        agentOf(ada),
        agentOf(eve).replace('sig1', 'b'),
        ...fieldsOf(sign()).slice(1),
      ],
    ],
    ['over an empty field', () => ['X-Part:', ...fieldsOf(sign({ covered: [['"x-part"', '']] }))]],
    ['beside a field in another alphabet', () => ['X-Part: \xe4', ...fieldsOf(sign())]],
  ])('%s', async (_, fields) => {
    expect(await send(fields())).toEqual({ status: 200, connection: 'open' });
  });
});

describe('a signature does not hold', () => {
  const malformed = [400, 'signature_malformed'] as const;
  const unpaired = [400, 'signature_unpaired'] as const;
  const bad = [403, 'bad_signature'] as const;
  const unsupported = [400, 'unsupported_component'] as const;
  const covering = (name: string, value = 'x') => fieldsOf(sign({ covered: [[name, value]] }));
  test.each<[string, number, string, () => string[]]>([
    [
      'with its components in another order',
      ...bad,
      () => respelled('"@method" "@target-uri"', '"@target-uri" "@method"'),
    ],
    [
      'with its parameters in another order',
      ...bad,
      () => respelled(/(;nonce="n")(;tag="[^"]*")/, '$2$1'),
    ],
    ['with a parameter more', ...bad, () => respelled(/$/, ';x')],
    ['with a parameter less', ...bad, () => respelled(/;flag$/, '', { more: ';flag' })],
    ['with tabs in its list', ...malformed, () => respelled('"@method" ', '"@method"\t')],
    ['with tabs before a parameter', ...malformed, () => respelled(';created', ';\tcreated')],
    ['with a comma at its end', ...malformed, () => respelled(/$/, ', ')],
    [
      'with a field line of nothing among its own',
      ...malformed,
      () => [...fieldsOf(sign()), 'Signature-Input:'],
    ],
    [
      'with its list split over two lines',
      ...malformed,
      () => {
        const [agent = '', input = '', signature = ''] = fieldsOf(sign());
        const [head, rest] = input.split(' "@target-uri"');
        return [agent, `${head}`, `Signature-Input: "@target-uri"${rest}`, signature];
      },
    ],
    [
      'with its bytes split over two lines',
      ...malformed,
      () => {
        const [agent = '', input = '', signature = ''] = fieldsOf(sign());
        const half = signature.length - 40;
        return [agent, input, signature.slice(0, half), `Signature: ${signature.slice(half)}`];
      },
    ],
    [
      'with its agent split over two lines',
      403,
      'discovery_refused',
      () => {
        const [agent = '', ...rest] = fieldsOf(sign());
        const half = agent.length - 20;
        return [agent.slice(0, half), `Signature-Agent: ${agent.slice(half)}`, ...rest];
      },
    ],
    ['with a blank around =', ...malformed, () => respelled('sig1=', 'sig1 = ')],
    ['with a blank before a parameter', ...malformed, () => respelled(';created', ' ;created')],
    ['with a label in capitals', ...malformed, () => respelled('sig1=', 'SIG1=')],
    ['with a parameter twice', ...malformed, () => respelled(/;nonce="n"/, ';nonce="m";nonce="n"')],
    [
      'with a fraction for a time',
      ...malformed,
      () => respelled(/;created=(\d+)/, ';created=$1.0'),
    ],
    ['with a zero before an integer', ...malformed, () => respelled('created=', 'created=0')],
    ['with a date for a time', ...malformed, () => respelled('created=', 'created=@')],
    ['with a component in capitals', ...malformed, () => respelled('"@method"', '"@METHOD"')],
    ['with a component as a token', ...malformed, () => respelled('"@method"', 'method')],
    ['with a component twice', ...malformed, () => covering('"@method"', 'GET')],
    [
      'with a parameter of a derived component',
      ...unsupported,
      () => covering('"@method";key="a"'),
    ],
    ['over @status', ...unsupported, () => covering('"@status"')],
    ['over @query-param', ...unsupported, () => covering('"@query-param";name="sort"')],
    ['over a field as structured', ...unsupported, () => covering('"host";sf')],
    ['over a field as bytes', ...unsupported, () => covering('"host";bs')],
    ['over a trailer', ...unsupported, () => covering('"host";tr')],
    ['over the request of a response', ...unsupported, () => covering('"host";req')],
    ['over itself', ...unsupported, () => covering('"signature-input";key="sig1"')],
    ['over a field that is not there', 403, 'missing_component', () => covering('"x-part"', '')],
    [
      'over a member that is not there',
      403,
      'missing_component',
      () => covering('"signature-agent";key="b"'),
    ],
    [
      'over 25 components',
      400,
      'limit_exceeded',
      () =>
        fieldsOf(
          sign({ covered: Array.from({ length: 22 }, (_, i) => [`"x-${i}"`, ''] as const) }),
        ),
    ],
    [
      'over a field in another alphabet',
      ...malformed,
      () => ['X-Part: \xe4', ...covering('"x-part"', '\xe4')],
    ],
    ['without its input', ...unpaired, () => [agentOf(ada), signatureField(sign())]],
    ['without its signature', ...unpaired, () => [agentOf(ada), inputField(sign())]],
    [
      'under one label here and another there',
      ...unpaired,
      () => [agentOf(ada), inputField(sign()), signatureField(sign({ label: 'b' }))],
    ],
    ['as empty fields', ...unpaired, () => [agentOf(ada), 'Signature-Input:', 'Signature: a']],
    [
      'as dictionaries of nothing',
      403,
      'no_applicable_signature',
      () => [agentOf(ada), 'Signature-Input:', 'Signature:'],
    ],
    ['under one label twice', ...malformed, () => fieldsOf(sign(), sign())],
    [
      'under one label in two fields',
      ...malformed,
      () => [agentOf(ada), inputField(sign()), inputField(sign()), signatureField(sign())],
    ],
    ['with its signature twice', ...malformed, () => [...fieldsOf(sign()), signatureField(sign())]],
    [
      'with two agents under one key',
      400,
      'signature_agent_malformed',
      () => [agentOf(eve), ...fieldsOf(sign())],
    ],
    [
      'with the agent of somebody else',
      403,
      'key_not_in_directory',
      () => [agentOf(eve), ...fieldsOf(sign()).slice(1)],
    ],
    ['with another tag', 403, 'no_applicable_signature', () => fieldsOf(sign({ tag: 'other' }))],
    [
      'beside a forged one',
      ...bad,
      () =>
        fieldsOf(sign(), {
          ...sign({ label: 'b' }),
          signature: sign({ label: 'b', nonce: 'm' }).signature,
        }),
    ],
    [
      'beside one with another nonce',
      403,
      'ambiguous_signer',
      () => fieldsOf(sign(), sign({ label: 'b', nonce: 'm' })),
    ],
    [
      'beside four others',
      400,
      'limit_exceeded',
      () => fieldsOf(...['a', 'b', 'c', 'd', 'e'].map((label) => sign({ label }))),
    ],
    [
      'with two digests of one kind',
      400,
      'digest_malformed',
      () => {
        const digest = (byte: number) => `sha-256=:${toBase64(new Uint8Array(32).fill(byte))}:`;
        const fields = covering('"content-digest"', `${digest(1)}, ${digest(2)}`);
        return [`Content-Digest: ${digest(1)}`, `content-digest: ${digest(2)}`, ...fields];
      },
    ],
  ])('%s', async (_, status, code, fields) => {
    expect(await send(fields())).toEqual({ status, code, connection: 'open' });
  });
});

describe('two agents of one request', () => {
  beforeEach(() => expect(ada.did).not.toBe(eve.did));

  test('are one too many', async () => {
    const created = Math.floor(node.clock.now / 1000);
    const hers = signByHand({
      by: eve,
      created,
      label: 'b',
      nonce: 'n',
      covers: [
        ['"@method"', 'GET'],
        ['"@target-uri"', node.origin + PATH],
        ['"signature-agent";key="b"', `"${agentUrlOfDidKey(node.origin, eve.did)}"`],
      ],
    });
    const agents = [agentOf(ada), agentOf(eve).replace('sig1', 'b')];
    const both = [inputField(sign(), hers), signatureField(sign(), hers)];
    expect(await send([...agents, ...both])).toMatchObject({
      status: 403,
      code: 'ambiguous_signer',
    });
    const alone = [inputField(hers), signatureField(hers)];
    expect(await send([...agents, ...alone])).toMatchObject({ status: 200 });
  });
});
