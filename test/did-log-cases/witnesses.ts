// Cases about witnesses and did-witness.json.
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts';
import {
  approval,
  type Forged,
  multikey,
  proofOf,
  SMALL_ORDER_MULTIKEY,
  witnesses,
} from '../did-log-forge.ts';
import { Cases, first, json, PARAMETERS, second } from './case.ts';

export const witnessed = new Cases();
const { bad, ok } = witnessed;

const WITNESS = '§ The witness Parameter';
{
  const with2of3 = (forged: Forged = {}) =>
    first({ ...forged, parameters: { witness: witnesses(2, 31, 32, 33), ...forged.parameters } });
  const file = (value: JsonValue) => ({ witnesses: json(value) });
  const log = with2of3().next().next();
  const THRESHOLD = '§ Witness Threshold Algorithm';
  const PROOFS = '§ The Witness Proofs File';
  const RESOLUTION = '§ Verifying Witness Proofs During Resolution';
  ok(
    THRESHOLD,
    'two of three witnesses on every version',
    log,
    file(log.approvals([1, 31, 32], [2, 32, 33], [3, 31, 33])),
  );
  ok(
    PROOFS,
    'an approval of the last version, which covers those before',
    log,
    file(log.approvals([3, 31, 33])),
  );
  ok(
    PROOFS,
    'approvals of different versions, the older in the file behind the newer',
    log,
    file(log.approvals([3, 31, 33], [1, 31])),
  );
  ok(PROOFS, 'no witnesses, and a file without approvals', first(), { witnesses: '[]' });
  ok(
    RESOLUTION,
    'approvals that do not count beside those that do',
    log,
    file([
      ...log.approvals([3, 34]),
      {
        versionId: log.versionId(3),
        proof: [{ type: 'x' }, proofOf({ versionId: log.versionId(2) }, 31)],
      },
      ...log.approvals([3, 31, 32]),
    ]),
  );
  bad(RESOLUTION, 'no file', 'witness_threshold 1', log);
  bad(THRESHOLD, 'one of two', 'witness_threshold 1', log, file(log.approvals([3, 31])));
  bad(
    THRESHOLD,
    'one witness twice',
    'witness_threshold 1',
    log,
    file([
      {
        versionId: log.versionId(3),
        proof: [
          approval(log.versionId(3), 31),
          proofOf({ versionId: log.versionId(3) }, 31, { created: '2025-01-02T00:00:00Z' }),
        ],
      },
    ]),
  );
  bad(
    THRESHOLD,
    'one witness on two versions',
    'witness_threshold 1',
    log,
    file(log.approvals([2, 31], [3, 31])),
  );
  bad(
    THRESHOLD,
    'an approval by nobody who was asked',
    'witness_threshold 1',
    log,
    file(log.approvals([3, 31, 34])),
  );
  bad(
    PROOFS,
    'approvals of an older version alone',
    'witness_threshold 2',
    log,
    file(log.approvals([1, 31, 32])),
  );
  bad(
    RESOLUTION,
    'an approval of a version that this log has not',
    'witness_threshold 1',
    first({ parameters: { witness: witnesses(1, 31) } }),
    file([{ versionId: log.versionId(3), proof: [approval(log.versionId(3), 31)] }]),
  );
  bad(
    RESOLUTION,
    'an approval of one version that stands with another',
    'witness_threshold 3',
    log,
    file([
      ...log.approvals([2, 31, 32]),
      {
        versionId: log.versionId(3),
        proof: [31, 32].map((key) => approval(log.versionId(2), key)),
      },
    ]),
  );
  const wrong = (config: Forged['config'], by = 32) =>
    file([
      {
        versionId: log.versionId(3),
        proof: [
          approval(log.versionId(3), 31),
          proofOf({ versionId: log.versionId(3) }, by, config),
        ],
      },
    ]);
  bad(
    PROOFS,
    'an approval by another cryptosuite',
    'witness_threshold 1',
    log,
    wrong({ cryptosuite: 'ecdsa-jcs-2019' }),
  );
  bad(
    PROOFS,
    'an approval for another purpose',
    'witness_threshold 1',
    log,
    wrong({ proofPurpose: 'authentication' }),
  );
  bad(
    PROOFS,
    'an approval whose method has no fragment',
    'witness_threshold 1',
    log,
    wrong({ verificationMethod: `did:key:${multikey(32)}` }),
  );
  bad(
    '§ Witness DIDs and Reputation',
    "a stranger's did:key with the fragment of a witness",
    'witness_threshold 1',
    log,
    wrong({ verificationMethod: `did:key:${multikey(7)}#${multikey(32)}` }, 7),
  );
  bad(
    '§ Witness DIDs and Reputation',
    "the did:key of a witness with a stranger's fragment",
    'witness_threshold 1',
    log,
    wrong({ verificationMethod: `did:key:${multikey(32)}#${multikey(7)}` }, 7),
  );
  bad(
    RESOLUTION,
    "a stranger's signature in the name of a witness",
    'witness_threshold 1',
    log,
    wrong({ verificationMethod: `did:key:${multikey(32)}#${multikey(32)}` }, 7),
  );
  const entry = log.entries[2] as JsonObject;
  bad(
    PROOFS,
    'an approval over the whole entry instead of its versionId',
    'witness_threshold 1',
    log,
    file([{ versionId: log.versionId(3), proof: [31, 32].map((key) => proofOf(entry, key)) }]),
  );

  const LISTS = '§ Witness Lists';
  const replaced = with2of3()
    .next({ parameters: { witness: witnesses(1, 41) } })
    .next();
  ok(
    LISTS,
    'a new list, approved by the old one, and then in force',
    replaced,
    file(replaced.approvals([2, 31, 32], [3, 41])),
  );
  bad(
    LISTS,
    'a new list that approves itself',
    'witness_threshold 2',
    replaced,
    file(replaced.approvals([1, 31, 32], [2, 41], [3, 41])),
  );
  bad(
    LISTS,
    'the old list after it was replaced',
    'witness_threshold 3',
    replaced,
    file(replaced.approvals([3, 31, 32])),
  );
  const ended = with2of3()
    .next({ parameters: { witness: {} } })
    .next();
  ok(LISTS, 'witnesses dismissed with their approval', ended, file(ended.approvals([2, 31, 32])));
  bad(
    LISTS,
    'witnesses dismissed without their approval',
    'witness_threshold 2',
    ended,
    file(ended.approvals([1, 31, 32])),
  );
  const late = second({ parameters: { witness: witnesses(1, 41) } });
  ok(
    `${PARAMETERS}, witness`,
    'the first witnesses, in force at once',
    late,
    file(late.approvals([2, 41])),
  );
  bad(
    `${PARAMETERS}, witness`,
    'the first witnesses, who have not approved',
    'witness_threshold 2',
    late,
    { witnesses: '[]' },
  );

  const declared = (witness: JsonValue) => first({ parameters: { witness } });
  const id = `did:key:${multikey(31)}`;
  bad(WITNESS, 'a threshold of 0', 'witness_malformed 1', declared(witnesses(0, 31)));
  bad(
    WITNESS,
    'a threshold beyond the number of witnesses',
    'witness_malformed 1',
    declared(witnesses(2, 31)),
  );
  bad(
    WITNESS,
    'a witness listed twice to reach the threshold',
    'witness_malformed 1',
    declared(witnesses(2, 31, 31)),
  );
  bad(WITNESS, 'no threshold', 'witness_malformed 1', declared({ witnesses: [{ id }] }));
  bad(
    WITNESS,
    'a threshold in a string',
    'witness_malformed 1',
    declared({ threshold: '1', witnesses: [{ id }] }),
  );
  bad(
    WITNESS,
    'nobody to reach the threshold',
    'witness_malformed 1',
    declared({ threshold: 1, witnesses: [] }),
  );
  bad(WITNESS, 'a threshold alone', 'witness_malformed 1', declared({ threshold: 1 }));
  bad(WITNESS, 'null for witness', 'witness_malformed 1', declared(null));
  bad(WITNESS, 'a list for witness', 'witness_malformed 1', declared([{ id }]));
  bad(
    WITNESS,
    'a weight',
    'witness_malformed 1',
    declared({ threshold: 1, witnesses: [{ id, weight: 2 }] }),
  );
  bad(
    WITNESS,
    'a did:web',
    'witness_malformed 1',
    declared({ threshold: 1, witnesses: [{ id: 'did:web:witness.example' }] }),
  );
  bad(
    WITNESS,
    'a DID URL',
    'witness_malformed 1',
    declared({ threshold: 1, witnesses: [{ id: `${id}#${multikey(31)}` }] }),
  );
  bad(
    WITNESS,
    'a key of another curve',
    'witness_malformed 1',
    declared({
      threshold: 1,
      witnesses: [{ id: 'did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv' }],
    }),
  );
  bad(
    WITNESS,
    'a key of small order',
    'witness_malformed 1',
    declared({ threshold: 1, witnesses: [{ id: `did:key:${SMALL_ORDER_MULTIKEY}` }] }),
  );
  bad(PROOFS, 'a file that is no JSON', 'witness_malformed', log, { witnesses: 'x' });
  bad(PROOFS, 'a file that is no list', 'witness_malformed', log, file({}));
  bad(
    PROOFS,
    'a record without proofs',
    'witness_malformed',
    log,
    file([{ versionId: log.versionId(3) }]),
  );
  bad(
    PROOFS,
    'one proof that stands in no list',
    'witness_malformed',
    log,
    file([{ versionId: log.versionId(3), proof: approval(log.versionId(3), 31) }]),
  );
}
