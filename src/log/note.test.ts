// Notes: what the format forbids, who counts as having signed, and cosignatures with their time.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase64, utf8 } from '../protocol/bytes.ts';
import { LogError } from './error.ts';
import {
  formatNote,
  formatSignatureLine,
  MAX_NOTE_SIGNATURES,
  makeSignature,
  type NoteSignature,
  parseNote,
  parseSignatureLine,
  signNote,
  verifyNote,
} from './note.ts';
import {
  COSIGNATURE_V1,
  formatVerifierKey,
  NOTE_ED25519,
  type NoteSigner,
  type NoteVerifier,
  noteSigner,
  noteVerifier,
  parseVerifierKey,
} from './note-key.ts';

const crypto = createNodeCrypto();
const seedOf = (label: string) => crypto.sha256(utf8(label));
const log = noteSigner('log.example/a', NOTE_ED25519, seedOf('log'), crypto);
const other = noteSigner('other.example', NOTE_ED25519, seedOf('other'), crypto);
const witness = noteSigner('witness.example', COSIGNATURE_V1, seedOf('witness'), crypto);
const text = 'first line\nsecond line\n';

async function verdictOn(source: string, keys: readonly NoteVerifier[]): Promise<string> {
  const parsed = parseNote(source);
  if (!parsed.ok) return parsed.reason;
  const verdict = await verifyNote(parsed.note, keys, crypto);
  return verdict.ok
    ? verdict.signatures.map(({ verifier }) => verifier.name).join(' ')
    : verdict.reason;
}

test('what was signed verifies, and comes back byte for byte', async () => {
  const source = signNote(text, [log, other], crypto);
  const parsed = parseNote(source);
  expect(parsed.ok && formatNote(parsed.note)).toBe(source);
  expect(await verdictOn(source, [log])).toBe('log.example/a');
  expect(await verdictOn(source, [log, other])).toBe('log.example/a other.example');
  expect(await verdictOn(source, [witness])).toBe('no_known_signature');
});

test('a note with anything the format forbids is malformed', () => {
  const source = signNote(text, [log], crypto);
  const bent: Record<string, string> = {
    'CRLF line ends': source.replaceAll('\n', '\r\n'),
    'CRLF before the signatures alone': source.replace('\n\n', '\r\n\r\n'),
    'a tab': source.replace(' line', '\tline'),
    'a NUL': source.replace('first', 'fir\0st'),
    'no final newline': source.slice(0, -1),
    'a second final newline': `${source}\n`,
    'no blank line': source.replace('\n\n', '\n'),
    'no signature': `${text}\n`,
    'a hyphen for the dash': source.replace('—', '-'),
    'two spaces': source.replace('— ', '—  '),
    'a trailing space': source.replace(/\n$/, ' \n'),
    'a plus in the name': source.replace('— log', '— lo+g'),
    'a no-break space in the name': source.replace('— log', '— lo\u00a0g'),
    'a lone surrogate': source.replace('first', 'fir\ud800st'),
    nothing: '',
  };
  for (const [what, note] of Object.entries(bent)) {
    expect(parseNote(note), what).toMatchObject({ ok: false, reason: 'malformed_note' });
  }
});

test('base64 in another spelling is a malformed signature', () => {
  const source = signNote(text, [log], crypto);
  const unpadded = source.replace(/=+\n$/, '\n');
  const short = `${text}\n— log.example/a ${toBase64(new Uint8Array(4))}\n`;
  for (const note of [unpadded, short]) {
    expect(parseNote(note)).toMatchObject({ ok: false, reason: 'malformed_signature' });
  }
});

test('the text may have blank lines: the last one splits', async () => {
  const poem = 'one\n\ntwo\n\n\nthree\n';
  const source = signNote(poem, [log], crypto);
  const parsed = parseNote(source);
  expect(parsed.ok && parsed.note.text).toBe(poem);
  expect(await verdictOn(source, [log])).toBe('log.example/a');
});

test('signatures before the last blank line are text, and sign nothing', async () => {
  const line = `${formatSignatureLine(makeSignature(text, log, crypto))}\n`;
  const parsed = parseNote(`${text}\n${line}\n${line}`);
  expect(parsed.ok && parsed.note.text).toBe(`${text}\n${line}`);
  expect(await verdictOn(`${text}\n${line}\n${line}`, [log])).toBe('signature_invalid');
});

test('a text that would read back as another is not signed', () => {
  for (const bad of ['', 'no newline', 'a\r\n', 'a\ud800\n']) {
    expect(() => signNote(bad, [log], crypto), JSON.stringify(bad)).toThrow(LogError);
  }
  expect(() => signNote(text, [], crypto)).toThrow(LogError);
});

test('sixty-four signatures are read and no more', () => {
  const line = `${formatSignatureLine(makeSignature(text, log, crypto))}\n`;
  const most = `${text}\n${line.repeat(MAX_NOTE_SIGNATURES)}`;
  expect(parseNote(most).ok).toBe(true);
  expect(parseNote(most + line)).toMatchObject({ ok: false, reason: 'malformed_note' });
});

test('a repeated signature counts once', async () => {
  const source = signNote(text, [log, log, log], crypto);
  expect(await verdictOn(source, [log, other])).toBe('log.example/a');
});

