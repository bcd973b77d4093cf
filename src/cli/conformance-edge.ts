// HTTP around the signature: problems, Accept-Signature and who obeys it, framing, media types, methods.

import { agentUrlOf } from '../client/keys.ts';
import { type Code, PROBLEMS } from '../http/problem.ts';
import { utf8 } from '../protocol/bytes.ts';
import { contentDigest } from '../protocol/content-digest.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import {
  type Case,
  every,
  expectRefusal,
  expectSuccess,
  failed,
  holds,
  passed,
} from './conformance-case.ts';
import type { Answer, Message } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';
import {
  formatSignature,
  formatSignatureInput,
  parseSignatureInput,
  signatureBaseOf,
  withField,
} from './conformance-signature.ts';

const group = 'http';
const target = '/api/v1/activities';

/** An unsigned submission of an object that the node has. */
async function unsigned(live: Live): Promise<Message & { readonly body: Uint8Array }> {
  const body = (await live.stage()).acts.get('post')?.bytes ?? utf8('');
  const fields = [
    ['Host', live.authority],
    ['Content-Type', 'application/json'],
    ['Content-Length', String(body.length)],
  ] as const;
  return { method: 'POST', target, fields, body };
}

/** A signed write whose body, and if told so its digest, was replaced by another agent's valid object. */
async function askWithOtherBody(live: Live, digestToo: boolean): Promise<Answer> {
  const { body } = await unsigned(live);
  const object = { type: 'Service', name: 'Changed' } as const;
  const { bytes } = live.sign(live.agent('gwen'), { type: 'Update', object });
  return live.ask(() => {
    const signed = live.signed(live.agent('ada'), { method: 'POST', target, body });
    const changed = withField(signed, 'content-length', String(bytes.length));
    const digest = contentDigest(bytes, live.crypto);
    return { ...(digestToo ? withField(changed, 'content-digest', digest) : changed), body: bytes };
  });
}

/** Signs what Accept-Signature lists, under the label and with the nonce it gives; knows nothing else of the profile. */
function obey(
  live: Live,
  answer: Answer,
  message: Message & { readonly body: Uint8Array },
): Message {
  const agent = live.agent('ada');
  const [asked] = parseSignatureInput(answer.headers.get('accept-signature') ?? '');
  if (asked === undefined) throw new Error('no signature is asked for');
  const url = agentUrlOf(agent, live.node.origin);
  const complete = withField(
    withField(message, 'Content-Digest', contentDigest(message.body, live.crypto)),
    'Signature-Agent',
    `${asked.label}="${url}"`,
  );
  const { crypto } = live;
  const nonce = /;nonce="([^"]*)"/.exec(asked.parameters)?.[1];
  const keyid = jwkThumbprint(crypto.publicKeyOf(agent.seed), crypto);
  const signature = { ...asked, parameters: live.signatureParameters(keyid, nonce) };
  const bytes = crypto.sign(agent.seed, signatureBaseOf(complete, signature, live.node.origin));
  const signed = withField(complete, 'Signature-Input', formatSignatureInput(signature));
  return withField(signed, 'Signature', formatSignature(asked.label, bytes));
}

async function refusedProblem(live: Live): Promise<Answer> {
  return live.ask(() => unsigned(live));
}

/** A well-signed submission, with fields that the signature does not cover changed. */
async function altered(live: Live, change: (message: Message) => Message): Promise<Answer> {
  const { body } = await unsigned(live);
  return live.ask(() => change(live.signed(live.agent('ada'), { method: 'POST', target, body })));
}

const refusals: readonly (readonly [
  name: string,
  code: Code,
  send: (live: Live) => Promise<Answer>,
])[] = [
  [
    'a compressed body',
    'content_encoding_refused',
    (live) => altered(live, (message) => withField(message, 'Content-Encoding', 'gzip')),
  ],
  [
    'a body that is not declared as JSON',
    'unsupported_media_type',
    async (live) => {
      const { body } = await unsigned(live);
      return live.ask(() =>
        withField(
          live.signed(live.agent('ada'), { method: 'POST', target, body }),
          'content-type',
          'text/plain',
        ),
      );
    },
  ],
  [
    'a read with a body',
    'unexpected_body',
    async (live) => {
      const { body } = await unsigned(live);
      return live.ask(() =>
        live.signed(live.agent('ada'), { method: 'GET', target: '/api/v1/posts', body }),
      );
    },
  ],
  [
    'a body that is said to be too long',
    'too_large',
    (live) => live.post(live.agent('ada'), new Uint8Array(300_000).fill(0x20)),
  ],
  [
    'a limit beyond its range',
    'bad_parameter',
    (live) => live.read(live.agent('ada'), '/api/v1/posts?limit=101'),
  ],
  [
    'a parameter twice',
    'bad_parameter',
    (live) => live.read(live.agent('ada'), '/api/v1/posts?limit=1&limit=2'),
  ],
  [
    'a cursor that is none',
    'bad_parameter',
    (live) => live.read(live.agent('ada'), '/api/v1/posts?cursor=nonsense'),
  ],
  [
    'a target with dot segments',
    'non_canonical_target',
    (live) => live.open('/log/system/../system/checkpoint'),
  ],
  [
    'an absolute target of another host',
    'misdirected',
    (live) => live.open('http://other.example/healthz-not'),
  ],
];

