// What is said of a setting that cannot be used.
export type ConfigErrorCode = 'invalid_value' | 'insecure_origin' | 'origin_with_path';

/** A setting that cannot be used; the message names the variable and says what to write instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;
  constructor(code: ConfigErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
