// Policies to the letter of c2sp.org/tlog-policy, and quorums counted.
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { utf8 } from '../protocol/bytes.ts';
import {
  COSIGNATURE_V1,
  formatVerifierKey,
  NOTE_ED25519,
  type NoteSigner,
  noteSigner,
} from './note-key.ts';
import { evaluateQuorum, parsePolicy } from './policy.ts';

const crypto = createNodeCrypto();
const seedOf = (label: string) => crypto.sha256(utf8(label));
const witnessKey = (label: string) =>
  noteSigner(`${label}.example`, COSIGNATURE_V1, seedOf(label), crypto);
const witness = (label: string) => formatVerifierKey(witnessKey(label));
const logKey = noteSigner('log.example/log/system', NOTE_ED25519, seedOf('log'), crypto);
const log = formatVerifierKey(logKey);

function parse(text: string | Uint8Array) {
  return parsePolicy(typeof text === 'string' ? utf8(text) : text, crypto);
}

/** Whether the policy's quorum is met when these have cosigned. */
function met(text: string, ...labels: string[]): boolean | string {
  const result = parse(text);
  if (!result.ok) return result.detail;
  const signatures = labels.map((label) => ({ verifier: witnessKey(label), timestamp: 1 }));
  return evaluateQuorum(result.policy, signatures).met;
}

const twoLevels = `# The example of the specification.
log ${log}

witness X1 ${witness('x1')}
witness X2 ${witness('x2')} https://x2.example/
witness X3 ${witness('x3')}
group X-witnesses 2 X1 X2 X3
\twitness Y1\t ${witness('y1')}
  # Indented.
witness Y2 ${witness('y2')}
group Y-witnesses any Y1 Y2
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

test('the quorum of two levels is met by two of the one and one of the other', () => {
  expect(met(twoLevels, 'x1', 'x3', 'y2')).toBe(true);
  expect(met(twoLevels, 'x1', 'x2', 'x3')).toBe(false);
  expect(met(twoLevels, 'x1', 'y1', 'y2')).toBe(false);
  expect(met(twoLevels)).toBe(false);
  const result = parse(twoLevels);
  expect(result.ok && result.policy.logs.map(({ verifier }) => verifier.name)).toEqual([
    logKey.name,
  ]);
  expect(result.ok && result.policy.witnesses.map(({ url }) => url)).toEqual([
    null,
    'https://x2.example/',
    null,
    null,
    null,
  ]);
});

test('a single witness, and nobody at all, can be a quorum', () => {
  expect(met(`witness a ${witness('a')}\nquorum a\n`, 'a')).toBe(true);
  expect(met(`witness a ${witness('a')}\nquorum a\n`)).toBe(false);
  expect(met('quorum none\n')).toBe(true);
});

test('one key cannot stand for two witnesses', () => {
  const same: NoteSigner = noteSigner('second.example', COSIGNATURE_V1, seedOf('a'), crypto);
  const text = `witness a ${witness('a')}\nwitness b ${formatVerifierKey(same)}\nquorum a\n`;
  expect(met(text)).toContain('listed already');
});

test('a signature repeated does not count twice, nor does the log’s own', () => {
  const text = `witness a ${witness('a')}\nwitness b ${witness('b')}\ngroup g 2 a b\nquorum g\n`;
  expect(met(text, 'a', 'a')).toBe(false);
  const result = parse(text);
  if (!result.ok) throw new Error(result.detail);
  const signatures = ['a', 'b'].map((label) => ({ verifier: witnessKey(label), timestamp: 1 }));
  const own = noteSigner('log.example', NOTE_ED25519, seedOf('b'), crypto);
  expect(evaluateQuorum(result.policy, signatures).names).toEqual(['a', 'b']);
  expect(evaluateQuorum(result.policy, signatures, [own])).toEqual({
    met: false,
    quorum: 'g',
    names: ['a'],
  });
});

test('a plain signature by a witness’s key is no cosignature', () => {
  const result = parse(`witness a ${witness('a')}\nquorum a\n`);
  const plain = noteSigner('a.example', NOTE_ED25519, seedOf('a'), crypto);
  expect(
    result.ok && evaluateQuorum(result.policy, [{ verifier: plain, timestamp: null }]).met,
  ).toBe(false);
});

test('anything against the grammar refuses the whole file', () => {
  const a = `witness a ${witness('a')}\n`;
  const b = `witness b ${witness('b')}\n`;
  const bad: Record<string, string> = {
    'no quorum': a,
    'two quorums': `${a}quorum a\nquorum a\n`,
    'quorum before its witness': `quorum a\n${a}`,
    'an unknown quorum': `${a}quorum b\n`,
    'a quorum of two names': `${a}${b}quorum a b\n`,
    'an unknown keyword': `${a}quorum a\nmirror a\n`,
    'a name taken twice': `${a}witness a ${witness('b')}\nquorum a\n`,
    'a group with the name of a witness': `${a}${b}group a any b\nquorum a\n`,
    'a witness named none': `witness none ${witness('a')}\nquorum none\n`,
    'a group named none': `${a}group none any a\nquorum none\n`,
    'none as a member': `${a}group g any none\nquorum g\n`,
    'a member defined later': `group g any a\n${a}quorum g\n`,
    'a group in itself': `${a}group g any a g\nquorum g\n`,
    'a member listed twice': `${a}group g any a a\nquorum g\n`,
    'a member of two groups': `${a}${b}group g any a\ngroup h any a b\nquorum h\n`,
    'an empty group': `${a}group g any\nquorum g\n`,
    'a threshold of zero': `${a}group g 0 a\nquorum g\n`,
    'a threshold above the members': `${a}group g 2 a\nquorum g\n`,
    'a threshold with a leading zero': `${a}group g 01 a\nquorum g\n`,
    'a threshold in words': `${a}group g most a\nquorum g\n`,
    'a log twice': `log ${log}\nlog ${log} https://log.example/\nquorum none\n`,
    'a log key of a witness': `log ${witness('a')}\nquorum none\n`,
    'a witness with a log’s key': `witness a ${log}\nquorum a\n`,
    'a vkey with a wrong ID': `log ${log.replace('log.example', 'lag.example')}\nquorum none\n`,
    'a third word for a log': `log ${log} https://log.example/ more\nquorum none\n`,
    'no final newline': 'quorum none',
    'a carriage return': 'quorum none\r\n',
    'a form feed': 'quorum\fnone\n',
    'a DEL': '# \x7f\nquorum none\n',
  };
  for (const [what, text] of Object.entries(bad)) {
    expect(parse(text), what).toMatchObject({ ok: false, reason: 'invalid_policy' });
  }
});