export const EDGE_CASES: readonly Case[] = [
  {
    group,
    name: 'a refusal is a problem document that says what to do',
    async run(live) {
      const { json, code, status } = await refusedProblem(live);
      const members = ['type', 'title', 'detail', 'remedy'].filter(
        (name) => typeof json?.[name] !== 'string',
      );
      return every(
        holds(code !== null, 'application/problem+json with a code', `${status}`),
        holds(members.length === 0, 'type, title, detail, remedy', `without ${members.join(', ')}`),
        holds(json?.status === status, `status ${status}`, `status ${json?.status}`),
        holds(json?.success === false, 'success false', `${json?.success}`),
      );
    },
  },
  {
    group,
    name: 'codes are those of spec/errors.md',
    async run(live) {
      const { code } = await refusedProblem(live);
      if (code !== null && code in PROBLEMS) return passed(code);
      return live.strict
        ? failed('a code of spec/errors.md', `${code}`)
        : passed(`${code}`, 'not in spec/errors.md');
    },
  },
  {
    group,
    name: 'an unsigned write is told what to sign',
    async run(live) {
      const asked = (await refusedProblem(live)).headers.get('accept-signature');
      const [signature] = parseSignatureInput(asked ?? '');
      const needed = ['"@method"', '"content-digest"'].every((id) =>
        signature?.covers.includes(id),
      );
      return holds(needed, 'Accept-Signature with @method and content-digest', `${asked}`);
    },
  },
  {
    group,
    name: 'an unsigned write without a body is told to sign none, and given a nonce',
    async run(live) {
      const fields = [
        ['Host', live.authority],
        ['Content-Length', '0'],
      ] as const;
      const answer = await live.ask(() => ({ method: 'POST', target, fields, body: null }));
      const asked = answer.headers.get('accept-signature');
      const [signature] = parseSignatureInput(asked ?? '');
      const method = signature?.covers.includes('"@method"') ?? false;
      const content = signature?.covers.some((id) => id.startsWith('"content-')) ?? true;
      const nonce = /;nonce="[^"]+"/.test(signature?.parameters ?? '');
      return holds(method && !content && nonce, 'a nonce, and nothing of a body', `${asked}`);
    },
  },
  {
    group,
    name: 'whoever signs what Accept-Signature lists gets in',
    async run(live) {
      const message = await unsigned(live);
      const refused = await live.ask(() => message);
      return expectSuccess(await live.ask(() => obey(live, refused, message)), 200, live);
    },
  },
  ...refusals.map(
    ([name, code, send]): Case => ({
      group,
      name,
      run: async (live) => expectRefusal(await send(live), code, live),
    }),
  ),
  {
    group,
    name: 'an absolute target of its own origin is taken',
    run: async (live) =>
      expectSuccess(await live.open(`${live.node.origin}/log/system/checkpoint`), 200, live),
  },
  {
    group,
    name: 'a method that a path does not have',
    async run(live) {
      const fields = [
        ['Host', live.authority],
        ['Content-Length', '0'],
      ] as const;
      const answer = await live.ask(() => ({
        method: 'PUT',
        target: '/.well-known/exuvia',
        fields,
        body: null,
      }));
      return every(
        holds(answer.headers.has('allow'), 'Allow', 'no Allow'),
        expectRefusal(answer, 'method_not_allowed', live),
      );
    },
  },
  {
    group,
    name: 'a body changed on the way, its digest with it',
    async run(live) {
      const answer = await askWithOtherBody(live, true);
      return expectRefusal(answer, 'bad_signature', live);
    },
  },
  {
    group,
    name: 'a body changed on the way into another valid object',
    async run(live) {
      const answer = await askWithOtherBody(live, false);
      return expectRefusal(answer, 'content_digest_mismatch', live);
    },
  },
  {
    group,
    name: 'a signature made for another node',
    async run(live) {
      const { body } = await unsigned(live);
      const answer = await live.ask(() =>
        live.signed(live.agent('ada'), {
          method: 'POST',
          target,
          body,
          origin: 'https://other.example',
        }),
      );
      return expectRefusal(answer, 'bad_signature', live);
    },
  },
];
