// What a log costs as it grows: to append an entry, and to prove that one is there: node bench/logs.ts [entries …]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNodeProcess } from '../src/cli/node-process.ts';
import type { CommandContext } from '../src/commands/context.ts';
import { openNode } from '../src/commands/open-node.ts';
import type { Sequencer } from '../src/commands/sequencer.ts';
import { readConfig } from '../src/config.ts';
import { loadCrypto } from '../src/crypto/platform.ts';
import { inclusionProof } from '../src/log/inclusion.ts';
import { startNode } from '../src/node.ts';
import { readOrCreateNodeIdentity } from '../src/node-identity.ts';
import type { Activity } from '../src/protocol/activity.ts';
import { utf8 } from '../src/protocol/bytes.ts';
import { SIGNED_CONTEXT } from '../src/protocol/contexts.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { didKeyOf } from '../src/protocol/did.ts';
import { canonicalize } from '../src/protocol/jcs.ts';
import type { VerifiedObject } from '../src/protocol/object.ts';
import { idOf, nameOf, type ObjectName } from '../src/protocol/object-name.ts';
import type { Database } from '../src/store/database.ts';
import { ErasureList } from '../src/store/erasure-list.ts';
import { openDatabase } from '../src/store/open-database.ts';
import { findLog, proofReader } from '../src/store/queries/logs.ts';

/** Objects that a node writes at once when it has more to do than it can. */
const GROUP = 256;
/** Groups over which a cost is taken: the last ones before a size is reached. Every few groups one pays to fold the database's log. */
const WINDOW = 40;
/** Entries of another log, before anything is measured. */
const WARM_UP = 10_000;
/** Every tenth entry is a post, and the nine after it are votes on it. */
const VOTES = 9;
const PROOFS = 2000;
const REQUESTS = 500;

const crypto = await loadCrypto();
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const agents = Array.from({ length: 1000 }, (_, n) => {
  const publicKey = crypto.publicKeyOf(crypto.sha256(utf8(`agent ${n}`)));
  return { did: didKeyOf(publicKey), publicKey };
});

/** As a node has it when the signature was checked: here nobody has signed, since nobody looks any more. */
function objectOf(draft: object, author: number): VerifiedObject {
  const { did, publicKey } = agents[author % agents.length] as (typeof agents)[0];
  const keyId = `${did}#${did.slice('did:key:'.length)}`;
  const created = formatDateTime(Math.floor(Date.now() / 1000));
  const proof = {
    '@context': SIGNED_CONTEXT,
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    verificationMethod: keyId,
    proofPurpose: 'assertionMethod',
    created,
    proofValue: `z${'2'.repeat(87)}`,
  };
  const authored = { '@context': SIGNED_CONTEXT, actor: did, published: created };
  const activity = { ...authored, ...draft, proof } as unknown as Activity;
  const bytes = canonicalize(activity);
  return { name: nameOf(bytes, crypto), bytes, activity, keyId, publicKey } as VerifiedObject;
}

function* acts(submolt: ObjectName): Generator<VerifiedObject, never> {
  for (let n = 0; ; n++) {
    const content = `${n} ${'x'.repeat(100)}`;
    const object = { type: 'Article', name: `Post ${n}`, content, mediaType: 'text/plain' };
    const post = objectOf({ type: 'Create', audience: submolt, object }, n);
    yield post;
    for (let vote = 1; vote <= VOTES; vote++) {
      yield objectOf({ type: 'Like', audience: submolt, object: post.name }, n + vote);
    }
  }
}

const take = (objects: Iterator<VerifiedObject, never>, count: number): VerifiedObject[] =>
  Array.from({ length: count }, () => objects.next().value);

interface Cost {
  /** Microseconds of an entry: of the whole process on all its threads, and by the clock. */
  readonly cpu: number;
  readonly wall: number;
}

