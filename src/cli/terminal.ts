// What a command is given of the process, and how it speaks: lines for people, JSON for programs.

/** The process as commands see it; main.ts makes the real one. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** A person is watching: progress bars make sense. */
  readonly interactive: boolean;
  /** All of standard input; empty when it is a terminal. */
  readInput(): Promise<string>;
  /** Milliseconds since the epoch. */
  now(): number;
  random(length: number): Uint8Array;
  /** Sets what the process exits with once the command is done. */
  exitWith(code: number): void;
  /** Resolves when the process is asked to stop. */
  stopped(): Promise<unknown>;
  /** Resolves when nobody reads any more what `out` is given; never, if left out. */
  unheard?(): Promise<unknown>;
}

/** Ends a command: `exitCode` 1 means it failed, 2 that it was called wrongly. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  readonly remedy: string | undefined;
  constructor(message: string, options: { exitCode?: number; remedy?: string } = {}) {
    super(message);
    this.exitCode = options.exitCode ?? 1;
    this.remedy = options.remedy;
  }
}

/** The command was called wrongly, and the message says how. */
export function wrongCall(message: string): CommandError {
  return new CommandError(message, { exitCode: 2 });
}

/** Prints `value` as JSON when asked to, else the lines. What a stranger wrote may stand in either. */
export function print(
  terminal: Terminal,
  options: { readonly json?: boolean },
  value: unknown,
  lines: readonly string[],
): void {
  const text = options.json ? escaped(JSON.stringify(value, null, 2)) : plain(lines.join('\n'));
  terminal.out(`${text}\n`);
}

/** Prints one of many values as JSON on a line of its own when asked to, else the lines. */
export function printOne(
  terminal: Terminal,
  options: { readonly json?: boolean },
  value: unknown,
  lines: readonly string[],
): void {
  const text = options.json ? escaped(JSON.stringify(value)) : plain(lines.join('\n'));
  terminal.out(`${text}\n`);
}

/** Control and format characters, but for the line feed. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}]/gu;

/** Text from a stranger, made safe for a terminal: no control or bidirectional override characters. */
export function plain(text: string): string {
  // An author could otherwise move the cursor, recolour the screen or reverse a name (CVE-2021-42574).
  return text.replace(UNPRINTABLE, '\uFFFD');
}

/** The same JSON, with such characters as escapes. */
function escaped(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
