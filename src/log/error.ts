// The one error of this room: a caller asked for something no log can do.

export type LogErrorCode =
  | 'out_of_range'
  | 'entry_too_large'
  | 'invalid_argument'
  | 'hash_missing'
  | 'source_torn'
  | 'invalid_policy';

/** Thrown for wrong arguments and torn sources. Input from others is never answered with it: verifiers return values. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
