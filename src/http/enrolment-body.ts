// The one member that a request to enrol a key has: the DID whose key it is.
import { type Did, parseDid } from '../protocol/did.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import type { Refusal } from './problem.ts';

export const ENROLMENTS = '/api/v1/enrolments';

/** Bytes: a DID has at most 512 characters. Such a body may be read before anybody is known. */
export const MAX_ENROLMENT = 4_096;

export type EnrolmentBody =
  | { readonly ok: true; readonly did: Did }
  | { readonly ok: false; readonly refusal: Refusal };

export function parseEnrolment(bytes: Uint8Array): EnrolmentBody {
  const parsed = parseIJson(bytes, { maxBytes: MAX_ENROLMENT });
  if (!parsed.ok) return { ok: false, refusal: { code: parsed.reason, detail: parsed.detail } };
  const { value } = parsed;
  const text = isObject(value) && Object.keys(value).length === 1 ? value.did : undefined;
  const did = typeof text === 'string' ? parseDid(text) : null;
  if (did !== null) return { ok: true, did };
  const detail = 'The body is not {"did":"<DID>"} with a DID of a method that is known here.';
  return { ok: false, refusal: { code: 'enrolment_malformed', detail, path: 'did' } };
}
