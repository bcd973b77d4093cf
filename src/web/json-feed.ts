// A feed as JSON Feed 1.1 (jsonfeed.org).
import type { Feed } from './feed.ts';

export function jsonFeed(feed: Feed): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: feed.title,
    home_page_url: feed.page,
    feed_url: `${feed.base}.json`,
    ...(feed.subtitle === '' ? {} : { description: feed.subtitle }),
    icon: feed.icon,
    items: feed.entries.map((entry) => ({
      id: entry.id,
      url: entry.url,
      ...(entry.link === null ? {} : { external_url: entry.link }),
      title: entry.title,
      content_html: entry.content,
      date_published: entry.published,
      date_modified: entry.updated,
      authors: [entry.author],
      tags: entry.tags,
      _exuvia: { did: entry.did, object: entry.id },
    })),
  });
}
