// A second node that replicates a log of the first, as federation does it but without a wire.
import { addPeer } from '../src/commands/add-peer.ts';
import {
  applyEntries,
  type EntriesOutcome,
  type ReplicatedEntry,
} from '../src/commands/apply-entries.ts';
import { followLog } from '../src/commands/follow-log.ts';
import { decodeUtf8 } from '../src/protocol/bytes.ts';
import { didKeyResolver } from '../src/protocol/object.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import { readKeyStatement } from '../src/store/queries/archive.ts';
import { readLeaves, type StoredLeaf } from '../src/store/queries/bodies.ts';
import { findLog } from '../src/store/queries/logs.ts';
import { crypto, type Sandbox } from './sandbox.ts';

/** Makes `home` a peer of `replica` and an empty replica of the log that `submolt` names. */
export async function follow(
  replica: Sandbox,
  home: Sandbox,
  submolt: ObjectName,
): Promise<string> {
  const { node } = home.context;
  const keyStatement = await readKeyStatement(home.db, node.did);
  if (keyStatement === null) throw new Error('no key statement');
  const description = {
    did: node.did,
    url: node.origin,
    name: 'home',
    logKey: crypto.publicKeyOf(node.logSeed),
    keyStatement,
  };
  const { context, sequencer } = replica;
  const origin = `${node.authority}/log/${submolt.split(';')[1]}`;
  const added = await addPeer(context, sequencer, description, null);
  const request = { peer: node.did, origin, submolt, caller: null };
  const followed = await followLog(context, sequencer, request);
  if (!added.ok || !followed.ok) throw new Error(JSON.stringify([added, followed]));
  return origin;
}

function asSent({ body, line }: StoredLeaf): ReplicatedEntry {
  if (body.erased) {
    const { by, withdrawal: _, ...left } = body;
    if (by === null) throw new Error('a withdrawn body is nothing to replicate');
    return { line, body: { ...left, by } };
  }
  const object = JSON.parse(decodeUtf8(body.bytes));
  return { line, body: { erased: false, object, salt: body.salt } };
}

/** Reads entries [start, end) at the home, under its newest checkpoint. */
export async function fetchBatch(home: Sandbox, origin: string, start: number, end: number) {
  const log = await findLog(home.db, origin);
  if (log === null || log.checkpoint === null) throw new Error(`no log ${origin}`);
  const leaves = await readLeaves(home.db, log, start, Math.min(end, log.size));
  return { origin, start, entries: leaves.map(asSent), checkpoint: log.checkpoint, caller: null };
}

/** Brings the replica up to date in batches of `step`, or to its first refusal. */
export async function catchUp(
  replica: Sandbox,
  home: Sandbox,
  origin: string,
  step = 50,
): Promise<EntriesOutcome> {
  for (;;) {
    const start = (await findLog(replica.db, origin))?.size ?? 0;
    const batch = await fetchBatch(home, origin, start, start + step);
    const { context, sequencer } = replica;
    const outcome = await applyEntries(context, sequencer, batch, () => didKeyResolver);
    if (!outcome.ok || outcome.signedSize === outcome.size) return outcome;
  }
}
