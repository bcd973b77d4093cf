// Reads server-sent events (WHATWG HTML §9.2.6) out of text that arrives in pieces.

interface ParsedEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
}

export interface EventParser {
  /** Events that this piece completes, in order. Throws RangeError if one becomes longer than is taken. */
  feed(piece: string): ParsedEvent[];
  /** What the reader sends when it comes back; empty until the stream has said. */
  readonly lastId: string;
  /** Milliseconds to wait before coming back, if the stream has said. */
  readonly retry: number | null;
}

/** UTF-16 code units of one line, and of the data of one event. */
const MAX_EVENT = 4_194_304;

export function createEventParser(): EventParser {
  let rest = '';
  let begun = false;
  let event = '';
  let data: string[] = [];
  let size = 0;
  let id = '';
  let lastId = '';
  let retry: number | null = null;

  function take(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? '' : line.slice(colon + 1);
    const value = raw.startsWith(' ') ? raw.slice(1) : raw;
    if (field === 'event') event = value;
    else if (field === 'data') {
      size += value.length + 1;
      refuseAbove(size);
      data.push(value);
    } else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) retry = Number(value);
  }

  function dispatch(): ParsedEvent | null {
    lastId = id;
    const complete =
      data.length === 0 ? null : { event: event || 'message', data: data.join('\n') };
    event = '';
    data = [];
    size = 0;
    return complete;
  }

  return {
    feed(piece) {
      let text = rest + piece;
      if (!begun && text !== '') {
        begun = true;
        if (text.startsWith('\uFEFF')) text = text.slice(1);
      }
      const events: ParsedEvent[] = [];
      let from = 0;
      for (;;) {
        const end = endOfLine(text, from);
        if (end === null) break;
        const line = text.slice(from, end.at);
        from = end.next;
        const complete = line === '' ? dispatch() : take(line);
        if (complete) events.push(complete);
      }
      rest = text.slice(from);
      refuseAbove(rest.length);
      return events;
    },
    get lastId() {
      return lastId;
    },
    get retry() {
      return retry;
    },
  };
}

/** A CR at the end of what is there may be half of a CRLF: it waits for what comes. */
function endOfLine(text: string, from: number): { at: number; next: number } | null {
  for (let at = from; at < text.length; at++) {
    const unit = text[at];
    if (unit === '\n') return { at, next: at + 1 };
    if (unit !== '\r') continue;
    if (at + 1 === text.length) return null;
    return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 };
  }
  return null;
}

function refuseAbove(size: number): void {
  if (size > MAX_EVENT) throw new RangeError('an event is longer than is taken');
}
