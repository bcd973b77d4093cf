// What a node tells agents to do, checked against the node's key, and told apart from what was read before.
import { decodeUtf8, toHex } from '../protocol/bytes.ts';
import { parseDid, urlToDidWeb } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import {
  type HeartbeatPlan,
  readHeartbeatPlan,
  readSkillManifest,
  type SkillFile,
} from '../protocol/heartbeat-plan.ts';
import { type JsonObject, parseIJson } from '../protocol/json.ts';
import { ed25519FromMultibase, ed25519ToMultibase } from '../protocol/multikey.ts';
import { isLoopbackHost } from '../protocol/signature-agent.ts';
import {
  type GuideKey,
  type GuideSource,
  HEARTBEAT_PATH,
  SKILL_PATH,
  verifyGuide,
} from '../protocol/signed-guide.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './error.ts';

/** Whose guides were read and accepted: JSON, to be kept. */
export interface PinnedNode {
  readonly did: string;
  /** DID URL and Multikey of the key that signed. */
  readonly key: string;
  readonly multikey: string;
}

/** A heartbeat that the node has signed. */
export interface SignedPlan {
  readonly node: PinnedNode;
  readonly plan: HeartbeatPlan;
  /** As the node says: `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly created: string;
}

function refused(detail: string): ClientError {
  return new ClientError('verification_failed', detail);
}

async function getOpen({ send }: Connection, path: string): Promise<Uint8Array> {
  return (await send({ method: 'GET', path, unsigned: true })).body;
}

/** The heartbeat, under the pinned key if there is one, else under whichever key the node has now. */
export async function fetchPlan(
  connection: Connection,
  pinned: PinnedNode | null,
): Promise<SignedPlan> {
  const bytes = await getOpen(connection, HEARTBEAT_PATH);
  const source = pinned === null ? null : sourceOf(pinned, connection.origin);
  const known = source && (await verifyGuide(bytes, source, connection.crypto));
  // Another key than the pinned one may be a new one of the node; whether it is taken is for the caller to say.
  const present = known?.ok ? source : await presentSource(connection);
  const verdict = known?.ok
    ? known
    : await verifyGuide(bytes, present as GuideSource, connection.crypto);
  if (!verdict.ok) throw refused(`${HEARTBEAT_PATH} does not count: ${verdict.detail}`);
  const plan = readHeartbeatPlan(verdict.guide);
  if (plan === null) throw refused(`${HEARTBEAT_PATH} is signed, and is no heartbeat`);
  const { created, key } = verdict;
  return { node: pinOf((present as GuideSource).did, key), plan, created };
}

/** A file of the node, if it is what the node has signed. */
export async function fetchSkillFile(
  connection: Connection,
  { path, sha256 }: SkillFile,
): Promise<string> {
  const bytes = await getOpen(connection, path);
  if (toHex(connection.crypto.sha256(bytes)) !== sha256) {
    throw refused(`${path} is not the file that the node has signed`);
  }
  return decodeUtf8(bytes);
}

/** Looks at everything that the node serves now: the paths of those files that it has not signed so. */
export async function findForgeries(
  connection: Connection,
  { node, plan }: SignedPlan,
): Promise<string[]> {
  const verdict = await verifyGuide(
    await getOpen(connection, SKILL_PATH),
    sourceOf(node, connection.origin),
    connection.crypto,
  );
  const manifest = verdict.ok ? readSkillManifest(verdict.guide) : null;
  const same = manifest !== null && sameFiles(manifest.files, plan.files);
  const forged = same ? [] : [SKILL_PATH];
  for (const file of plan.files) {
    const bytes = await getOpen(connection, file.path);
    if (toHex(connection.crypto.sha256(bytes)) !== file.sha256) forged.push(file.path);
  }
  return forged;
}

function sameFiles(a: readonly SkillFile[], b: readonly SkillFile[]): boolean {
  const written = (files: readonly SkillFile[]) =>
    files.map(({ path, sha256 }) => `${path} ${sha256}`).sort();
  return written(a).join('\n') === written(b).join('\n');
}

function pinOf(did: string, { id, publicKey }: GuideKey): PinnedNode {
  return { did, key: id, multikey: ed25519ToMultibase(publicKey) };
}

function sourceOf({ did, key, multikey }: PinnedNode, origin: string): GuideSource {
  const publicKey = ed25519FromMultibase(multikey);
  const parsed = parseDid(did);
  if (publicKey === null || parsed === null) throw refused('what was kept of the node is damaged');
  return { did: parsed, origin, keys: [{ id: key, publicKey }] };
}

/** Who the node says it is. A DID of another host is not believed. */
async function presentSource(connection: Connection): Promise<GuideSource> {
  const { origin } = connection;
  const url = `${origin}/.well-known/did.json`;
  const parsed = parseIJson(await getOpen(connection, '/.well-known/did.json'));
  const document = (parsed.ok ? parsed.value : {}) as JsonObject;
  const did = typeof document?.id === 'string' ? parseDid(document.id) : null;
  const { hostname, protocol } = new URL(origin);
  const loopback = protocol === 'http:' && isLoopbackHost(hostname);
  if (did === null || (!loopback && did !== urlToDidWeb(url))) {
    throw refused(`${url} is not the document of ${origin}`);
  }
  const keys = keysFor(document, did, 'assertionMethod');
  if (!keys.ok) throw refused(`${url}: ${keys.detail}`);
  const { acceptsKey } = connection.crypto;
  return { did, origin, keys: keys.keys.filter(({ publicKey }) => acceptsKey(publicKey)) };
}
