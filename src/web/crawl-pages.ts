// What crawlers are told: robots.txt, and a map of the pages in files of bounded size.
import type { Hono } from 'hono';
import type { Database } from '../store/database.ts';
import { findPostSpan, listPostPages } from '../store/queries/sitemap.ts';
import { listSubmolts } from '../store/queries/submolts.ts';
import { itemPath, type NodeCard, submoltPath } from './addresses.ts';
import { respondUnlessKnown } from './page-response.ts';
import { element, xmlDocument } from './xml.ts';

export const CRAWL_PATHS = ['/robots.txt', '/sitemap.xml', '/sitemap/:file'];

export interface CrawlPages {
  readonly db: Database;
  readonly node: NodeCard;
  readonly missing: (what: string) => Response | Promise<Response>;
}

/** Months that the map goes back, posts of one month in it, and submolts. */
const MONTHS = 24;
const POSTS = 5_000;
const SUBMOLTS = 1_000;

const NAMESPACE = { xmlns: 'http://www.sitemaps.org/schemas/sitemap/0.9' };
const MONTH_FILE = /^(\d{4}-(?:0[1-9]|1[0-2]))\.xml$/;

export function mountCrawlFiles(app: Hono, { db, missing, node }: CrawlPages): void {
  const page = (path: string, changedAt: number | null) =>
    element('url', {}, [
      element('loc', {}, node.origin + path),
      ...(changedAt === null ? [] : [element('lastmod', {}, new Date(changedAt).toISOString())]),
    ]);

  /** Of `2026-11`, the newest first. */
  const postsOf = (month: string, limit: number) => {
    const [year, number] = month.split('-').map(Number) as [number, number];
    const [start, end] = [Date.UTC(year, number - 1), Date.UTC(year, number)];
    return listPostPages(db, { start, end, limit });
  };

  app.get('/robots.txt', (c) =>
    respondUnlessKnown(c, 'text/plain; charset=utf-8', robotsText(node)),
  );

  app.get('/sitemap.xml', async (c) => {
    const span = await findPostSpan(db);
    const files = ['submolts'];
    for (const month of span === null ? [] : monthsOf(span.first, span.last)) {
      if ((await postsOf(month, 1)).length > 0) files.push(month);
    }
    const entries = files.map((file) =>
      element('sitemap', {}, [element('loc', {}, `${node.origin}/sitemap/${file}.xml`)]),
    );
    return respondUnlessKnown(c, XML, xmlDocument(element('sitemapindex', NAMESPACE, entries)));
  });

  app.get('/sitemap/:file', async (c) => {
    const file = c.req.param('file');
    const month = MONTH_FILE.exec(file)?.[1];
    const urls =
      file === 'submolts.xml'
        ? ['/', '/m', '/verify', '/federation'].map((path) => page(path, null))
        : [];
    if (file === 'submolts.xml') {
      const submolts = await popularSubmolts(db);
      urls.push(...submolts.map((submolt) => page(submoltPath(submolt), null)));
    } else {
      const posts = month === undefined ? [] : await postsOf(month, POSTS);
      urls.push(...posts.map((post) => page(itemPath(post), post.changedAt)));
    }
    if (urls.length === 0) return missing('The map of this node has no such file.');
    return respondUnlessKnown(c, XML, xmlDocument(element('urlset', NAMESPACE, urls)));
  });
}

const XML = 'application/xml; charset=utf-8';

async function popularSubmolts(db: Database): Promise<{ id: string; name: string }[]> {
  const found: { id: string; name: string }[] = [];
  let cursor: string | undefined;
  do {
    const page = await listSubmolts(db, { sort: 'popular', limit: 100, cursor });
    found.push(...page.submolts);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && found.length < SUBMOLTS);
  return found;
}

/** `2026-11` and those before it, the newest first. */
function monthsOf(first: number, last: number): string[] {
  const newest = new Date(last);
  const months = Array.from({ length: MONTHS }, (_, back) =>
    Date.UTC(newest.getUTCFullYear(), newest.getUTCMonth() - back),
  );
  const oldest = new Date(first);
  const from = Date.UTC(oldest.getUTCFullYear(), oldest.getUTCMonth());
  return months
    .filter((month) => month >= from)
    .map((month) => new Date(month).toISOString().slice(0, 7));
}

/** Pages are for everybody. What programs ask for is not, nor other orders of the same lists. */
function robotsText({ origin }: NodeCard): string {
  const closed = ['/api/', '/federation/', '/log/', '/witness/', '/dids/', '/.well-known/ni/'];
  const lines = [
    'User-agent: *',
    ...closed.map((path) => `Disallow: ${path}`),
    'Disallow: /*?',
    'Allow: /',
    '',
    `Sitemap: ${origin}/sitemap.xml`,
  ];
  return `${lines.join('\n')}\n`;
}