test('one bad signature of a known key refuses the note, whatever else is good', async () => {
  const good = makeSignature(text, log, crypto);
  const bad = { ...makeSignature('other text\n', other, crypto) };
  const source = formatNote({ text, signatures: [good, bad] });
  expect(await verdictOn(source, [log, other])).toBe('signature_invalid');
  // To those who do not know the second key it is nobody's.
  expect(await verdictOn(source, [log])).toBe('log.example/a');
  const twice = formatNote({
    text,
    signatures: [good, { ...bad, name: log.name, keyId: log.keyId }],
  });
  expect(await verdictOn(twice, [log])).toBe('signature_invalid');
});

test('a key is known by name and ID together', async () => {
  const signature = makeSignature(text, log, crypto);
  const renamed = formatNote({ text, signatures: [{ ...signature, name: 'log.example/b' }] });
  expect(await verdictOn(renamed, [log])).toBe('no_known_signature');
  const reidentified = formatNote({ text, signatures: [{ ...signature, keyId: '00000000' }] });
  expect(await verdictOn(reidentified, [log])).toBe('no_known_signature');
});

test('two known keys that nobody can tell apart are a fault of the reader’s configuration', async () => {
  const source = signNote(text, [log], crypto);
  const twin: NoteVerifier = { ...other, name: log.name, keyId: log.keyId };
  expect(await verdictOn(source, [log, twin])).toBe('ambiguous_key');
  expect(await verdictOn(source, [log, { ...log }])).toBe('log.example/a');
});

test('a cosignature says when, and is over that time', async () => {
  const cosigned = signNote(text, [log, witness], crypto, 1_700_000_000);
  const parsed = parseNote(cosigned);
  if (!parsed.ok) throw new Error(parsed.detail);
  const verdict = await verifyNote(parsed.note, [log, witness], crypto);
  expect(verdict.ok && verdict.signatures.map(({ timestamp }) => timestamp)).toEqual([
    null,
    1_700_000_000,
  ]);
  const [first, second] = parsed.note.signatures as [NoteSignature, NoteSignature];
  const later = second.signature.slice();
  later[7] = (later[7] as number) ^ 1;
  const bent = { text, signatures: [first, { ...second, signature: later }] };
  expect(await verifyNote(bent, [witness], crypto)).toMatchObject({ reason: 'signature_invalid' });
  expect(() => makeSignature(text, witness, crypto)).toThrow(LogError);
  expect(() => makeSignature(text, witness, crypto, -1)).toThrow(LogError);
});

test('a plain signature by a witness’s key is no cosignature, nor the other way round', async () => {
  const asLog: NoteSigner = noteSigner(witness.name, NOTE_ED25519, witness.seed, crypto);
  expect(asLog.keyId).not.toBe(witness.keyId);
  expect(await verdictOn(signNote(text, [asLog], crypto), [witness])).toBe('no_known_signature');
  const forged = { ...makeSignature(text, asLog, crypto), keyId: witness.keyId };
  const source = formatNote({ text, signatures: [forged] });
  expect(await verdictOn(source, [witness])).toBe('signature_invalid');
});

test('changing any character of the text is noticed', async () => {
  const source = signNote(text, [log], crypto);
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), async (at) => {
      const changed = `${source.slice(0, at)}${source[at] === 'x' ? 'y' : 'x'}${source.slice(at + 1)}`;
      expect(await verdictOn(changed, [log])).not.toBe('log.example/a');
    }),
  );
});

test('a vkey reads back, and one whose ID is not its own is refused', () => {
  const vkey = formatVerifierKey(witness);
  const { seed: _seed, ...verifier } = witness;
  expect(parseVerifierKey(vkey, crypto)).toEqual({ ok: true, verifier });
  const reasonOf = (bad: string) => {
    const parsed = parseVerifierKey(bad, crypto);
    return parsed.ok ? 'ok' : parsed.reason;
  };
  expect(reasonOf(vkey.replace('witness', 'witmess'))).toBe('key_id_mismatch');
  expect(reasonOf(vkey.replace(witness.keyId, witness.keyId.toUpperCase()))).toBe('malformed_key');
  expect(reasonOf(vkey.replace('+', ''))).toBe('malformed_key');
  expect(reasonOf('')).toBe('malformed_key');
  expect(reasonOf(`n+00000000+${toBase64(new Uint8Array([1, 2, 3]))}`)).toBe('malformed_key');
  const mlDsa = toBase64(new Uint8Array(1313).fill(6));
  expect(reasonOf(`n+00000000+${mlDsa}`)).toBe('unsupported_key_type');
});

test('a key name without a place in a note makes no key', () => {
  for (const name of ['', 'a b', 'a+b', 'a\u2003b', 'a\nb', 'a\u0085b', '\ud800']) {
    expect(() => noteVerifier(name, NOTE_ED25519, log.publicKey, crypto)).toThrow(LogError);
  }
  expect(() => noteVerifier('a', NOTE_ED25519, new Uint8Array(31), crypto)).toThrow(LogError);
});

test('a name of a key that nobody knows may have any character but space, plus and what is below space', async () => {
  const source = signNote(text, [log], crypto);
  const strange = source.replace('— ', '— a\u007f\u009b\u200b\u202e AAAAAAA=\n— ');
  expect(await verdictOn(strange, [log])).toBe(log.name);
});

test('a signature line of a witness’s answer reads back', () => {
  const signature = makeSignature(text, witness, crypto, 5);
  expect(parseSignatureLine(formatSignatureLine(signature))).toEqual(signature);
  expect(parseSignatureLine(`${formatSignatureLine(signature)}\n`)).toBeNull();
});
