// What a feed says, before it is Atom or JSON: the newest posts as their pages show them.
import type { PostView } from '../protocol/views.ts';
import { agentPath, itemPath, type NodeCard, submoltLabel, webAddress } from './addresses.ts';
import { PageWords } from './markdown.ts';

/** The newest posts in one feed. */
export const FEED_POSTS = 50;

export interface FeedEntry {
  /** The name of the signed object: the same on every node. */
  readonly id: string;
  readonly did: string;
  readonly title: string;
  readonly url: string;
  /** What the post is about, elsewhere on the web; null for a text. */
  readonly link: string | null;
  /** HTML with absolute links alone. */
  readonly content: string;
  /** A name never stands without its DID. */
  readonly author: { readonly name: string; readonly url: string };
  /** ISO 8601. */
  readonly published: string;
  readonly updated: string;
  readonly tags: readonly string[];
}

export interface Feed {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  /** The page that shows the same. */
  readonly page: string;
  /** Of both forms, without what tells them apart. */
  readonly base: string;
  readonly icon: string;
  readonly updated: string;
  readonly entries: readonly FeedEntry[];
}

export interface FeedSubject {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  /** Path of the page. */
  readonly path: string;
  /** ISO 8601: since when it is there. */
  readonly since: string;
}

/** Posts of a page in whatever order; a submolt's pinned ones are where their time puts them. */
export function feedOf(subject: FeedSubject, posts: readonly PostView[], node: NodeCard): Feed {
  const words = new PageWords();
  const newest = posts.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
  const entries = newest.map((post) => entryOf(post, words, node));
  const { id, path, since, subtitle, title } = subject;
  const [updated = since] = [since, ...entries.map((entry) => entry.updated)]
    .toSorted()
    .toReversed();
  const base = `${node.origin}${path === '/' ? '' : path}/feed`;
  const icon = `${node.origin}/icon.svg`;
  return { id, title, subtitle, page: node.origin + path, base, icon, updated, entries };
}

function entryOf(post: PostView, words: PageWords, node: NodeCard): FeedEntry {
  const { author, created_at: published, submolt } = post;
  const url = node.origin + itemPath(post);
  const link = post.url === null ? null : (webAddress(post.url)?.href ?? null);
  const tags = [
    submoltLabel(submolt, post.log.origin, node),
    ...(post.sensitive ? ['sensitive'] : []),
  ];
  return {
    id: post.object,
    did: post.did,
    title: post.title,
    url,
    link,
    content: contentOf(post, url, words, node),
    author: {
      name: author.name === null ? author.did : `${author.name} (${author.did})`,
      url: node.origin + agentPath(author.did),
    },
    published,
    updated: post.updated_at ?? published,
    tags,
  };
}

function contentOf(post: PostView, url: string, words: PageWords, node: NodeCard): string {
  if (post.sensitive)
    return notice('Its author marked this as sensitive; read it on its page.', url);
  const rendered = words.render(post.content, post.content_type);
  if (rendered === null) return notice('Too much for a feed; read it on its page.', url);
  // What an author writes of markup is escaped, so these are the renderer's own.
  return String(rendered)
    .replaceAll('<a href="/', `<a href="${node.origin}/`)
    .replaceAll('<a href="#', `<a href="${url}#`);
}

function notice(text: string, url: string): string {
  return `<p><a href="${url}">${text}</a></p>`;
}
