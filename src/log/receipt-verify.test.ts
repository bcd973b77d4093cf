// A receipt holds by itself, and every way in which it may not leads to its code.
import { describe, expect, test } from 'vitest';
import { agents, policy } from '../../test/archive-verdict.ts';
import { type Agent, crypto, SampleLog, START, stream, webAgent } from '../../test/sample-log.ts';
import { concatBytes, decodeUtf8, toBase64url, utf8 } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import { nameOf } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { verifyArchive } from './archive-verify.ts';
import { cosign } from './cosignature.ts';
import { parseEntry } from './entry.ts';
import { inclusionProof } from './inclusion.ts';
import { leafHash } from './merkle.ts';
import { formatSignatureLine } from './note.ts';
import { COSIGNATURE_V1, formatVerifierKey, noteSigner } from './note-key.ts';
import { formatProofFile } from './proof-file.ts';
import { formatReceiptFile, type ReceiptFile } from './receipt-file.ts';
import { type VerifyReceiptOptions, verifyReceipt } from './receipt-verify.ts';
import { tileHashReader } from './tile.ts';

const { alice, bob, mallory } = agents;
const now = (START + 10_000) * 1000;
const json = (bytes: Uint8Array | null) => JSON.parse(decodeUtf8(bytes as Uint8Array));

async function receiptOf(log: SampleLog, index: number, checkpoint = log.checkpoint()) {
  const { bytes, line, salt } = log.entries[index] as (typeof log.entries)[number];
  const leaves = concatBytes(...log.entries.map((entry) => leafHash(entry.line, crypto)));
  const size = log.entries.length;
  const readHash = tileHashReader(() => leaves, size, crypto);
  const hashes = await inclusionProof(index, size, readHash, crypto);
  const { c, k, t } = parseEntry(line) as NonNullable<ReturnType<typeof parseEntry>>;
  const proof = formatProofFile({ extra: null, index, hashes, checkpoint });
  const id = nameOf(bytes as never, crypto);
  const kept = toBase64url(salt as Uint8Array);
  return { id, log: log.origin, index, t, k, c, salt: kept, checkpoint, proof } as Receipt;
}

async function fileOf(log: SampleLog, index: number, checkpoint?: string): Promise<ReceiptFile> {
  const founding = log.submolt === null ? null : json(log.entries[0]?.bytes ?? null);
  const { node } = log;
  const documents =
    node.document === undefined ? [] : [{ did: node.did, document: node.document } as JsonObject];
  return {
    receipt: await receiptOf(log, index, checkpoint),
    object: json(log.entries[index]?.bytes ?? null),
    keyStatement: json(log.keyStatement),
    founding,
    documents,
  };
}

async function sampleFile(node?: Agent) {
  const log = SampleLog.founded(alice, node);
  for (let n = 0; n < 9; n++) log.post(bob, `Post ${n}`);
  return { log, file: await fileOf(log, 4) };
}

const verify = (file: ReceiptFile, options: Partial<VerifyReceiptOptions> = {}) =>
  verifyReceipt(utf8(formatReceiptFile(file)), { crypto, now, ...options });

async function code(file: ReceiptFile, options: Partial<VerifyReceiptOptions> = {}) {
  return (await verify(file, options)).code;
}

const changed = (file: ReceiptFile, receipt: Partial<Receipt>): ReceiptFile => ({
  ...file,
  receipt: { ...file.receipt, ...receipt },
});

test('a receipt with its object verifies offline', async () => {
  const { log, file } = await sampleFile();
  expect(await verify(file)).toMatchObject({
    code: 0,
    ok: true,
    id: file.receipt.id,
    log: log.origin,
    index: 4,
    size: 10,
    home: log.node.did,
    object: 'signed',
  });
});

test('every entry of a system log too, and of a home with a did:web', async () => {
  const system = SampleLog.ofSystem();
  expect(await verify(await fileOf(system, 0))).toMatchObject({ code: 0, size: 1 });
  const { file } = await sampleFile(webAgent('node.example'));
  expect((await verify(file)).findings.map(({ message }) => message)).toEqual([
    'no policy was given: quorum none, no witness was asked for',
    "1 did:web documents are the file's own copies",
  ]);
  expect(await code((await sampleFile(webAgent('other.example'))).file)).toBe(11);
});

test('the object may be kept elsewhere, or be gone', async () => {
  const { file, log } = await sampleFile();
  const bare = { ...file, object: null };
  expect(await verify(bare)).toMatchObject({ code: 0, object: 'absent' });
  const object = utf8(JSON.stringify(file.object, null, 1));
  expect(await verify(bare, { object })).toMatchObject({ code: 0, object: 'signed' });
  expect(await code(bare, { object: log.entries[5]?.bytes as Uint8Array })).toBe(21);
  expect(await code(bare, { object: utf8('no') })).toBe(10);
});

