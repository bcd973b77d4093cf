// How many pieces of work run side by side, and which never do.
import { describe, expect, it } from 'vitest';
import { type Work, WorkLanes } from './work-lanes.ts';

function piece(key: string, peer: string, probe = false) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let started = 0;
  const work: Work = {
    key,
    peer,
    probe,
    run: () => {
      started++;
      return promise;
    },
  };
  return { work, end: resolve, started: () => started };
}

describe('WorkLanes', () => {
  it('runs four pieces at once, each key once', async () => {
    const lanes = new WorkLanes(4);
    const pieces = ['a', 'b', 'c', 'd', 'e'].map((name) => piece(`${name}/log`, name));
    const offered = pieces.map(({ work }) => work);
    let ended = 0;
    const again = () => {
      if (++ended === 1) lanes.offer(offered.slice(4), again);
    };
    lanes.offer([...offered, ...offered], again);
    expect(pieces.map(({ started }) => started())).toEqual([1, 1, 1, 1, 0]);
    pieces[2]?.end();
    await Promise.resolve().then(() => undefined);
    await new Promise((done) => setImmediate(done));
    expect(pieces.map(({ started }) => started())).toEqual([1, 1, 1, 1, 1]);
    for (const { end } of pieces) end();
    await lanes.drained();
    expect(ended).toBe(5);
    expect(lanes.busy).toBe(false);
  });

  it('leaves lanes free for other peers', () => {
    const lanes = new WorkLanes(4);
    const slow = [1, 2, 3].map((n) => piece(`slow/${n}`, 'slow'));
    const other = piece('other/1', 'other');
    lanes.offer(
      [...slow, other].map(({ work }) => work),
      () => undefined,
    );
    expect([...slow, other].map(({ started }) => started())).toEqual([1, 1, 0, 1]);
  });

  it('probes a peer that is down with one request', () => {
    const lanes = new WorkLanes(4);
    const probes = [1, 2].map((n) => piece(`down/${n}`, 'down', true));
    lanes.offer(
      probes.map(({ work }) => work),
      () => undefined,
    );
    expect(probes.map(({ started }) => started())).toEqual([1, 0]);
  });
});
