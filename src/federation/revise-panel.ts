// Chooses who is asked to cosign this node's logs, among the nodes it is federated with, and states it in the system log.
import type { OwnStatements } from '../commands/own-statements.ts';
import { stateOwn } from '../commands/sign-own.ts';
import type { Did } from '../protocol/did.ts';
import { WITNESSES } from '../protocol/labels.ts';
import type { Peer } from '../store/peers.ts';
import { findPeers, listPartners, type Partner } from '../store/queries/peers.ts';
import type { PanelMember } from './ask-witness.ts';
import type { FederationContext } from './context.ts';
import { introducePeer } from './introduce-peer.ts';
import { BREAKER_FAILURES } from './retry.ts';

/** Five of seven tolerate two that lie (spec/log.md section 8). */
const MAX_PANEL = 7;
/** Anybody can follow; so many are looked at. */
const MAX_PARTNERS = 64;
/** Who has not answered for so long is no help. */
const GONE_MS = 86_400_000;
/** A node that states no witness key, or none that holds, is asked again. */
const ASK_AGAIN_MS = 3_600_000;

/** Those who can cosign, in the order of the list, at most seven. Chosen peers come before those that chose this node. */
export function choosePanel(partners: readonly Partner[], now: number): Did[] {
  const present = ({ addedAt, contactedAt, failures }: Peer) =>
    failures < BREAKER_FAILURES || now - (contactedAt ?? addedAt) < GONE_MS;
  return partners
    .map(({ peer }) => peer)
    .filter((peer) => peer.witnessKey !== null && present(peer))
    .slice(0, MAX_PANEL)
    .map(({ did }) => did);
}

/** Fulfils with true if the panel is another one now. `asked`: when peers were last asked for their key, by DID. */
export async function revisePanel(
  context: FederationContext,
  statements: OwnStatements,
  asked: Map<Did, number>,
): Promise<boolean> {
  const { db, now, sequencer } = context;
  const partners = (await listPartners(db, MAX_PARTNERS)).slice(0, 2 * MAX_PANEL);
  const lately = (did: Did) => now() - (asked.get(did) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS;
  const unknown = partners.filter(({ peer: { did, witnessKey } }) => !witnessKey && !lately(did));
  // All at once: after a start nothing is cosigned before this, and anybody may follow, state no key and answer slowly.
  await Promise.all(
    unknown.map(({ peer }) => {
      asked.set(peer.did, now());
      return introducePeer(context, peer.url, peer.did);
    }),
  );
  const wanted = new Set<string>(choosePanel(await listPartners(db, MAX_PARTNERS), now()));
  const { witnesses } = await statements.read();
  const changes = [
    ...[...witnesses].filter((did) => !wanted.has(did)).map((did) => ['Remove', did] as const),
    ...[...wanted].filter((did) => !witnesses.has(did as Did)).map((did) => ['Add', did] as const),
  ];
  for (const [type, did] of changes) {
    await stateOwn(context, sequencer, { type, object: did as Did, target: WITNESSES });
  }
  return changes.length > 0;
}

/** Whom the system log names, as far as their keys are known. */
export async function readPanel(
  { db }: FederationContext,
  statements: OwnStatements,
): Promise<PanelMember[]> {
  const { witnesses } = await statements.read();
  const peers = await findPeers(db, witnesses as ReadonlySet<Did>);
  return peers.flatMap(({ did, url, witnessKey: key }) =>
    key === null ? [] : [{ did, url, key }],
  );
}
