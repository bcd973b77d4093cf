// Writes an archive of as many posts as it is told and verifies it on the way, holding neither; prints what that took.
import { writeArchive } from '../../src/log/archive.ts';
import { verifyArchive } from '../../src/log/archive-verify.ts';
import { signCheckpoint } from '../../src/log/checkpoint.ts';
import { commitment, encodeEntry, makeEntry } from '../../src/log/entry.ts';
import { Frontier, leafHash } from '../../src/log/merkle.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { signObject } from '../../src/protocol/object.ts';
import { agent, crypto, SampleLog, START } from '../sample-log.ts';

const posts = Number(process.argv[2]);
const words = 'word '.repeat(7_900);
const [owner, author] = [agent('owner'), agent('author')];
const log = SampleLog.founded(owner);
const first = log.entries[0]!;

/** The same for the same index: made once for the root, and once for the archive. */
function entryAt(index: number) {
  if (index === 0) return first;
  const object = {
    type: 'Article',
    name: `Post ${index}`,
    content: words,
    mediaType: 'text/plain',
  };
  const draft = { type: 'Create', audience: log.submolt, object };
  const created = '2026-09-21T14:00:00Z';
  const { bytes } = signObject(draft, { did: author.did, seed: author.seed, created }, crypto);
  const salt = crypto.sha256(utf8(`salt ${index}`)).slice(0, 16);
  const entry = makeEntry(commitment(salt, bytes, crypto), 'Create', (START + index) * 1000);
  return { ...first, index, line: encodeEntry(entry), salt, bytes };
}

const frontier = new Frontier(crypto);
const size = posts + 1;
for (let index = 0; index < size; index++) frontier.append(leafHash(entryAt(index).line, crypto));
const { origin } = log;
const checkpoint = signCheckpoint({ origin, size, root: frontier.root() }, log.signer, crypto);
const source = log.source({
  checkpoint,
  size,
  entries: async (start, end) =>
    Array.from({ length: Math.min(64, end - start) }, (_, i) => entryAt(start + i)),
});

let bytes = 0;
async function* counted() {
  for await (const chunk of writeArchive(source, crypto)) {
    bytes += chunk.length;
    yield chunk;
  }
}
const now = (START + size) * 1000;
const { code, objects } = await verifyArchive(counted(), { crypto, now });
const memory = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ bytes, code, memory, objects }));
