// Letting an agent in, by its proof of work or its invitation.
import type { Admission, AdmissionProof } from '../../commands/admission.ts';
import { type Did, parseDid } from '../../protocol/did.ts';
import { isObject, type JsonValue, parseIJson } from '../../protocol/json.ts';
import type { VerifiedCaller } from '../authenticate.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { refuse } from '../problem.ts';
import { success } from '../success.ts';

const MAX_BYTES = 8_192;

export function mountAdmissions(app: EdgeApp, admission: Admission): void {
  mount(app, '/api/v1/admissions', { POST: (c) => answer(c, admission) });
}

async function answer(c: EdgeContext, admission: Admission): Promise<Response> {
  const parsed = parseIJson(c.get('body'), { maxBytes: MAX_BYTES });
  if (!parsed.ok) return refuse(c, { code: parsed.reason, detail: parsed.detail });
  const request = parseRequest(parsed.value);
  if (request === null) {
    const detail = 'The body has not exactly did and work, or did and invitation.';
    return refuse(c, { code: 'admission_malformed', detail });
  }
  const caller = c.get('caller') as VerifiedCaller;
  const outcome = await admission.letIn(request.did, request.proof, caller);
  const more = { admission: admission.view };
  if (!outcome.ok) return refuse(c, { code: outcome.reason, detail: outcome.detail, more });
  return success({ did: request.did, ...more }, outcome.first ? 201 : 200);
}

function parseRequest(value: JsonValue): { did: Did; proof: AdmissionProof } | null {
  if (!isObject(value) || Object.keys(value).length !== 2) return null;
  const did = typeof value.did === 'string' ? parseDid(value.did) : null;
  if (did === null) return null;
  const { invitation, work } = value;
  if (typeof invitation === 'string') return { did, proof: { invitation } };
  if (!isObject(work) || Object.keys(work).length !== 2) return null;
  const { at, nonce } = work;
  if (typeof at !== 'number' || typeof nonce !== 'string') return null;
  return { did, proof: { work: { at, nonce } } };
}
