// A receipt as somebody keeps it: what the home gave back, and everything that is needed to check it without a network.
import { fromBase64url } from '../protocol/bytes.ts';
import { isObject, type JsonObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { encodeEntry, parseEntry, SALT_SIZE } from './entry.ts';

const receiptFormat = 'exuvia-receipt-v1';
/** Bytes of a file. */
export const MAX_RECEIPT_FILE = 4 * 1024 * 1024;

export interface ReceiptFile {
  readonly receipt: Receipt;
  /** The signed object; null where it is kept elsewhere. */
  readonly object: JsonObject | null;
  /** The home's signed statement of the key that signs the log, or the list of all; null where only a policy can name it. */
  readonly keyStatement: JsonObject | JsonValue[] | null;
  /** The founding of the submolt whose log it is; null for a system log. */
  readonly founding: JsonObject | null;
  /** Documents of did:web, as they were when the receipt was kept. */
  readonly documents: readonly JsonObject[];
}

export type ReceiptFileResult =
  | { readonly ok: true; readonly file: ReceiptFile; readonly line: Uint8Array }
  | { readonly ok: false; readonly detail: string };

/** Lines for people; the order and the space between them mean nothing. */
export function formatReceiptFile(file: ReceiptFile): string {
  return `${JSON.stringify({ format: receiptFormat, ...file }, null, 2)}\n`;
}

/** Reads a receipt file. `line` is the entry that the receipt speaks of. Nothing in it has been verified. */
export function parseReceiptFile(bytes: Uint8Array): ReceiptFileResult {
  const parsed = parseIJson(bytes, { maxBytes: MAX_RECEIPT_FILE });
  if (!parsed.ok) return malformed(parsed.detail);
  if (!isObject(parsed.value)) return malformed('it is no JSON object');
  const { documents = [], format, founding, keyStatement, object, receipt: given } = parsed.value;
  if (format !== receiptFormat) return malformed(`its format is not ${receiptFormat}`);
  const receipt = isObject(given) ? readReceipt(given) : null;
  if (receipt === null) return malformed('it has no receipt, or not all of it');
  const { c, k, t } = receipt;
  const line = lineOf(c, k, t);
  if (line === null) return malformed('c, k and t of the receipt make no entry');
  if (!Array.isArray(documents) || !documents.every(isObject)) {
    return malformed('documents is no list of objects');
  }
  const file = {
    receipt,
    object: objectOrNull(object),
    keyStatement: Array.isArray(keyStatement) ? keyStatement : objectOrNull(keyStatement),
    founding: objectOrNull(founding),
    documents,
  };
  return { ok: true, file, line };
}

function readReceipt(value: JsonObject): Receipt | null {
  const { c, checkpoint, id, index, k, log, proof, salt, t } = value;
  const name: ObjectName | null = typeof id === 'string' ? parseObjectName(id) : null;
  const texts = [c, checkpoint, k, log, proof, salt].every((text) => typeof text === 'string');
  const numbers = [index, t].every((number) => typeof number === 'number' && number >= 0);
  if (name === null || !texts || !numbers) return null;
  if (fromBase64url(salt as string)?.length !== SALT_SIZE) return null;
  return { ...(value as unknown as Receipt), id: name };
}

function lineOf(c: string, k: Receipt['k'], t: number): Uint8Array | null {
  try {
    const line = encodeEntry({ c, k, t, v: 1 });
    return parseEntry(line) === null ? null : line;
  } catch {
    return null;
  }
}

function objectOrNull(value: JsonValue | undefined): JsonObject | null {
  return value !== undefined && isObject(value) ? value : null;
}

function malformed(detail: string): ReceiptFileResult {
  return { ok: false, detail };
}
