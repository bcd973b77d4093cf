// Texts that the JSON gate refuses: its vectors as they are, and faults in text that is signed and would be taken without them.

import type { Code } from '../http/problem.ts';
import { concatBytes, decodeUtf8, fromHex, utf8 } from '../protocol/bytes.ts';
import { type Case, expectRefusal, expectSuccess } from './conformance-case.ts';
import type { Live } from './conformance-live.ts';
import { type GateVector, refusedTexts } from './conformance-vectors.ts';

const group = 'texts';

type Rewrite = (text: string) => string | Uint8Array;

/** Faults in the canonical text of a post that is well signed, `"seq":0` and all. */
const FAULTS: readonly (readonly [name: string, code: Code, rewrite: Rewrite])[] = [
  ['a fraction of zero', 'unsafe_number', (text) => text.replace('"seq":0', '"seq":0.0')],
  ['an exponent', 'unsafe_number', (text) => text.replace('"seq":0', '"seq":0e0')],
  ['minus zero', 'unsafe_number', (text) => text.replace('"seq":0', '"seq":-0')],
  ['a member twice', 'duplicate_key', (text) => text.replace('{', '{"type":"Like",')],
  ['a member twice, alike', 'duplicate_key', (text) => text.replace('"seq":0', '"seq":0,"seq":0')],
  [
    'a member twice, once by an escape',
    'duplicate_key',
    (text) => text.replace('{', '{"\\u0074ype":"Like",'),
  ],
  ['a member called __proto__', 'forbidden_key', (text) => text.replace('{', '{"__proto__":{},')],
  ['half a surrogate pair', 'lone_surrogate', (text) => text.replace('A title', 'A \\ud800')],
  ['a noncharacter', 'noncharacter', (text) => text.replace('A title', 'A \\uffff')],
  ['a byte order mark', 'invalid_json', (text) => `\uFEFF${text}`],
  ['a comma at the end', 'invalid_json', (text) => text.replace(/\}$/, ',}')],
  ['two texts', 'invalid_json', (text) => text + text],
  [
    'a byte that no UTF-8 has',
    'invalid_utf8',
    (text) => concatBytes(utf8(text), Uint8Array.of(0xff)),
  ],
  ['white space up to 262,145 bytes', 'too_large', (text) => text.padEnd(262_145)],
];

/** On submission the order of members, white space and escapes do not matter. */
const SPELLINGS: readonly (readonly [name: string, rewrite: Rewrite])[] = [
  ['the canonical text', (text) => text],
  ['indented', (text) => JSON.stringify(JSON.parse(text), null, 2)],
  [
    'members in another order',
    (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())),
  ],
  ['a letter written as an escape', (text) => text.replace('A title', '\\u0041 title')],
  ['line feeds after the text', (text) => `${text}\n\n`],
];

async function send(live: Live, rewrite: Rewrite) {
  const { of } = await live.stage();
  const author = live.agent('hans');
  const { bytes } = live.sign(author, {
    type: 'Create',
    audience: of('submolt'),
    seq: 0,
    object: { type: 'Article', name: `A title ${live.nonce()}` },
  });
  const text = rewrite(decodeUtf8(bytes));
  return live.post(author, typeof text === 'string' ? utf8(text) : text);
}

function bytesOf({ text = '', hex, padTo = 0 }: GateVector): Uint8Array {
  return hex === undefined ? utf8(text.padEnd(padTo)) : (fromHex(hex) ?? utf8(''));
}

export function textCases(): Case[] {
  return [
    ...SPELLINGS.map(
      ([name, rewrite]): Case => ({
        group,
        name: `accepted: ${name}`,
        run: async (live) => expectSuccess(await send(live, rewrite), 201, live),
      }),
    ),
    ...FAULTS.map(
      ([name, code, rewrite]): Case => ({
        group,
        name: `in a signed post: ${name}`,
        run: async (live) => expectRefusal(await send(live, rewrite), code, live),
      }),
    ),
    ...refusedTexts().map(
      (vector): Case => ({
        group,
        name: `${vector.error}: ${vector.comment}`,
        run: async (live) =>
          expectRefusal(
            await live.post(live.agent('ada'), bytesOf(vector)),
            vector.error as Code,
            live,
          ),
      }),
    ),
  ];
}
