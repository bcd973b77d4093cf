// The error this room throws when a caller breaks its contract; rules themselves answer with values.

export type DomainErrorCode = 'row_not_loaded';

export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: DomainErrorCode;

  constructor(code: DomainErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
