// The attacks that a verifier of archives has to catch, by number (17: archive-container-attacks): each builds the forged archive and expects its code.
import { describe, expect, test } from 'vitest';
import { verifyEvidence } from '../../src/log/evidence.ts';
import { verifyInclusion } from '../../src/log/inclusion.ts';
import { leafHash, nodeHash } from '../../src/log/merkle.ts';
import {
  COSIGNATURE_V1,
  formatVerifierKey,
  NOTE_ED25519,
  noteSigner,
} from '../../src/log/note-key.ts';
import { parsePolicy } from '../../src/log/policy.ts';
import { concatBytes, decodeUtf8, toBase64, utf8 } from '../../src/protocol/bytes.ts';
import { type CanonicalBytes, canonicalize } from '../../src/protocol/jcs.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { agents, policy, sample, verdict, verify } from '../archive-verdict.ts';
import {
  type Agent,
  cosign,
  crypto,
  edit,
  packAgain,
  SampleLog,
  START,
  unpack,
  webAgent,
} from '../sample-log.ts';

const { alice, bob, carol, mallory } = agents;
const [ENTRIES, OBJECTS] = ['entries/000000.ndjson', 'objects/000000.ndjson'] as const;
const witnesses = ['w1', 'w2'].map((name) =>
  noteSigner(`${name}.example`, COSIGNATURE_V1, crypto.sha256(utf8(name)), crypto),
);
const [w1, w2] = witnesses as [(typeof witnesses)[0], (typeof witnesses)[0]];
const both = policy(
  ...witnesses.map((key, i) => `witness w${i + 1} ${formatVerifierKey(key)}`),
  'group both all w1 w2',
  'quorum both',
);

/** The sample's archive with one member changed, and a manifest that agrees with it. */
async function forged(name: string, change: (text: string) => string, from = sample().log) {
  return packAgain(await unpack(await edit(await from.archive(), name, change)));
}

const lines = (change: (lines: string[]) => string[]) => (text: string) =>
  `${change(text.trimEnd().split('\n')).join('\n')}\n`;

const code = async (...of: Parameters<typeof verify>) => (await verify(...of)).code;

/** Sizes of the two heads in the evidence that a report has; null if it convicts nobody. */
async function convicted({ fork }: { readonly fork: JsonObject | null }): Promise<number[] | null> {
  const found = fork === null ? null : await verifyEvidence(canonicalize(fork), crypto);
  return found?.ok === true ? found.heads.map(({ size }) => size) : null;
}

/** Another history of the same submolt, from its second entry on. */
function otherHistory(posts: number): SampleLog {
  const log = SampleLog.founded(alice);
  for (let i = 0; i < posts; i++) log.post(bob, `Another history ${i}`);
  return log;
}

/** A log that has committed to this text as the object of its last entry. */
function committed(change: (text: string) => string): Promise<(number | undefined)[]> {
  const log = SampleLog.founded(alice);
  const object = { type: 'Article', name: 'Mine', content: 'x', mediaType: 'text/plain' };
  const draft = { type: 'Create', audience: log.submolt, object, seq: 1 };
  const text = decodeUtf8(log.sign(bob, draft).bytes);
  const changed = change(text);
  expect(changed).not.toBe(text);
  log.push(utf8(changed) as CanonicalBytes, 'Create');
  return verdict(log);
}

