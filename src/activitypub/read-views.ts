// Answers for the addresses of actors, objects, acts and collections: a document, the trace of what is gone, or nothing.
import type { Did } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import { idOf, nameFromId, type ObjectName } from '../protocol/object-name.ts';
import type { SubmoltView } from '../protocol/views.ts';
import { getAgent } from '../store/queries/agents.ts';
import {
  findAround,
  findHomeAct,
  findHomeItem,
  type HomeAct,
  listPinned,
} from '../store/queries/home-acts.ts';
import { listModerators } from '../store/queries/moderators.ts';
import { listPosts, type PostPage } from '../store/queries/posts.ts';
import { getSubmolt } from '../store/queries/submolts.ts';
import { PageWords } from '../web/markdown.ts';
import { type ActView, actView, namesAround } from './act-view.ts';
import { agentActor, groupActor, VIEW_CONTEXT } from './actors.ts';
import { agentUrl, announceUrl, groupUrl, isSlug, objectUrl } from './addresses.ts';
import { announceOf } from './announce.ts';
import type { ViewContext } from './context.ts';
import { itemView, tombstone } from './item-view.ts';

export type Shown =
  | { readonly kind: 'document'; readonly document: JsonObject }
  | { readonly kind: 'gone'; readonly document: JsonObject };

/** Entries of one page of an outbox. */
const PAGE = 20;
const MAX_MODERATORS = 1_000;
/** Name of the first page; the others are named by a cursor. */
const FIRST = 'first';

function shown(document: JsonObject): Shown {
  return { kind: 'document', document: { '@context': [...VIEW_CONTEXT], ...document } };
}

function gone(document: JsonObject): Shown {
  return { kind: 'gone', document: { '@context': [...VIEW_CONTEXT], ...document } };
}

/** The submolt of that slug that is at home here. */
export async function findGroup(
  { db }: Pick<ViewContext, 'db'>,
  slug: string,
): Promise<SubmoltView | null> {
  const submolt = isSlug(slug) ? await getSubmolt(db, slug) : null;
  return submolt?.home.local === true ? submolt : null;
}

export async function readGroup(context: ViewContext, slug: string): Promise<Shown | null> {
  const submolt = await findGroup(context, slug);
  if (submolt === null) return null;
  const document = groupActor(context.origin, submolt, context.keys);
  return { kind: 'document', document };
}

export async function readAgent(context: ViewContext, subject: Did): Promise<Shown | null> {
  const agent = await getAgent(context.db, subject, context.now());
  if (agent === null) return null;
  const document = agentActor(context.origin, subject, agent, context.keys);
  return { kind: 'document', document };
}

/** A post or comment as it stands. What is in a submolt without a name, whose founding was dropped, has no view: no actor speaks of it. */
export async function readItem(context: ViewContext, name: ObjectName): Promise<Shown | null> {
  const item = await findHomeItem(context.db, name);
  if (item === null || !isSlug(item.slug)) return null;
  const { words } = item;
  const activity = words?.activity;
  const spoken = activity?.type === 'Create' || activity?.type === 'Update' ? activity : null;
  const object = spoken?.object;
  if (item.deleted || item.removed || words === null || object === undefined) {
    return gone(tombstone(context.origin, item));
  }
  if (object.type !== 'Article' && object.type !== 'Note') return null;
  const view = itemView(
    context.origin,
    item,
    {
      name: words.name,
      object,
      published: new Date(item.createdAt).toISOString().replace(/\.\d+/, ''),
      updatedAt: item.updatedAt,
    },
    new PageWords(),
  );
  return view === null ? null : shown(view);
}

/** The view of an act by its name. */
export async function readAct(context: ViewContext, name: ObjectName): Promise<Shown | null> {
  const act = await findHomeAct(context.db, name);
  if (act === null || !isSlug(act.slug)) return null;
  if (act.signed === null) {
    return gone({ id: `${context.origin}/a/${idOf(name)}`, type: 'Tombstone' });
  }
  const [view] = await viewActs(context, [act]);
  return view === undefined ? null : shownAct(context, view, (document) => document);
}

/** The Announce of an act, as it was sent to followers; without the proof, which is made anew each time. */
export async function readAnnounce(
  context: ViewContext,
  slug: string,
  name: ObjectName,
): Promise<Shown | null> {
  const act = await findHomeAct(context.db, name);
  if (act === null || act.slug !== slug) return null;
  const [view] = await viewActs(context, [act]);
  if (act.signed === null) {
    return gone({ id: announceUrl(context.origin, slug, name), type: 'Tombstone' });
  }
  return view === undefined
    ? null
    : shownAct(context, view, (document) => announceOf(context, act, document));
}

