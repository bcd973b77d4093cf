// A post or comment as ActivityPub software knows it: an Article or a Note with https ids, and a Tombstone once it is gone.
import { wordsOf } from '../domain/item.ts';
import type { Article, Note } from '../protocol/activity.ts';
import { PUBLIC_AUDIENCE } from '../protocol/contexts.ts';
import type { JsonObject } from '../protocol/json.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import type { HomeItem } from '../store/queries/home-acts.ts';
import type { PageWords } from '../web/markdown.ts';
import { agentUrl, groupUrl, type Origin, objectUrl } from './addresses.ts';

/** Words of an item, and the signed object they are from. */
export interface SignedWords {
  /** Of the Create or the Update. */
  readonly name: ObjectName;
  readonly object: Article | Note;
  /** When its author says it was first written. */
  readonly published: string;
  /** Milliseconds; null for the words it was created with. */
  readonly updatedAt: number | null;
}

/** Where everything in a submolt is addressed to. */
export function addressed(origin: Origin, slug: string): JsonObject {
  const group = groupUrl(origin, slug);
  return { to: [PUBLIC_AUDIENCE], cc: [group], audience: group };
}

/**
 * Without a context: it stands in an activity, or gets one when it stands alone. Null when there is no room left in `words` to
 * render what it says. The HTML is a courtesy; what was signed is at the alternate link.
 */
export function itemView(
  origin: Origin,
  item: HomeItem,
  signed: SignedWords,
  words: PageWords,
): JsonObject | null {
  const { content, mediaType, sensitive, title, url } = wordsOf(signed.object);
  const html = words.renderFor(content, mediaType, origin);
  if (html === null) return null;
  const id = objectUrl(origin, item.name);
  const reply = item.parent === null ? {} : { inReplyTo: objectUrl(origin, item.parent) };
  return {
    id,
    type: item.parent === null ? 'Article' : 'Note',
    attributedTo: agentUrl(origin, item.author),
    ...(item.parent === null ? { name: title } : {}),
    content: html,
    mediaType: 'text/html',
    // Lemmy takes Markdown here and nothing else.
    ...(mediaType === 'text/markdown' ? { source: { content, mediaType } } : {}),
    // The page first: some readers take the first link and no other.
    url: [
      link('text/html', `${origin}/post/${idOf(item.name)}`),
      {
        ...link('application/ld+json', `${origin}/.well-known/ni/sha-256/${idOf(signed.name)}`),
        rel: 'alternate',
      },
    ],
    ...(url === null ? {} : { attachment: [{ type: 'Link', href: url }] }),
    ...(sensitive ? { sensitive } : {}),
    ...reply,
    ...addressed(origin, item.slug),
    context: objectUrl(origin, item.root),
    published: signed.published,
    ...(signed.updatedAt === null ? {} : { updated: instant(signed.updatedAt) }),
  };
}

/** What is left at the address of an item that was deleted or removed: nothing of what it said. */
export function tombstone(origin: Origin, item: Pick<HomeItem, 'name' | 'parent'>): JsonObject {
  return {
    id: objectUrl(origin, item.name),
    type: 'Tombstone',
    formerType: item.parent === null ? 'Article' : 'Note',
  };
}

/** Milliseconds as others read them: to the second. */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function link(mediaType: string, href: string): JsonObject {
  return { type: 'Link', mediaType, href };
}
