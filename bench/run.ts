// Runs all benchmarks and prints each figure with its ratio to R of the same run.
import { cpus } from 'node:os';
import { floodCosts } from './flood.ts';
import type { Rate } from './measure.ts';
import { nodeRates } from './nodes.ts';
import {
  leastOfAnArchive,
  platformVerify,
  proofVerify,
  rawVerify,
  requestVerify,
} from './verify.ts';

const raw = await rawVerify();
const rates: Rate[] = [raw, await platformVerify(), await requestVerify(), await proofVerify()];
rates.push(await leastOfAnArchive());
rates.push(...(await nodeRates()));

const date = new Date().toISOString().slice(0, 10);
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`;
const lines = rates.map(({ what, perSecond, range: [low, high] }) => {
  const ratio = (perSecond / raw.perSecond).toFixed(2);
  return `| ${what} | ${Math.round(perSecond)} | ${Math.round(low)}–${Math.round(high)} | ${ratio} |`;
});
process.stdout.write(
  `${date}, ${machine}\n\n| what | per second (median) | range | ratio to R |\n|---|---|---|---|\n${lines.join('\n')}\n`,
);

const costs = (await floodCosts()).map(
  ({ what, micros, ratio }) => `| ${what} | ${Math.round(micros)} | ${ratio.toFixed(2)} |`,
);
process.stdout.write(
  `\n| request | CPU time of the node, µs | of an accepted post |\n|---|---|---|\n${costs.join('\n')}\n`,
);
