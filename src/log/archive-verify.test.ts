// Archives that are whole verify, and damage to container, signatures and entries leads to its code.
import { describe, expect, test } from 'vitest';
import { agents, policy, sample, verdict, verify } from '../../test/archive-verdict.ts';
import {
  crypto,
  edit,
  pack,
  packAgain,
  SampleLog,
  START,
  unpack,
  webAgent,
} from '../../test/sample-log.ts';
import { utf8 } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { LOG_KEYS, MODERATORS } from '../protocol/labels.ts';
import type { ArchiveSource } from './archive.ts';
import { verifyArchive } from './archive-verify.ts';
import { formatNote, makeSignature, parseNote } from './note.ts';
import { COSIGNATURE_V1, formatVerifierKey, NOTE_ED25519, noteSigner } from './note-key.ts';

const { alice, bob, mallory } = agents;
const witness = noteSigner('w.example', COSIGNATURE_V1, crypto.sha256(utf8('w')), crypto);
const now = (START + 1000) * 1000;

describe('a whole archive', () => {
  test('verifies without a policy, and the report says that no witness was asked for', async () => {
    const { log } = sample();
    const report = await verify(await log.archive());
    const unasked = 'no policy was given: quorum none, no witness was asked for';
    expect(report).toEqual({
      code: 0,
      ok: true,
      origin: log.origin,
      size: 10,
      root: log.checkpoint().split('\n')[2],
      submolt: log.submolt,
      home: log.node.did,
      objects: 8,
      authors: 3,
      erased: 2,
      erasures: { author: 2, moderator: 0, legal: 0, gdpr: 0, illegal: 0, withdrawn: 0 },
      documents: 0,
      history: { checkpoints: 0, witnessed: 0 },
      system: null,
      founding: null,
      since: null,
      asOf: (START + 9) * 1000,
      evidence: [],
      fork: null,
      signer: formatVerifierKey(log.signer),
      witnesses: { quorum: 'none', met: true, names: [] },
      findings: [{ code: 0, message: unasked }],
      counts: { '0': 1 },
    });
  });

  test('verifies in any chunks, from any number of threads, and tells how far it is', async () => {
    const { log } = sample();
    const bytes = await log.archive();
    const seen: number[] = [];
    async function* bytewise() {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    }
    const slow = {
      ...crypto,
      verify: async (...args: Parameters<typeof crypto.verify>) => crypto.verify(...args),
    };
    const report = await verifyArchive(bytewise(), {
      crypto: slow,
      now,
      progress: ({ entries, objects, size }) => seen.push(entries, objects, size ?? -1),
    });
    expect(report).toEqual(await verify(bytes));
    // A file is read as Buffers, whose methods share memory where those of a Uint8Array copy.
    expect(report).toEqual(await verify(Buffer.from(bytes)));
    expect(seen).toEqual([10, 8, 10]);
  });

  test('verifies when it was unpacked and packed again in the order of names', async () => {
    const members = await unpack(await sample().log.archive());
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(await verdict(await pack(sorted))).toEqual([0]);
  });

  test('of a system log begins with the key statement', async () => {
    const log = SampleLog.ofSystem();
    log.add(bob, { type: 'Follow', object: alice.did });
    log.add(bob, { type: 'Update', object: { type: 'Service', name: 'Bob' } });
    const report = await verify(await log.archive());
    expect(report).toMatchObject({ code: 0, submolt: null, home: log.node.did, objects: 3 });
  });

  test('with did:web authors and home takes their keys from its documents, and says so', async () => {
    const log = SampleLog.founded(webAgent('author.example'), webAgent('node.example'));
    const report = await verify(await log.archive());
    expect(report).toMatchObject({ code: 0, home: 'did:web:node.example', authors: 1 });
    expect(report.findings.map(({ message }) => message)).toContain(
      "2 did:web documents are the archive's own copies",
    );
  });

  test('of many segments verifies, and every erasure finds its tombstone across them', async () => {
    const log = SampleLog.founded(alice);
    const posts = Array.from({ length: 150 }, (_, i) => log.post(bob, `Post ${i}`));
    for (const post of posts.slice(0, 3)) {
      log.erase(post, log.add(bob, { type: 'Delete', object: post.name }).index);
    }
    const members = await unpack(await log.archive());
    // Cut into segments of 50, which a writer may do at any point.
    const cut = new Map<string, Uint8Array>();
    for (const [name, bytes] of members) {
      const kind = /^(entries|objects)\/000000/.exec(name)?.[1];
      if (kind === undefined) {
        cut.set(name, bytes);
        continue;
      }
      const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
      for (let i = 0; i * 50 < lines.length; i++) {
        const text = `${lines.slice(i * 50, i * 50 + 50).join('\n')}\n`;
        cut.set(`${kind}/00000${i}.ndjson`, utf8(text));
      }
    }
    const report = await verify(await packAgain(cut));
    expect(report).toMatchObject({ code: 0, objects: 151, erased: 3, size: 154 });
  });
});

