// The one error of this room: a caller asked for something no log can do.

export type LogErrorCode =
  | 'out_of_range'
  | 'entry_too_large'
  | 'invalid_argument'
  | 'hash_missing'
  | 'source_torn'
  | 'malformed_archive';

/**
 * Thrown for wrong arguments, for sources that change under their reader and, by the archive's readers, for what is no
 * archive; verifiers return values.
 */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