test('octets beyond ASCII are allowed, and names are compared as octets', () => {
  const latin1 = new Uint8Array([...utf8('# caf'), 0xe9, ...utf8('\nquorum none\n')]);
  expect(parse(latin1).ok).toBe(true);
  // U+212A KELVIN SIGN folds to K, and is not K.
  expect(met(`witness K ${witness('a')}\nquorum \u212a\n`)).toContain('not defined');
  expect(met(`witness \u212a ${witness('a')}\nquorum \u212a\n`, 'a')).toBe(true);
  const result = parse(`witness \u212a ${witness('a')}\nquorum \u212a\n`);
  const signatures = [{ verifier: witnessKey('a'), timestamp: 1 }];
  expect(result.ok && evaluateQuorum(result.policy, signatures).names).toEqual(['\u212a']);
});

test('thirty-two of each are read', () => {
  const labels = Array.from({ length: 32 }, (_, i) => `w${i}`);
  const witnesses = labels.map((label) => `witness ${label} ${witness(label)}\n`).join('');
  const groups = labels.map((label) => `group g${label} all ${label}\n`).join('');
  const text = `${witnesses}${groups}group top 31 ${labels.map((label) => `g${label}`).join(' ')}\nquorum top\n`;
  expect(met(text, ...labels.slice(1))).toBe(true);
  expect(met(text, ...labels.slice(2))).toBe(false);
});