describe('what does not hold', () => {
  test('files and fields that cannot be read', async () => {
    const { file } = await sampleFile();
    expect((await verifyReceipt(utf8('{}'), { crypto, now })).code).toBe(10);
    for (const receipt of [
      { id: 'x' },
      { c: 'x' },
      { k: 'Vote' },
      { salt: 'AAAA' },
      { t: -1 },
      { proof: 'c2sp.org/tlog-proof@v1\n' },
      { index: 5 },
      { log: 'node.example/log/system' },
      { checkpoint: `${file.receipt.checkpoint}\n` },
    ] as Partial<Receipt>[]) {
      expect(await code(changed(file, receipt)), JSON.stringify(receipt)).toBe(10);
    }
  });

  test('another entry than the one under the root', async () => {
    const { file } = await sampleFile();
    expect(await code(changed(file, { t: file.receipt.t + 1 }))).toBe(13);
    const proof = file.receipt.proof.replace(/index 4\n.+\n/, (head) => `${head}${head.slice(8)}`);
    expect(await code(changed(file, { proof }))).toBe(13);
  });

  test('another object or salt', async () => {
    const { file, log } = await sampleFile();
    expect(await code({ ...file, object: json(log.entries[5]?.bytes ?? null) })).toBe(21);
    expect(await code(changed(file, { salt: 'AAAAAAAAAAAAAAAAAAAAAA' }))).toBe(21);
  });

  test('a log key that another has named, or nobody', async () => {
    const { file, log } = await sampleFile();
    const forger = new SampleLog(mallory);
    const stated = json(forger.keyStatement);
    expect(await code({ ...file, keyStatement: stated })).toBe(11);
    expect(await code({ ...file, keyStatement: null })).toBe(11);
    expect(await code({ ...file, founding: file.object })).toBe(11);
    // Whoever is free to name a home has a key for every log.
    expect(await code({ ...file, founding: null })).toBe(11);
    const known = policy(`log ${formatVerifierKey(log.signer)}`, 'quorum none');
    expect(await code({ ...file, keyStatement: null }, { policy: known })).toBe(0);
    expect(await code({ ...file, founding: null }, { policy: known })).toBe(0);
  });

  test('a checkpoint that the log has not signed', async () => {
    const { file, log } = await sampleFile();
    const other = noteSigner(log.origin, 1, mallory.seed, crypto);
    const forged = await fileOf(log, 4, log.checkpoint(undefined, other));
    expect(await code({ ...file, receipt: forged.receipt })).toBe(11);
  });
});

test("the quorum is that of the verifier's own policy", async () => {
  const { log, file } = await sampleFile();
  const witness = noteSigner('witness.example', COSIGNATURE_V1, mallory.seed, crypto);
  const own = policy(`witness w ${formatVerifierKey(witness)}`, 'quorum w');
  expect(await code(file, { policy: own })).toBe(12);
  expect(await code(file, { policy: own, allowUnwitnessed: true })).toBe(0);
  const note = log.checkpoint();
  const text = note.slice(0, note.indexOf('\n\n') + 1);
  const signature = cosign(text, START, witness, crypto);
  const { keyId, name } = witness;
  const cosigned = `${note}${formatSignatureLine({ name, keyId, signature })}\n`;
  const seen = await verify(await fileOf(log, 4, cosigned), { policy: own });
  expect(seen).toMatchObject({ code: 0, witnesses: { met: true, names: ['w'] } });
});

describe('code 31: an archive honours a receipt', () => {
  const verdict = async (log: SampleLog, ...receipts: Receipt[]) => {
    const options = { crypto, now, receipts };
    const { code: found, counts } = await verifyArchive(stream(await log.archive()), options);
    return [found, counts['31'] ?? 0];
  };

  test('by having its entry', async () => {
    const { log, file } = await sampleFile();
    log.post(bob, 'Later');
    expect(await verdict(log, file.receipt)).toEqual([0, 0]);
  });

  test('and does not with another entry in its place, an early end, or as another log', async () => {
    const { file } = await sampleFile();
    const other = SampleLog.founded(alice);
    for (let n = 0; n < 9; n++) other.post(bob, `Another ${n}`);
    expect(await verdict(other, file.receipt)).toEqual([31, 1]);
    const short = SampleLog.founded(alice);
    expect(await verdict(short, file.receipt)).toEqual([31, 1]);
    expect(await verdict(SampleLog.ofSystem(), file.receipt)).toEqual([31, 1]);
  });

  test('and no more is said of one for another log than that', async () => {
    const { file } = await sampleFile();
    const system = SampleLog.ofSystem(webAgent('node.example'));
    for (let n = 0; n < 9; n++) {
      system.add(bob, { type: 'Update', object: { type: 'Service', name: `${n}` } });
    }
    const options = { crypto, now, receipts: [file.receipt] };
    const { findings } = await verifyArchive(stream(await system.archive()), options);
    const about = findings.filter(({ message }) => /receipt|entry/.test(message));
    expect(about).toEqual([
      {
        code: 31,
        message: `a receipt is of ${file.receipt.log}, which is another log`,
      },
    ]);
  });

  test('and is not blamed for one that another key has signed', async () => {
    const { log, file } = await sampleFile();
    const stranger = noteSigner(log.origin, 1, mallory.seed, crypto);
    const { receipt } = await fileOf(log, 4, log.checkpoint(undefined, stranger));
    const other = SampleLog.founded(alice);
    for (let n = 0; n < 9; n++) other.post(bob, `Another ${n}`);
    const told = async (kept: Receipt) => {
      const options = { crypto, now, receipts: [kept] };
      const { code: found, findings } = await verifyArchive(stream(await other.archive()), options);
      return [found, findings.some(({ message }) => message.includes('one of the two is not'))];
    };
    expect(await told(receipt)).toEqual([31, true]);
    expect(await told(file.receipt)).toEqual([31, false]);
  });
});
