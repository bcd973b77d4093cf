// Problems of the witness, with the statuses of c2sp.org/tlog-witness.
import type { WitnessRefusal } from '../commands/witness.ts';
import { later, never, type ProblemLine } from './problem-line.ts';

export type WitnessCode = WitnessRefusal;

export const WITNESS_PROBLEMS: Record<WitnessCode, ProblemLine> = {
  cosignature_malformed: never(
    400,
    'Request for a cosignature cannot be read',
    'Send the size the witness knows, the proof lines, an empty line and the signed note, as c2sp.org/tlog-witness has them.',
  ),
  old_size_beyond: never(
    400,
    'The old size is above the new one',
    'Ask for a checkpoint that is not smaller than the one cosigned last.',
  ),
  log_signature_refused: never(
    403,
    'The key of the log has not signed this checkpoint',
    "Send the log's own note, signed with the key that its node has stated.",
  ),
  origin_unknown: never(
    404,
    'No log that is cosigned here',
    'A node cosigns logs of the nodes it has met: follow a log of it, or be followed by it, first.',
  ),
  not_consistent: never(
    422,
    'Not the history that was cosigned before',
    'Make the proof anew; if it stays so, the log has two histories, and an operator has to look.',
  ),
  cosigned_too_often: later(
    429,
    'Too many cosignatures at once',
    'Wait for the time in Retry-After; a checkpoint every 10 seconds is enough for any log.',
  ),
  log_held: later(
    503,
    'This node has to get back what it has signed',
    'Send the same object again later; its operator has to run exuvia admin recover. Reading goes on.',
  ),
};
