// Notes of Go's sumdb, C2SP, Tessera, Sunlight and sum.golang.org, and the notes inside a witness's requests.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { openCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { formatNote, parseNote, verifyNote } from './note.ts';
import { formatVerifierKey, type NoteVerifier, parseVerifierKey } from './note-key.ts';

const crypto = createNodeCrypto();

interface NoteCase {
  readonly desc: string;
  readonly vkeys: readonly string[];
  readonly note: string;
  readonly text?: string;
  readonly checkpoint?: { readonly origin: string; readonly size: number };
  readonly wantErr: boolean;
}

function verifierOf(vkey: string): NoteVerifier {
  const parsed = parseVerifierKey(vkey, crypto);
  if (!parsed.ok) throw new Error(`${vkey}: ${parsed.detail}`);
  expect(formatVerifierKey(parsed.verifier)).toBe(vkey);
  return parsed.verifier;
}

async function readNote({ note, vkeys }: NoteCase) {
  const parsed = parseNote(note);
  if (!parsed.ok) return parsed;
  expect(formatNote(parsed.note)).toBe(note);
  return verifyNote(parsed.note, vkeys.map(verifierOf), crypto);
}

test('all 29 notes have the verdict, the text and the tree they should', async () => {
  const file = readFileSync(vectorPath('tlog', 'signed-note.json'), 'utf8');
  const cases: NoteCase[] = JSON.parse(file);
  expect(cases).toHaveLength(29);
  for (const vector of cases) {
    const verdict = await readNote(vector);
    expect(verdict.ok, vector.desc).toBe(!vector.wantErr);
    if (!verdict.ok) continue;
    if (vector.text !== undefined) expect(verdict.text).toBe(vector.text);
    if (vector.checkpoint !== undefined) {
      const tree = parseCheckpoint(verdict.text);
      expect(tree.ok && tree.checkpoint).toMatchObject(vector.checkpoint);
    }
  }
});

test('a cosignature carries the second it was made at', async () => {
  const file = readFileSync(vectorPath('tlog', 'signed-note.json'), 'utf8');
  const cases: NoteCase[] = JSON.parse(file);
  const vector = cases.find(({ desc }) => desc.startsWith('sunlight skylight witness/000'));
  const verdict = await readNote(vector as NoteCase);
  // 2025-12-31T00:00:00Z
  expect(verdict.ok && verdict.signatures.map(({ timestamp }) => timestamp)).toEqual([1767139200]);
});

test('the notes in requests to a witness are refused for what is wrong with them', async () => {
  const { origin, logVkey, cases } = JSON.parse(
    readFileSync(vectorPath('tlog', 'add-checkpoint.json'), 'utf8'),
  );
  expect(cases).toHaveLength(11);
  const verdicts: Record<string, string> = {};
  for (const { name, body } of cases) {
    const note = body.slice(body.indexOf('\n\n') + 2);
    const opened = await openCheckpoint(note, [verifierOf(logVkey)], crypto, origin);
    verdicts[name] = opened.ok ? 'ok' : opened.reason;
  }
  expect(verdicts).toEqual({
    'first cosignature at size 1': 'ok',
    // Its base64 ends in bits that no encoder writes; read loosely it is a signature that does not verify.
    'invalid signature': 'malformed_signature',
    'unknown log': 'wrong_origin',
    'missing consistency proof': 'ok',
    'wrong consistency proof': 'ok',
    'grow to size 3': 'ok',
    "old size doesn't match current": 'ok',
    'grow to size 5': 'ok',
    "old size 0 doesn't match current": 'ok',
    'syntactically invalid note': 'malformed_note',
    'invalid checkpoint body': 'malformed_checkpoint',
  });
});
