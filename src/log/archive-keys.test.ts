// Keys of did:webs by the time of the entry: documents in their order, each until the next one took its place.
import { expect, test } from 'vitest';
import { agents, verdict } from '../../test/archive-verdict.ts';
import { edit, SampleLog, START, webAgent } from '../../test/sample-log.ts';
import { DOCUMENT_LIFE } from './dated-documents.ts';

const { alice } = agents;
const author = webAgent('author.example');
/** The same DID with another key. */
const rotated = {
  ...author,
  seed: webAgent('later.example').seed,
  document: JSON.parse(
    JSON.stringify(webAgent('later.example').document).replaceAll('later.', 'author.'),
  ),
};
const HOUR = 3_600_000;
/** Of entry 1. */
const FIRST = (START + 1) * 1000;

function documents(until: number) {
  return [
    { did: author.did, document: rotated.document },
    { did: author.did, document: author.document, until },
  ];
}

test('a key counts until a day after another document had taken the place of its own', async () => {
  const log = SampleLog.founded(alice);
  log.post(author, 'Under the first key');
  log.post(rotated, 'Under the second');
  const told = (until: number) =>
    log.archive({ didDocuments: documents(until) }).then((archive) => verdict(archive));
  expect(await told(FIRST + HOUR)).toEqual([0]);
  expect(await told(FIRST - DOCUMENT_LIFE)).toEqual([0]);
  // The key had been gone for more than a day.
  expect(await told(FIRST - DOCUMENT_LIFE - 1)).toEqual([23, 1]);
  expect(await verdict(await log.archive({ didDocuments: documents(0).slice(0, 1) }))).toEqual([
    23, 1,
  ]);
});

test('documents of one DID stand in order, and the newest is there', async () => {
  const log = SampleLog.founded(alice);
  log.post(author, 'Under the first key');
  const archive = await log.archive({ didDocuments: documents(FIRST + HOUR) });
  const code = async (change: (lines: string[]) => string[]) => {
    const bent = await edit(archive, 'dids.ndjson', (text) => {
      return `${change(text.trimEnd().split('\n')).join('\n')}\n`;
    });
    return (await verdict(bent))[0];
  };
  expect(await code(([old, newest]) => [newest!, old!])).toBe(10);
  expect(await code(([old]) => [old!])).toBe(10);
  expect(await code(([old, newest]) => [old!, old!, newest!])).toBe(10);
  expect(await code(([, newest]) => [newest!, newest!])).toBe(10);
  for (const until of ['-1', 'null', '"soon"', '253402300800000']) {
    expect(
      await code((all) => all.map((one) => one.replace(/"until":\d+/, `"until":${until}`))),
    ).toBe(10);
  }
});
