// What some tests need of a machine, and which of them a machine without it leaves out; in CI nothing is left out.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const DEBIAN_CHROMIUM = '/usr/bin/chromium';
const CHROMIUM_PLACES = [
  DEBIAN_CHROMIUM,
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where Chromium is, or will be once `mayInstallChromium` has been made use of; undefined if it is nowhere. */
export function findChromium(): string | undefined {
  return process.env.EXUVIA_CHROMIUM || CHROMIUM_PLACES.find((place) => existsSync(place));
}

/** Debian's package can be installed by the tests themselves. */
export function mayInstallChromium(): boolean {
  return process.getuid?.() === 0 && isCommand('apt-get') && isCommand('flock');
}

/** sqld comes as a package for one platform; elsewhere `EXUVIA_SQLD` names the program. */
function hasSqld(): boolean {
  const packaged = process.platform === 'linux' && process.arch === 'x64';
  return Boolean(process.env.EXUVIA_SQLD) || packaged;
}

function hasVectors(): boolean {
  const beside = join(import.meta.dirname, '..', '..', 'shared', 'vectors');
  return existsSync(process.env.EXUVIA_VECTORS ?? beside);
}

/** Globs of the tests this machine cannot run, each announced. Empty in CI, where they fail instead. */
export function leftOutHere(): string[] {
  if (process.env.CI) return [];
  const lacking = [
    [hasVectors(), '**/*.vectors.test.ts', 'the public reference vectors (EXUVIA_VECTORS)'],
    [
      findChromium() !== undefined || mayInstallChromium(),
      'test/browser/**',
      'Chromium (install it, or name it in EXUVIA_CHROMIUM)',
    ],
    [hasSqld(), 'test/store/server.test.ts', 'sqld for this platform (EXUVIA_SQLD)'],
  ] as const;
  const missing = lacking.filter(([has]) => !has);
  for (const [, glob, what] of missing)
    console.warn(`Left out here: ${glob}, for want of ${what}.`);
  return missing.map(([, glob]) => glob);
}

function isCommand(name: string): boolean {
  const folders = process.env.PATH?.split(delimiter) ?? [];
  return folders.some((folder) => existsSync(join(folder, name)));
}
