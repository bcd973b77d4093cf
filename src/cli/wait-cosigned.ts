// Waits until witnesses have cosigned something, for commands that are told to.
import { setTimeout } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { readBeginning } from '../client/read-open.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { parseNote } from '../log/note.ts';
import { readNode } from './read-node.ts';
import { CommandError } from './terminal.ts';

/** Milliseconds: a log is cosigned every ten seconds unless its operator has it otherwise. */
const POLL_MS = 1_000;
const PATIENCE_MS = 60_000;
/** Bytes of a signed note. */
const MAX_NOTE = 1_000_000;

/** For whoever finds a quorum not met. */
export const WHO_IS_ASKED =
  'If witnesses of your policy are still missing, the home of the log asks others: its page /federation says whom.';

export function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 63) return count;
  throw new InvalidArgumentError('It is a number from 1.');
}

/** Names of the keys, but for the log's, that have signed a note; nothing is verified of them here. */
export function witnessesOf(checkpoint: string, origin: string): string[] {
  const note = parseNote(checkpoint);
  const names = note.ok ? note.note.signatures.map(({ name }) => name) : [];
  return [...new Set(names.filter((name) => name !== origin))];
}

/** The first that `enough` is true of, or what there is after a minute. */
export async function pollUntil<T>(
  read: () => Promise<T>,
  enough: (found: T) => boolean,
  now: () => number,
): Promise<T> {
  for (const end = now() + PATIENCE_MS; ; ) {
    const found = await read();
    if (enough(found) || now() >= end) return found;
    await setTimeout(POLL_MS);
  }
}

/** When so few have cosigned what so many were to. */
export function tooFew(found: number, wanted: number): CommandError {
  return new CommandError(`${found} witnesses have cosigned it within a minute, not ${wanted}.`, {
    remedy: 'The home may ask fewer: its page /federation says whom. Try again later.',
  });
}

interface Head {
  readonly size: number;
  readonly witnesses: readonly string[];
}

/** Resolves when so many witnesses have cosigned what the log at this URL has now. Throws CommandError after a minute. */
export async function waitForLog(log: string, wanted: number, now: () => number): Promise<void> {
  const { size } = await readHead(`${log}/checkpoint`);
  const { witnesses } = await pollUntil(
    async () => {
      const head = await readHead(`${log}/checkpoint?cosigned=true`);
      return head.size < size ? { ...head, witnesses: [] } : head;
    },
    (head) => head.witnesses.length >= wanted,
    now,
  );
  if (witnesses.length < wanted) throw tooFew(witnesses.length, wanted);
}

async function readHead(url: string): Promise<Head> {
  const text = await readBeginning(await readNode(url), MAX_NOTE);
  const note = parseNote(text);
  const parsed = note.ok ? parseCheckpoint(note.note.text) : note;
  if (!parsed.ok) throw new CommandError(`${url} gave no checkpoint: ${parsed.detail}`);
  const { origin, size } = parsed.checkpoint;
  return { size, witnesses: witnessesOf(text, origin) };
}
