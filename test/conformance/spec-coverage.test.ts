// Everything the code can do or refuse on the wire is written down in spec/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOMAIN_REFUSALS } from '../../src/domain/refusal.ts';
import { ENROLMENT_PROBLEMS } from '../../src/http/enrolment-problems.ts';
import { FEDERATION_PROBLEMS } from '../../src/http/federation-problems.ts';
import { OBJECT_PROBLEMS } from '../../src/http/object-problems.ts';
import { DESCRIBED, ELSEWHERE } from '../../src/http/openapi.ts';
import { PROBLEMS } from '../../src/http/problem.ts';
import { REQUEST_PROBLEMS } from '../../src/http/request-problems.ts';
import { parseActivity } from '../../src/protocol/activity-schema.ts';
import { CONTEXT_HASHES, SIGNED_CONTEXT } from '../../src/protocol/contexts.ts';
import { LABEL_BASE, LOCKED, LOG_KEYS, MODERATORS, PINNED } from '../../src/protocol/labels.ts';
import { acceptSignature } from '../../src/protocol/request-signature.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const spec = Object.fromEntries(
  readdirSync(join(root, 'spec'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => [file.replace('.md', ''), read(join('spec', file))]),
);

/** Those of the words that do not stand in the page as code. */
function missing(page: string, words: readonly string[]): string[] {
  return words.filter((word) => !spec[page]!.includes(`\`${word}\``));
}

/** What the schema knows, from what it says when it knows nothing. */
function knownTypes(activity: Record<string, unknown>): string[] {
  const verdict = parseActivity({ '@context': [...SIGNED_CONTEXT], ...activity } as never);
  if (verdict.ok) throw new Error('an activity without members is none');
  return verdict.detail.replace('must be ', '').split(' or ');
}

describe('objects.md', () => {
  test('has every type of act, and of embedded objects', () => {
    const acts = knownTypes({ type: 'None' });
    expect(acts).toContain('Like');
    expect(missing('objects', acts)).toEqual([]);
    const embedded = ['Create', 'Update'].flatMap((type) =>
      knownTypes({ type, object: { type: 'None' } }),
    );
    expect(embedded).toContain('Service');
    expect(missing('objects', [...embedded, 'Hashtag'])).toEqual([]);
  });

  test('has every refusal of a text and of an object', () => {
    expect(missing('objects', ['too_large', ...Object.keys(OBJECT_PROBLEMS)])).toEqual([]);
  });

  test('has the contexts with their hashes, and the labels that have a meaning', () => {
    const contexts = Object.entries(CONTEXT_HASHES).flat();
    expect(missing('objects', contexts)).toEqual([]);
    const labels = [LOCKED, PINNED, MODERATORS, LOG_KEYS].map((iri) =>
      iri.replace(LABEL_BASE, '#'),
    );
    expect(missing('objects', [LABEL_BASE, ...labels])).toEqual([]);
  });
});

describe('requests.md', () => {
  test('has every refusal of a request', () => {
    expect(missing('requests', Object.keys(REQUEST_PROBLEMS))).toEqual([]);
  });

  test('has every refusal of an enrolment', () => {
    expect(missing('requests', Object.keys(ENROLMENT_PROBLEMS))).toEqual([]);
  });

  test('asks for what the code asks for', () => {
    const cases = JSON.parse(read('spec/vectors/requests/accept-signature.json')).cases;
    for (const { expected, has_body: hasBody, nonce } of cases) {
      expect(acceptSignature({ hasBody, nonce })).toBe(expected);
    }
  });
});

describe('rules.md', () => {
  test('has every refusal of the rules', () => {
    expect(missing('rules', DOMAIN_REFUSALS)).toEqual([]);
  });

  test('has every table that is derived', () => {
    const rows = ['submolt', 'item', 'act', 'vote', 'membership', 'profile', 'follow', 'label'];
    const listed = [...spec.rules!.matchAll(/^\| ([a-z]+)[^|]*\| [a-z]+/gm)].map(([, row]) => row);
    expect([...rows, 'report', 'owner'].filter((row) => !listed.includes(row))).toEqual([]);
  });
});

