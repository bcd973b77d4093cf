// Gathers what belongs to a receipt into one file: the object, and what proves whose key signs the log.
import { formatReceiptFile } from '../log/receipt-file.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import type { Receipt } from '../protocol/views.ts';
import type { Connection } from './connection.ts';
import { fetchObjectBytes } from './fetch-object.ts';

interface LogKey {
  readonly documents?: JsonValue;
  readonly founding?: JsonValue;
  readonly keyStatement?: JsonValue;
}

/** The text of the file. Any node that has the log can give the rest of it. */
export async function fetchReceiptFile(
  receipt: Receipt,
  { crypto, json, send }: Connection,
): Promise<string> {
  const path = `${receipt.log.slice(receipt.log.indexOf('/log/'))}/key`;
  const key = (await json<LogKey>({ method: 'GET', path, unsigned: true })).value;
  const object = await fetchObjectBytes(receipt.id, send, crypto);
  const documents = Array.isArray(key.documents) ? key.documents.filter(isObject) : [];
  return formatReceiptFile({
    receipt,
    object: JSON.parse(decodeUtf8(object)) as JsonObject,
    keyStatement: Array.isArray(key.keyStatement) ? key.keyStatement : mapOrNull(key.keyStatement),
    founding: mapOrNull(key.founding),
    documents,
  });
}

function mapOrNull(value: JsonValue | undefined): JsonObject | null {
  return value !== undefined && isObject(value) ? value : null;
}
