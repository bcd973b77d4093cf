// Founding happens once, however many processes of one node begin together.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crypto, identityOf } from '../../test/sandbox.ts';
import { FileDatabase } from '../store/file-database.ts';
import { listLogs } from '../store/queries/logs.ts';
import type { CommandContext } from './context.ts';
import { openNode } from './open-node.ts';

test('two processes of one node may found it at the same moment', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'exuvia-found-'));
  const node = identityOf('twins');
  const databases = [0, 1].map(() => new FileDatabase(join(folder, 'x.db')));
  // Different clocks: each signs a statement of its own.
  const contexts = databases.map(
    (db, i): CommandContext => ({
      db,
      crypto,
      node,
      now: () => 1_763_600_000_000 + i * 5_000,
      random: (length) => new Uint8Array(length).fill(i + 1),
    }),
  );
  try {
    const sequencers = await Promise.all(contexts.map((context) => openNode(context)));
    const logs = await listLogs(databases[0]!);
    expect(logs.map(({ origin, submolt }) => [origin, submolt])).toEqual([
      ['twins.test/log/system', null],
    ]);
    await Promise.all(sequencers.map((sequencer) => sequencer.close()));
  } finally {
    await Promise.all(databases.map((db) => db.close()));
    rmSync(folder, { recursive: true });
  }
});
