// The rows one group of acts needs, held in memory: decide reads them, apply puts changed ones, store writes those.
import type { Activity } from '../protocol/activity.ts';
import type { DelegationLink } from '../protocol/capability.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { OwnerDid } from '../protocol/owner-did.ts';
import type { OwnershipRole } from '../protocol/ownership.ts';

// Rows are never changed in place: a change is a new row that is put, so a refused act can leave no trace.

/** A submolt this node is home of, or a replica. */
export interface Submolt {
  readonly name: ObjectName;
  readonly slug: string;
  readonly owner: Did;
  readonly home: Did;
  readonly title: string;
  readonly summary: string;
  /** The act whose words these are: the founding, or an Update of the submolt. */
  readonly describedBy: ObjectName;
  /** Milliseconds of the founding entry. */
  readonly createdAt: number;
  /** Posts that stand: neither deleted by the author nor removed by a moderator. */
  readonly posts: number;
  /** Posts that carry the pin now. */
  readonly pinned: number;
  readonly subscribers: number;
  /** Where the submolt has moved to; its log here is closed then. */
  readonly movedTo: Did | null;
}

/** A post (`parent` null) or a comment, named by its `Create`. */
export interface Item {
  readonly name: ObjectName;
  readonly submolt: ObjectName;
  readonly author: Did;
  readonly parent: ObjectName | null;
  /** The post of the thread; its own name for a post. */
  readonly root: ObjectName;
  /** 0 for a post, 1 for a comment on it, and so on. */
  readonly depth: number;
  /** Milliseconds of the entry that accepted it. */
  readonly createdAt: number;
  readonly updatedAt: number | null;
  /** Empty for comments, and after deletion. */
  readonly title: string;
  readonly content: string;
  readonly mediaType: string;
  readonly url: string | null;
  readonly sensitive: boolean;
  readonly up: number;
  readonly down: number;
  /** Posts: all comments of the thread that stand. Comments: direct replies that stand. */
  readonly replies: number;
  readonly locked: boolean;
  readonly pinned: boolean;
  /** Taken out by a moderator; can be put back. */
  readonly removed: boolean;
  /** Erased by its author, a moderator or the home; title, content and url are gone for good, place and tallies stay. */
  readonly deleted: boolean;
  /** The delegation under which the words that stand were signed; null when the author signed them, or they are gone. */
  readonly delegation: ObjectName | null;
}

/** One agent's standing vote on one item. At most one exists. */
export interface StandingVote {
  readonly agent: Did;
  readonly item: ObjectName;
  /** The Like or Dislike that made it. */
  readonly act: ObjectName;
  /** 0 when it has been taken back. */
  readonly value: 1 | -1 | 0;
}

/** What one agent is in one submolt. */
export interface Membership {
  readonly agent: Did;
  readonly submolt: ObjectName;
  readonly role: 'owner' | 'moderator' | null;
  /** The Follow that stands, or null. */
  readonly subscription: ObjectName | null;
  /** The Block that stands, or null. */
  readonly ban: ObjectName | null;
  /** Milliseconds; null with a standing ban means for good. */
  readonly bannedUntil: number | null;
  /** Sum of the standing votes on the agent's items in this submolt, deleted and removed ones included. */
  readonly karma: number;
  /** Posts and comments that stand. */
  readonly posts: number;
  readonly comments: number;
}

/** What an agent says of itself in one node's system log. */
export interface Profile {
  readonly agent: Did;
  readonly node: Did;
  readonly title: string;
  readonly summary: string;
  readonly joinedAt: number;
  readonly updatedAt: number;
}

/** An agent following another, in one node's system log. */
export interface AgentFollow {
  readonly follower: Did;
  readonly followed: Did;
  readonly node: Did;
  /** The Follow that stands, or null. */
  readonly act: ObjectName | null;
}

/** A label put on an item or agent by a moderator. */
export interface Label {
  readonly submolt: ObjectName;
  readonly object: ObjectName | Did;
  readonly label: string;
  /** The Add that put it there, or null when it has been taken off. */
  readonly act: ObjectName | null;
}

