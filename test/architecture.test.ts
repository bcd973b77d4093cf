// Compares docs/architecture.md with the tree and plants violations to see the guards fail.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

function tableRows(heading: string): string[][] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

const names = (cell: string): string[] => cell.replaceAll('`', '').split(', ');
const rooms = new Map(tableRows('Rooms').map((row) => [names(row[0]!)[0]!, row[2]!]));
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(src, file));
const shipped = sources.filter((file) => !file.endsWith('.test.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Lints planted files under the project's own configuration; gives `<path> <rule>` lines. */
function lint(planted: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'exuvia-guards-'));
  try {
    copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
    for (const [path, text] of Object.entries(planted)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const options = ['lint', '--reporter=github', '--max-diagnostics=500'];
    const run = spawnSync(biome, options, { cwd: folder, encoding: 'utf8' });
    return [...run.stdout.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+)/g)].map(
      ([, rule, path]) => `${path?.replace(`${realpathSync(folder)}/`, '')} ${rule}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the house', () => {
  test('has exactly the rooms that docs/architecture.md lists', () => {
    const folders = readdirSync(src, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(folders.sort()).toEqual([...rooms.keys()].sort());
  });

  test('has exactly the files beside the rooms that docs/architecture.md lists', () => {
    const listed = tableRows('Files beside the rooms').map((row) => names(row[0]!)[0]!);
    const files = shipped.map((file) => relative(src, file)).filter((path) => !path.includes('/'));
    expect(files.sort()).toEqual(listed.sort());
  });

  test('imports go only where the room table allows', () => {
    const wrong: string[] = [];
    for (const file of shipped) {
      const [room = '', ...rest] = relative(src, file).split('/');
      if (rest.length === 0) continue;
      const allowed = names(rooms.get(room) ?? '');
      for (const specifier of importsOf(file).filter((s) => s.startsWith('.'))) {
        const target = relative(src, join(file, '..', specifier)).split('/');
        if (target[0] === room || allowed.includes('anything')) continue;
        if (target.length === 1 || !allowed.includes(target[0]!)) {
          wrong.push(`${relative(root, file)} imports ${specifier}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('packages stay in the rooms that the package table names', () => {
    const places = new Map<string, string[]>();
    for (const [packages, where] of tableRows('Packages')) {
      for (const name of names(packages!)) places.set(name, names(where!));
    }
    const wrong: string[] = [];
    for (const file of shipped) {
      const path = relative(src, file);
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
        const where = places.get(packageOf(specifier)) ?? [];
        if (!where.some((place) => path === place || path.startsWith(`${place}/`))) {
          wrong.push(`${path} imports ${specifier}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('every file says in its first line what it does, and stays under 400 lines', () => {
    const wrong = sources.filter((file) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      const first = lines[0] === '#!/usr/bin/env node' ? lines[1] : lines[0];
      return !/^\/\/ \S.*[.:]$/.test(first ?? '') || lines.length > 401;
    });
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  test('file names are kebab-case and say something', () => {
    const vague = /^(utils?|helpers?|types?|common|misc|.*-(utils?|helpers?|manager|service))$/;
    const wrong = sources.filter((file) => {
      const name = basename(file).replace(/(\.vectors)?(\.test)?\.ts$/, '');
      return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || vague.test(name);
    });
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  test('node builtins are imported by their node: name', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => builtinModules.includes(specifier))
        .map((specifier) => `${relative(root, file)} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the guards', () => {
  test('the linter refuses a planted upward import, in every room', () => {
    const guarded = [...rooms].filter(([, allowed]) => allowed !== 'anything');
    const report = lint(
      Object.fromEntries(
        guarded.map(([room]) => [`src/${room}/planted.ts`, "export { x } from '../cli/x.ts';\n"]),
      ),
    );
    const expected = guarded.map(([room]) => `src/${room}/planted.ts noRestrictedImports`);
    expect(report.sort()).toEqual(expected.sort());
  });

  test('the linter refuses Node, clocks and connections in the pure rooms', () => {
    const uses = ['Date.now()', "fetch('x')", 'process.pid', 'Buffer.alloc(1)', 'crypto.subtle'];
    for (const room of ['protocol', 'log', 'domain']) {
      const planted = uses.map((use, i) => [`src/${room}/p${i}.ts`, `export const x = ${use};\n`]);
      planted.push([`src/${room}/node.ts`, "export { readFileSync } from 'node:fs';\n"]);
      const report = lint(Object.fromEntries(planted));
      const expected = uses.map((_, i) => `src/${room}/p${i}.ts noRestrictedGlobals`);
      expected.push(`src/${room}/node.ts noNodejsModules`);
      expect(report.sort()).toEqual(expected.sort());
    }
  });

  test('the linter refuses connections outside net/ and client/, and process outside the edge', () => {
    const guarded = ['store', 'commands', 'federation', 'http', 'web', 'crypto'];
    const report = lint(
      Object.fromEntries(
        guarded.flatMap((room) => [
          [`src/${room}/connects.ts`, "export const x = fetch('x');\n"],
          [`src/${room}/reads.ts`, 'export const x = process.pid;\n'],
        ]),
      ),
    );
    const expected = guarded.flatMap((room) => [
      `src/${room}/connects.ts noRestrictedGlobals`,
      `src/${room}/reads.ts noRestrictedGlobals`,
    ]);
    // The command line reads the process, and connects through client/ like everybody else.
    const cli = { 'src/cli/c.ts': "export const x = fetch('x') + process.pid;\n" };
    expect(lint(cli)).toEqual(['src/cli/c.ts noRestrictedGlobals']);
    expect(report.sort()).toEqual(expected.sort());
  });

  test('the compiler refuses Node in the pure rooms', () => {
    const options = JSON.parse(readFileSync(join(root, 'tsconfig.pure.json'), 'utf8'));
    expect(options.compilerOptions.types).toEqual([]);
    const folder = mkdtempSync(join(root, '.cache-guards-'));
    try {
      writeFileSync(join(folder, 'planted.ts'), "export { readFileSync } from 'node:fs';\n");
      const config = { ...options, extends: '../tsconfig.json', include: ['planted.ts'] };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const tsc = join(root, 'node_modules/.bin/tsc');
      const run = spawnSync(tsc, ['-p', folder], { encoding: 'utf8' });
      expect(run.status).not.toBe(0);
      expect(run.stdout).toContain('node:fs');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
