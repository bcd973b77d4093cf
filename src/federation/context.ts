// What this room is handed: a node's commands, its one writer, the way to other nodes, and the worker's ear.
import type { CommandContext } from '../commands/context.ts';
import type { MessageLimits } from '../commands/envelope-rules.ts';
import type { Sequencer } from '../commands/sequencer.ts';
import type { ObjectKeys } from '../net/object-keys.ts';
import type { Gossip } from './gossip.ts';
import type { PeerClient } from './peer-client.ts';
import type { Quarantine } from './quarantine.ts';

export interface FederationContext extends CommandContext {
  readonly sequencer: Sequencer;
  readonly client: PeerClient;
  readonly keys: ObjectKeys;
  /**
   * Origins of replicas that entries are being applied to: one pull or one push at a time for each, or two
   * histories of a home that shows two could end up in one replica.
   */
  readonly replicating: Set<string>;
  /** URL origins that strangers have named as their node and that are being asked who they are. */
  readonly introducing: Set<string>;
  /** Checkpoints that ride on the messages between nodes. */
  readonly gossip: Gossip;
  /** What is taken from which node. */
  readonly quarantine: Quarantine;
  /** Tells the operator that a log has shown two histories. */
  readonly onEvidence: (origin: string, detail: string) => void;
  /** When peers were asked anew for their keys, by URL origin. */
  readonly refreshed: Map<string, { readonly at: number; readonly done: Promise<void> }>;
  /** Has the peer at this authority asked anew for its keys, soon: it has signed with one that is not known. */
  readonly wantRefresh: (authority: string) => void;
  /** Asks the worker to pull this log soon. */
  readonly wantPull: (origin: string) => void;
  /** Tells the worker that a node follows this one now, or is followed. */
  readonly peersChanged: () => void;
  /** What one agent's mailbox may have. */
  readonly messages: MessageLimits;
  /** Tells the worker that a message waits for another node. */
  readonly messageWaits: () => void;
  /** Tells the worker that something may be due. */
  readonly poke: () => void;
}
