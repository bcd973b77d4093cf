// Runs spec/vectors/federation: what a node says of itself, and batches of entries a replica takes or refuses.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addPeer } from '../../src/commands/add-peer.ts';
import { applyEntries } from '../../src/commands/apply-entries.ts';
import { followLog } from '../../src/commands/follow-log.ts';
import { discoverNode } from '../../src/federation/discover-node.ts';
import { parseEntryRecord } from '../../src/federation/entry-record.ts';
import { fromHex, toHex, utf8 } from '../../src/protocol/bytes.ts';
import { parseDid } from '../../src/protocol/did.ts';
import type { CanonicalBytes } from '../../src/protocol/jcs.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { didKeyResolver } from '../../src/protocol/object.ts';
import { parseObjectName } from '../../src/protocol/object-name.ts';
import { crypto, Sandbox } from '../sandbox.ts';

const read = (file: string) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../spec/vectors/federation', file), 'utf8'),
  );

interface Description {
  readonly comment: string;
  readonly origin: string;
  readonly document: JsonObject;
  readonly expected?: { did: string; logKey: string; systemLog: string };
}

describe('discovery.json', () => {
  const keys = {
    resolve: didKeyResolver,
    published: didKeyResolver,
    cachedAt: () => didKeyResolver,
    cached: didKeyResolver,
  };
  test.each(read('discovery.json').cases as Description[])('$comment', async (each) => {
    const body = utf8(JSON.stringify(each.document));
    const client = {
      read: async () => ({ ok: true, body }) as const,
      send: async () => ({ ok: true, body }) as const,
    };
    const found = await discoverNode({ client, keys, crypto }, each.origin);
    if (each.expected === undefined) {
      expect(found).toMatchObject({ ok: false, reason: 'invalid' });
    } else {
      const { did, systemLog } = each.expected;
      expect(found).toMatchObject({ ok: true, node: { did, systemLog, origin: each.origin } });
      expect(found.ok && toHex(found.node.logKey)).toBe(each.expected.logKey);
    }
  });
});

interface Home {
  readonly peer: { did: string; url: string; logKey: string; keyStatement: string };
  readonly submolt: string;
}

interface Batch {
  readonly comment: string;
  /** Whose log it is, where not of the home of most. */
  readonly of?: 'acts';
  readonly now?: number;
  readonly batch: { log: string; start: number; checkpoint: string; entries: JsonObject[] };
  readonly expected?: { size: number };
  readonly error?: string;
}

describe('entries.json', () => {
  const { acts, cases, ...most } = read('entries.json') as Home & { acts: Home; cases: Batch[] };

  async function openReplica({ batch: { log }, now = 1795168800000, of }: Batch): Promise<Sandbox> {
    const { peer, submolt } = of === 'acts' ? acts : most;
    const node = await Sandbox.open('replica', { clock: { now } });
    const did = parseDid(peer.did)!;
    const description = {
      did,
      url: peer.url,
      name: 'home',
      logKey: fromHex(peer.logKey)!,
      keyStatement: utf8(peer.keyStatement) as CanonicalBytes,
    };
    expect(await addPeer(node.context, node.sequencer, description, null)).toMatchObject({
      ok: true,
    });
    const request = { peer: did, origin: log, submolt: parseObjectName(submolt), caller: null };
    expect(await followLog(node.context, node.sequencer, request)).toMatchObject({ ok: true });
    return node;
  }

  test.each(cases)('$comment', async (each) => {
    const { batch, expected, error } = each;
    const node = await openReplica(each);
    try {
      const { checkpoint, log: origin, start } = batch;
      const entries = batch.entries.map(parseEntryRecord).filter((entry) => entry !== null);
      if (error === 'malformed_request') {
        expect(entries.length).toBeLessThan(batch.entries.length);
        return;
      }
      expect(entries.length).toBe(batch.entries.length);
      const given = { origin, start, entries, checkpoint, caller: null };
      const outcome = await applyEntries(node.context, node.sequencer, given, () => didKeyResolver);
      const reason = outcome.ok ? undefined : (outcome.objectReason ?? outcome.reason);
      expect(reason).toBe(error);
      if (expected !== undefined) expect(outcome).toMatchObject(expected);
    } finally {
      await node.close();
    }
  });
});
