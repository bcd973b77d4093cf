// Reads a log of another node: checkpoint, entries and bodies, each checked for shape and nothing else.
import { parseBodyLine } from '../log/archive-format.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import { PlainReader } from '../protocol/plain-object.ts';
import { type EntryBody, parseEntryBody } from './entry-record.ts';
import { failure, type PeerClient, type PeerFailure } from './peer-client.ts';

export type Fetched<Value> = { readonly ok: true; readonly value: Value } | PeerFailure;

export interface RemoteLog {
  /** The newest signed note, or the newest that is cosigned; not verified. */
  checkpoint(cosigned?: boolean): Promise<Fetched<string>>;
  /** At least one and at most `limit` leaves from `start`, without their newlines. */
  entries(start: number, limit: number): Promise<Fetched<readonly Uint8Array[]>>;
  /** Exactly the bodies of entries `start` to `end` − 1, in order. */
  bodies(start: number, end: number): Promise<Fetched<readonly EntryBody[]>>;
}

const MAX_CHECKPOINT = 16_384;
/** A leaf is at most 128 bytes. */
const MAX_LEAF = 129;
const BODIES = { timeMs: 30_000, maxBytes: 16 * 1024 * 1024 } as const;
const NEWLINE = 0x0a;

/** Where any node that has the log serves it, below its URL origin. */
export function logPath(origin: string): string {
  const [authority, id] = origin.split('/log/');
  return `/log/${id}@${authority}`;
}

/** The log at `url`, such as `https://node.example/log/system`. */
export function openRemoteLog(
  client: Pick<PeerClient, 'read' | 'send'>,
  url: string,
  crypto: Pick<Crypto, 'sha256'>,
): RemoteLog {
  const reader = new PlainReader(crypto);
  return {
    async checkpoint(cosigned = false) {
      const address = `${url}/checkpoint${cosigned ? '?cosigned=true' : ''}`;
      const reply = await client.read(address, { maxBytes: MAX_CHECKPOINT });
      if (!reply.ok) return reply;
      try {
        return { ok: true, value: decodeUtf8(reply.body) };
      } catch {
        return nonsense(url, 'a checkpoint that is not UTF-8');
      }
    },
    async entries(start, limit) {
      const reply = await client.read(`${url}/entries?start=${start}&limit=${limit}`, {
        maxBytes: limit * MAX_LEAF,
      });
      if (!reply.ok) return reply;
      const lines = splitLines(reply.body);
      if (lines === null || lines.length === 0 || lines.length > limit) {
        return nonsense(url, `entries from ${start} that are not 1 to ${limit} lines`);
      }
      return { ok: true, value: lines };
    },
    async bodies(start, end) {
      const reply = await client.send('POST', `${url}/bodies`, { start, end }, BODIES);
      if (!reply.ok) return reply;
      const bodies = splitLines(reply.body)?.map((line, i) => readBody(line, start + i, reader));
      const complete = bodies?.filter((body) => body !== null) ?? [];
      if (complete.length !== end - start || bodies?.length !== complete.length) {
        return nonsense(url, `something else than the bodies of ${start} to ${end - 1}`);
      }
      return { ok: true, value: complete };
    },
  };
}

/** Of an ordinary object the bytes are read, and no JSON is parsed. Everything else, and whatever is wrong, goes the long way. */
function readBody(line: Uint8Array, index: number, reader: PlainReader): EntryBody | null {
  const body = parseBodyLine(line);
  if (body?.kind === 'body' && body.index === index) {
    const plain = reader.read(body.bytes);
    if (plain !== null) return { erased: false, plain, salt: body.salt };
  }
  const parsed = parseIJson(line);
  if (!parsed.ok || !isObject(parsed.value) || parsed.value.i !== index) return null;
  return parseEntryBody(parsed.value);
}

/** Lines of NDJSON, each of which ends in a newline; null if the last does not. */
function splitLines(bytes: Uint8Array): Uint8Array[] | null {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return start === bytes.length ? lines : null;
}

/** Unsigned nonsense proves nothing against anybody: it is trouble that may pass. */
function nonsense(url: string, what: string): PeerFailure {
  return failure({ again: true, detail: `${url} gives ${what}` });
}
