// The way to one reader: frames go in, a body comes out, and what waits in between is bounded.

/** Bytes that may wait to be sent. The frame that goes beyond is still taken, and no other after it. */
const MAX_WAITING = 32_768;

export interface ChannelOptions {
  /** Milliseconds. */
  readonly now: () => number;
  /** Called when there is room, at first and again. */
  readonly room: () => void;
  /** Called once, when the reader has gone or the channel was closed. */
  readonly closed: () => void;
}

export class Channel {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: ChannelOptions;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #blockedSince: number | null = null;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#blockedSince = null;
          options.room();
        },
        cancel: () => this.#drop(),
      },
      { highWaterMark: MAX_WAITING, size: (frame) => frame.byteLength },
    );
  }

  get isOpen(): boolean {
    return this.#controller !== null;
  }

  get hasRoom(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0;
  }

  /** Since when nothing has been read although something waits; null while the reader keeps up. Milliseconds. */
  get blockedSince(): number | null {
    return this.#blockedSince;
  }

  /** False if there is no room for another frame. */
  push(frame: Uint8Array): boolean {
    this.#controller?.enqueue(frame);
    if (this.isOpen && !this.hasRoom) this.#blockedSince ??= this.#options.now();
    return this.hasRoom;
  }

  /** What waits is still sent. */
  close(): void {
    this.#controller?.close();
    this.#drop();
  }

  #drop(): void {
    if (this.#controller === null) return;
    this.#controller = null;
    this.#options.closed();
  }
}