/** A report to the moderators. */
export interface Report {
  readonly act: ObjectName;
  readonly submolt: ObjectName;
  readonly reporter: Did;
  readonly object: ObjectName | Did;
  /** What the reporter says, or else the IRI of the reason, or else empty. */
  readonly content: string;
  readonly createdAt: number;
}

/** A key that signs for an agent: one listed under `assertionMethod` in the last version of its DID log. */
export interface IdentityKey {
  /** Absolute DID URL: what a proof names as its verification method. */
  readonly id: string;
  /** The Ed25519 key as a Multikey. */
  readonly multibase: string;
}

/** What an agent's DID log has come to, as far as one log of this network has it. `agent` is the subject. */
export interface StatedIdentity {
  readonly agent: Did;
  /** What the agent is called by this version. */
  readonly did: Did;
  /** Number of the log's last version, from 1. */
  readonly version: number;
  readonly versionId: string;
  readonly keys: readonly IdentityKey[];
  /** The statement that carries the DID log. */
  readonly statement: ObjectName;
  /** No key counts any more, and no version follows. */
  readonly deactivated: boolean;
}

/** By the last statement in one node's system log: what that node knows of the agent. */
export interface Identity extends StatedIdentity {
  readonly node: Did;
}

/** By the last statement in one submolt's log: what the acts after it there are judged by. */
export interface IdentityPlace extends StatedIdentity {
  readonly submolt: ObjectName;
}

/** An owner's credential that an agent has accepted, in one node's system log. At most one acceptance of it is ever accepted. */
export interface Ownership {
  /** The hash of the credential's text, as acceptance and withdrawal name it. */
  readonly credential: ObjectName;
  readonly node: Did;
  readonly agent: Did;
  /** As the credential names it; empty once the acceptance was erased. */
  readonly owner: OwnerDid | '';
  readonly role: OwnershipRole | null;
  readonly form: 'vc' | 'jwt';
  /** Milliseconds of the entry that accepted it. */
  readonly since: number;
  /** Milliseconds: when the credential ends by itself. */
  readonly until: number;
  /** The Add that accepted it. */
  readonly act: ObjectName;
  /** The Remove of owner or agent that ended it, or null. */
  readonly ended: ObjectName | null;
}

/** What one agent lets another do. It follows from the statement and those before it, so every log says the same. */
export interface Delegation extends DelegationLink {
  /** The statement. */
  readonly name: ObjectName;
  /** Delegator of the first link: in whose name acts are done. */
  readonly principal: Did;
  /** What the statement was signed by, if the delegator has a DID log: with this key the delegation ends. */
  readonly keyId: string | null;
}

/** A delegation in one node's system log. */
export interface DelegationState {
  readonly delegation: ObjectName;
  readonly node: Did;
  /** The Undo that revoked it, or null. */
  readonly revoked: ObjectName | null;
}

/** A delegation in one submolt's log: acts after it there may depend on it. */
export interface DelegationPlace {
  readonly delegation: ObjectName;
  readonly submolt: ObjectName;
}

/** A ban of an agent from a node, by the node itself. */
export interface NodeBan {
  readonly agent: Did;
  readonly node: Did;
  /** The Block, or null once it was lifted. */
  readonly act: ObjectName | null;
  /** Milliseconds; null: for good. */
  readonly until: number | null;
}

/** Whom the words of an item mention. `agent` is a subject that nothing else may be known of. */
export interface Mention {
  readonly item: ObjectName;
  readonly agent: Did;
  /** The Create or Update whose words were the first to do so. */
  readonly act: ObjectName;
}

/**
 * One thing that an agent is told of. There is one row for each topic of what it is about, which the newest act takes over,
 * so that nobody fills an agent's list by doing the same again and again.
 */
export interface Notice {
  readonly agent: Did;
  /** The item, or else the submolt; for what a node does, its Block or Delete. */
  readonly about: ObjectName;
  readonly topic: NoticeTopic;
  /** The act that brought it about. */
  readonly act: ObjectName;
  /** `votes`: how many upvotes there were. `removal`: 0 put back, 1 removed, 2 erased. Others: 1 for on, 0 for off. */
  readonly value: number;
}