describe('the log', () => {
  test('1: an entry dropped, inserted, swapped or modified', async () => {
    const like = (text: string) => text.replace('"k":"Create"', '"k":"Delete"');
    for (const change of [
      lines((all) => all.toSpliced(8, 1)),
      lines((all) => all.toSpliced(9, 0, all[8]!)),
      lines((all) => [...all.slice(0, 8), all[9]!, all[8]!]),
      lines((all) => all.with(2, like(all[2]!))),
    ]) {
      expect(await code(await forged(ENTRIES, change))).toBe(13);
    }
  });

  test('2: the archive cut back to an older checkpoint', async () => {
    const { log } = sample();
    const newest = log.checkpoint();
    const old = new SampleLog(log.node);
    Object.assign(old, { submolt: log.submolt, entries: SampleLog.founded(alice).entries });
    // By itself it is a true state of the log: only who knows of a later one can tell.
    expect(await verdict(old)).toEqual([0]);
    expect(await verdict(old, { since: newest })).toEqual([15, undefined]);
    expect(await verdict(old, { notBefore: (START + 9) * 1000 })).toEqual([15, undefined]);
    const history = [{ day: '2026-09-21', note: newest }];
    expect(await verdict(await old.archive({ history }))).toEqual([15, undefined]);
  });

  test('3: a fork of the same size', async () => {
    const { log } = sample();
    const fork = otherHistory(9);
    expect(await verdict(await log.archive({ checkpoint: fork.checkpoint() }))).toEqual([
      13,
      undefined,
    ]);
    const report = await verify(await log.archive(), { since: fork.checkpoint() });
    expect(report.code).toBe(14);
    expect(await convicted(report)).toEqual([10, 10]);
  });

  test('4: a fork after a common beginning', async () => {
    const { log } = sample();
    const fork = otherHistory(4);
    expect(await code(await log.archive(), { since: fork.checkpoint(1) })).toBe(0);
    for (const size of [2, 3, 5]) {
      const report = await verify(await log.archive(), { since: fork.checkpoint(size) });
      expect(report.code).toBe(14);
      expect(await convicted(report)).toEqual([size, 10]);
    }
  });

  test('5: inner nodes passed off as leaves', async () => {
    const { log } = sample();
    const [left, right] = log.entries.map(({ line }) => leafHash(line, crypto));
    const node = concatBytes(left!, right!);
    // Without its own prefix the pair of hashes would be a leaf with the parent's hash.
    expect(leafHash(node, crypto)).not.toEqual(nodeHash(left!, right!, crypto));
    const members = await unpack(await log.archive());
    const rest = decodeUtf8(members.get(ENTRIES)!).split('\n').slice(2).join('\n');
    members.set(ENTRIES, concatBytes(node, utf8(`\n${rest}`)));
    const report = await verify(await packAgain(members));
    expect(report.code).toBe(10);
    expect(report.counts['13']).toBeGreaterThan(0);
  });

  test('6: proofs and sizes that cannot be', async () => {
    const { log } = sample();
    const fork = otherHistory(2);
    const report = await verify(await log.archive(), { since: fork.checkpoint(3) });
    const { proof, root } = report.fork!.consistency as { proof: string[]; root: string };
    const bent = (hashes: string[]) =>
      convicted({ fork: { ...report.fork, consistency: { root, proof: hashes } } });
    expect(await bent(proof)).toEqual([3, 10]);
    expect(await bent(proof.slice(1))).toBeNull();
    expect(await bent([...proof, proof[0]!])).toBeNull();
    expect(await bent(proof.with(0, toBase64(new Uint8Array(31))))).toBeNull();
    const leaf = leafHash(log.entries[0]!.line, crypto);
    expect(verifyInclusion(1, 1, leaf, [], leaf, crypto)).toBe(false);
    for (const size of ['010', '9007199254740993', '-1', '1e1']) {
      const archive = await forged('checkpoint', (text) => text.replace('\n10\n', `\n${size}\n`));
      expect(await code(archive), size).toBe(10);
    }
    const short = await forged('checkpoint', (text) =>
      text.replace(text.split('\n')[2]!, toBase64(new Uint8Array(31))),
    );
    expect(await code(short)).toBe(10);
    expect(await verdict(new SampleLog())).toEqual([22, undefined]);
  });
});