async function append(sequencer: Sequencer, objects: readonly VerifiedObject[]): Promise<Cost> {
  const [before, start] = [process.cpuUsage(), performance.now()];
  const outcomes = await sequencer.submitAll(objects, null);
  const { user, system } = process.cpuUsage(before);
  const refused = outcomes.find(({ kind }) => kind !== 'accepted');
  if (refused !== undefined) throw new Error(JSON.stringify(refused));
  const wall = (performance.now() - start) * 1000;
  return { cpu: (user + system) / objects.length, wall: wall / objects.length };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? 0;

interface Proofs {
  /** Milliseconds of each, at random places. */
  readonly times: readonly number[];
  /** Milliseconds of the processor, of one. */
  readonly cpu: number;
}

async function timeProofs(db: Database, origin: string): Promise<Proofs> {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < PROOFS; i++) {
    const start = performance.now();
    const log = await findLog(db, origin);
    if (log === null) throw new Error(`no log ${origin}`);
    const index = Math.floor(Math.random() * log.size);
    const read = proofReader(db, log, log.size, crypto);
    await inclusionProof(index, log.size, read, crypto);
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  return { times, cpu: (user + system) / 1000 / PROOFS };
}

async function timeRequests(url: string, size: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    const start = performance.now();
    const response = await fetch(`${url}?index=${Math.floor(Math.random() * size)}`);
    await response.text();
    if (!response.ok) throw new Error(`the node answered ${response.status}`);
    times.push(performance.now() - start);
  }
  return times;
}

const print = (line: string) => process.stdout.write(`${line}\n`);
const cells = (...values: (string | number)[]) => print(`| ${values.join(' | ')} |`);
const at = (times: readonly number[]) =>
  `${quantile(times, 0.5).toFixed(2)} | ${quantile(times, 0.99).toFixed(2)}`;

const sizes = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'exuvia-logs-'));
try {
  // It makes keys and finds a port; the log is grown by its heart alone, and served by all of it again.
  const first = await startNodeProcess(folder);
  await first.stop();
  const { origin: EXUVIA_ORIGIN } = first;
  const EXUVIA_PORT = new URL(EXUVIA_ORIGIN).port;
  const config = readConfig({ EXUVIA_ORIGIN, EXUVIA_PORT, EXUVIA_DATA: folder });
  const db = openDatabase(config.databaseUrl, { dataDir: folder });
  const { identity: node } = await readOrCreateNodeIdentity(config, crypto, random);
  const erasures = new ErasureList(join(folder, 'erasures.ndjson'));
  const context: CommandContext = { db, crypto, now: Date.now, random, node, erasures };
  const sequencer = await openNode(context);
  const found = async (preferredUsername: string) => {
    const group = { type: 'Group', preferredUsername, name: 'Bench' };
    const founding = objectOf({ type: 'Create', target: node.did, object: group }, 0);
    await append(sequencer, [founding]);
    return founding;
  };
  const warming = acts((await found('warm-up')).name);
  for (let n = 0; n < WARM_UP; n += GROUP) {
    await append(sequencer, take(warming, GROUP));
  }
  const founding = await found('bench');
  const origin = `${node.authority}/log/${idOf(founding.name)}`;

  print('| entries | append: CPU µs | append: µs | proof: CPU ms | proof: ms, median | p99 |');
  print('|---|---|---|---|---|---|');
  const objects = acts(founding.name);
  let size = 1;
  for (const goal of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) {
    const costs: Cost[] = [];
    while (size < goal) {
      const group = take(objects, Math.min(GROUP, goal - size));
      costs.push(await append(sequencer, group));
      size += group.length;
    }
    const last = costs.slice(-WINDOW);
    const cpu = mean(last.map((cost) => cost.cpu));
    const wall = mean(last.map((cost) => cost.wall));
    const proofs = await timeProofs(db, origin);
    cells(goal, cpu.toFixed(0), wall.toFixed(0), proofs.cpu.toFixed(2), at(proofs.times));
  }
  await sequencer.close();
  await db.close();
  const begun = performance.now();
  const served = await startNode(config, { now: Date.now, random });
  const seconds = (performance.now() - begun) / 1000;
  const requests = await timeRequests(`${EXUVIA_ORIGIN}/log/${idOf(founding.name)}/proof`, size);
  await served.close();
  print(
    '\n| entries | start of the node, every entry checked: s | GET /log/:id/proof: ms, median | p99 |',
  );
  print('|---|---|---|---|');
  cells(size, seconds.toFixed(1), at(requests));
} finally {
  await rm(folder, { recursive: true, force: true });
}
