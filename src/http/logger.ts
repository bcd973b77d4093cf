// What the edge needs of a log: pino has this shape, and so has a list in a test.

/** Structured lines; the first argument carries the fields, the second says what happened. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
