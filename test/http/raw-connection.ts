// One raw TCP connection to a node: bytes go out as they are given, answers come back one by one.
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; repeats joined by `, `. */
  readonly fields: ReadonlyMap<string, string>;
  /** Stable code of a problem, or undefined. */
  readonly code: string | undefined;
  readonly json: Record<string, unknown>;
}

/** The end of an answer that stands whole at the start of the text, or null. Chunked bodies are joined. */
function readAnswer(text: string): { answer: RawAnswer; rest: string } | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const earlier = fields.get(name);
    const value = line.slice(colon + 1).trim();
    fields.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const body = readBody(text.slice(end + 4), status, fields);
  if (body === null) return null;
  const json = parse(body.content);
  const code = json.code === undefined ? undefined : String(json.code);
  return { answer: { status, fields, code, json }, rest: body.rest };
}

function readBody(text: string, status: number, fields: ReadonlyMap<string, string>) {
  if (status < 200 || status === 204) return { content: '', rest: text };
  if (fields.get('transfer-encoding') === 'chunked') {
    let content = '';
    for (let rest = text; ; ) {
      const line = /^([0-9a-f]+)\r\n/i.exec(rest);
      const size = Number.parseInt(line?.[1] ?? '', 16);
      const start = line?.[0].length ?? 0;
      if (line === null || rest.length < start + size + 2) return null;
      content += rest.slice(start, start + size);
      rest = rest.slice(start + size + 2);
      if (size === 0) return { content, rest };
    }
  }
  const length = Number(fields.get('content-length') ?? 0);
  return text.length < length ? null : { content: text.slice(0, length), rest: text.slice(length) };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export class RawConnection {
  readonly socket: Socket;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
  #received = '';
  #isClosed = false;
  #wake = () => {};

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text) => {
      this.#received += text;
      this.#wake();
    });
    // A reset is one way to be closed; what was received before it counts.
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Writes text as latin1: one byte per character. */
  write(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** The next whole answer, or null if the connection closes without one. */
  async answer(): Promise<RawAnswer | null> {
    for (;;) {
      const read = readAnswer(this.#received);
      if (read !== null) {
        this.#received = read.rest;
        return read.answer;
      }
      if (this.#isClosed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Everything received and not yet read as an answer. */
  get unread(): string {
    return this.#received;
  }

  end(): void {
    this.socket.destroy();
  }
}

/** A message from its first line, its field lines and its content. */
export function message(first: string, fields: readonly string[], content = ''): string {
  return [first, ...fields, '', content].join('\r\n');
}

/** What came back for one message, and whether the connection can be used for another one. */
export interface Outcome {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly connection: 'open' | 'closed';
}

/** Sends a message on a connection of its own, then asks for the health of the node on the same one. */
export async function outcomeOf(port: number, text: string): Promise<Outcome> {
  const connection = new RawConnection(port).write(text);
  const answer = await connection.answer();
  connection.write(message('GET /healthz HTTP/1.1', ['Host: any']));
  const healthy = await connection.answer();
  connection.end();
  const { status, code } = answer ?? {};
  return { status, code, connection: healthy?.status === 200 ? 'open' : 'closed' };
}