describe('signatures', () => {
  const cosigned = (log: SampleLog, ...notes: string[]) => {
    const parsed = notes.map((note) => note.trimEnd().split('\n').at(-1)!);
    return log.archive({ checkpoint: `${log.checkpoint()}${parsed.join('\n')}\n` });
  };

  test('7: notes with tricks in them', async () => {
    const { log } = sample();
    for (const change of [
      (text: string) => text.replace('\n\n', '\n\n\n'),
      (text: string) => text.replace('\n\n', '\n\u0000\n\n'),
      (text: string) => text.replaceAll('\n', '\r\n'),
      (text: string) => text.trimEnd(),
      // Padding bits that are not zero.
      (text: string) => text.replace(/(.)=\n$/, (_, last) => `${last === 'A' ? 'B' : 'A'}=\n`),
    ]) {
      expect([10, 11]).toContain(await code(await forged('checkpoint', change)));
    }
    const once = cosign(log.checkpoint(), w1, START + 10);
    const other = cosign(log.checkpoint(), w2, START + 10);
    expect(await code(await cosigned(log, once, other), { policy: both })).toBe(0);
    // The same witness twice, and one that has the other's name with a key of its own.
    expect(await code(await cosigned(log, once, once), { policy: both })).toBe(12);
    const pretender = noteSigner(w2.name, COSIGNATURE_V1, mallory.seed, crypto);
    const pretended = cosign(log.checkpoint(), pretender, START + 10);
    expect(await code(await cosigned(log, once, pretended), { policy: both })).toBe(12);
    // A known key under a signature that is not its own.
    const bad = other.replace(/.{8}=?\n$/, (end) =>
      end.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
    );
    expect(await code(await cosigned(log, once, bad), { policy: both })).toBe(12);
    // The log vouches for itself.
    const self = noteSigner('self.example', COSIGNATURE_V1, log.logSeed, crypto);
    const own = policy(`witness self ${formatVerifierKey(self)}`, 'quorum self');
    const vouched = await cosigned(log, cosign(log.checkpoint(), self, START + 10));
    expect(await code(vouched, { policy: own })).toBe(12);
    // One key under two names.
    const alias = noteSigner('w3.example', COSIGNATURE_V1, w1.seed, crypto);
    const twice = `witness a ${formatVerifierKey(w1)}\nwitness b ${formatVerifierKey(alias)}\nquorum a\n`;
    expect(parsePolicy(utf8(twice), crypto).ok).toBe(false);
  });

  test('8: cosignatures of something else, or of tomorrow', async () => {
    const { log } = sample();
    const one = policy(`witness w1 ${formatVerifierKey(w1)}`, 'quorum w1');
    const elsewhere = SampleLog.founded(bob).checkpoint();
    for (const note of [
      cosign(elsewhere, w1, START + 10),
      cosign(log.checkpoint(9), w1, START + 10),
      cosign(log.checkpoint(), w1, START + 2000),
    ]) {
      expect(await code(await cosigned(log, note), { policy: one })).toBe(12);
    }
  });

  test('18: the archive brings its own policy', async () => {
    const { log } = sample();
    const forger = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    const own = `log ${formatVerifierKey(forger)}\nwitness w1 ${formatVerifierKey(w1)}\nquorum w1\n`;
    const checkpoint = cosign(log.checkpoint(10, forger), w1, START + 10);
    expect(await verdict(await log.archive({ checkpoint, policy: own }))).toEqual([11, undefined]);
  });

  test('19: origins that look like another', async () => {
    const known = sample().log;
    const mine = policy(`log ${formatVerifierKey(known.signer)}`, 'quorum none');
    for (const [authority, expected] of [
      ['Node.example', 10],
      ['node.example:0443', 10],
      ['nоde.example', 10],
      ['node.example.', 11],
      ['node.example:443', 11],
      ['n0de.example', 11],
    ] as const) {
      const log = new SampleLog(known.node, authority);
      Object.assign(log, { submolt: known.submolt, entries: known.entries });
      expect(await code(await log.archive(), { policy: mine }), authority).toBe(expected);
    }
    // Nor may a did:web name keys for an authority that is not its own.
    const log = SampleLog.founded(alice, webAgent('n0de.example'));
    expect(await verdict(log)).toEqual([11, undefined]);
  });

  test('20: a log restored from a backup goes on differently', async () => {
    const { log } = sample();
    // The witness had seen all ten entries; the restored log has six of them and writes others.
    const seen = cosign(log.checkpoint(), w1, START + 10);
    const restored = SampleLog.founded(alice);
    expect(await verdict(restored, { since: seen })).toEqual([15, undefined]);
    for (let i = 0; i < 12; i++) restored.post(bob, `After the restore ${i}`);
    const report = await verify(await restored.archive(), { since: seen });
    expect([report.code, report.fork === null]).toEqual([14, false]);
  });
});

