// HTTP Message Signatures (RFC 9421): reads and writes the two fields. Knows no policy.
import { toBase64 } from './bytes.ts';
import { ProtocolError } from './error.ts';
import {
  type MessageToCover,
  type SignatureComponent,
  type SignatureParameters,
  signatureBase,
  writeSignatureParams,
} from './signature-base.ts';
import {
  type BareItem,
  type InnerList,
  isInnerList,
  type Parameters,
  parseStrictDictionary,
} from './structured-field.ts';

/** One label's part of Signature-Input and Signature, not verified. */
export interface SignatureCandidate {
  readonly label: string;
  readonly components: readonly SignatureComponent[];
  readonly parameters: SignatureParameters;
  readonly signature: Uint8Array;
}

export type SignatureFieldRefusal =
  | 'malformed'
  | 'signature_unpaired'
  | 'limit_exceeded'
  | 'unsupported_component';

type Refused<R> = { readonly ok: false; readonly reason: R; readonly detail: string };
type Parsed<T> = { readonly ok: true; readonly value: T } | Refused<SignatureFieldRefusal>;

const MAX_SIGNATURES = 4;
const MAX_COMPONENTS = 24;

function refuse<R>(reason: R, detail: string): Refused<R> {
  return { ok: false, reason, detail };
}

function parseComponent(name: BareItem, parameters: Parameters): Parsed<SignatureComponent> {
  // RFC 9421 §2.1: a component name is a String in lower case.
  if (typeof name !== 'string' || name !== name.toLowerCase()) {
    return refuse('malformed', 'a covered component must be a lower-case string');
  }
  let key: string | null = null;
  let req = false;
  for (const [parameter, value] of parameters) {
    if (parameter === 'key' && typeof value === 'string' && !name.startsWith('@')) key = value;
    else if (parameter === 'req' && value === true) req = true;
    else return refuse('unsupported_component', `"${name}";${parameter} is not supported`);
  }
  return { ok: true, value: { name, key, req } };
}

function parseComponents(list: InnerList): Parsed<SignatureComponent[]> {
  const [items] = list;
  if (items.length > MAX_COMPONENTS) {
    return refuse('limit_exceeded', `more than ${MAX_COMPONENTS} covered components`);
  }
  const components: SignatureComponent[] = [];
  for (const [name, parameters] of items) {
    const parsed = parseComponent(name, parameters);
    if (!parsed.ok) return parsed;
    const { value } = parsed;
    // RFC 9421 §2: a component identifier occurs once, whatever the order of its parameters.
    if (
      components.some((c) => c.name === value.name && c.key === value.key && c.req === value.req)
    ) {
      return refuse('malformed', `"${value.name}" is covered twice`);
    }
    components.push(value);
  }
  return { ok: true, value: components };
}

/**
 * The signatures of a message that have the tag, or all of them; from the combined values of its two fields. RFC 9421
 * §4: both are dictionaries with the same labels; one label without its counterpart makes the whole message malformed.
 * What a signature with another tag covers is not looked at: it is for somebody who knows what its tag means.
 */
export function parseSignatures(
  signatureInput: string,
  signature: string,
  tag: string | null = null,
): Parsed<SignatureCandidate[]> {
  const inputs = parseStrictDictionary(signatureInput);
  const signatures = parseStrictDictionary(signature);
  if (inputs === null) return refuse('malformed', 'Signature-Input is not a strict dictionary');
  if (signatures === null) return refuse('malformed', 'Signature is not a strict dictionary');
  if (inputs.size !== signatures.size) {
    return refuse('signature_unpaired', 'Signature-Input and Signature have different labels');
  }
  if (inputs.size > MAX_SIGNATURES) {
    return refuse('limit_exceeded', `more than ${MAX_SIGNATURES} signatures`);
  }
  const candidates: SignatureCandidate[] = [];
  for (const [label, input] of inputs) {
    const member = signatures.get(label);
    if (member === undefined) {
      return refuse('signature_unpaired', `Signature has no member ${label}`);
    }
    if (!isInnerList(input)) return refuse('malformed', `Signature-Input ${label} is not a list`);
    if (isInnerList(member) || !(member[0] instanceof Uint8Array) || member[1].size > 0) {
      return refuse('malformed', `Signature ${label} is not a byte sequence`);
    }
    const parameters = input[1];
    if (tag !== null && parameters.get('tag') !== tag) continue;
    const components = parseComponents(input);
    if (!components.ok) return components;
    candidates.push({
      label,
      components: components.value,
      parameters,
      signature: member[0],
    });
  }
  return { ok: true, value: candidates };
}

/** One member of Accept-Signature: a signature that is asked for. */
export interface RequestedSignature {
  readonly label: string;
  readonly components: readonly SignatureComponent[];
  readonly parameters: SignatureParameters;
}

/** RFC 9421 §5.1: all signatures that an Accept-Signature field asks for, from its combined value. */
export function parseAcceptSignature(field: string): Parsed<RequestedSignature[]> {
  const members = parseStrictDictionary(field);
  if (members === null) return refuse('malformed', 'Accept-Signature is not a strict dictionary');
  if (members.size > MAX_SIGNATURES) {
    return refuse('limit_exceeded', `more than ${MAX_SIGNATURES} signatures`);
  }
  const requested: RequestedSignature[] = [];
  for (const [label, member] of members) {
    if (!isInnerList(member)) return refuse('malformed', `Accept-Signature ${label} is not a list`);
    const components = parseComponents(member);
    if (!components.ok) return components;
    requested.push({ label, components: components.value, parameters: member[1] });
  }
  return { ok: true, value: requested };
}

/**
 * The members of Signature-Input and Signature for one new signature. `components` in the order to be signed. Throws
 * ProtocolError `invalid_argument` when the message lacks one of them.
 */
export function createSignature(
  message: MessageToCover,
  label: string,
  signed: Pick<SignatureCandidate, 'components' | 'parameters'>,
  sign: (base: Uint8Array) => Uint8Array,
): { readonly signatureInput: string; readonly signature: string } {
  const built = signatureBase(message, signed);
  if (!built.ok) throw new ProtocolError('invalid_argument', built.detail);
  return {
    signatureInput: `${label}=${writeSignatureParams(signed.components, signed.parameters)}`,
    signature: `${label}=:${toBase64(sign(built.base))}:`,
  };
}