type NoticeTopic = 'votes' | 'removal' | 'lock' | 'pin' | 'label' | 'role' | 'ban';

/** An accepted Like, Dislike, Follow, Block or Update of an item or profile, as it was logged: Undo and Delete come back to it. */
export interface AcceptedAct {
  readonly name: ObjectName;
  readonly type: 'Like' | 'Dislike' | 'Follow' | 'Block' | 'Update';
  readonly actor: Did;
  /** Null for what is in a system log: an agent following another, a ban from a node, a profile (`object` is its agent). */
  readonly submolt: ObjectName | null;
  readonly object: ObjectName | Did;
}

/** An act that has words to erase beside what it does, as it stands in one log. No row of its own: the log has it. */
export interface SaidAct {
  readonly name: ObjectName;
  readonly log: 'system' | ObjectName;
  /** By subjects; without words if they are erased. */
  readonly activity: Activity;
  readonly erased: boolean;
}

/**
 * Asks the store for rows, those that exist. Every name and DID an act mentions is among them; `keysOf` makes it.
 * Rows reached through other rows come along:
 * - an item brings its parent, the root of its thread and the membership of its author in its submolt;
 * - an act brings what `keysOfAct` says of its row, items again with all they bring;
 * - a delegation brings those above it, with their states at the node;
 * - `chains` bring what `keysOfChains` says once the delegations are there.
 */
export interface Keys {
  readonly submolts: Set<ObjectName>;
  readonly items: Set<ObjectName>;
  readonly acts: Set<ObjectName>;
  /** Every DID mentioned, so that the store can number them. */
  readonly agents: Set<Did>;
  /** Slugs a founding act wants: loads the submolt of this home that has it. */
  readonly slugs: Set<string>;
  /** Items and agents whose accepted Updates are needed, because their bodies will be erased. */
  readonly edits: Set<ObjectName | Did>;
  /** Items whose mentions are needed, because their words change or go. */
  readonly mentions: Set<ObjectName>;
  /** Acts of the same log whose words may be erased; each brings the rows that `keysOf` says of it. */
  readonly said: Set<ObjectName>;
  /** Pairs: [agent, item]. */
  readonly votes: Array<readonly [Did, ObjectName]>;
  /** Pairs: [agent, submolt]. */
  readonly memberships: Array<readonly [Did, ObjectName]>;
  /** Pairs: [follower, followed]. */
  readonly follows: Array<readonly [Did, Did]>;
  /** Triples: [submolt, object, label]. */
  readonly labels: Array<readonly [ObjectName, ObjectName | Did, string]>;
  readonly profiles: Set<Did>;
  /** Agents whose bans from the node are asked for. */
  readonly nodeBans: Set<Did>;
  /** Subjects with a DID log. */
  readonly identities: Set<Did>;
  /** Pairs: [subject, submolt]. */
  readonly identityPlaces: Array<readonly [Did, ObjectName]>;
  /** Credentials. */
  readonly ownerships: Set<ObjectName>;
  readonly delegations: Set<ObjectName>;
  /** Pairs: [delegation, submolt]. */
  readonly delegationPlaces: Array<readonly [ObjectName, ObjectName]>;
  readonly chains: Array<ChainUse>;
  /** By name what the statements of the group delegate: chains may lead through them. */
  readonly grants: Map<ObjectName, Grant>;
}

/** Who delegates to whom, and above what: as much of a delegation as its statement says alone. Agents are subjects. */
export interface Grant {
  readonly delegator: Did;
  readonly delegate: Did;
  readonly parent: ObjectName | null;
}

/** Something that depends on a delegation and those above it. */
export interface ChainUse {
  readonly delegation: ObjectName;
  /** The submolt whose log it goes into, null for a system log. */
  readonly submolt: ObjectName | null;
  /** What is done under the delegation: its keys are those of the principal's act. */
  readonly act: { readonly activity: Activity; readonly name: ObjectName } | null;
}

