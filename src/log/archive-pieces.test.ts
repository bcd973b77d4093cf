// Evidence and receipts put into an archive: it verifies as before, they are checked, and damage is not healed by it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agents, sample, verify } from '../../test/archive-verdict.ts';
import { crypto, edit, SampleLog, stream, unpack } from '../../test/sample-log.ts';
import { concatBytes, decodeUtf8, utf8 } from '../protocol/bytes.ts';
import { addPieces, isPiece } from './archive-pieces.ts';
import { LogError } from './error.ts';
import { encodeEvidence } from './evidence-file.ts';

const { alice, bob } = agents;
const TIME = '2026-10-01T00:00:00Z';

function evidenceOf(log: SampleLog, posts: number): Uint8Array {
  const other = SampleLog.founded(alice);
  for (let i = 0; i < posts; i++) other.post(bob, `Another history ${i}`);
  const keyStatement = JSON.parse(decodeUtf8(log.keyStatement));
  const heads = [log.checkpoint(posts + 1), other.checkpoint()] as const;
  return encodeEvidence({ origin: log.origin, keys: { keyStatement }, heads });
}

async function add(archive: Uint8Array, ...pieces: Uint8Array[]): Promise<Uint8Array> {
  // In small chunks, as they come from a connection.
  const chunks = Array.from({ length: Math.ceil(archive.length / 999) }, (_, i) =>
    archive.subarray(i * 999, (i + 1) * 999),
  );
  const added: Uint8Array[] = [];
  for await (const chunk of addPieces(stream(...chunks), pieces, TIME, crypto)) added.push(chunk);
  return concatBytes(...added);
}

/** A receipt of the log of a vector, and evidence against its home. */
function piecesOf(archive: ReadonlyMap<string, Uint8Array>): Uint8Array[] {
  return [...archive].flatMap(([name, bytes]) => (name.startsWith('evidence/') ? [bytes] : []));
}

describe('pieces', () => {
  test('that are added are checked, and the rest verifies as before', async () => {
    const { log } = sample();
    const [one, two, three] = [4, 2, 3].map((posts) => evidenceOf(log, posts)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const archive = await log.archive({ evidence: [one] });
    const more = await add(archive, two, three, one);
    const report = await verify(more);
    expect([report.code, report.evidence.length]).toEqual([0, 3]);
    expect(report.root).toBe((await verify(archive)).root);
    expect(more).toEqual(await add(await add(archive, three), two));
    expect(more).toEqual(await log.archive({ evidence: [one, two, three], createdAt: TIME }));
    expect(await add(archive)).toEqual(await log.archive({ evidence: [one], createdAt: TIME }));
  });

  test('may be receipts, to which the archive is held', async () => {
    const folder = join(import.meta.dirname, '../../spec/vectors/archive');
    const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
    const pieces = piecesOf(await unpack(read('with-evidence.tar')));
    expect(pieces.every(isPiece)).toBe(true);
    const { log } = sample();
    expect((await verify(await add(await log.archive(), ...pieces))).evidence).toMatchObject([
      { kind: 'histories' },
      { kind: 'receipt', honoured: true },
    ]);
  });

  test('make nothing of a damaged archive, and are none without form', async () => {
    const { log } = sample();
    const piece = evidenceOf(log, 4);
    const damaged = await edit(await log.archive(), 'objects/000000.ndjson', (text) =>
      text.replace('why', 'who'),
    );
    expect((await verify(await add(damaged, piece))).code).toBe(21);
    const torn = await edit(await log.archive(), 'manifest.json', (text) => text.slice(1));
    await expect(add(torn, piece)).rejects.toThrow(LogError);
    await expect(add(utf8('no archive'), piece)).rejects.toThrow(LogError);
    const many = Array.from({ length: 65 }, (_, i) => utf8(`${i}`));
    await expect(add(await log.archive(), ...many)).rejects.toThrow(/at most 64/);
    for (const bytes of [utf8('{}'), utf8(''), concatBytes(piece, new Uint8Array(2_000_000))]) {
      expect(isPiece(bytes)).toBe(false);
    }
  });
});
