// Writing archives: the layout, the same bytes for the same log, bounded segments, and sources that change meanwhile.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agents, sample, verify } from '../../test/archive-verdict.ts';
import { crypto, packAgain, SampleLog, unpack } from '../../test/sample-log.ts';
import { toBase64, utf8 } from '../protocol/bytes.ts';
import { CONTEXT_HASHES } from '../protocol/contexts.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { writeArchive } from './archive.ts';
import { SEGMENT_BYTES } from './archive-format.ts';
import { LogError } from './error.ts';
import { Frontier, leafHash } from './merkle.ts';

const { alice, bob } = agents;

test('an archive has the layout that spec and verifier expect', async () => {
  const { log } = sample();
  const members = await unpack(await log.archive());
  expect([...members.keys()]).toEqual([
    'checkpoint',
    'node.json',
    'dids.ndjson',
    ...Object.values(CONTEXT_HASHES).map((hash) => `contexts/${hash}`),
    'entries/000000.ndjson',
    'objects/000000.ndjson',
    'manifest.json',
  ]);
  const text = (name: string) => new TextDecoder().decode(members.get(name));
  expect(text('checkpoint')).toBe(log.checkpoint());
  expect(text('dids.ndjson')).toBe('');
  expect(text('objects/000000.ndjson').split('\n')[1]).toBe(
    `{"a":"${agents.bob.did}","by":6,"i":1,"n":"${log.entries[1]?.name}"}`,
  );
  expect(Object.keys(JSON.parse(text('manifest.json')))).toEqual([
    'createdAt',
    'files',
    'format',
    'origin',
    'size',
    'submolt',
  ]);
});

test('the lines of all entries members are the leaves of the tree', async () => {
  const { log } = sample();
  const members = await unpack(await log.archive());
  const lines = new TextDecoder()
    .decode(members.get('entries/000000.ndjson'))
    .trimEnd()
    .split('\n');
  const frontier = new Frontier(crypto);
  for (const line of lines) frontier.append(leafHash(utf8(line), crypto));
  expect(log.checkpoint().split('\n')[2]).toBe(toBase64(frontier.root()));
});

test('the same log at the same time gives the same bytes, however it is read', async () => {
  const [one, two] = [sample().log, sample().log];
  const slow = { entries: async (start: number) => two.entries.slice(start, start + 1) };
  expect(await two.archive(slow)).toEqual(await one.archive());
  const later = await one.archive({ createdAt: '2030-01-01T00:00:00Z' });
  expect(later).not.toEqual(await one.archive());
});

test('a segment ends at 4,096 entries, and sooner when its bodies are long', async () => {
  const log = SampleLog.founded(alice);
  log.entries = Array.from({ length: 5000 }, (_, index) => ({
    ...(log.entries[0] as (typeof log.entries)[0]),
    index,
  }));
  const sizes = async (of: SampleLog, prefix: string) => {
    const members = [...(await unpack(await of.archive()))];
    const found = members.filter(([name]) => name.startsWith(prefix));
    return found.map(([, bytes]) => bytes.reduce((lines, byte) => lines + Number(byte === 10), 0));
  };
  expect(await sizes(log, 'entries/')).toEqual([4096, 904]);
  expect(await sizes(log, 'objects/')).toEqual([4096, 904]);
  const long = new Uint8Array(SEGMENT_BYTES / 32).fill(0x78) as CanonicalBytes;
  log.entries = Array.from({ length: 70 }, (_, index) => ({
    ...(log.entries[0] as (typeof log.entries)[0]),
    index,
    bytes: long,
  }));
  expect(await sizes(log, 'entries/')).toEqual([32, 32, 6]);
});

test('a source that changes under the writer is torn, not archived', async () => {
  const { log, post, other } = sample();
  const torn = (change: Parameters<SampleLog['archive']>[0]) =>
    expect(log.archive(change)).rejects.toMatchObject({ code: 'source_torn' });
  await torn({ entries: async () => [] });
  await torn({ entries: async (start) => log.entries.slice(start + 1) });
  await torn({ size: 9, entries: async (start) => log.entries.slice(start) });
  log.change(post.index, { name: null });
  await torn({});
  // Erased by a Delete that this checkpoint does not have yet.
  const second = sample();
  second.log.erase(second.other, 11);
  await expect(second.log.archive()).rejects.toMatchObject({ code: 'source_torn' });
  expect(other.index).toBe(5);
});

test('a source that could not be verified is not written', async () => {
  const { log } = sample();
  expect(() => writeArchive(log.source({ createdAt: 'today' }), crypto)).toThrow(LogError);
  await expect(log.archive({ contexts: [] })).rejects.toThrow(LogError);
  const bent = log.source().contexts.map(({ iri }) => ({ iri, bytes: utf8('{}') }));
  await expect(log.archive({ contexts: bent })).rejects.toThrow('not the pinned one');
  const didDocuments = [{ did: alice.did, document: { n: 0.5 } }];
  await expect(log.archive({ didDocuments })).rejects.toThrow('not I-JSON');
});

test('any byte changed anywhere is noticed, but in the date that nobody has signed', async () => {
  const archive = await sample().log.archive();
  const date = Buffer.from(archive).indexOf('"createdAt":"') + '"createdAt":"'.length;
  const at = fc.nat(archive.length - 1).filter((at) => at < date || at >= date + 20);
  await fc.assert(
    fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), async (at, bits) => {
      const bent = archive.slice();
      bent[at] = (bent[at] as number) ^ bits;
      expect((await verify(bent)).code).toBeGreaterThan(0);
    }),
    { numRuns: 400 },
  );
});

test('any byte changed in any member is noticed though the manifest was made to fit', async () => {
  const log = SampleLog.founded(alice);
  const post = log.post(bob, 'A post');
  log.add(alice, { type: 'Like', object: post.name });
  log.erase(post, log.add(bob, { type: 'Delete', object: post.name }).index);
  const members = await unpack(await log.archive());
  const names = [...members].filter(([, bytes]) => bytes.length > 0).map(([name]) => name);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names.filter((name) => name !== 'manifest.json')),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (name, at, bits) => {
        const bytes = (members.get(name) as Uint8Array).slice();
        bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ bits;
        const bent = await packAgain(new Map(members).set(name, bytes));
        expect((await verify(bent)).code).toBeGreaterThan(0);
      },
    ),
    { numRuns: 500 },
  );
});