/**
 * Rows by key, for entries of the logs of one home node: `submoltBySlug`, `profile`, `follow`, `identity`,
 * `nodeBan`, `ownership` and `delegationState` answer for that node. Agents are subjects (`subjectOf`) everywhere. `get*` gives a loaded row or one put during this group, or undefined; asking for a key that was
 * not loaded is a programming error and throws. `put*` adds a row or takes the place of the one with the same
 * key: rows put here are what the store writes, once each, when the group is written.
 */
export interface WorkingSet {
  submolt(name: ObjectName): Submolt | undefined;
  /** At another home than this node's own, slugs are that home's word and may not be unique: any one is given. */
  submoltBySlug(slug: string): Submolt | undefined;
  item(name: ObjectName): Item | undefined;
  act(name: ObjectName): AcceptedAct | undefined;
  /**
   * Names of the accepted Updates of this item, or of this agent's profile in the node's system log, whose bodies are not
   * erased, including those put during this group.
   */
  edits(of: ObjectName | Did): readonly ObjectName[];
  /** Whom the words of this item mention. */
  mentions(item: ObjectName): readonly Mention[];
  vote(agent: Did, item: ObjectName): StandingVote | undefined;
  membership(agent: Did, submolt: ObjectName): Membership | undefined;
  profile(agent: Did): Profile | undefined;
  follow(follower: Did, followed: Did): AgentFollow | undefined;
  label(submolt: ObjectName, object: ObjectName | Did, label: string): Label | undefined;
  nodeBan(agent: Did): NodeBan | undefined;
  identity(agent: Did): Identity | undefined;
  identityPlace(agent: Did, submolt: ObjectName): IdentityPlace | undefined;
  ownership(credential: ObjectName): Ownership | undefined;
  delegation(name: ObjectName): Delegation | undefined;
  delegationState(delegation: ObjectName): DelegationState | undefined;
  delegationPlace(delegation: ObjectName, submolt: ObjectName): DelegationPlace | undefined;
  putSubmolt(row: Submolt): void;
  putItem(row: Item): void;
  putAct(row: AcceptedAct): void;
  putVote(row: StandingVote): void;
  putMembership(row: Membership): void;
  putProfile(row: Profile): void;
  putFollow(row: AgentFollow): void;
  putLabel(row: Label): void;
  putNodeBan(row: NodeBan): void;
  putIdentity(row: Identity): void;
  putIdentityPlace(row: IdentityPlace): void;
  putOwnership(row: Ownership): void;
  putDelegation(row: Delegation): void;
  putDelegationState(row: DelegationState): void;
  putDelegationPlace(row: DelegationPlace): void;
  putMention(row: Mention): void;
  dropMention(item: ObjectName, agent: Did): void;
  /** The row of the same agent, thing and topic gives way; of votes, one with as high a value stays. */
  putNotice(row: Notice): void;
  /** The act of this name, if it stands in this log before the entry that is applied and has a form without words. */
  said(name: ObjectName, log: 'system' | ObjectName): SaidAct | undefined;
  putSaid(row: SaidAct): void;
  /**
   * What this node has in replicas of other nodes' system logs: the act of this name if it has a form without words, or the
   * profile texts of this agent.
   */
  copies(of: ObjectName | Did): readonly ObjectName[];
  /** True if the object is not logged yet as far as this node knows: it waits for the home of that submolt. */
  waits(name: ObjectName, submolt: ObjectName): boolean;
  /** Reports are only added; one that is there already stays as it is. */
  putReport(row: Report): void;
  /**
   * The body of this object is erased in the same batch: bytes, salt, search rows, the words of a report, and the
   * AcceptedAct of an edit.
   */
  erase(name: ObjectName): void;
  /** The agent says nothing of itself any more. */
  dropProfile(agent: Did): void;
  /** The body of this object goes from this very node alone, if the entry is of its own system log; the log of the object stays. */
  withdraw(name: ObjectName): void;
}
