// What a home can make of its log and sign again, with mallory's help and a stolen key: verified is what its author has signed, in its place.
import { afterAll, expect, test } from 'vitest';
import { createExaminerPool } from '../../src/cli/examiner-pool.ts';
import type { ArchivedEntry } from '../../src/log/archive.ts';
import { type VerifyArchiveOptions, verifyArchive } from '../../src/log/archive-verify.ts';
import { commitment, type EntryKind, encodeEntry, makeEntry } from '../../src/log/entry.ts';
import type { Activity } from '../../src/protocol/activity.ts';
import { decodeUtf8 } from '../../src/protocol/bytes.ts';
import { type Did, subjectOf } from '../../src/protocol/did.ts';
import { reasonOf } from '../../src/protocol/erasure-grounds.ts';
import { type CanonicalBytes, canonicalize } from '../../src/protocol/jcs.ts';
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts';
import { DELEGATES, DID_LOGS, MODERATORS } from '../../src/protocol/labels.ts';
import { nameOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { type Remains, remainsOf } from '../../src/protocol/remains.ts';
import { agents } from '../archive-verdict.ts';
import { fullLog } from '../full-log.ts';
import { RotatingAgent } from '../rotating-agent.ts';
import { crypto, SampleLog, START, webAgent } from '../sample-log.ts';
import { seeded } from '../world.ts';

const ROUNDS = 350;
const { alice, bob, carol, mallory } = agents;
const pool = createExaminerPool(crypto, 2);
afterAll(() => pool.close());

/** An entry, and the one whose Delete is said to have erased it. */
interface Slot {
  kind: EntryKind;
  entry: ArchivedEntry;
  by: Slot | null;
}

const kindOf = ({ line }: ArchivedEntry): EntryKind => JSON.parse(decodeUtf8(line)).k;
const readAct = (bytes: Uint8Array): Activity => JSON.parse(decodeUtf8(bytes));
const truth = fullLog();
const elsewhere = SampleLog.founded(carol);
elsewhere.post(alice, 'In another submolt');
const signed = new Map<string, Activity>();

function slotsOf({ entries }: SampleLog): Slot[] {
  const slots = entries.map((entry): Slot => ({ kind: kindOf(entry), entry, by: null }));
  entries.forEach(({ erasedBy }, i) => {
    if (erasedBy !== null) slots[i]!.by = slots[erasedBy]!;
  });
  return slots;
}

function standing(bytes: CanonicalBytes): Slot {
  const act = readAct(bytes);
  const salt = crypto.sha256(bytes).slice(0, 16);
  const entry = { ...truth.entries[0]!, bytes, salt };
  return { kind: act.type, entry, by: null };
}

/** Acts that mallory can sign and nobody should let in, and what the thief of eve's first key signs after it was replaced. */
function offences(): Slot[] {
  const signs = (draft: JsonObject) =>
    truth.sign(mallory, { audience: truth.submolt, ...draft }).bytes;
  const names = truth.entries.map(({ bytes, name }) => (bytes ? nameOf(bytes, crypto) : name!));
  const words = { type: 'Article', name: 'Mine', content: 'x', mediaType: 'text/plain' };
  const ofNames = names.flatMap((object) => [
    signs({ type: 'Delete', object }),
    signs({ type: 'Delete', object, reason: reasonOf('legal') }),
    signs({ type: 'Undo', object }),
    signs({ type: 'Update', target: object, object: words }),
    signs({ type: 'Remove', object, origin: truth.submolt }),
    signs({ type: 'Create', object: words, instrument: object }),
  ]);
  const ofAgents = [alice, bob, mallory].flatMap(({ did: object }) => [
    signs({ type: 'Add', object, target: MODERATORS }),
    signs({ type: 'Block', object, target: truth.submolt }),
  ]);
  const { thief } = new RotatingAgent('eve', 'node.example', START * 1000);
  const stolen = { type: 'Create', audience: truth.submolt, object: words };
  return [...ofNames, ...ofAgents, thief.make(stolen, START * 1000).bytes].map(standing);
}

const catalog = offences();
const others = [...slotsOf(elsewhere), ...slotsOf(fullLog({ withdrawn: true }))];
for (const { entry } of [...slotsOf(truth), ...others, ...catalog]) {
  if (entry.bytes) signed.set(nameOf(entry.bytes, crypto), readAct(entry.bytes));
}

type Random = (n: number) => number;
const KINDS: readonly EntryKind[] = ['Create', 'Like', 'Delete', 'Update', 'Add', 'Flag'];

function erase(slot: Slot, by: Slot, random: Random): void {
  const { bytes } = slot.entry;
  if (bytes === null) return;
  const act = readAct(bytes);
  const remains = remainsOf(act);
  const isItem = act.type === 'Create' && remains === null;
  const target = by.entry.bytes && readAct(by.entry.bytes).object;
  const named = typeof target === 'string' && target.startsWith('ni:') && random(2) === 0;
  const author = random(2) === 0 ? subjectOf(act.actor) : mallory.did;
  const record = { name: named ? (target as ObjectName) : nameOf(bytes, crypto), erasedBy: 0 };
  const left = { author: isItem ? author : null, remains: random(5) === 0 ? null : remains };
  const c = commitment(slot.entry.salt!, bytes, crypto);
  const line = encodeEntry(makeEntry(c, slot.kind, 0));
  slot.entry = { ...slot.entry, ...record, ...left, line, salt: null, bytes: null };
  slot.by = by;
}

/** The value with something in it changed, at whatever depth. */
function bent(value: JsonValue, random: Random): JsonValue {
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'object' || value === null) {
    return [bob.did, mallory.did, 'Like', 'x', ...signed.keys()][random(4 + signed.size)]!;
  }
  const keys = Object.keys(value);
  const key = keys[random(keys.length)];
  if (key === undefined) return { y: 1 };
  if (Array.isArray(value)) return value.with(Number(key), bent(value[Number(key)]!, random));
  return { ...value, [key]: bent(value[key]!, random) };
}

