// Proof files: the form of c2sp.org/tlog-proof, and what they prove only under the reader's own policy.
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase64, utf8 } from '../protocol/bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { leafHash, nodeHash } from './merkle.ts';
import { signNote } from './note.ts';
import { COSIGNATURE_V1, formatVerifierKey, NOTE_ED25519, noteSigner } from './note-key.ts';
import { parsePolicy } from './policy.ts';
import { formatProofFile, type ProofFile, parseProofFile, verifyProofFile } from './proof-file.ts';

const crypto = createNodeCrypto();
const origin = 'node.example/log/system';
const log = noteSigner(origin, NOTE_ED25519, crypto.sha256(utf8('log')), crypto);
const witness = noteSigner('w.example', COSIGNATURE_V1, crypto.sha256(utf8('w')), crypto);
const [entry, sibling] = [utf8('entry'), utf8('sibling')];
const hashes = [leafHash(sibling, crypto)];
const root = nodeHash(leafHash(entry, crypto), hashes[0] as Uint8Array, crypto);
const text = formatCheckpoint({ origin, size: 2, root });
const checkpoint = signNote(text, [log, witness], crypto, 1_700_000_000);
const proof: ProofFile = { extra: null, index: 0, hashes, checkpoint };
const source = formatProofFile(proof);

function policy(...lines: string[]) {
  const result = parsePolicy(utf8(`${lines.join('\n')}\n`), crypto);
  if (!result.ok) throw new Error(result.detail);
  return result.policy;
}
const logLine = `log ${formatVerifierKey(log)}`;
const quorum = policy(logLine, `witness w ${formatVerifierKey(witness)}`, 'quorum w');

test('a proof file reads back, with and without extra data', () => {
  expect(parseProofFile(source)).toEqual({ ok: true, proof });
  const extra = { ...proof, extra: utf8('anything\n') };
  expect(parseProofFile(formatProofFile(extra))).toEqual({ ok: true, proof: extra });
});

test('it shows that an entry is in the log, to those who trust log and witness', async () => {
  const verdict = await verifyProofFile(source, entry, quorum, crypto);
  expect(verdict).toEqual({ ok: true, origin, size: 2, witnesses: ['w'] });
  const reason = async (file: string, of = entry, by = quorum) => {
    const verdict = await verifyProofFile(file, of, by, crypto);
    return verdict.ok ? 'ok' : verdict.reason;
  };
  expect(await reason(source, sibling)).toBe('not_included');
  expect(await reason(source.replace('index 0', 'index 1'))).toBe('not_included');
  expect(await reason(source.replace('index 0', 'index 2'))).toBe('not_included');
  expect(await reason(source.replace(/index 0\n.*\n/, 'index 0\n'))).toBe('not_included');
  expect(await reason(source.replace('\n2\n', '\n3\n'))).toBe('signature_invalid');
  const unwitnessed = formatProofFile({ ...proof, checkpoint: signNote(text, [log], crypto) });
  expect(await reason(unwitnessed)).toBe('quorum_not_met');
  expect(await reason(unwitnessed, entry, policy(logLine, 'quorum none'))).toBe('ok');
  const unlogged = formatProofFile({ ...proof, checkpoint: signNote(text, [witness], crypto, 1) });
  expect(await reason(unlogged)).toBe('log_signature_missing');
});

test('a known log’s key cannot vouch for another origin', async () => {
  const foreign = formatCheckpoint({ origin: 'node.example/log/other', size: 2, root });
  const file = formatProofFile({
    ...proof,
    checkpoint: signNote(foreign, [log, witness], crypto, 1),
  });
  const verdict = await verifyProofFile(file, entry, quorum, crypto);
  expect(verdict).toMatchObject({ ok: false, reason: 'log_signature_missing' });
});

test('anything against the format is malformed', () => {
  const hash = toBase64(hashes[0] as Uint8Array);
  const bad: Record<string, string> = {
    'another version': source.replace('@v1', '@v2'),
    'no index': source.replace('index 0\n', ''),
    'an index with a leading zero': source.replace('index 0', 'index 00'),
    'a negative index': source.replace('index 0', 'index -1'),
    'an index above 2^53 - 1': source.replace('index 0', 'index 9007199254740992'),
    'extra data after the index': source.replace('index 0\n', 'index 0\nextra AA==\n'),
    'extra data twice': source.replace('index', 'extra AA==\nextra AA==\nindex'),
    'extra data that is not base64': source.replace('index', 'extra A\nindex'),
    'a short hash': source.replace(hash, toBase64(new Uint8Array(31))),
    'a hash in hex': source.replace(hash, '00'.repeat(32)),
    'sixty-five hashes': source.replace(hash, Array(65).fill(hash).join('\n')),
    'no empty line': source.replace('\n\n', '\n'),
    'two empty lines': source.replace('\n\n', '\n\n\n'),
    CRLF: source.replaceAll('\n', '\r\n'),
    'no checkpoint': source.slice(0, source.indexOf('\n\n') + 2),
    'something else signed': formatProofFile({
      ...proof,
      checkpoint: signNote('x\n', [log], crypto),
    }),
  };
  for (const [what, file] of Object.entries(bad)) {
    expect(parseProofFile(file), what).toMatchObject({ ok: false, reason: 'malformed_proof' });
  }
});
