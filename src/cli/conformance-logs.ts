// The log of the run, recomputed here: entries, tiles, checkpoints, proofs, bodies, archive; the node is not believed.
import { verifyArchive } from '../log/archive-verify.ts';
import { decodeBundle } from '../log/bundle.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import { consistencyProof, verifyConsistency } from '../log/consistency.ts';
import { commitment, parseEntry } from '../log/entry.ts';
import { Frontier, leafHash } from '../log/merkle.ts';
import { verifyProofFile } from '../log/proof-file.ts';
import { treeRoot } from '../log/subtree.ts';
import { tilePath, tilesOf } from '../log/tile.ts';
import {
  decodeUtf8,
  equalBytes,
  fromBase64url,
  toBase64,
  toBase64url,
  utf8,
} from '../protocol/bytes.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import { idOf, nameOf } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import {
  type Case,
  describeAnswer,
  every,
  expectRefusal,
  expectSuccess,
  failed,
  holds,
  type Outcome,
  passed,
} from './conformance-case.ts';
import type { Answer } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';
import { LogView } from './conformance-log-view.ts';

const group = 'log';

async function viewOf(live: Live): Promise<LogView> {
  return new LogView(live, idOf((await live.stage()).of('submolt')));
}

async function receipts(live: Live): Promise<Receipt[]> {
  const { acts } = await live.stage();
  const log = (await viewOf(live)).origin;
  const all = [...acts.values()].flatMap(({ receipt }) => (receipt?.log === log ? [receipt] : []));
  if (all.length === 0) throw new Error(`no receipt is of the log ${log}`);
  return all;
}

function rootOf(lines: readonly Uint8Array[], { crypto }: Live): Uint8Array {
  const frontier = new Frontier(crypto);
  for (const line of lines) frontier.append(leafHash(line, crypto));
  return frontier.root();
}

function sameRoot(checkpoint: Checkpoint, root: Uint8Array): Outcome {
  return holds(
    equalBytes(checkpoint.root, root),
    `root ${toBase64(checkpoint.root)}`,
    toBase64(root),
  );
}

async function bodies(live: Live, start: number, end: number): Promise<Answer> {
  const { path } = await viewOf(live);
  const body = utf8(JSON.stringify({ start, end }));
  const fields = [
    ['Host', live.authority],
    ['Content-Type', 'application/json'],
    ['Content-Length', String(body.length)],
  ] as const;
  return live.ask(() => ({ method: 'POST', target: `${path}/bodies`, fields, body }));
}

interface Body {
  readonly i: number;
  readonly o?: JsonObject;
  readonly s?: string;
  readonly by?: number;
  readonly n?: string;
}

