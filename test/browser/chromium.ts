// Finds Chromium, installs Debian's where the machine allows it, and launches it for a test.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { findChromium, mayInstallChromium } from '../machine.ts';

/** Milliseconds that a hook may take in which Chromium is perhaps installed first. */
export const LAUNCH_TIMEOUT = 600_000;

const DEBIAN = '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const HOW = 'Install it (Debian: apt-get install chromium) or name it in EXUVIA_CHROMIUM.';

/** The lock holds until the command ends, however it ends; who comes second finds the work done. */
const INSTALL = `test -x ${DEBIAN} || {
  apt-get update -q &&
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 chromium
}`;

/** A headless browser. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await chromiumPath();
  return chromium.launch({ executablePath, headless: true, args: FLAGS, timeout: 60_000 });
}

/** Throws, and says what to do, when there is no Chromium and none can be installed. */
async function chromiumPath(): Promise<string> {
  const found = findChromium();
  if (found !== undefined) {
    if (existsSync(found)) return found;
    throw new Error(`EXUVIA_CHROMIUM is ${found}, where there is nothing.`);
  }
  if (!mayInstallChromium()) {
    throw new Error(`These tests need Chromium, and there is none. ${HOW}`);
  }
  console.log('No Chromium found: installing the chromium package with apt-get.');
  await install();
  return DEBIAN;
}

/** Test files run side by side; one of them installs, the others wait. */
async function install(): Promise<void> {
  const lock = join(tmpdir(), 'exuvia-chromium.lock');
  const child = spawn('flock', [lock, 'sh', '-c', INSTALL], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-2_000);
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 || !existsSync(DEBIAN)) {
    throw new Error(`Chromium could not be installed (${code}). ${HOW}\n${output}`);
  }
}
