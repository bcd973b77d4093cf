// A progress bar on a terminal where a command takes long; nothing elsewhere.
import { SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** `total` may grow or become known late. */
  update(done: number, total: number): void;
  stop(): void;
}

/** Draws on standard error so that standard output stays clean for data. */
export function startProgress(terminal: Terminal, label: string): Progress {
  if (!terminal.interactive) return { update() {}, stop() {} };
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}% | {value}/{total} | {duration_formatted}, {eta_formatted} to go`,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(1, 0);
  return {
    update(done, total) {
      bar.setTotal(Math.max(total, 1));
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