describe('bodies', () => {
  test('9: more than one way to write the same object', async () => {
    expect(await committed((text) => text.replace('"type":', '"type":"Like","type":'))).toEqual([
      22, 1,
    ]);
    expect(await committed((text) => text.replace('"seq":1', '"seq":1.0'))).toEqual([22, 1]);
    expect(await committed((text) => text.replace('Mine', '\\ud800'))).toEqual([22, 1]);
    expect(await committed((text) => text.replace('{', '{"unknown":1,'))).toEqual([22, 1]);
    expect(
      await committed((text) =>
        text.replace(/^\{("@context":\[.*?\]),("actor":".*?"),/, '{$2,$1,'),
      ),
    ).toEqual([10, 1]);
    expect(await committed((text) => text.replace('{', '{ '))).toEqual([10, 1]);
  });

  test('10: an entry of more than 65,535 bytes', async () => {
    const { log } = sample();
    log.change(9, { line: utf8(`{"c":"${'A'.repeat(70_000)}","k":"Undo","t":1,"v":1}`) });
    expect(await code(await log.archive())).toBe(10);
  });

  test('11: two bodies in each other’s place, and another salt', async () => {
    const swapped = await forged(
      OBJECTS,
      lines((all) =>
        all.with(2, all[3]!.replace('"i":3', '"i":2')).with(3, all[2]!.replace('"i":2', '"i":3')),
      ),
    );
    expect(await verdict(swapped)).toEqual([21, 2, 3]);
    const salted = await forged(
      OBJECTS,
      lines((all) => all.with(3, all[3]!.replace(/"s":".{22}"/, `"s":"${'A'.repeat(22)}"`))),
    );
    expect(await verdict(salted)).toEqual([21, 3]);
  });

  test('12: an object of another submolt, and one that comes twice', async () => {
    const log = SampleLog.founded(alice);
    const elsewhere = SampleLog.founded(bob);
    const post = elsewhere.post(carol, 'Said elsewhere');
    const replayed = log.push(elsewhere.entries[post.index]!.bytes!, 'Create');
    const mine = log.post(carol, 'Said here');
    const again = log.push(log.entries[mine.index]!.bytes!, 'Create');
    expect(await verdict(log)).toEqual([22, replayed, again]);
  });

  test('13: a key that is not the actor’s, not any more, or not in the real document', async () => {
    expect(await committed((text) => text.replace(bob.did, alice.did))).toEqual([22, 1]);
    const author = webAgent('author.example');
    const log = SampleLog.founded(alice);
    const { index } = log.post(author, 'A post');
    const other: Agent = webAgent('other.example');
    const substituted = JSON.parse(
      JSON.stringify(other.document).replaceAll('other.example', 'author.example'),
    );
    const of = (...didDocuments: { did: Agent['did']; document: unknown; until?: number }[]) =>
      log.archive({ didDocuments }).then((archive) => verdict(archive));
    expect(await of({ did: author.did, document: substituted })).toEqual([23, index]);
    expect(await of()).toEqual([23, index]);
    const gone = (START - 2 * 86_400) * 1000;
    const dropped = { did: author.did, document: author.document, until: gone };
    expect(await of(dropped, { did: author.did, document: substituted })).toEqual([23, index]);
  });

  test('14: bodies that are missing without a reason', async () => {
    const { log, other } = sample();
    const silent = await forged(
      OBJECTS,
      lines((all) => all.toSpliced(3, 1)),
      log,
    );
    expect(await verdict(silent)).toEqual([20, 3]);
    log.erase(other, 4);
    expect(await verdict(log)).toEqual([20, 5]);
    const stranger = SampleLog.founded(alice);
    const post = stranger.post(bob, 'Bob’s');
    const { index } = stranger.add(mallory, { type: 'Delete', object: post.name });
    stranger.erase(post, index);
    expect(await verdict(stranger)).toEqual([24, index]);
    const second = sample();
    const again = second.log.add(bob, { type: 'Delete', object: second.deleted.name });
    second.log.erase(second.deleted, again.index);
    // What remains of a Delete is left by somebody entitled to it, and by nothing at all otherwise.
    expect(await verdict(second.log)).toEqual([24, again.index]);
    second.log.change(second.deleted.index, { remains: null });
    expect((await verdict(second.log))[0]).toBe(20);
  });

  test('16: a context that gives terms another meaning', async () => {
    const members = await unpack(await sample().log.archive());
    const [name] = [...members.keys()].filter((key) => key.startsWith('contexts/'));
    const remapped = decodeUtf8(members.get(name!)!).replace('Like', 'Dislike');
    members.set(name!, utf8(remapped));
    expect(await code(await packAgain(members))).toBe(25);
  });

  test('21: a gap in what an author counts', async () => {
    const log = SampleLog.founded(alice);
    const object = { type: 'Article', name: 'x' };
    log.add(bob, { type: 'Create', object, seq: 0 });
    const { index } = log.add(bob, { type: 'Create', object, seq: 2 });
    expect(await verdict(log)).toEqual([0]);
    expect(await verdict(log, { strictAuthors: true })).toEqual([30, index]);
  });

  test('22: a receipt for an entry that is not there', async () => {
    const { log } = sample();
    const receipt = (index: number, c: string) => {
      const t = (START + index) * 1000;
      return { receipts: [{ log: log.origin, index, c, k: 'Create' as const, t }] };
    };
    const { c } = JSON.parse(decodeUtf8(log.entries[5]!.line));
    expect(await verdict(log, receipt(5, c))).toEqual([0]);
    expect(await verdict(log, receipt(5, 'A'.repeat(43)))).toEqual([31, 5]);
    expect(await verdict(log, receipt(10, c))).toEqual([31, 10]);
  });
});

describe('the clock', () => {
  test('15: times that run backwards, or that witnesses contradict', async () => {
    const { log } = sample();
    const text = decodeUtf8(log.entries[7]!.line);
    log.change(7, { line: utf8(text.replace(/"t":\d+/, `"t":${START * 1000}`)) });
    expect(await verdict(log)).toEqual([13, 7]);
    const one = policy(`witness w1 ${formatVerifierKey(w1)}`, 'quorum w1');
    const dated = async (size: number, at: number) => {
      const honest = sample().log;
      const history = [{ day: '2026-09-21', note: cosign(honest.checkpoint(size), w1, at) }];
      const checkpoint = cosign(honest.checkpoint(), w1, at + 10);
      const now = (at + 100) * 1000;
      return verdict(await honest.archive({ checkpoint, history }), { policy: one, now });
    };
    expect(await dated(5, START + 5)).toEqual([0]);
    // Entries after the fifth claim to be days older than a witness's word that there were five.
    expect(await dated(5, START + 3 * 86_400)).toEqual([13, 5]);
    // Entries claim to be from after the witness had seen them.
    expect((await dated(5, START - 1000))[0]).toBe(13);
  });
});