function forge(slots: Slot[], random: Random): void {
  const [at, to] = [random(slots.length), random(slots.length)];
  const slot = slots[at]!;
  const from = (list: readonly Slot[]) => ({ ...list[random(list.length)]! });
  const deletes = slots.filter(({ kind }) => kind === 'Delete');
  switch (random(10)) {
    case 0:
      slots.splice(to, 0, ...slots.splice(at, 1));
      break;
    case 1:
      slots.splice(to, 0, { ...slot });
      break;
    case 2:
      slots.splice(at, 1);
      break;
    case 3:
      slots.splice(to, 0, from(others));
      break;
    case 4:
      slot.kind = KINDS[random(KINDS.length)]!;
      break;
    case 5:
      if (slot.entry.bytes) {
        const bytes = canonicalize(
          bent(readAct(slot.entry.bytes) as unknown as JsonObject, random),
        );
        slot.entry = { ...slot.entry, bytes };
      }
      break;
    case 6:
      if (deletes.length > 0) erase(slot, deletes[random(deletes.length)]!, random);
      break;
    case 7:
      if (slot.by) slot.by = slots[to]!;
      break;
    default: {
      const offence = from(catalog);
      const { object, type } = readAct(offence.entry.bytes!);
      const named = (one: Slot) => one.entry.bytes && nameOf(one.entry.bytes, crypto) === object;
      const victim = slots.find(named);
      if (type === 'Delete' && victim && random(2) === 0) erase(victim, offence, random);
      slots.splice(1 + to, 0, offence);
    }
  }
}

/** All that the holder of the log's key can make of it: commitments, leaves, root, signature, manifest. */
function sealed(slots: readonly Slot[]): SampleLog {
  const log = new SampleLog(truth.node);
  log.submolt = truth.submolt;
  log.entries = slots.map(({ by, entry, kind }, index) => {
    const { bytes, erasedBy, line, salt } = entry;
    const t = (START + index) * 1000;
    const made = bytes && makeEntry(commitment(salt!, bytes, crypto), kind, t);
    const old = JSON.parse(decodeUtf8(line));
    const place = erasedBy === null ? null : Math.max(slots.indexOf(by!), 0);
    const leaf = encodeEntry({ c: made?.c ?? old.c, k: kind, t, v: 1 });
    return { ...entry, index, line: leaf, erasedBy: place };
  });
  return log;
}

