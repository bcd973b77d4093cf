// Damage to an archive's entries, and what an older checkpoint says about them.
import { describe, expect, test } from 'vitest';
import { agents, sample, verdict, verify } from '../../test/archive-verdict.ts';
import { crypto, edit, SampleLog, START } from '../../test/sample-log.ts';
import { utf8 } from '../protocol/bytes.ts';
import { encodeEntry, makeEntry, parseEntry } from './entry.ts';
import { NOTE_ED25519, noteSigner } from './note-key.ts';

const { alice, bob, mallory } = agents;

describe('code 13: the root', () => {
  test('a line dropped, swapped, repeated, inserted or rewritten', async () => {
    const bytes = await sample().log.archive();
    const lines = (change: (lines: string[]) => string[]) =>
      edit(bytes, 'entries/000000.ndjson', (text) => {
        return `${change(text.trimEnd().split('\n')).join('\n')}\n`;
      });
    const other = new TextDecoder().decode(
      encodeEntry(makeEntry(crypto.sha256(utf8('other')), 'Like', (START + 9) * 1000)),
    );
    for (const bent of [
      await lines((all) => all.toSpliced(5, 1)),
      await lines((all) => all.slice(0, -1)),
      await lines((all) => [all[1], all[0], ...all.slice(2)] as string[]),
      await lines((all) => all.toSpliced(3, 0, all[3] as string)),
      await lines((all) => [...all, other]),
      await lines((all) => all.with(9, other)),
    ]) {
      expect((await verify(bent)).code).toBe(13);
    }
  });

  test('a fork of the same size', async () => {
    const [one, two] = [sample().log, sample().log];
    two.change(9, { line: (two.entries[3] as { line: Uint8Array }).line });
    expect((await verify(await one.archive({ checkpoint: two.checkpoint() }))).code).toBe(13);
  });

  test('entries beyond the checkpoint, or fewer than it has', async () => {
    const { log } = sample();
    expect((await verify(await log.archive({ checkpoint: log.checkpoint(9) }))).code).toBe(13);
    expect((await verify(await log.archive({ size: 9 }))).code).toBe(13);
  });

  test('a clock that goes back, though the root is signed', async () => {
    const { log } = sample();
    const { line } = log.entries[7] as { line: Uint8Array };
    const entry = parseEntry(line) as NonNullable<ReturnType<typeof parseEntry>>;
    log.change(7, { line: encodeEntry({ ...entry, t: START * 1000 }) });
    expect(await verdict(log)).toEqual([13, 7]);
  });
});

describe('codes 14 and 15: an older checkpoint', () => {
  test('of any size up to this one is the beginning of the log', async () => {
    const { log } = sample();
    const bytes = await log.archive();
    for (const size of [0, 1, 7, 10]) {
      expect(await verdict(bytes, { since: log.checkpoint(size) })).toEqual([0]);
    }
    const text = log.checkpoint(5).split('\n\n')[0];
    expect(await verdict(bytes, { since: `${text}\n` })).toEqual([0]);
  });

  test('of another history is a fork', async () => {
    const { log } = sample();
    const fork = SampleLog.founded(alice);
    fork.post(bob, 'Another history');
    for (const size of [1, 2]) {
      const since = fork.checkpoint(size);
      expect((await verify(await log.archive(), { since })).code).toBe(size === 1 ? 0 : 14);
    }
  });

  test('that the log has not signed proves nothing: it is a wrong input', async () => {
    const { log } = sample();
    const bytes = await log.archive();
    const fork = SampleLog.founded(alice);
    for (const words of ['Another', 'history']) fork.post(bob, words);
    const [text = '', line = ''] = fork.checkpoint(2).split('\n\n');
    const [right = ''] = log.checkpoint(2).split('\n\n');
    const larger = `${log.checkpoint().split('\n\n')[0]}\n`.replace('\n10\n', '\n11\n');
    for (const since of [`${text}\n`, `${text}\n\n${log.checkpoint(2).split('\n\n')[1]}`, larger]) {
      const report = await verify(bytes, { since });
      expect([report.code, report.fork], since).toEqual([2, null]);
    }
    // Neither is one that says what is true and bears a signature that does not hold, nor one with a stranger's alone.
    const stranger = noteSigner('stranger.example', NOTE_ED25519, mallory.seed, crypto);
    expect((await verify(bytes, { since: `${right}\n\n${line}` })).code).toBe(0);
    expect((await verify(bytes, { since: fork.checkpoint(2, stranger) })).code).toBe(2);
    fork.submolt = null;
    const foreign = await verify(bytes, { since: fork.checkpoint(1) });
    expect([foreign.code, foreign.findings[1]?.message]).toEqual([
      2,
      expect.stringMatching(/^the older checkpoint is of .*, another log than this$/),
    ]);
  });

  test('under another key of the same name: one of the two is not the log’s', async () => {
    const { log } = sample();
    const forger = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    for (const size of [5, 10]) {
      const since = log.checkpoint(size, forger);
      expect((await verify(await log.archive(), { since })).code).toBe(11);
    }
  });

  test('that is larger shows that the log was rolled back', async () => {
    const { log } = sample();
    const since = log.checkpoint();
    expect(await verdict(SampleLog.founded(alice), { since })).toEqual([15, undefined]);
  });
});
