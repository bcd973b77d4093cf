// The part of a node that every submission goes through, on a database of its own, with objects that nobody has signed.
import { startNodeProcess } from '../src/cli/node-process.ts';
import type { CommandContext } from '../src/commands/context.ts';
import { openNode } from '../src/commands/open-node.ts';
import { type Config, readConfig } from '../src/config.ts';
import { loadCrypto } from '../src/crypto/platform.ts';
import { readOrCreateNodeIdentity } from '../src/node-identity.ts';
import type { Activity } from '../src/protocol/activity.ts';
import { utf8 } from '../src/protocol/bytes.ts';
import { SIGNED_CONTEXT } from '../src/protocol/contexts.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { didKeyOf } from '../src/protocol/did.ts';
import { canonicalize } from '../src/protocol/jcs.ts';
import type { VerifiedObject } from '../src/protocol/object.ts';
import { nameOf, type ObjectName } from '../src/protocol/object-name.ts';
import type { Database } from '../src/store/database.ts';
import { ErasureList } from '../src/store/erasure-list.ts';
import { openDatabase } from '../src/store/open-database.ts';
import { random } from './posts.ts';

/** Objects that a node writes at once when it has more to do than it can. */
export const GROUP = 256;

const crypto = await loadCrypto();
const agents = Array.from({ length: 1000 }, (_, n) => {
  const publicKey = crypto.publicKeyOf(crypto.sha256(utf8(`agent ${n}`)));
  return { did: didKeyOf(publicKey), publicKey };
});

/** As a node has it when the signature was checked: here nobody has signed, since nobody looks any more. */
export function objectOf(draft: object, author: number): VerifiedObject {
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

export function postOf(submolt: ObjectName, n: number, content: string): VerifiedObject {
  const object = { type: 'Article', name: `Post ${n}`, content, mediaType: 'text/plain' };
  return objectOf({ type: 'Create', audience: submolt, object }, n);
}

export const take = (objects: Iterator<VerifiedObject, never>, count: number): VerifiedObject[] =>
  Array.from({ length: count }, () => objects.next().value);

export interface Cost {
  /** Microseconds of an entry: of the whole process on all its threads, and by the clock. */
  readonly cpu: number;
  readonly wall: number;
}

export interface Heart {
  readonly config: Config;
  readonly context: CommandContext;
  readonly db: Database;
  /** Founds a submolt with this slug and gives the founding. */
  found(slug: string): Promise<VerifiedObject>;
  append(objects: readonly VerifiedObject[]): Promise<Cost>;
  close(): Promise<void>;
}

/** The node of `folder`, at `origin` if it has one already, without its server: keys and a port are made by a first start. */
export async function openHeart(folder: string, origin?: string): Promise<Heart> {
  const first = await startNodeProcess(folder, origin);
  await first.stop();
  const { origin: EXUVIA_ORIGIN } = first;
  const EXUVIA_PORT = new URL(EXUVIA_ORIGIN).port;
  const config = readConfig({
    EXUVIA_ORIGIN,
    EXUVIA_PORT,
    EXUVIA_DATA: folder,
    EXUVIA_LIMIT: 'off',
  });
  const db = openDatabase(config.databaseUrl, { dataDir: folder });
  const { identity: node } = await readOrCreateNodeIdentity(config, crypto, random);
  const erasures = new ErasureList(`${folder}/erasures.ndjson`);
  const context: CommandContext = { db, crypto, now: Date.now, random, node, erasures };
  const sequencer = await openNode(context);
  const append = async (objects: readonly VerifiedObject[]): Promise<Cost> => {
    const [before, start] = [process.cpuUsage(), performance.now()];
    const outcomes = await sequencer.submitAll(objects, null);
    const { user, system } = process.cpuUsage(before);
    const refused = outcomes.find(({ kind }) => kind !== 'accepted');
    if (refused !== undefined) throw new Error(JSON.stringify(refused));
    const wall = (performance.now() - start) * 1000;
    return { cpu: (user + system) / objects.length, wall: wall / objects.length };
  };
  return {
    config,
    context,
    db,
    append,
    async found(preferredUsername) {
      const group = { type: 'Group', preferredUsername, name: 'Bench' };
      const founding = objectOf({ type: 'Create', target: node.did, object: group }, 0);
      await append([founding]);
      return founding;
    },
    async close() {
      await sequencer.close();
      await db.close();
    },
  };
}
