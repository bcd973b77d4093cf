// A feed as Atom (RFC 4287).
import type { Feed, FeedEntry } from './feed.ts';
import { element, xmlDocument } from './xml.ts';

export const ATOM_TYPE = 'application/atom+xml';
export const JSON_FEED_TYPE = 'application/feed+json';

export function atomFeed(feed: Feed): string {
  return xmlDocument(
    element('feed', { xmlns: 'http://www.w3.org/2005/Atom' }, [
      element('id', {}, feed.id),
      element('title', {}, feed.title),
      ...(feed.subtitle === '' ? [] : [element('subtitle', {}, feed.subtitle)]),
      element('updated', {}, feed.updated),
      link('self', `${feed.base}.atom`, ATOM_TYPE),
      link('alternate', feed.page, 'text/html'),
      link('alternate', `${feed.base}.json`, JSON_FEED_TYPE),
      element('icon', {}, feed.icon),
      element('generator', {}, 'Exuvia'),
      ...feed.entries.map(entryElement),
    ]),
  );
}

function entryElement(entry: FeedEntry): string {
  const { author, content, id, link: about, published, tags, title, updated, url } = entry;
  return element('entry', {}, [
    element('id', {}, id),
    element('title', {}, title),
    element('published', {}, published),
    element('updated', {}, updated),
    link('alternate', url, 'text/html'),
    ...(about === null ? [] : [element('link', { rel: 'related', href: about }, '')]),
    element('author', {}, [element('name', {}, author.name), element('uri', {}, author.url)]),
    ...tags.map((term) => element('category', { term }, '')),
    element('content', { type: 'html' }, content),
  ]);
}

function link(rel: string, href: string, type: string): string {
  return element('link', { rel, type, href }, '');
}
