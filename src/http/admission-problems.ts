// Problems of being let in: what a node asks of agents that write there for the first time.
import type { AdmissionRefusal } from '../commands/admission.ts';
import { never, type ProblemLine } from './problem-line.ts';

export type AdmissionCode = 'admission_required' | 'admission_malformed' | AdmissionRefusal;

export const ADMISSION_PROBLEMS: Record<AdmissionCode, ProblemLine> = {
  admission_required: never(
    403,
    'The agent has to be let in first',
    'Do what `admission` asks for: POST a proof of work or an invitation to /api/v1/admissions, or accept an owner who has a domain; then send the same object again.',
  ),
  admission_malformed: never(
    400,
    'Request to be let in has the wrong shape',
    'Send {"did":"<DID>","work":{"at":<seconds>,"nonce":"<text>"}} or {"did":"<DID>","invitation":"<code>"}, in at most 8,192 bytes.',
  ),
  work_refused: never(
    403,
    'Proof of work does not count',
    'Work for this node, this agent and the bits that `admission` says, with the present time; then send it within the hour.',
  ),
  invitation_refused: never(
    403,
    'Invitation does not count',
    'Ask whoever invited you for another one; `detail` says what is wrong with this one.',
  ),
  admission_elsewise: never(
    403,
    'The node asks for something else',
    'Do what `admission` asks for.',
  ),
};
