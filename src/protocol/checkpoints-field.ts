// The field Exuvia-Checkpoints: signed heads of logs that ride on the messages between nodes.
import { decodeUtf8, utf8 } from './bytes.ts';
import { isInnerList, parseStrictDictionary, writeMember } from './structured-field.ts';

export const CHECKPOINTS_FIELD = 'exuvia-checkpoints';
/** Notes in one field. */
const MAX_CHECKPOINTS = 8;
/** Bytes of one note; characters of the field. Servers read 16 KB of header section. */
const MAX_NOTE = 1_024;
const MAX_FIELD = 8_192;

/** `notes=(:…: :…:)`, each the base64 of a signed note; those that are too long are left out. Null if none is left. */
export function writeCheckpoints(notes: readonly string[]): string | null {
  const fitting = notes.map(utf8).filter((note) => note.length <= MAX_NOTE);
  for (let count = Math.min(fitting.length, MAX_CHECKPOINTS); count > 0; count--) {
    const items = fitting.slice(0, count).map((note) => [note, new Map()] as const);
    const field = `notes=${writeMember([items, new Map()])}`;
    if (field.length <= MAX_FIELD) return field;
  }
  return null;
}

/** The notes, not verified; none if the field is anything else than `writeCheckpoints` makes. */
export function readCheckpoints(field: string): string[] {
  if (field.length > MAX_FIELD) return [];
  const notes = parseStrictDictionary(field)?.get('notes');
  if (notes === undefined || !isInnerList(notes)) return [];
  const [items] = notes;
  if (items.length > MAX_CHECKPOINTS) return [];
  return items.flatMap(([value]) => {
    if (!(value instanceof Uint8Array) || value.length > MAX_NOTE) return [];
    try {
      return [decodeUtf8(value)];
    } catch {
      return [];
    }
  });
}
