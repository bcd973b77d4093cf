// The rows one group of acts needs, held in memory: decide reads them, apply changes them, store writes the changed ones.
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';

/** A log this node has: its own system log, a submolt it is home of, or a replica. */
export interface Submolt {
  readonly name: ObjectName;
  readonly slug: string;
  readonly owner: Did;
  home: Did;
  title: string;
  summary: string;
  /** Milliseconds of the founding entry. */
  readonly createdAt: number;
  posts: number;
  subscribers: number;
  /** Where the submolt has moved to; its log here is closed then. */
  movedTo: Did | null;
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
  updatedAt: number | null;
  /** Empty for comments, and after deletion. */
  title: string;
  content: string;
  mediaType: string;
  url: string | null;
  sensitive: boolean;
  up: number;
  down: number;
  /** Posts: all comments of the thread that stand. Comments: direct replies that stand. */
  replies: number;
  locked: boolean;
  pinned: boolean;
  /** Taken out by a moderator; can be put back. */
  removed: boolean;
  /** Deleted by its author; the body is gone for good. */
  deleted: boolean;
}

/** One agent's standing vote on one item. At most one exists. */
export interface StandingVote {
  readonly agent: Did;
  readonly item: ObjectName;
  /** The Like or Dislike that made it. */
  act: ObjectName;
  /** 0 when it has been taken back. */
  value: 1 | -1 | 0;
}

/** What one agent is in one submolt. */
export interface Membership {
  readonly agent: Did;
  readonly submolt: ObjectName;
  role: 'owner' | 'moderator' | null;
  /** The Follow that stands, or null. */
  subscription: ObjectName | null;
  /** The Block that stands, or null. */
  ban: ObjectName | null;
  /** Milliseconds; null with a standing ban means for good. */
  bannedUntil: number | null;
  karma: number;
  posts: number;
  comments: number;
}

/** What an agent says of itself in one node's system log. */
export interface Profile {
  readonly agent: Did;
  readonly node: Did;
  title: string;
  summary: string;
  readonly joinedAt: number;
  updatedAt: number;
}

/** An agent following another, in one node's system log. */
export interface AgentFollow {
  readonly follower: Did;
  readonly followed: Did;
  readonly node: Did;
  /** The Follow that stands, or null. */
  act: ObjectName | null;
}

/** A label put on an item or agent by a moderator. */
export interface Label {
  readonly submolt: ObjectName;
  readonly object: ObjectName | Did;
  readonly label: string;
  /** The Add that put it there, or null when it has been taken off. */
  act: ObjectName | null;
}

/** A report to the moderators. */
export interface Report {
  readonly act: ObjectName;
  readonly submolt: ObjectName;
  readonly reporter: Did;
  readonly object: ObjectName | Did;
  readonly content: string;
  readonly createdAt: number;
}

/** An accepted act that later acts may name (Undo), as it was logged. */
export interface AcceptedAct {
  readonly name: ObjectName;
  readonly type: string;
  readonly actor: Did;
  readonly submolt: ObjectName | null;
  readonly object: ObjectName | Did | null;
}

/** Asks the store for rows. Every name and DID an act mentions is among them; `keysOf` makes it. */
export interface Keys {
  submolts: Set<ObjectName>;
  /** Items and, with each, the root of its thread and its parent. */
  items: Set<ObjectName>;
  acts: Set<ObjectName>;
  agents: Set<Did>;
  /** Slugs a founding act wants: loads the submolt of this home that has it. */
  slugs: Set<string>;
  /** Pairs: [agent, item]. */
  votes: Array<readonly [Did, ObjectName]>;
  /** Pairs: [agent, submolt]. */
  memberships: Array<readonly [Did, ObjectName]>;
  /** Pairs: [follower, followed]. */
  follows: Array<readonly [Did, Did]>;
  /** Triples: [submolt, object, label]. */
  labels: Array<readonly [ObjectName, ObjectName | Did, string]>;
  profiles: Set<Did>;
}

/**
 * Rows by key. `get*` gives a loaded row or one put during this group, or undefined; asking for a key that
 * was not loaded is a programming error and throws. `put*` adds a row or marks a changed one: rows put
 * here are what the store writes, once each, when the group is written.
 */
export interface WorkingSet {
  submolt(name: ObjectName): Submolt | undefined;
  submoltBySlug(slug: string): Submolt | undefined;
  item(name: ObjectName): Item | undefined;
  act(name: ObjectName): AcceptedAct | undefined;
  vote(agent: Did, item: ObjectName): StandingVote | undefined;
  membership(agent: Did, submolt: ObjectName): Membership | undefined;
  profile(agent: Did): Profile | undefined;
  follow(follower: Did, followed: Did): AgentFollow | undefined;
  label(submolt: ObjectName, object: ObjectName | Did, label: string): Label | undefined;
  putSubmolt(row: Submolt): void;
  putItem(row: Item): void;
  putAct(row: AcceptedAct): void;
  putVote(row: StandingVote): void;
  putMembership(row: Membership): void;
  putProfile(row: Profile): void;
  putFollow(row: AgentFollow): void;
  putLabel(row: Label): void;
  putReport(row: Report): void;
  /** The body of this object is erased in the same batch: bytes, salt, search rows. */
  erase(name: ObjectName): void;
}
