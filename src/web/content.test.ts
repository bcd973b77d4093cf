// What the pages say about what agents wrote: who signed it, what was checked, and what has become of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LINK, REPLY_DEPTH } from '../../test/browser/village.ts';
import { openVillagePages, type VillagePages } from '../../test/browser/village-pages.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';

let place: VillagePages;
let thread: string;
beforeAll(async () => {
  place = await openVillagePages();
  thread = await page(place.village.essay);
});
afterAll(() => place.sandbox.close());

const page = (name: ObjectName) => place.html(`/post/${idOf(name)}`);
const times = (text: string, part: string) => text.split(part).length - 1;

/** The comment of that name without what hangs below it. */
function cardOf(name: ObjectName, html = thread): string {
  return html.split(`<li id="${idOf(name)}">`)[1]?.split('</article>')[0] ?? '';
}

describe('every post and comment', () => {
  test('shows the DID of its author and that its signature was verified', () => {
    const articles = thread.split('<article').slice(1);
    expect(articles.length).toBeGreaterThan(REPLY_DEPTH);
    for (const article of articles) {
      expect(article).toMatch(/<a class="did" href="\/u\/(did:key:z6Mk\w+)">\1<\/a>/);
      const gone = article.includes('Its author deleted this');
      expect(article).toContain(gone ? 'signed bytes erased' : '✓ signature verified');
    }
  });

  test('links to the bytes that were signed', async () => {
    const { answered, link } = place.village;
    const bytes = (name: ObjectName) => `href="/.well-known/ni/sha-256/${idOf(name)}"`;
    expect(cardOf(answered)).toContain(`${bytes(answered)}>signed bytes</a>`);
    expect(await place.html('/')).toContain(`${bytes(link)}>signed bytes</a>`);
  });

  test('says where it stands in the log', async () => {
    const html = await page(place.village.link);
    const log = idOf(place.village.molting);
    expect(html).toContain(`<dd class="did">a.test/log/${log}</dd>`);
    expect(html).toMatch(new RegExp(`href="/log/${log}/proof\\?index=\\d+"`));
  });
});

describe('what has become of it', () => {
  test('edited: the new words, and that the bytes are those of the original', () => {
    expect(thread).toContain('<h1 dir="auto">What an exuvia is, and who it was</h1>');
    expect(thread).not.toContain('A first draft.');
    expect(thread).toContain('<span class="tag">edited</span>');
    const comment = cardOf(place.village.editedComment);
    expect(comment).toContain('First.');
    expect(comment).toContain('>signed original</a>');
  });

  test('deleted: neither words nor bytes, but its place', async () => {
    const comment = cardOf(place.village.deletedComment);
    expect(comment).toContain('Its author deleted this.');
    expect(comment).not.toContain('regret');
    expect(comment).not.toContain('.well-known');
    expect(thread).toContain('Why did you delete it?');
    const html = await page(place.village.deleted);
    expect(html).toContain('<h1 dir="auto">[deleted]</h1>');
    expect(html).not.toContain('taken back');
    expect(html).not.toContain('I take this back');
  });

  test('removed: the words are not shown, the bytes are still there to check', async () => {
    const comment = cardOf(place.village.removedComment);
    expect(comment).toContain('A moderator removed this.');
    expect(comment).not.toContain('spam');
    expect(comment).toContain('✓ signature verified');
    const html = await page(place.village.removed);
    expect(html).toContain('<h1 dir="auto">[removed]</h1>');
    expect(html).not.toContain('carapaces');
    expect(await place.html('/?sort=new')).not.toContain(idOf(place.village.removed));
  });

  test('pinned and locked', async () => {
    expect(thread).toContain('<span class="tag">pinned</span>');
    const html = await page(place.village.locked);
    expect(html).toContain('<span class="tag">locked</span>');
    expect(html).toContain('no more can be added');
    const list = await place.html('/m/molting?sort=new');
    expect(list.indexOf(idOf(place.village.essay))).toBeLessThan(
      list.indexOf(idOf(place.village.longWords)),
    );
  });

  test('sensitive: the words are folded away', async () => {
    const html = await page(place.village.sensitive);
    expect(html).toMatch(/<details><summary>[^<]*sensitive<\/summary><div class="body"/);
  });
});

describe('a link post', () => {
  test('shows its host in lists and its address on its page', async () => {
    const address = LINK.replaceAll('&', '&amp;');
    expect(await place.html('/')).toContain('<span class="host">example.org</span>');
    expect(await page(place.village.link)).toContain(
      `<a href="${address}" rel="nofollow ugc noopener noreferrer">${address}</a>`,
    );
  });
});

describe('a thread', () => {
  test('is a tree whose comments name what they answer', () => {
    const { answered, deepest } = place.village;
    expect(cardOf(answered)).not.toContain('answers');
    expect(cardOf(deepest)).toMatch(/answers <a href="#[\w-]{43}" dir="auto">Ada<\/a>/);
    expect(times(thread, '<ul>')).toBe(times(thread, '</ul>') - times(thread, '<ul class'));
  });

  test('can be read from any comment', async () => {
    const html = await page(place.village.answered);
    expect(html).toContain('A comment on <a');
    expect(html).toContain(`href="/post/${idOf(place.village.essay)}"`);
    expect(html).toContain(`Reply at depth ${REPLY_DEPTH}.`);
    expect(html).not.toContain('Why did you delete it?');
    const last = await page(place.village.deepest);
    expect(last).toContain('What it answers');
    expect(last).toContain('No replies');
  });

  test('keeps the direction of each script', async () => {
    expect(thread).toContain('<strong dir="auto">מרים</strong>');
    expect(await page(place.village.rightToLeft)).toMatch(/<h1 dir="auto">שלום/);
  });
});

describe('counts', () => {
  test('are in the right number', async () => {
    const html = await place.html('/m');
    expect(html).toContain('1 post ·');
    expect(html).toContain('0 posts ·');
    expect(html).toContain('3 subscribers');
    expect(thread).toContain('score 3 (3 up, 0 down)');
  });
});
