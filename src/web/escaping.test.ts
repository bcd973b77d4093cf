// Every string that an author controls, in every page that shows it: nothing of it becomes markup or an address.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE_LINES } from '../../test/browser/hostile.ts';
import { addressesIn, strayMarkup } from '../../test/browser/markup.ts';
import { openVillagePages, type VillagePages } from '../../test/browser/village-pages.ts';
import { idOf } from '../protocol/object-name.ts';
import type { CommentView, OwnerView, PostView, SubmoltView } from '../protocol/views.ts';
import { getPost } from '../store/queries/posts.ts';
import { getSubmolt } from '../store/queries/submolts.ts';
import { getComment } from '../store/queries/threads.ts';
import type { NodeCard } from './addresses.ts';
import { agentPage } from './agent-page.ts';
import { frontPage } from './front-page.ts';
import { frame, type Page } from './layout.ts';
import { submoltPage, submoltsPage } from './submolt-page.ts';
import { commentPage, threadPage } from './thread-page.ts';

let place: VillagePages;
let node: NodeCard;
let post: PostView;
let comment: CommentView;
let submolt: SubmoltView;
beforeAll(async () => {
  place = await openVillagePages();
  const { db, context } = place.sandbox;
  node = { name: 'a.test', did: context.node.did, origin: context.node.origin };
  post = (await getPost(db, place.village.link))!;
  comment = (await getComment(db, place.village.answered))!;
  submolt = (await getSubmolt(db, 'molting'))!;
});
afterAll(() => place.sandbox.close());

const turn = { first: null, next: null };
const render = async (page: Page) => String(await frame(node, page));
const below = (comments: readonly CommentView[]) => ({ comments, sort: 'best', turn }) as const;

/** Hosts that pages may lead to without an author's doing. */
const OURS = /^(?:\/(?!\/)|#|https:\/\/(?:www\.w3\.org|c2sp\.org)\/)/;

function expectHarmless(html: string): void {
  expect(strayMarkup(html)).toEqual([]);
  for (const address of addressesIn(html)) {
    if (OURS.test(address)) continue;
    expect(['https:', 'http:', 'mailto:']).toContain(new URL(address).protocol);
  }
}

test('markup that is not the pages’ own would be found', () => {
  expect(strayMarkup('<p onclick="x">a</p><script>')).toEqual(['p onclick', '<script>']);
});

test('the pages of a hostile village hold no markup of its making', async () => {
  const { trap, hostile, essay } = place.village;
  const { mallory } = place.agents;
  const paths = ['/', '/?sort=new', '/m', '/m?sort=new', `/m/${idOf(trap)}`, '/m/trap?sort=top'];
  paths.push(`/post/${idOf(hostile)}`, `/post/${idOf(essay)}`, `/u/${mallory.did}`);
  for (const path of paths) expectHarmless(await place.html(path));
});

test('what a hostile agent wrote is shown as it was written', async () => {
  const list = await place.html('/m/trap');
  expect(list).toContain('&lt;script&gt;window.trapped=1&lt;/script&gt;');
  expect(list).toContain('&amp;lt;script&amp;gt;window.trapped=1');
});

// The schema refuses some of these today; the pages rely on nobody.
describe.each(HOSTILE_LINES)('%j is text', (line) => {
  test('as title, words, URL and name, in a list and on its own', async () => {
    const said = { ...post, title: line, content: line, url: line };
    const hostile = { ...said, author: { ...post.author, name: line } };
    const posts = [hostile, { ...hostile, is_deleted: true }, { ...hostile, is_removed: true }];
    const list = { posts, sort: 'hot', turn } as const;
    expectHarmless(await render(frontPage({ ...list, submolts: [submolt] }, node)));
    expectHarmless(await render(threadPage(hostile, below([]), node)));
    expectHarmless(await render(threadPage({ ...hostile, sensitive: true }, below([]), node)));
  });

  test('as a comment’s words and names', async () => {
    const hostile = { ...comment, content: line, author: { ...comment.author, name: line } };
    const nested = { ...hostile, replies: [hostile], reply_count: 3 };
    expectHarmless(await render(threadPage(post, below([nested]), node)));
    expectHarmless(await render(commentPage(hostile, { ...post, title: line }, below([]))));
  });

  test('as a submolt’s name, title, summary, owner and home', async () => {
    const named = { name: line, display_name: line, description: line };
    const home = { ...submolt.home, local: false, url: line };
    const hostile = { ...submolt, ...named, home, owner: { ...submolt.owner, name: line } };
    const list = { posts: [], sort: 'hot', turn } as const;
    expectHarmless(await render(submoltPage(hostile, list, node)));
    const submolts = { submolts: [hostile], sort: 'new', turn } as const;
    expectHarmless(await render(submoltsPage(submolts, node)));
    expectHarmless(await render(frontPage({ ...list, submolts: [hostile] }, node)));
  });

  test('as an agent’s name and summary, and as its owners', async () => {
    const counts = { karma: 0, posts_count: 0, comments_count: 0, follower_count: 0 };
    const hostile = { did: post.did, name: line, description: line, ...counts } as const;
    const agent = { ...hostile, following_count: 0, created_at: null, verified: true } as const;
    const owner = { did: line, domain: line, role: line, until: line } as unknown as OwnerView;
    const owners = [owner, { ...owner, domain: null }];
    expectHarmless(await render(agentPage({ ...agent, owners }, { posts: [], turn }, node)));
  });
});

describe('the URL of a link post', () => {
  test.each([
    'javascript:window.trapped=1',
    ' javascript:window.trapped=1',
    'java\nscript:window.trapped=1',
    'JAVASCRIPT://example.org/%0awindow.trapped=1',
    'data:text/html,<script>window.trapped=1</script>',
    'vbscript:x',
    'file:///etc/passwd',
    '//example.org',
    'not a URL',
  ])('is no link when it is %j', async (url) => {
    const html = await render(threadPage({ ...post, url }, below([]), node));
    expect(html).not.toContain('class="link"');
    const addresses = addressesIn(html).filter((address) => !OURS.test(address));
    expect(addresses).toEqual([]);
  });

  test('is shown as the browser will open it', async () => {
    const url = 'https://ex\u0430mple.org/\u202Egpj.exe?<b>';
    const html = await render(threadPage({ ...post, url }, below([]), node));
    expect(addressesIn(html)).toContain('https://xn--exmple-4nf.org/%E2%80%AEgpj.exe?%3Cb%3E');
    expect(html).not.toContain('\u202E');
  });
});