async function expectBodies(live: Live): Promise<Outcome> {
  const view = await viewOf(live);
  const { size } = await view.checkpoint();
  const lines = await view.lines(Math.min(size, 256));
  const answer = await bodies(live, 0, lines.length);
  const texts = decodeUtf8(answer.bytes).split('\n').slice(0, -1);
  if (texts.length !== lines.length)
    return failed(`${lines.length} bodies`, `${texts.length}: ${describeAnswer(answer)}`);
  let erased = 0;
  for (const [index, text] of texts.entries()) {
    const body = JSON.parse(text) as Body;
    if (body.i !== index) return failed(`body ${index}`, `body ${body.i}`);
    if (body.o === undefined) {
      if (typeof body.by !== 'number' || body.by <= index)
        return failed(`the Delete of body ${index}`, text);
      erased += 1;
      continue;
    }
    const salt = fromBase64url(body.s ?? '') ?? utf8('');
    const c = toBase64url(commitment(salt, canonicalize(body.o), live.crypto));
    const entry = parseEntry(lines[index] as Uint8Array);
    if (entry?.c !== c) return failed(`body ${index} opens ${entry?.c}`, c);
  }
  return holds(
    erased > 0,
    'bodies that open their commitments, the deleted ones gone',
    'nothing is erased',
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const CASES: readonly (readonly [
  name: string,
  run: (live: Live, view: LogView) => Promise<Outcome>,
])[] = [
  [
    'the checkpoint verifies under the log key',
    async (_, view) => passed(`size ${(await view.checkpoint()).size}`),
  ],
  [
    'the checkpoint of every receipt verifies and covers its entry',
    async (live, view) => {
      const all = await receipts(live);
      for (const { index, checkpoint } of all) {
        const { size } = await view.open(checkpoint);
        if (size <= index) return failed(`a size above ${index}`, `${size}`);
      }
      return holds(all.length > 0, 'receipts', 'none');
    },
  ],
  [
    'entries are canonical, in order of time, and give the root',
    async (live, view) => {
      const checkpoint = await view.checkpoint();
      const lines = await view.lines(checkpoint.size);
      let last = 0;
      for (const [index, line] of lines.entries()) {
        const entry = parseEntry(line);
        if (entry === null || entry.t < last)
          return failed(`entry ${index} in form and order`, decodeUtf8(line));
        last = entry.t;
      }
      return sameRoot(checkpoint, rootOf(lines, live));
    },
  ],
  [
    'every receipt stands in the log at its index',
    async (live, view) => {
      const lines = await view.lines((await view.checkpoint()).size);
      for (const { index, c, t } of await receipts(live)) {
        const entry = parseEntry(lines[index] ?? utf8(''));
        if (entry?.c !== c || entry?.t !== t) return failed(`${c} at ${index}`, `${entry?.c}`);
      }
      return passed('all of them');
    },
  ],
  [
    'tiles give the root',
    async (live, view) => {
      const checkpoint = await view.checkpoint();
      return sameRoot(
        checkpoint,
        await treeRoot(checkpoint.size, view.tiles(checkpoint.size), live.crypto),
      );
    },
  ],
  [
    'entry bundles give the root',
    async (live, view) => {
      const checkpoint = await view.checkpoint();
      const lines: Uint8Array[] = [];
      for (const { level, index, width } of tilesOf(checkpoint.size)) {
        if (level !== 0) continue;
        const { bytes } = await view.get(tilePath('entries', index, width));
        const entries = decodeBundle(bytes, width);
        if (entries === null) return failed(`a bundle of ${width}`, `${bytes.length} bytes`);
        lines.push(...entries);
      }
      return sameRoot(checkpoint, rootOf(lines, live));
    },
  ],
  [
    'an inclusion proof for every receipt',
    async (live, view) => {
      const verifier = await view.verifier();
      const policy = {
        logs: [{ verifier, url: null }],
        witnesses: [],
        groups: new Map(),
        quorum: 'none',
      };
      const lines = await view.lines((await view.checkpoint()).size);
      for (const { index } of await receipts(live)) {
        const { bytes } = await view.get(`proof?index=${index}`);
        const entry = lines[index] ?? utf8('');
        const verdict = await verifyProofFile(decodeUtf8(bytes), entry, policy, live.crypto);
        if (!verdict.ok)
          return failed(`entry ${index} included`, `${verdict.reason}: ${verdict.detail}`);
      }
      return passed('all of them');
    },
  ],
  [
    'every earlier checkpoint is a prefix of the newest',
    async (live, view) => {
      const newest = await view.checkpoint();
      const read = view.tiles(newest.size);
      for (const receipt of await receipts(live)) {
        const { size, root } = await view.open(receipt.checkpoint);
        const proof = await consistencyProof(size, newest.size, read, live.crypto);
        if (!verifyConsistency(size, newest.size, root, newest.root, proof, live.crypto)) {
          return failed(`size ${size} within ${newest.size}`, 'another history');
        }
      }
      return passed(`size ${newest.size}`);
    },
  ],
  ['bodies open their commitments; the deleted one names its Delete', (live) => expectBodies(live)],
  [
    'objects by hash are the bytes that were signed',
    async (live) => {
      const { acts } = await live.stage();
      const gone = new Set(['comment to be deleted']);
      for (const [act, { name, bytes }] of acts) {
        if (gone.has(act)) continue;
        const answer = await live.open(`/.well-known/ni/sha-256/${idOf(name)}`);
        const found = expectSuccess(answer, 200, live);
        if (found.kind !== 'passed') return found;
        const same =
          equalBytes(answer.bytes, bytes) && nameOf(answer.bytes as never, live.crypto) === name;
        if (!same) return failed(`the bytes of ${name}`, `other bytes for ${act}`);
      }
      return passed(`${acts.size - gone.size} objects`);
    },
  ],
  [
    'a deleted object is gone for good',
    async (live) => {
      const { of } = await live.stage();
      const answer = await live.open(
        `/.well-known/ni/sha-256/${idOf(of('comment to be deleted'))}`,
      );
      return every(
        holds(answer.status === 410, '410', describeAnswer(answer)),
        expectRefusal(answer, 'erased', live),
      );
    },
  ],
  [
    'the archive verifies',
    async (live, view) => {
      const { bytes } = await view.get('archive');
      const report = await verifyArchive(once(bytes), {
        crypto: live.crypto,
        now: live.now() * 1000,
      });
      const findings = report.findings.map(({ message }) => message).join('; ');
      const { of } = await live.stage();
      return every(
        holds(report.ok, 'VERIFIED', `exit code ${report.code}: ${findings}`),
        holds(report.submolt === of('submolt'), `submolt ${of('submolt')}`, `${report.submolt}`),
        holds(report.home === live.node.did, `home ${live.node.did}`, `${report.home}`),
        holds(report.erased > 0, 'an erased body', 'none'),
        passed(`${report.objects} objects`),
      );
    },
  ],
  [
    'the system log verifies as an archive, its first entry the key statement',
    async (live) => {
      const view = new LogView(live, 'system');
      const { bytes } = await view.get('archive');
      const report = await verifyArchive(once(bytes), {
        crypto: live.crypto,
        now: live.now() * 1000,
      });
      const [first] = await view.lines(1);
      return every(
        holds(report.ok, 'VERIFIED', `exit code ${report.code}`),
        holds(parseEntry(first ?? utf8(''))?.k === 'Add', 'an Add', decodeUtf8(first ?? utf8(''))),
      );
    },
  ],
  [
    'a range of bodies beyond the log',
    async (live) => expectRefusal(await bodies(live, 0, 100_000), 'bad_parameter', live),
  ],
  [
    'a tile that the tree does not have',
    async (live, view) =>
      expectRefusal(await live.open(`${view.path}/${tilePath(3, 7)}`), 'not_found', live),
  ],
];

export const LOG_CASES: readonly Case[] = CASES.map(([name, run]) => ({
  group,
  name,
  run: async (live) => run(live, await viewOf(live)),
}));
