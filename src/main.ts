#!/usr/bin/env node
// The process: hands arguments, environment, streams and signals to the command line.
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';

// What a verifier parses is garbage at once; in a wide nursery, or an old generation that may double before it is looked
// through, it would outlive its use, and the heap would grow with the archive. V8 heeds this only before anything else is loaded.
if (process.argv[2] === 'verify' || process.argv[2] === 'research') {
  setFlagsFromString('--max-semi-space-size=2');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}
const { run } = await import('./cli/program.ts');

// A reader who has gone away wants no more of it; what the command came to is for its exit code to say.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (stream === process.stdout) {
      process.stderr.write(`exuvia: what was to be told could not be written: ${error.message}\n`);
    }
    process.exit(1);
  });
}

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  readInput: async () => {
    if (process.stdin.isTTY) return '';
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  },
  now: () => Date.now(),
  random: (length) => new Uint8Array(randomBytes(length)),
  stopped: () =>
    new Promise((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    }),
  unheard: () =>
    new Promise((resolve) => {
      process.stdout.once('error', resolve);
    }),
});
