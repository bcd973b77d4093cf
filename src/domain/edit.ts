// What becomes of the words of posts and comments: their authors change them, and who may erases them for good.
import type { Article, Delete, Note, UpdateContent } from '../protocol/activity.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { eraseWords, groundOfWords } from './act-erasure.ts';
import { groundOf } from './erasure.ts';
import { count, findItem, instrumentOf, NO_WORDS, stands, unpin, wordsOf } from './item.ts';
import type { Entry, Matter } from './matter.ts';
import { applyMentions, dropMentions } from './mention.ts';
import { tell } from './notice.ts';
import { type Refused, refuse } from './refusal.ts';
import type { Item } from './working-set.ts';

function fits(item: Item, object: Article | Note): boolean {
  return (item.parent === null) === (object.type === 'Article');
}

export function decideEdit(matter: Matter<UpdateContent>, object: Article | Note): Refused | null {
  const item = findItem(matter, matter.activity.target);
  if ('code' in item) return item;
  if (item.author !== matter.activity.actor) return refuse('not_author', item.author);
  // What moderators put back is what they took out.
  if (item.removed) return refuse('item_removed', item.name);
  if (!fits(item, object))
    return refuse('type_mismatch', item.parent === null ? 'Article' : 'Note');
  if (object.type === 'Note') {
    if (item.parent !== object.inReplyTo) return refuse('parent_changed', item.parent ?? item.name);
    const { context } = object;
    if (context !== undefined && context !== item.root) return refuse('thread_mismatch', item.root);
  }
  return null;
}

export function applyEdit(entry: Entry<UpdateContent>, object: Article | Note): void {
  const { rows, name, activity, submolt, t } = entry;
  const { actor, target } = activity;
  const item = rows.item(target);
  if (item === undefined || item.submolt !== submolt.name || item.author !== actor) return;
  if (item.deleted || !fits(item, object)) return;
  const words = wordsOf(object);
  rows.putItem({ ...item, ...words, delegation: instrumentOf(activity), updatedAt: t });
  applyMentions(rows, item, words.content, name, dropMentions(rows, target));
  rows.putAct({ name, type: 'Update', actor, submolt: submolt.name, object: target });
}

/** Leaves a skeleton that holds the thread together; the words go, and every edit that held them. */
export function applyDelete(entry: Entry<Delete>): void {
  const { rows, activity, name, submolt } = entry;
  const object = activity.object as ObjectName;
  const said = rows.said(object, submolt.name);
  if (said !== undefined) {
    const ground = groundOfWords(rows, activity, submolt.home, said);
    if (ground !== null && !said.erased) eraseWords(rows, said, name);
    return;
  }
  const item = rows.item(object);
  if (item === undefined || item.submolt !== submolt.name || item.deleted) return;
  // What is erased cannot come back, so here the home's decision is not taken on trust.
  if (groundOf(entry, item) === null) return;
  if (stands(item)) count(rows, item, -1);
  unpin(rows, object);
  // updatedAt and delegation go too: a node that replays the log without the erased bodies must get the same row.
  rows.putItem({
    ...item,
    ...NO_WORDS,
    delegation: null,
    updatedAt: null,
    pinned: false,
    deleted: true,
  });
  for (const edit of rows.edits(object)) rows.erase(edit);
  rows.erase(object);
  dropMentions(rows, object);
  const told = {
    agent: item.author,
    about: object,
    topic: 'removal',
    act: name,
    value: 2,
  } as const;
  tell(rows, activity.actor, told);
}
