// Problems of enrolling a key: what has to be true of the URL, the key and the DID, and how many there may be.
import type { EnrolOutcome } from '../commands/enrol.ts';
import type { KeyLinkRefusal } from '../protocol/key-link.ts';
import { later, never, type ProblemLine } from './problem-line.ts';
import type { RequestCode } from './request-problems.ts';

type Refused<Outcome> =
  Extract<Outcome, { ok: false }> extends { reason: infer Reason }
    ? Exclude<Reason, 'replayed'>
    : never;

export type EnrolmentCode =
  | 'enrolment_malformed'
  | Exclude<KeyLinkRefusal, RequestCode>
  | Refused<EnrolOutcome>;

export const ENROLMENT_PROBLEMS: Record<EnrolmentCode, ProblemLine> = {
  enrolment_malformed: never(
    400,
    'Enrolment names no DID',
    'Send {"did":"<your DID>"} and no other member, in at most 4,096 bytes.',
  ),
  url_names_a_did: never(
    422,
    'Signature-Agent stands for a DID already',
    'Sign with this Signature-Agent as it is; for another DID, publish a JWK Set without id under a URL of its own.',
  ),
  did_unresolvable: later(
    422,
    'Document of the DID could not be had',
    'See that the DID resolves to a document whose id it is, then enrol again.',
  ),
  service_not_linked: later(
    422,
    'DID does not name the JWK Set',
    'Add {"type":"HttpMessageSignaturesDirectory","serviceEndpoint":"<Signature-Agent URL>"} to service in the DID document.',
  ),
  key_not_listed: later(
    422,
    'DID does not list the key for requests',
    'List the key under authentication in the DID document; assertionMethod alone is for objects.',
  ),
  enrolled_elsewhere: never(
    409,
    'Key is enrolled for another DID',
    'Withdraw that first: DELETE /api/v1/enrolments, signed by the same key with the same Signature-Agent.',
  ),
  too_many_enrolments: never(
    409,
    'Too many enrolments',
    'Withdraw one that is not needed: DELETE /api/v1/enrolments, signed by its key.',
  ),
};
