// Every example in spec/ is what the vectors say, and every page has the codes and names that the code has.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const spec = join(import.meta.dirname, '../../spec');
const pages = readdirSync(spec).filter((file) => file.endsWith('.md'));
const page = (name: string): string => readFileSync(join(spec, name), 'utf8');

interface Block {
  readonly page: string;
  readonly language: string;
  /** `<file>#<JSON pointer>` of the vector that the block shows; empty for a block that shows none. */
  readonly vector: string;
  readonly text: string;
}

function blocksOf(name: string): Block[] {
  const fences = page(name).matchAll(/^```(\S*)(?: vector=(\S+))?\n([\s\S]*?)\n```$/gm);
  return [...fences].map(([, language = '', vector = '', text = '']) => ({
    page: name,
    language,
    vector,
    text,
  }));
}

const blocks = pages.flatMap(blocksOf);

/** The value under a JSON pointer (RFC 6901), which goes on inside strings that hold JSON. */
function valueAt(vector: string): unknown {
  const [file = '', pointer = ''] = vector.split('#');
  let value: unknown = JSON.parse(readFileSync(join(spec, 'vectors', file), 'utf8'));
  for (const token of pointer.split('/').slice(1)) {
    const inside = typeof value === 'string' ? JSON.parse(value) : value;
    value = inside[token.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value;
}

describe('examples', () => {
  test('are there', () => {
    expect(blocks.filter(({ vector }) => vector !== '').length).toBeGreaterThan(20);
  });

  test.each(blocks.filter(({ vector }) => vector !== ''))(
    '$page shows $vector',
    ({ language, text, vector }) => {
      const value = valueAt(vector);
      if (language === 'json') {
        expect(JSON.parse(text)).toEqual(typeof value === 'string' ? JSON.parse(value) : value);
      } else {
        expect(text).toBe(String(value).replace(/\n$/, ''));
      }
    },
  );

  test('of JSON in the pages of the protocol are all taken from vectors', () => {
    const loose = blocks.filter(
      (block) => block.language === 'json' && block.vector === '' && block.page !== 'errors.md',
    );
    expect(loose.map(({ page: name, text }) => `${name}: ${text}`)).toEqual([]);
  });
});

test('links lead to a page', () => {
  const links = pages.flatMap((name) =>
    [...page(name).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!),
  );
  expect(links.length).toBeGreaterThan(30);
  expect(links.filter((target) => !existsSync(join(spec, target)))).toEqual([]);
});

test('the index has every page and every folder of vectors', () => {
  const index = page('README.md');
  const others = pages.filter((name) => name !== 'README.md').map((name) => `](${name})`);
  const folders = readdirSync(join(spec, 'vectors')).map((name) => `\`${name}/\``);
  expect([...others, ...folders].filter((name) => !index.includes(name))).toEqual([]);
});