function shownAct(
  { origin }: ViewContext,
  view: ActView,
  wrap: (document: JsonObject) => JsonObject,
): Shown | null {
  if (view.kind === 'view') return shown(wrap(view.view));
  return view.kind === 'gone' ? gone(tombstone(origin, view.item)) : null;
}

/** Views of acts, in their order, with as many words as one page has. */
export async function viewActs(
  { db, origin }: Pick<ViewContext, 'db' | 'origin'>,
  acts: readonly HomeAct[],
): Promise<ActView[]> {
  const around = await findAround(db, namesAround(acts));
  const words = new PageWords();
  return acts.map((act) => actView(origin, act, around, words));
}

/** Only how many there are: who follows is nobody else's affair. */
export function followersOf(context: ViewContext, submolt: SubmoltView, total: number): Shown {
  const id = `${groupUrl(context.origin, submolt.name)}/followers`;
  return shown({ id, type: 'OrderedCollection', totalItems: total });
}

export async function readModerators(context: ViewContext, slug: string): Promise<Shown | null> {
  const submolt = await findGroup(context, slug);
  if (submolt === null) return null;
  const moderators = await listModerators(context.db, submolt.object, MAX_MODERATORS);
  const items = moderators.map(({ did }) => agentUrl(context.origin, did));
  return collection(`${groupUrl(context.origin, slug)}/moderators`, items);
}

export async function readFeatured(context: ViewContext, slug: string): Promise<Shown | null> {
  const submolt = await findGroup(context, slug);
  if (submolt === null) return null;
  const pinned = await listPinned(context.db, submolt.object);
  const items = pinned.map((name) => objectUrl(context.origin, name));
  return collection(`${groupUrl(context.origin, slug)}/featured`, items);
}

function collection(id: string, orderedItems: string[]): Shown {
  return shown({ id, type: 'OrderedCollection', totalItems: orderedItems.length, orderedItems });
}

/** Posts that stand, as they were announced, the newest first. `page` is null for the collection itself. */
export async function readGroupOutbox(
  context: ViewContext,
  slug: string,
  page: string | null,
): Promise<Shown | null> {
  const submolt = await findGroup(context, slug);
  if (submolt === null) return null;
  const id = `${groupUrl(context.origin, slug)}/outbox`;
  if (page === null) return outbox(id, submolt.post_count);
  const query = { sort: 'new', submolt: submolt.object, limit: PAGE } as const;
  const posts = await listPosts(context.db, { ...query, ...cursorOf(page) });
  return outboxPage(context, id, page, posts, (act, view) => announceOf(context, act, view));
}

/** The agent's posts in submolts at home here; those that live elsewhere have their addresses there. */
export async function readAgentOutbox(
  context: ViewContext,
  subject: Did,
  page: string | null,
): Promise<Shown | null> {
  if ((await getAgent(context.db, subject, context.now())) === null) return null;
  const id = `${agentUrl(context.origin, subject)}/outbox`;
  if (page === null) return outbox(id, null);
  const query = { sort: 'new', author: subject, limit: PAGE } as const;
  const posts = await listPosts(context.db, { ...query, ...cursorOf(page) });
  return outboxPage(context, id, page, posts, (_, view) => view);
}

function cursorOf(page: string): { cursor?: string } {
  return page === FIRST ? {} : { cursor: page };
}

function outbox(id: string, total: number | null): Shown {
  return shown({
    id,
    type: 'OrderedCollection',
    ...(total === null ? {} : { totalItems: total }),
    first: `${id}?page=${FIRST}`,
  });
}

async function outboxPage(
  context: ViewContext,
  id: string,
  page: string,
  { next_cursor, posts }: PostPage,
  wrap: (act: HomeAct, view: JsonObject) => JsonObject,
): Promise<Shown> {
  const names = posts.map((post) => nameFromId(post.id) as ObjectName);
  const found = await Promise.all(names.map((name) => findHomeAct(context.db, name)));
  const acts = found.filter((act) => act !== null).filter(({ slug }) => isSlug(slug));
  const views = await viewActs(context, acts);
  const items = views.map((view, i) => {
    const act = acts[i] as HomeAct;
    // What does not fit is at its own address.
    return view.kind === 'view' ? wrap(act, view.view) : `${context.origin}/a/${idOf(act.name)}`;
  });
  return shown({
    id: `${id}?page=${encodeURIComponent(page)}`,
    type: 'OrderedCollectionPage',
    partOf: id,
    orderedItems: items,
    ...(next_cursor === null ? {} : { next: `${id}?page=${encodeURIComponent(next_cursor)}` }),
  });
}