describe('federation.md', () => {
  test('has every refusal between nodes', () => {
    expect(missing('federation', Object.keys(FEDERATION_PROBLEMS))).toEqual([]);
  });

  test('has every reason for which a batch is refused', () => {
    const source = read('src/commands/replicated-entry.ts');
    const union = source.slice(
      source.indexOf('readonly reason:'),
      source.indexOf('readonly detail'),
    );
    const reasons = [...union.matchAll(/'([a-z_]+)'/g)].map(([, reason]) => reason!);
    expect(reasons.length).toBeGreaterThan(10);
    const elsewhere = ['object_refused'];
    expect(missing('federation', reasons).filter((reason) => !elsewhere.includes(reason))).toEqual(
      [],
    );
  });
});

describe('archive.md', () => {
  test('has every exit code', () => {
    const source = read('src/log/archive-findings.ts');
    const table = source.slice(0, source.indexOf('} as const'));
    const codes = [...table.matchAll(/^ {2}\w+: (\d+),$/gm)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !spec.archive!.includes(`\n| ${code} | `))).toEqual([]);
  });
});

/** As the sources of the routes spell them: `GET /path/:name`. */
function mountedRoutes(): string[] {
  const routes = join(root, 'src/http/routes');
  const sources = readdirSync(routes).filter((file) => /^[a-z-]+\.ts$/.test(file));
  return sources.flatMap((file) => {
    const text = readFileSync(join(routes, file), 'utf8');
    const calls = text.split(/\bmount\(\s*app,\s*/).slice(1);
    // A path that is computed would escape this test.
    expect(calls.filter((call) => !call.startsWith("'"))).toEqual([]);
    return calls.flatMap((call) => {
      const [, path = ''] = call.split("'");
      const methods = call.slice(0, call.indexOf(');')).matchAll(/\b(GET|POST|DELETE):/g);
      return [...methods].map(([, method]) => `${method} ${path}`);
    });
  });
}

test('openapi.json has every route of the sources', () => {
  const missed = mountedRoutes().filter((route) => !(route in DESCRIBED) && !ELSEWHERE.test(route));
  expect(
    missed,
    'Add these routes to src/http/openapi-api.ts (under /api/v1) or openapi-open.ts, and new shapes to openapi-views.ts',
  ).toEqual([]);
});

describe('api.md', () => {
  test('has every route that is mounted, with its methods', () => {
    const wanted = mountedRoutes();
    expect(wanted.length).toBeGreaterThan(25);
    const written = (route: string) =>
      spec.api!.includes(`### ${route}\n`) || spec.api!.includes(`\`${route}\``);
    expect(wanted.filter((route) => !written(route))).toEqual([]);
  });

  test('has every page', () => {
    const paths = [...read('src/web/pages.ts').matchAll(/app\.get\('([^']+)'/g)].map(
      ([, path]) => path!,
    );
    expect(paths).toContain('/m/:submolt');
    expect(missing('api', paths)).toEqual([]);
  });
});

test('codes that the pages name exist', () => {
  const known = new Set(Object.keys(PROBLEMS));
  const tables = ['requests', 'rules', 'federation'].flatMap((page) =>
    [...spec[page]!.matchAll(/^\|[^|]*\| `([a-z]+(?:_[a-z]+)+)`(?:, naming[^|]*)? \|$/gm)].map(
      ([, code]) => code!,
    ),
  );
  const internal = new Set(
    [...read('src/commands/replicated-entry.ts').matchAll(/'([a-z_]+)'/g)].map(([, code]) => code!),
  );
  expect(tables.length).toBeGreaterThan(50);
  expect(tables.filter((code) => !known.has(code) && !internal.has(code))).toEqual([]);
});