type Read = (Activity | Remains) & { readonly instrument?: ObjectName; readonly target?: string };

/** What is untrue in a log that was verified; null if nothing is. The rules are spelled out anew, as far as these forgeries go. */
function findLie({ entries, submolt }: SampleLog): string | null {
  const authors = new Map<string, Did | null>();
  let keyOfEve = '';
  for (const [
    index,
    { author, bytes, erasedBy, line, name, remains, withdrawal },
  ] of entries.entries()) {
    const known = bytes ? nameOf(bytes, crypto) : name!;
    if (authors.has(known)) return `${index} was there before`;
    const act = bytes ? signed.get(known) : null;
    if (act === undefined) return `${index} was signed by nobody`;
    const read = (act ?? remains ?? null) as Read | null;
    if (act === null && withdrawal === null) {
      const by = entries[erasedBy!]!;
      const tombstone = by.bytes ? readAct(by.bytes) : by.remains;
      if (erasedBy! <= index || tombstone?.type !== 'Delete')
        return `${index} is gone without a Delete`;
      // Of what an erased edit was nothing is left to tell.
      const isEdit = kindOf({ line } as ArchivedEntry) === 'Update' && !remains;
      if (!isEdit && tombstone.object !== known) return `${index} is gone by a Delete of another`;
    }
    authors.set(known, read === null ? author : subjectOf(read.actor));
    if (read === null) continue;
    const isStatement = read.target === DID_LOGS || read.target === DELEGATES;
    const audience = 'audience' in read ? read.audience : undefined;
    if (read.type !== JSON.parse(decodeUtf8(line)).k) return `${index} is logged as another kind`;
    if (!isStatement && (audience ?? known) !== submolt) return `${index} is of another log`;
    const key = act?.proof.verificationMethod ?? '';
    if (read.target === DID_LOGS) keyOfEve = key;
    else if (key.startsWith('did:webvh:') && key !== keyOfEve) return `${index} has a stolen key`;
    if (read.actor !== mallory.did || isStatement) continue;
    // Neither owner nor moderator, with a delegation to post and vote.
    if (['Add', 'Block', 'Remove'].includes(read.type)) return `${index} is no act of mallory's`;
    const about = read.type === 'Update' ? read.target! : (read as { object: string }).object;
    if (!['Delete', 'Undo', 'Update'].includes(read.type) || read.instrument) continue;
    if ((authors.get(about) ?? mallory.did) !== mallory.did) return `${index} is about another's`;
  }
  return null;
}

type Way = Partial<VerifyArchiveOptions> & { readonly step?: number };

async function* cut(bytes: Uint8Array, step = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.slice(at, at + step);
}

test('no forgery that says something untrue is verified, and each way of verifying finds the same', {
  timeout: 120_000,
}, async () => {
  // A promise for a verdict: then each body is read the long way.
  const slow = {
    ...crypto,
    verify: async (...of: Parameters<typeof crypto.verify>) => crypto.verify(...of),
  };
  const ways: Way[] = [{ step: 511 }, { crypto: slow, step: 7000 }, { examiner: pool }];
  const { did, document } = webAgent('author.example');
  const random = seeded(21);
  const codes = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const slots = slotsOf(truth);
    for (let n = random(3); n >= 0; n--) forge(slots, random);
    const log = sealed(slots);
    const archive = await log.archive({ didDocuments: [{ did, document }] });
    const options = { crypto, now: (START + 1000) * 1000, allowWithdrawn: random(2) === 0 };
    const report = await verifyArchive(cut(archive), options);
    codes.set(report.code, (codes.get(report.code) ?? 0) + 1);
    if (report.code === 0) expect(findLie(log), `round ${round}`).toBeNull();
    if (round % 5 > 0) continue;
    for (const { step, ...way } of ways) {
      const same = await verifyArchive(cut(archive, step), { ...options, ...way });
      expect(same, `round ${round}`).toEqual(report);
    }
  }
  // Enough of them come all the way.
  expect(codes.get(0)).toBeGreaterThan(ROUNDS / 20);
  for (const code of [20, 22, 23, 24]) expect(codes.get(code), `${code}`).toBeGreaterThan(2);
});
