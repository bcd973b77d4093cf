// Cases about lines, version ids, hashes, the SCID and times.
import { toBase58btc } from '../../src/protocol/base58.ts';
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts';
import { ForgedDidLog, proofOf, START } from '../did-log-forge.ts';
import { Cases, first, json, minute, rehashed, second } from './case.ts';

export const entries = new Cases();
const { bad, ok } = entries;

const FILE = '§ The DID Log File';
{
  ok(FILE, 'one version', first());
  ok(FILE, 'three versions', first().next().next());
  ok(FILE, 'no line feed at the end', first().next().text.trimEnd());
  ok(FILE, 'white space within a line', first().text.replace('{', '{ \t'));
  const log = first().next();
  const lines = log.text.split('\n');
  bad(FILE, 'nothing', 'malformed 1', '');
  bad(FILE, 'an empty line between entries', 'malformed 2', lines.join('\n\n'));
  bad(FILE, 'two line feeds at the end', 'malformed 3', `${log.text}\n`);
  bad(FILE, 'a byte order mark', 'malformed 1', `\ufeff${log.text}`);
  bad(FILE, 'an array of entries', 'malformed 1', json([log.entries as JsonValue]));
  bad(
    FILE,
    'a member twice',
    'malformed 1',
    log.text.replace('"versionId"', '"versionTime":"2024-01-01T00:00:00Z","versionId"'),
  );
  bad(
    FILE,
    'a member that an entry has not',
    'malformed 1',
    first({ edit: (e) => ({ ...e, note: 'x' }) }),
  );
  bad(FILE, 'no state', 'malformed 2', second({ edit: ({ state: _, ...rest }) => rest }));
  bad(
    FILE,
    'parameters that are a list',
    'parameters_malformed 2',
    second({ edit: (e) => ({ ...e, parameters: [] }) }),
  );
  bad(FILE, 'no proof', 'malformed 1', first({ finish: ({ proof: _, ...rest }) => rest }));
  bad(
    FILE,
    'a proof that is no list',
    'malformed 1',
    first({ finish: (e) => ({ ...e, proof: (e.proof as JsonValue[])[0] as JsonObject }) }),
  );
  bad(
    '§ Authorized Keys',
    'an empty list of proofs',
    'malformed 1',
    first({ finish: (e) => ({ ...e, proof: [] }) }),
  );
}

const VERSION_ID = '§ Read (Resolve), step 3';
{
  const hash = (id: string) => id.slice(id.indexOf('-') + 1);
  bad(
    VERSION_ID,
    'a first version with number 2',
    'version_id 1',
    first({ versionId: (id) => `2-${hash(id)}` }),
  );
  bad(VERSION_ID, 'a gap', 'version_id 2', second({ versionId: (id) => `3-${hash(id)}` }));
  bad(VERSION_ID, 'a number again', 'version_id 2', second({ versionId: (id) => `1-${hash(id)}` }));
  bad(VERSION_ID, 'a leading zero', 'version_id 2', second({ versionId: (id) => `0${id}` }));
  bad(VERSION_ID, 'no dash', 'version_id 2', second({ versionId: (id) => id.replace('-', '') }));
  bad(
    VERSION_ID,
    'two dashes',
    'version_id 2',
    second({ versionId: (id) => id.replace('-', '--') }),
  );
  bad(VERSION_ID, 'a hash and nothing else', 'version_id 2', second({ versionId: hash }));
  bad(
    VERSION_ID,
    'a version taken out of the middle',
    'version_id 2',
    cut(first().next().next(), 1),
  );
  bad(VERSION_ID, 'the first version missing', 'version_id 1', cut(first().next(), 0));
  const sha512 = `2-${toBase58btc(Uint8Array.of(0x13, 32, ...new Uint8Array(32).fill(7)))}`;
  bad(
    `${VERSION_ID}.3`,
    'a hash by another algorithm',
    'version_id 2',
    second({ versionId: () => sha512 }),
  );
}

