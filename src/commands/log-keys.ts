// The keys that may have signed a log that is stored here: its home's present one, and those it has replaced.
import { NOTE_ED25519, type NoteVerifier, noteVerifier } from '../log/note-key.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { LogHead } from '../store/logs.ts';
import { readLogKeys } from '../store/queries/archive.ts';
import type { CommandContext } from './context.ts';

/** Oldest first, the one that signs now last: for notes that were believed when they were stored. */
export async function logVerifiers(
  { crypto, db }: Pick<CommandContext, 'crypto' | 'db'>,
  { home, logKey, origin }: Pick<LogHead, 'home' | 'logKey' | 'origin'>,
): Promise<NoteVerifier[]> {
  const keys = await readLogKeys(db, home);
  const earlier = keys.filter((key) => !equalBytes(key, logKey));
  return [...earlier, logKey].map((key) => noteVerifier(origin, NOTE_ED25519, key, crypto));
}
