// Compares docs/architecture.md with the tree and plants violations to see the guards fail.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
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

function lint(path: string, text: string): string {
  const biome = join(root, 'node_modules/.bin/biome');
  const run = spawnSync(biome, ['lint', `--stdin-file-path=${path}`], { cwd: root, input: text });
  return `${run.stdout}${run.stderr}`;
}

describe('the house', () => {
  test('has exactly the rooms that docs/architecture.md lists', () => {
    const folders = readdirSync(src, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(folders.sort()).toEqual([...rooms.keys()].sort());
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
    for (const [room, allowed] of rooms) {
      if (allowed === 'anything') continue;
      const report = lint(`src/${room}/planted.ts`, "import { x } from '../cli/x.ts';\nx();\n");
      expect(report, room).toContain('noRestrictedImports');
    }
  });

  test('the linter refuses Node, clocks and connections in the pure rooms', () => {
    for (const room of ['protocol', 'log', 'domain']) {
      expect(lint(`src/${room}/planted.ts`, "import 'node:fs';\n")).toContain('noNodejsModules');
      for (const use of ['Date.now()', 'fetch("x")', 'process.pid', 'Buffer.alloc(1)']) {
        const report = lint(`src/${room}/planted.ts`, `export const x = ${use};\n`);
        expect(report, `${room} ${use}`).toContain('noRestrictedGlobals');
      }
    }
  });

  test('the linter refuses connections outside net/ and client/, and process outside the edge', () => {
    for (const room of ['store', 'commands', 'federation', 'http', 'web', 'crypto']) {
      expect(lint(`src/${room}/planted.ts`, 'export const x = fetch("x");\n'), room).toContain(
        'noRestrictedGlobals',
      );
      expect(lint(`src/${room}/planted.ts`, 'export const x = process.pid;\n'), room).toContain(
        'noRestrictedGlobals',
      );
    }
  });
});
