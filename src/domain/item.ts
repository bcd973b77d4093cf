// Posts and comments: who may write where, and the counters that follow what stands.
import type { Activity, Article, CreateArticle, CreateNote, Note } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Entry, Matter } from './matter.ts';
import { membershipOf, moderates } from './membership.ts';
import { applyMentions } from './mention.ts';
import { type Refused, refuse } from './refusal.ts';
import type { Item, WorkingSet } from './working-set.ts';

export const MAX_DEPTH = 64;

/** The delegation under which an act was signed, if it was. */
export function instrumentOf(activity: Activity): ObjectName | null {
  return ('instrument' in activity ? activity.instrument : undefined) ?? null;
}

/** What is left of a Create whose body was erased: enough to keep the thread in shape when logs are replayed. */
export interface ErasedCreate {
  readonly name: ObjectName;
  readonly author: Did;
  /** Null for a post. */
  readonly parent: ObjectName | null;
}

/** The columns that hold the author's words. */
type Words = Pick<Item, 'title' | 'content' | 'mediaType' | 'url' | 'sensitive'>;

export const NO_WORDS: Words = {
  title: '',
  content: '',
  mediaType: 'text/plain',
  url: null,
  sensitive: false,
};

export function wordsOf(object: Article | Note): Words {
  return {
    title: object.type === 'Article' ? object.name : '',
    content: object.content ?? '',
    mediaType: object.mediaType ?? 'text/plain',
    url: object.type === 'Article' ? (object.url ?? null) : null,
    sensitive: object.sensitive ?? false,
  };
}

export function stands(item: Item): boolean {
  return !item.deleted && !item.removed;
}

/** The item an act of this submolt speaks of, unless it is unknown, elsewhere or deleted. */
export function findItem(matter: Matter<Activity>, name: ObjectName): Item | Refused {
  const item = findKnownItem(matter, name);
  return 'code' in item || !item.deleted ? item : refuse('item_deleted', name);
}

/** The same, deleted or not. */
export function findKnownItem(
  { rows, submolt }: Pick<Matter<Activity>, 'rows' | 'submolt'>,
  name: ObjectName,
): Item | Refused {
  const item = rows.item(name);
  if (item === undefined) return refuse('item_unknown', name);
  return item.submolt === submolt.name ? item : refuse('item_elsewhere', item.submolt);
}

export function decideComment({ rows, submolt, member, t }: Matter<Activity>, note: Note) {
  const parent = rows.item(note.inReplyTo);
  if (parent === undefined) return refuse('item_unknown', note.inReplyTo);
  if (parent.submolt !== submolt.name) return refuse('parent_elsewhere', parent.submolt);
  if (note.context !== undefined && note.context !== parent.root) {
    return refuse('thread_mismatch', parent.root);
  }
  if (parent.deleted) return refuse('item_deleted', parent.name);
  if (parent.removed) return refuse('item_removed', parent.name);
  if (rows.item(parent.root)?.locked && !moderates(member, t)) return refuse('thread_locked');
  return parent.depth >= MAX_DEPTH ? refuse('thread_too_deep', MAX_DEPTH) : null;
}

export function applyCreate(entry: Entry<CreateArticle | CreateNote>): void {
  const { activity, name } = entry;
  const { actor, object } = activity;
  const parent = object.type === 'Note' ? object.inReplyTo : null;
  const signed = { ...wordsOf(object), delegation: instrumentOf(activity) };
  const item = putItem(entry, { name, author: actor, parent }, signed);
  if (item !== null) applyMentions(entry.rows, item, signed.content, name, new Map());
}

/** Adds an item and gives it; null for one that is there already or a comment without its parent, which change nothing. */
export function putItem(
  { rows, submolt, t }: Pick<Entry<Activity>, 'rows' | 'submolt' | 't'>,
  { name, author, parent }: ErasedCreate,
  words: Words & Pick<Item, 'delegation'>,
): Item | null {
  const above = parent === null ? null : rows.item(parent);
  if (rows.item(name) !== undefined || above === undefined) return null;
  if (above !== null && above.submolt !== submolt.name) return null;
  const item: Item = {
    name,
    submolt: submolt.name,
    author,
    parent,
    root: above?.root ?? name,
    depth: above === null ? 0 : above.depth + 1,
    createdAt: t,
    updatedAt: null,
    ...words,
    up: 0,
    down: 0,
    replies: 0,
    locked: false,
    pinned: false,
    removed: false,
    deleted: false,
  };
  rows.putItem(item);
  count(rows, item, 1);
  return item;
}

/** Keeps every counter of standing items right when `item` begins (1) or ceases (-1) to stand. */
export function count(rows: WorkingSet, item: Item, by: 1 | -1): void {
  const member = membershipOf(rows, item.author, item.submolt);
  if (item.parent === null) {
    rows.putMembership({ ...member, posts: member.posts + by });
    const submolt = rows.submolt(item.submolt);
    if (submolt !== undefined) rows.putSubmolt({ ...submolt, posts: submolt.posts + by });
    return;
  }
  rows.putMembership({ ...member, comments: member.comments + by });
  // A comment on the post itself has one row above it, not two.
  for (const name of new Set([item.parent, item.root])) {
    const above = rows.item(name);
    if (above !== undefined) rows.putItem({ ...above, replies: above.replies + by });
  }
}

/** Takes the pin off, if there is one: whatever ceases to stand loses it. */
export function unpin(rows: WorkingSet, name: ObjectName): void {
  const item = rows.item(name);
  const submolt = item && rows.submolt(item.submolt);
  if (!item?.pinned || submolt === undefined) return;
  rows.putItem({ ...item, pinned: false });
  rows.putSubmolt({ ...submolt, pinned: submolt.pinned - 1 });
}
