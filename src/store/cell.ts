// Turns database cells into values and back: checks what the schema promises, names and hashes included.
import type { Did } from '../protocol/did.ts';
import { idOf, nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import type { Cell, Row } from './database.ts';
import { StoreError } from './error.ts';

export function number(row: Row, column: number): number {
  const cell = row[column];
  if (typeof cell !== 'number') throw unexpected('an integer', cell);
  return cell;
}

export function numberOrNull(row: Row, column: number): number | null {
  return row[column] === null ? null : number(row, column);
}

export function text(row: Row, column: number): string {
  const cell = row[column];
  if (typeof cell !== 'string') throw unexpected('text', cell);
  return cell;
}

export function textOrNull(row: Row, column: number): string | null {
  return row[column] === null ? null : text(row, column);
}

export function blob(row: Row, column: number): Uint8Array {
  const cell = row[column];
  if (!(cell instanceof Uint8Array)) throw unexpected('a blob', cell);
  return cell;
}

export function blobOrNull(row: Row, column: number): Uint8Array | null {
  return row[column] === null ? null : blob(row, column);
}

/** DIDs were parsed before they were stored. */
export function did(row: Row, column: number): Did {
  return text(row, column) as Did;
}

export function didOrNull(row: Row, column: number): Did | null {
  return row[column] === null ? null : did(row, column);
}

export function name(row: Row, column: number): ObjectName {
  return nameFromHash(blob(row, column));
}

export function nameOrNull(row: Row, column: number): ObjectName | null {
  return row[column] === null ? null : name(row, column);
}

/** A parameter for `json_each` whose values SQL reads with `unhex(value)`: one hash for each name. */
export function hexList(names: Iterable<ObjectName>): string {
  return JSON.stringify(Array.from(names, hexOf));
}

export function hexOf(objectName: ObjectName): string {
  return Buffer.from(idOf(objectName), 'base64url').toString('hex');
}

/** Milliseconds as ISO 8601 in UTC with milliseconds. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function isoTimeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : isoTime(milliseconds);
}

function unexpected(wanted: string, cell: Cell | undefined): StoreError {
  const found =
    cell instanceof Uint8Array ? 'a blob' : cell === undefined ? 'no column' : typeof cell;
  return new StoreError('corrupt', `expected ${wanted}, found ${found}`);
}