describe('code 2', () => {
  test('an older checkpoint that cannot be read', async () => {
    expect(await verdict(sample().log, { since: 'nothing' })).toEqual([2, undefined]);
  });
});

describe('code 10: malformed', () => {
  test('a truncated file', async () => {
    const bytes = await sample().log.archive();
    for (const length of [0, 100, 512, 5000, bytes.length - 1024, bytes.length - 1]) {
      expect((await verify(bytes.slice(0, length))).code).toBe(10);
    }
  });

  test('bytes after the end', async () => {
    const bytes = await sample().log.archive();
    expect((await verify(new Uint8Array([...bytes, 1]))).code).toBe(10);
  });

  test('a member twice, missing, unknown, or with a path that leads elsewhere', async () => {
    const members = [...(await unpack(await sample().log.archive()))];
    const first = members[0] as [string, Uint8Array];
    expect((await verify(await pack([first, ...members]))).code).toBe(10);
    for (const missing of ['checkpoint', 'node.json', 'dids.ndjson', 'manifest.json']) {
      const rest = members.filter(([name]) => name !== missing);
      expect((await verify(await pack(rest))).code, missing).toBe(10);
    }
    for (const name of [
      'policy',
      './checkpoint',
      '/etc/passwd',
      '../checkpoint',
      'contexts/../../x',
      'entries/1.ndjson',
      'entries/000000.ndjson/x',
      'entries\\000001.ndjson',
    ]) {
      expect((await verify(await pack([...members, [name, utf8('x')]]))).code, name).toBe(10);
    }
  });

  test('objects before their entries or before the keys, or segments out of order', async () => {
    const members = await unpack(await sample().log.archive());
    const order = async (...names: string[]) => {
      const rest = [...members.keys()].filter((name) => !names.includes(name));
      return pack([...names, ...rest].map((name) => [name, members.get(name) as Uint8Array]));
    };
    const [entries, objects] = ['entries/000000.ndjson', 'objects/000000.ndjson'] as const;
    expect(await verdict(await order(objects))).toEqual([10, undefined]);
    expect((await verify(await order(entries, objects))).code).toBe(10);
    members.set('entries/000002.ndjson', utf8(''));
    expect((await verify(await packAgain(members))).code).toBe(10);
  });

  test('a manifest that does not describe the archive', async () => {
    const bytes = await sample().log.archive();
    const change = (from: string | RegExp, to: string) =>
      edit(bytes, 'manifest.json', (text) => text.replace(from, to));
    for (const bent of [
      await change('"size":10', '"size":11'),
      await change('node.example', 'nude.example'),
      await change('archive-v1', 'archive-v2'),
      await change('2026', '1026x'),
      await change('{', '{ '),
      await change(/"checkpoint":"./, '"checkpoint":"g'),
      await change(/"submolt":"[^"]+"/, '"submolt":null'),
      await change(/"node.json":"[^"]+",/, ''),
      await change(/$/, '\n'),
    ]) {
      expect(await verdict(bent)).toEqual([10, undefined]);
    }
  });

  test('an entry in another spelling, even under a signed root', async () => {
    const { log } = sample();
    const { line } = log.entries[3] as { line: Uint8Array };
    log.change(3, { line: utf8(new TextDecoder().decode(line).replace('{', '{ ')) });
    expect(await verdict(log)).toEqual([10, 3]);
  });

  test('CRLF in entries, in objects, and in the checkpoint', async () => {
    const bytes = await sample().log.archive();
    const crlf = (name: string) => edit(bytes, name, (text) => text.replaceAll('\n', '\r\n'));
    for (const name of ['entries/000000.ndjson', 'objects/000000.ndjson', 'checkpoint']) {
      expect((await verify(await crlf(name))).code, name).toBe(10);
    }
  });

  test('a line without its newline, and a line too long to read', async () => {
    const bytes = await sample().log.archive();
    const cut = await edit(bytes, 'entries/000000.ndjson', (text) => text.slice(0, -1));
    expect((await verify(cut)).code).toBe(10);
    const huge = `{"i":0,"o":{"x":"${'x'.repeat(300_000)}"},"s":"AAAAAAAAAAAAAAAAAAAAAA"}\n`;
    expect((await verify(await edit(bytes, 'objects/000000.ndjson', () => huge))).code).toBe(10);
    const long = await edit(bytes, 'entries/000000.ndjson', () => `${'x'.repeat(129)}\n`);
    expect((await verify(long)).code).toBe(10);
    for (const name of ['entries/000000.ndjson', 'objects/000000.ndjson', 'dids.ndjson']) {
      const empty = await edit(bytes, name, () => '\n'.repeat(100_000));
      const { code, counts } = await verify(empty);
      expect([code, counts['10']], name).toEqual([10, 1]);
    }
  });

  test('bodies in another order, or in another spelling', async () => {
    const bytes = await sample().log.archive();
    const lines = (change: (lines: string[]) => string[]) =>
      edit(bytes, 'objects/000000.ndjson', (text) => change(text.split('\n')).join('\n'));
    const swapped = await lines(([a, b, ...rest]) => [b, a, ...rest] as string[]);
    expect((await verify(swapped)).code).toBe(10);
    const twice = await lines(([a, ...rest]) => [a, a, ...rest] as string[]);
    expect((await verify(twice)).code).toBe(10);
    const spaced = await lines(([a = '', ...rest]) => [a.replace('{"i"', '{ "i"'), ...rest]);
    expect((await verify(spaced)).code).toBe(10);
  });

  test('a body that is not canonical, though the log committed to it', async () => {
    const { log } = sample();
    const { bytes } = log.entries[5] as { bytes: CanonicalBytes };
    const text = new TextDecoder().decode(bytes).replace('{', '{ ');
    log.push(utf8(text) as CanonicalBytes, 'Create');
    expect(await verdict(log)).toEqual([10, 10]);
  });

  test('an origin that is no log’s, such as one in capitals, or one no key can be named after', async () => {
    const { log } = sample();
    const shouted = new SampleLog(log.node, 'Node.Example');
    shouted.entries = log.entries;
    shouted.submolt = log.submolt;
    expect((await verify(await shouted.archive())).code).toBe(10);
    const bytes = await log.archive();
    for (const other of ['node+example', 'node example']) {
      const bent = await edit(bytes, 'checkpoint', (text) => text.replace('node.example', other));
      expect((await verify(bent)).code).toBe(10);
    }
  });

  test('DID documents in another spelling, twice, or of a did:key', async () => {
    const log = SampleLog.founded(webAgent('author.example'));
    const bytes = await log.archive();
    const change = async (change: (text: string) => string) =>
      (await verify(await edit(bytes, 'dids.ndjson', change))).code;
    expect(await change((text) => text + text)).toBe(10);
    expect(await change((text) => text.replace('{', '{ '))).toBe(10);
    expect(await change((text) => text.replace('{', '{"a":1,'))).toBe(10);
    expect(await change(() => `{"did":"${bob.did}","document":{}}\n`)).toBe(10);
    expect(await change(() => '[]\n')).toBe(10);
  });
});

describe('code 11: the log’s signature', () => {
  test('a checkpoint signed with another key', async () => {
    const { log } = sample();
    const forger = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    const checkpoint = log.checkpoint(10, forger);
    expect(await verdict(await log.archive({ checkpoint }))).toEqual([11, undefined]);
  });

  test('a checkpoint whose text was changed', async () => {
    const bytes = await sample().log.archive();
    const bent = await edit(bytes, 'checkpoint', (text) => text.replace('\n10\n', '\n9\n'));
    expect((await verify(bent)).code).toBe(11);
  });

  test('a key statement of another node, of another label, or changed', async () => {
    const { log } = sample();
    const object = didKeyOf(crypto.publicKeyOf(log.logSeed));
    const statement = { type: 'Add', object, target: LOG_KEYS };
    const foreign = log.sign(mallory, statement).bytes;
    expect(await verdict(await log.archive({ keyStatement: foreign }))).toEqual([11, undefined]);
    const label = { ...statement, target: MODERATORS, audience: log.submolt };
    const other = log.sign(log.node, label).bytes;
    expect((await verify(await log.archive({ keyStatement: other }))).code).toBe(11);
    const bent = await edit(await log.archive(), 'node.json', (text) =>
      text.replace(object, alice.did),
    );
    expect((await verify(bent)).code).toBe(11);
  });

  test('a did:web home that speaks for another authority', async () => {
    const log = SampleLog.founded(alice, webAgent('n0de.example'));
    expect((await verify(await log.archive())).code).toBe(11);
  });

  test('a policy that knows another key for this log, or none', async () => {
    const { log } = sample();
    const own = policy(`log ${formatVerifierKey(log.signer)}`, 'quorum none');
    expect(await verdict(log, { policy: own })).toEqual([0]);
    const forger = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    const wrong = policy(`log ${formatVerifierKey(forger)}`, 'quorum none');
    expect(await verdict(log, { policy: wrong })).toEqual([11, undefined]);
    const elsewhere = noteSigner('other.example/log/system', NOTE_ED25519, log.logSeed, crypto);
    const none = policy(`log ${formatVerifierKey(elsewhere)}`, 'quorum none');
    expect(await verdict(log, { policy: none })).toEqual([11, undefined]);
  });
});

describe('code 12: the quorum', () => {
  const asked = policy(`witness w ${formatVerifierKey(witness)}`, 'quorum w');

  async function cosigned(log: SampleLog, time: number, text?: string): Promise<Uint8Array> {
    const parsed = parseNote(log.checkpoint());
    if (!parsed.ok) throw new Error(parsed.detail);
    const { note } = parsed;
    const cosignature = makeSignature(text ?? note.text, witness, crypto, time);
    const signatures = [...note.signatures, cosignature];
    return log.archive({ checkpoint: formatNote({ text: note.text, signatures }) });
  }

  test('no witness signed, and only a policy asks for one', async () => {
    const { log } = sample();
    expect(await verdict(log, { policy: asked })).toEqual([12, undefined]);
    const tolerant = await verify(await log.archive(), { policy: asked, allowUnwitnessed: true });
    expect(tolerant).toMatchObject({ code: 0, witnesses: { quorum: 'w', met: false, names: [] } });
    expect(tolerant.counts).toEqual({ '12': 1 });
  });

  test('the witness signed', async () => {
    const report = await verify(await cosigned(sample().log, START), { policy: asked });
    expect(report).toMatchObject({ code: 0, witnesses: { quorum: 'w', met: true, names: ['w'] } });
    expect(report.findings).toEqual([]);
  });

  test('the witness signed another text, or in the future', async () => {
    const { log } = sample();
    const options = { policy: asked };
    expect((await verify(await cosigned(log, START, 'x\n'), options)).code).toBe(12);
    expect((await verify(await cosigned(log, START + 1200), options)).code).toBe(0);
    expect((await verify(await cosigned(log, START + 2000), options)).code).toBe(12);
  });

  test('the log’s own key as a witness vouches for nothing', async () => {
    const { log } = sample();
    const self = noteSigner('self.example', COSIGNATURE_V1, log.logSeed, crypto);
    const parsed = parseNote(log.checkpoint());
    if (!parsed.ok) throw new Error(parsed.detail);
    const { text, signatures } = parsed.note;
    const own = makeSignature(text, self, crypto, START);
    const archive = await log.archive({
      checkpoint: formatNote({ text, signatures: [...signatures, own] }),
    });
    const options = { policy: policy(`witness self ${formatVerifierKey(self)}`, 'quorum self') };
    expect((await verify(archive, options)).code).toBe(12);
  });
});

test('the lowest code wins, and everything else is in the report', async () => {
  const { log } = sample();
  const bytes = await log.archive({ checkpoint: log.checkpoint(9) });
  const bent = await edit(bytes, 'objects/000000.ndjson', (text) => text.replace('why', 'who'));
  const { code, counts } = await verify(bent, { since: 'nothing' });
  expect([code, counts]).toEqual([2, { '0': 1, '2': 1, '13': 1, '21': 1 }]);
});

test('findings are counted and not all kept', async () => {
  const log = SampleLog.founded(alice);
  for (let i = 0; i < 60; i++) log.post(bob, `Post ${i}`);
  const bytes = await edit(await log.archive(), 'objects/000000.ndjson', () => '');
  const { findings, counts } = await verify(bytes);
  expect(counts['20']).toBe(61);
  expect(findings.filter(({ code }) => code === 20)).toHaveLength(25);
});

test('an error of the stream is not a verdict on the archive', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(100);
    throw new Error('the disk is gone');
  }
  await expect(verifyArchive(broken(), { crypto, now })).rejects.toThrow('the disk is gone');
  const source: Partial<ArchiveSource> = { entries: async () => [] };
  await expect(sample().log.archive(source)).rejects.toThrow('entry 0 is missing');
});
