// The one error of this room: a command could not be run at all. What is refused is answered with a value.

/**
 * - `overloaded`: too many submissions wait already; later may do.
 * - `closed`: the node is shutting down.
 * - `log_mismatch`: what is stored of a log is not what this node signed.
 * - `rolled_back`: peers hold heads of this node's logs that it has signed and does not have.
 * - `identity_mismatch`: the database belongs to a node with another name or key.
 * - `too_many_keys`: a node replaces its log key only so often.
 * - `failed`: this submission made a rule or the database fail; its neighbours are not touched.
 */
export type CommandErrorCode =
  | 'overloaded'
  | 'closed'
  | 'log_mismatch'
  | 'rolled_back'
  | 'identity_mismatch'
  | 'too_many_keys'
  | 'failed';

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;

  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
