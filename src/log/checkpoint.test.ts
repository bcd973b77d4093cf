// Checkpoints: three lines, one spelling, and only for the log they name.
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase64, utf8 } from '../protocol/bytes.ts';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { LogError } from './error.ts';
import { NOTE_ED25519, noteSigner } from './note-key.ts';

const crypto = createNodeCrypto();
const root = crypto.sha256(utf8('root'));
const origin = 'node.example/log/system';
const signer = noteSigner(origin, NOTE_ED25519, crypto.sha256(utf8('log')), crypto);

test('a checkpoint reads back', () => {
  const checkpoint = { origin, size: 20852163, root };
  const text = formatCheckpoint(checkpoint);
  expect(text).toBe(`${origin}\n20852163\n${toBase64(root)}\n`);
  expect(parseCheckpoint(text)).toEqual({ ok: true, checkpoint });
});

test('extension lines are passed over unless they are empty', () => {
  const text = formatCheckpoint({ origin, size: 1, root });
  expect(parseCheckpoint(`${text}extension\nanother\n`).ok).toBe(true);
  expect(parseCheckpoint(`${text}\nextension\n`).ok).toBe(false);
});

test('sizes and roots have one spelling', () => {
  const hash = toBase64(root);
  for (const text of [
    `${origin}\n01\n${hash}\n`,
    `${origin}\n+1\n${hash}\n`,
    `${origin}\n1.0\n${hash}\n`,
    `${origin}\n0x1\n${hash}\n`,
    `${origin}\nfive\n${hash}\n`,
    `${origin}\n9007199254740992\n${hash}\n`,
    `${origin}\n99999999999999999999\n${hash}\n`,
    `${origin}\n1\n${hash.slice(0, -1)}\n`,
    `${origin}\n1\n${toBase64(root.subarray(1))}\n`,
    `${origin}\n1\n${hash}`,
    `${origin}\n1\n`,
    `\n1\n${hash}\n`,
    '',
  ]) {
    expect(parseCheckpoint(text), JSON.stringify(text)).toMatchObject({
      reason: 'malformed_checkpoint',
    });
  }
  expect(parseCheckpoint(`${origin}\n9007199254740991\n${hash}\n`).ok).toBe(true);
});

test('an origin that would read back as another is not written', () => {
  const hash = toBase64(root);
  for (const bad of ['', 'a\nb', `${origin}\n1\n${hash}`]) {
    expect(() => formatCheckpoint({ origin: bad, size: 1, root })).toThrow(LogError);
  }
  expect(() => formatCheckpoint({ origin, size: -1, root })).toThrow(LogError);
  expect(() => formatCheckpoint({ origin, size: 1e21, root })).toThrow(LogError);
});

test('a signed checkpoint opens with its log’s key, for its own origin', async () => {
  const note = signCheckpoint({ origin, size: 3, root }, signer, crypto);
  const opened = await openCheckpoint(note, [signer], crypto, origin);
  expect(opened).toMatchObject({ ok: true, checkpoint: { origin, size: 3, root } });
  const elsewhere = await openCheckpoint(note, [signer], crypto, 'node.example:8443/log/system');
  expect(elsewhere).toMatchObject({ ok: false, reason: 'wrong_origin' });
  const unknown = await openCheckpoint(note, [], crypto, origin);
  expect(unknown).toMatchObject({ ok: false, reason: 'no_known_signature' });
  const bent = await openCheckpoint(note.replace('\n3\n', '\n4\n'), [signer], crypto, origin);
  expect(bent).toMatchObject({ ok: false, reason: 'signature_invalid' });
});
