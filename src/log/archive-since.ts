// Holds an archive against the older checkpoint that its verifier has brought: it counts as far as the log has signed it.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { OWN_PREFIX, type Prefix } from './archive-entries.ts';
import type { Findings } from './archive-findings.ts';
import type { Checkpoint } from './checkpoint.ts';
import { parseNote, verifyNote } from './note.ts';
import type { NoteVerifier } from './note-key.ts';

/** `stranger`: signed under the log's name, with a key that is none of the log's. */
type Signed = 'log' | 'stranger' | 'nobody';

/**
 * What the log has signed it cannot take back: 14 and 15. What it has not signed proves nothing, so there the verifier's own
 * input is wrong: 2. Of two keys under one name one is not the log's, and which one a verifier cannot tell: 11.
 */
export async function judgeSince(
  { checkpoint: older, note, root }: Prefix,
  checkpoint: Checkpoint,
  keys: readonly NoteVerifier[],
  { crypto, findings }: { readonly crypto: Crypto; readonly findings: Findings },
): Promise<void> {
  const { origin, size } = checkpoint;
  if (older.origin !== origin) {
    return findings.add('usage', `${OWN_PREFIX} is of ${older.origin}, another log than this`);
  }
  const signed = await whoSigned(note, origin, keys, crypto);
  if (signed === 'stranger') {
    const message = `${OWN_PREFIX} is signed with a key that this archive does not know as the log's`;
    findings.add('logSignature', message);
  }
  const larger = `${OWN_PREFIX} has ${older.size} entries, this one ${size}`;
  const other = `the first ${older.size} entries are not those of ${OWN_PREFIX}`;
  const isOther = root !== null && !equalBytes(root, older.root);
  if (signed === 'log') {
    if (older.size > size) findings.add('rolledBack', larger);
    if (isOther) findings.add('inconsistent', other);
  } else if (signed === 'nobody' && (older.size > size || isOther)) {
    findings.add('usage', `${isOther ? other : larger}, which the log has not signed`);
  }
}

async function whoSigned(
  source: string | null,
  origin: string,
  keys: readonly NoteVerifier[],
  crypto: Crypto,
): Promise<Signed> {
  const parsed = source === null ? null : parseNote(source);
  if (parsed?.ok !== true) return 'nobody';
  const verdict = await verifyNote(parsed.note, keys, crypto);
  if (verdict.ok) return 'log';
  const isNamed = parsed.note.signatures.some(({ name }) => name === origin);
  return verdict.reason === 'no_known_signature' && isNamed ? 'stranger' : 'nobody';
}
