// Recovers a stopped node whose database is older than what it has signed: from its peers, and whoever else is named.
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { checkLogs } from './commands/check-logs.ts';
import type { CommandContext } from './commands/context.ts';
import { Sequencer } from './commands/sequencer.ts';
import type { Config } from './config.ts';
import { loadCrypto } from './crypto/platform.ts';
import { createPeerClient } from './federation/peer-client.ts';
import { type Recovery, type RecoveryRequest, recoverLogs } from './federation/recover-logs.ts';
import { ownDocuments } from './http/node-document.ts';
import { createDocumentCache, peekDocument } from './net/document-cache.ts';
import { createGuardedFetch } from './net/guarded-fetch.ts';
import { createResolution } from './net/resolution.ts';
import { HEADS_FILE, type Machine, openNodeDatabase } from './node.ts';
import { readOrCreateNodeIdentity } from './node-identity.ts';
import type { Did } from './protocol/did.ts';
import { listDocuments } from './store/did-documents.ts';
import { ErasureList } from './store/erasure-list.ts';
import { migrate } from './store/migrate.ts';
import { findDidLog } from './store/queries/identities.ts';
import { listPeers } from './store/queries/peers.ts';
import { finishRebuild } from './store/rebuild.ts';
import { SignedHeadsFile } from './store/signed-heads.ts';

/** Those in contact last know most. */
const MAX_PEERS = 64;

/**
 * `from` are URL origins besides those of the peers. Throws StoreError (`already_running` while the node runs) or CommandError
 * (`log_mismatch`, `identity_mismatch`).
 */
export async function recoverNode(
  config: Config,
  { now, random }: Machine,
  { from, progress }: { from: readonly string[] } & Pick<RecoveryRequest, 'progress'>,
): Promise<Recovery> {
  const crypto = await loadCrypto();
  const { dataDir, loopback, origin } = config;
  const { identity: node } = await readOrCreateNodeIdentity(config, crypto, random);
  const userAgent = `exuvia/${packageJson.version} (+${origin})`;
  const fetch = createGuardedFetch({ loopback, userAgent });
  const db = openNodeDatabase(config);
  try {
    const documents = createDocumentCache({ fetch, now, own: ownDocuments(node, crypto) });
    const documentOf = (did: Did) => peekDocument(documents, did);
    const erasures = new ErasureList(join(dataDir, 'erasures.ndjson'));
    const context: CommandContext = { db, crypto, now, random, node, documentOf, erasures };
    await migrate(db, now);
    await checkLogs(context);
    await finishRebuild(db);
    const { objectKeys: keys } = createResolution({
      ...{ crypto, fetch, now, origin, loopback, documents },
      findDidLog: async (subject) => (await findDidLog(db, subject, node.did))?.text ?? null,
      findKeptDocuments: (did) => listDocuments(db, [did]),
    });
    const sequencer = new Sequencer(context);
    const client = createPeerClient({ ...context, fetch });
    const file = new SignedHeadsFile(join(dataDir, HEADS_FILE));
    const peers = (await listPeers(db))
      .toSorted((a, b) => (b.contactedAt ?? 0) - (a.contactedAt ?? 0))
      .slice(0, MAX_PEERS)
      .map(({ url }) => url);
    const followed = config.peers.map((page) => new URL(page).origin);
    const urls = [...new Set([...from, ...peers, ...followed])].filter((url) => url !== origin);
    const kept = { notes: await file.read(), source: file.name };
    const recovery = await recoverLogs(
      { ...context, sequencer, client, keys },
      { urls, kept, progress },
    );
    await sequencer.close();
    return recovery;
  } finally {
    await db.close();
    await fetch.close();
  }
}
