// Reads the lines that logs are made of as spec/vectors/log/lines.json says: entries, notes, checkpoints, origins.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { parseOrigin } from '../../src/log/archive-format.ts';
import { parseCheckpoint } from '../../src/log/checkpoint.ts';
import { encodeEntry, makeEntry, parseEntry } from '../../src/log/entry.ts';
import { leafHash } from '../../src/log/merkle.ts';
import { parseNote, verifyNote } from '../../src/log/note.ts';
import { parseVerifierKey } from '../../src/log/note-key.ts';
import { decodeUtf8, fromHex, toHex, utf8 } from '../../src/protocol/bytes.ts';

const crypto = createNodeCrypto();
const file = join(import.meta.dirname, '../../spec/vectors/log/lines.json');
const { entries, notes, checkpoints, origins } = JSON.parse(readFileSync(file, 'utf8'));

test('entries', () => {
  for (const { line, commitment, kind, t, leafHash: hash } of entries.accepted) {
    const entry = makeEntry(fromHex(commitment) as Uint8Array, kind, t);
    expect(decodeUtf8(encodeEntry(entry))).toBe(line);
    expect(parseEntry(utf8(line))).toEqual(entry);
    expect(toHex(leafHash(utf8(line), crypto))).toBe(hash);
  }
  for (const { comment, line } of entries.refused) {
    expect(parseEntry(utf8(line)), comment).toBeNull();
  }
});

async function readNote(source: string, vkeys: readonly string[]) {
  const parsed = parseNote(source);
  if (!parsed.ok) return parsed;
  const keys = vkeys.map((vkey) => {
    const key = parseVerifierKey(vkey, crypto);
    if (!key.ok) throw new Error(key.detail);
    return key.verifier;
  });
  return verifyNote(parsed.note, keys, crypto);
}

test('notes', async () => {
  for (const { comment, note, text, vkeys, timestamps } of notes.accepted) {
    const verdict = await readNote(note, vkeys);
    if (!verdict.ok) throw new Error(`${comment}: ${verdict.detail}`);
    expect(verdict.text).toBe(text);
    expect(verdict.signatures.map(({ timestamp }) => timestamp)).toEqual(timestamps);
  }
  for (const { comment, note, vkeys, reason } of notes.refused) {
    expect(await readNote(note, vkeys), comment).toMatchObject({ ok: false, reason });
  }
});

test('checkpoints', () => {
  for (const { text, origin, size } of checkpoints.accepted) {
    expect(parseCheckpoint(text)).toMatchObject({ ok: true, checkpoint: { origin, size } });
  }
  for (const { comment, text } of checkpoints.refused) {
    expect(parseCheckpoint(text).ok, comment).toBe(false);
  }
});

test('origins', () => {
  for (const origin of origins.accepted) expect(parseOrigin(origin), origin).not.toBeNull();
  for (const origin of origins.refused) expect(parseOrigin(origin), origin).toBeNull();
});