const HASH = '§ Verify The Entry Hash';
{
  bad(
    HASH,
    'a first entry hashed with the placeholder',
    'entry_hash_mismatch 1',
    first({ after: '{SCID}' }),
  );
  bad(
    HASH,
    'a second entry hashed with the placeholder',
    'entry_hash_mismatch 2',
    second({ after: '{SCID}' }),
  );
  const start = first();
  bad(
    HASH,
    'a second entry linked to the SCID',
    'entry_hash_mismatch 2',
    first().next({ after: start.scid }),
  );
  bad(
    HASH,
    'a third entry linked to the first',
    'entry_hash_mismatch 3',
    first()
      .next()
      .next({ after: start.versionId(1) }),
  );
  bad(
    HASH,
    'a first versionId of another entry',
    'entry_hash_mismatch 1',
    first({ finish: (e) => ({ ...e, versionId: second().versionId(2).replace('2-', '1-') }) }),
  );
  bad(
    HASH,
    'a version in the middle changed and signed again',
    'entry_hash_mismatch 2',
    resigned(first().next().next(), 1, 2),
  );
}

const SCID = '§ Verify SCID';
{
  bad(
    SCID,
    'a first entry changed, hashed and signed again',
    'scid_mismatch 1',
    resigned(first(), 0, 1, true),
  );
  bad(
    '§ Create (Register), step 5.2',
    'a placeholder left in the first entry',
    'scid_mismatch 1',
    leftOver(),
  );
  ok(
    '§ Create (Register), step 5.2',
    'the text of the placeholder in a later entry',
    second({ state: { note: '{SCID}' } }),
  );
  ok(
    '§ Create (Register), step 1',
    'the SCID in the path as well',
    new ForgedDidLog({}, 'agents.example:dids:{SCID}'),
  );
  const other = new ForgedDidLog({}, 'agents.example:bob');
  const foreign = `did:webvh:${other.scid}:agents.example:ada`;
  bad(
    '§ Read (Resolve), step 6.2',
    'a first document with another SCID',
    'scid_mismatch 1',
    first({ state: { id: foreign } }),
  );
  bad(
    '§ DID Portability',
    'a later document with another SCID',
    'scid_mismatch 2',
    second({ state: { id: foreign, alsoKnownAs: [first().did] } }),
  );
}

const TIME = '§ Read (Resolve), step 4';
ok(TIME, 'an offset of zero', first({ versionTime: '2025-01-01T00:00:00+00:00' }));
ok(
  TIME,
  'fractions of a second',
  first({ versionTime: '2025-01-01T00:00:00.98Z' }).next({
    versionTime: '2025-01-01T00:00:00.981Z',
  }),
);
ok(TIME, 'five minutes ahead of the reader', second(), { now: START - 240_000 });
bad(TIME, 'more than five minutes ahead of the reader', 'version_time 2', second(), {
  now: START - 240_001,
});
bad(TIME, 'no zone', 'version_time 1', first({ versionTime: '2025-01-01T00:00:00' }));
bad(TIME, 'another zone', 'version_time 1', first({ versionTime: '2025-01-01T01:00:00+01:00' }));
bad(TIME, 'a day that is none', 'version_time 1', first({ versionTime: '2025-02-30T00:00:00Z' }));
bad(TIME, 'a date alone', 'version_time 1', first({ versionTime: '2025-01-01' }));
bad(TIME, 'the time of the version before', 'version_time 2', second({ versionTime: minute(0) }));
bad(
  TIME,
  'the same time in another spelling',
  'version_time 2',
  second({ versionTime: '2025-01-01T00:00:00.000+00:00' }),
);
bad(
  TIME,
  'a time before the version before',
  'version_time 3',
  first()
    .next({ versionTime: minute(9) })
    .next({ versionTime: minute(8) }),
);

function cut(log: ForgedDidLog, index: number): string {
  return log.text
    .split('\n')
    .filter((_, at) => at !== index)
    .join('\n');
}

/** The entry with a changed document and a new signature by `key`; with `rehash` its hash is right again. */
function resigned(log: ForgedDidLog, index: number, key: number, rehash = false): string {
  const lines = log.text.split('\n');
  const { proof: _, ...entry } = JSON.parse(lines[index] as string) as JsonObject;
  entry.state = { ...(entry.state as JsonObject), note: 'changed' };
  if (rehash) entry.versionId = rehashed(entry, log.scid);
  lines[index] = json({ ...entry, proof: [proofOf(entry, key)] });
  return lines.join('\n');
}

function leftOver(): string {
  const log = new ForgedDidLog({ state: { note: 'did:webvh:{SCID}:x' } });
  const entry = JSON.parse(log.text) as JsonObject;
  const { proof: _, ...rest } = entry;
  rest.state = { ...(rest.state as JsonObject), note: 'did:webvh:{SCID}:x' };
  rest.versionId = rehashed(rest, log.scid);
  return json({ ...rest, proof: [proofOf(rest, 1)] });
}
