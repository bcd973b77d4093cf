// How much room the disk of a file has: looked at now and then, so that asking costs nothing.
import { statfs } from 'node:fs/promises';

export interface DiskRoomOptions {
  /** Of the database. */
  readonly folder: string;
  /** Bytes that have to be free. */
  readonly least: number;
  readonly everyMs?: number;
  /** Told when it has become too little, or enough again. */
  readonly onChange?: (isFull: boolean, free: number) => void;
}

export class DiskRoom {
  readonly #options: DiskRoomOptions;
  #free = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: DiskRoomOptions) {
    this.#options = options;
  }

  static async open(options: DiskRoomOptions): Promise<DiskRoom> {
    const room = new DiskRoom(options);
    await room.look();
    room.#timer = setInterval(() => void room.look(), options.everyMs ?? 5_000).unref();
    return room;
  }

  /** Bytes that were free when it was looked at last; infinite where that cannot be told. */
  get free(): number {
    return this.#free;
  }

  get isFull(): boolean {
    return this.#free < this.#options.least;
  }

  async look(): Promise<void> {
    const before = this.isFull;
    try {
      const { bavail, bsize } = await statfs(this.#options.folder);
      this.#free = bavail * bsize;
    } catch {
      this.#free = Number.POSITIVE_INFINITY;
    }
    if (this.isFull !== before) this.#options.onChange?.(this.isFull, this.#free);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
