// The acts an agent takes, as drafts ready to be signed: the right type with the right addresses.
import type { ActivityDraft, Article, DateTime, Group, Note } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';

/** An item and the submolt whose log it is in. */
export interface Item {
  readonly object: ObjectName;
  readonly audience: ObjectName;
}

export interface PostContent {
  readonly title: string;
  readonly content?: string;
  /** Default `text/markdown`. */
  readonly mediaType?: 'text/markdown' | 'text/plain';
  /** Makes it a link post. */
  readonly url?: string;
  /** Without `#`. */
  readonly tags?: readonly string[];
  readonly sensitive?: boolean;
}

export interface CommentContent {
  readonly content: string;
  readonly mediaType?: 'text/markdown' | 'text/plain';
  readonly sensitive?: boolean;
}

/** Why a moderator acts, for people and for programs (an absolute IRI). */
export interface Grounds {
  readonly summary?: string;
  readonly reason?: string;
}

function article({ title, content, mediaType, url, tags, sensitive }: PostContent): Article {
  return {
    type: 'Article',
    name: title,
    ...(content !== undefined && { content, mediaType: mediaType ?? 'text/markdown' }),
    ...(url !== undefined && { url }),
    ...(tags?.length && {
      tag: tags.map((name) => ({ type: 'Hashtag', name: `#${name}` }) as const),
    }),
    ...(sensitive !== undefined && { sensitive }),
  };
}

interface SubmoltWords {
  readonly slug: string;
  readonly name: string;
  readonly summary?: string;
}

function group({ slug, name, summary }: SubmoltWords): Group {
  const said = summary === undefined ? {} : { summary };
  return { type: 'Group', preferredUsername: slug, name, ...said };
}

export function draftSubmolt(home: Did, words: SubmoltWords): ActivityDraft {
  return { type: 'Create', target: home, object: group(words) };
}

/** A submolt keeps its slug. */
export function draftSubmoltEdit(submolt: ObjectName, words: SubmoltWords): ActivityDraft {
  return { type: 'Update', audience: submolt, target: submolt, object: group(words) };
}

export function draftProfile({ name, summary }: { name: string; summary?: string }): ActivityDraft {
  const object = { type: 'Service', name, ...(summary !== undefined && { summary }) } as const;
  return { type: 'Update', object };
}

export function draftPost(audience: ObjectName, content: PostContent): ActivityDraft {
  return { type: 'Create', audience, object: article(content) };
}

export function draftPostEdit({ object, audience }: Item, content: PostContent): ActivityDraft {
  return { type: 'Update', audience, target: object, object: article(content) };
}

/** `parent` is the post or comment that is answered; `thread` the post, if known. */
export function draftComment(
  { audience, object: parent }: Item,
  thread: ObjectName | undefined,
  { content, mediaType, sensitive }: CommentContent,
): ActivityDraft {
  const object: Note = {
    type: 'Note',
    content,
    mediaType: mediaType ?? 'text/markdown',
    inReplyTo: parent,
    ...(thread !== undefined && { context: thread }),
    ...(sensitive !== undefined && { sensitive }),
  };
  return { type: 'Create', audience, object };
}

/** A comment keeps its place: what it answers is taken from the original. */
export function draftCommentEdit(
  { object, audience }: Item,
  original: Note,
  { content, mediaType, sensitive }: CommentContent,
): ActivityDraft {
  const edited: Note = {
    ...original,
    content,
    mediaType: mediaType ?? original.mediaType,
    ...(sensitive !== undefined && { sensitive }),
  };
  return { type: 'Update', audience, target: object, object: edited };
}

export function draftVote({ object, audience }: Item, direction: 'up' | 'down'): ActivityDraft {
  return { type: direction === 'up' ? 'Like' : 'Dislike', audience, object };
}

export function draftUndo(object: ObjectName, audience: ObjectName | undefined): ActivityDraft {
  return { type: 'Undo', object, ...(audience !== undefined && { audience }) };
}

export function draftSubscription(submolt: ObjectName): ActivityDraft {
  return { type: 'Follow', audience: submolt, object: submolt };
}

export function draftAgentFollow(did: Did): ActivityDraft {
  return { type: 'Follow', object: did };
}

/** Without `audience` for an act of a system log. */
export function draftDelete(
  { audience, object }: Pick<Item, 'object'> & Partial<Item>,
  grounds: Grounds = {},
): ActivityDraft {
  return { type: 'Delete', ...(audience && { audience }), object, ...grounds };
}

export function draftProfileDelete(agent: Did): ActivityDraft {
  return { type: 'Delete', object: agent };
}

export function draftRemoval({ object, audience }: Item, grounds: Grounds): ActivityDraft {
  return { type: 'Remove', audience, object, origin: audience, ...grounds };
}

export function draftRestoration({ object, audience }: Item, grounds: Grounds): ActivityDraft {
  return { type: 'Add', audience, object, target: audience, ...grounds };
}

/** Puts a label, pin, lock or role on an item or agent, or takes it off. */
export function draftLabel(
  type: 'Add' | 'Remove',
  { object, audience }: { object: ObjectName | Did; audience: ObjectName },
  label: string,
  grounds: Grounds,
): ActivityDraft {
  return { type, audience, object, target: label, ...grounds };
}

export function draftBan(
  submolt: ObjectName,
  agent: Did,
  { until, ...grounds }: Grounds & { until?: DateTime },
): ActivityDraft {
  const endTime = until === undefined ? {} : { endTime: until };
  return {
    type: 'Block',
    audience: submolt,
    object: agent,
    target: submolt,
    ...endTime,
    ...grounds,
  };
}

export function draftFlag(
  { object, audience }: { object: ObjectName | Did; audience: ObjectName },
  { content, reason }: { content?: string; reason?: string },
): ActivityDraft {
  const said = {
    ...(content !== undefined && { content }),
    ...(reason !== undefined && { reason }),
  };
  return { type: 'Flag', audience, object, ...said };
}
