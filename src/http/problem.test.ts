// The table of problems and the page that explains it say the same things.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Code, PROBLEMS, problemBody, problemHeaders } from './problem.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'spec/errors.md'), 'utf8');
const codes = Object.keys(PROBLEMS) as Code[];

/** Code → the text under its heading, with the status of the section it stands in. */
function sections(): Map<string, { status: number; text: string }> {
  const found = new Map<string, { status: number; text: string }>();
  for (const part of page.split(/^## /m).slice(1)) {
    const status = Number(/^\d{3}/.exec(part)?.[0]);
    for (const entry of part.split(/^### /m).slice(1)) {
      const [code = '', ...text] = entry.split('\n');
      found.set(code, { status, text: text.join(' ').trim() });
    }
  }
  return found;
}

test('spec/errors.md has a heading for every code and none besides, each once', () => {
  expect([...sections().keys()].sort()).toEqual([...codes].sort());
  expect(page.match(/^### /gm)).toHaveLength(codes.length);
});

test('spec/errors.md files every code under the status it is answered with', () => {
  const wrong = codes.filter((code) => sections().get(code)?.status !== PROBLEMS[code].status);
  expect(wrong).toEqual([]);
});

test('every code says what it means and what to do next', () => {
  for (const code of codes) {
    expect(sections().get(code)?.text, code).toMatch(/^\S.{20,}\*\*Next:\*\* \S.{5,}\.$/s);
    expect(PROBLEMS[code].title, code).toMatch(/^\S.*[^.]$/);
    expect(PROBLEMS[code].remedy, code).toMatch(/^\S.*\.$/);
    expect(code).toMatch(/^[a-z][a-z0-9_]*$/);
  }
});

test('remedies send nobody to a page that does not exist', () => {
  const texts = [page, ...codes.map((code) => PROBLEMS[code].remedy)].join('\n');
  const pages = [...new Set(texts.match(/\b(?:spec|docs)\/[\w./-]+\.md\b/g))];
  expect(pages.length).toBeGreaterThan(2);
  expect(pages.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});

test('a problem has the members of RFC 9457 and those that older readers look for', () => {
  const body = problemBody({
    code: 'bad_parameter',
    detail: 'limit must be 1 to 100.',
    path: 'limit',
  });
  expect(body).toMatchObject({
    type: 'https://w3id.org/exuvia/errors#bad_parameter',
    status: 400,
    code: 'bad_parameter',
    detail: 'limit must be 1 to 100.',
    path: 'limit',
    success: false,
    error: 'limit must be 1 to 100.',
    hint: body.remedy,
  });
  expect(body).not.toHaveProperty('instance');
});

test('no problem is cached, and where waiting helps the answer says how long', () => {
  expect(problemHeaders('signature_missing')).toMatchObject({ 'cache-control': 'no-store' });
  expect(problemHeaders('not_ready')).toHaveProperty('retry-after');
});
