// HTTP Message Signatures (RFC 9421): reads the two fields, builds the bytes that are signed. Knows no policy.
import {
  type ComponentParameters,
  createSignatureSync,
  isSignatureError,
  Token as LibraryToken,
  type MessageDescriptor,
  type SignatureParameters,
} from 'http-message-sig';
import {
  type BareItem,
  type InnerList,
  isInnerList,
  parseStrictDictionary,
  Token,
} from './structured-field.ts';

/** A covered component: a field or, with `@`, a derived component. */
export interface SignatureComponent {
  readonly name: string;
  /** `;key`: only this member of a dictionary field. */
  readonly key: string | null;
  /** `;req`: taken from the request that a response answers. */
  readonly req: boolean;
}

/** One label's part of Signature-Input and Signature, not verified. */
export interface SignatureCandidate {
  readonly label: string;
  readonly components: readonly SignatureComponent[];
  /** In the order of the field; the order is signed. */
  readonly parameters: SignatureParameters;
  readonly signature: Uint8Array;
}

export type SignatureFieldRefusal = 'malformed' | 'limit_exceeded' | 'unsupported_component';
export type SignatureBaseRefusal = 'malformed' | 'missing_component' | 'unsupported_component';

type Refused<R> = { readonly ok: false; readonly reason: R; readonly detail: string };
type Parsed<T> = { readonly ok: true; readonly value: T } | Refused<SignatureFieldRefusal>;

const MAX_SIGNATURES = 4;
const MAX_COMPONENTS = 24;

function refuse<R>(reason: R, detail: string): Refused<R> {
  return { ok: false, reason, detail };
}

function parseComponent(
  name: BareItem,
  parameters: ReadonlyMap<string, BareItem>,
): Parsed<SignatureComponent> {
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

/** The library knows only its own Token class. */
function libraryValue(value: BareItem): SignatureParameters[string] {
  if (value instanceof Token) return new LibraryToken(value.toString());
  return value as string | number | boolean | ArrayBuffer;
}

function parseParameters(list: InnerList): SignatureParameters {
  const parameters: Record<string, SignatureParameters[string]> = {};
  for (const [name, value] of list[1]) parameters[name] = libraryValue(value);
  return parameters;
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
    return refuse('malformed', 'Signature-Input and Signature have different labels');
  }
  if (inputs.size > MAX_SIGNATURES) {
    return refuse('limit_exceeded', `more than ${MAX_SIGNATURES} signatures`);
  }
  const candidates: SignatureCandidate[] = [];
  for (const [label, input] of inputs) {
    const member = signatures.get(label);
    if (member === undefined) {
      return refuse('malformed', `Signature has no member ${label}`);
    }
    if (!isInnerList(input)) return refuse('malformed', `Signature-Input ${label} is not a list`);
    if (isInnerList(member) || !(member[0] instanceof ArrayBuffer) || member[1].size > 0) {
      return refuse('malformed', `Signature ${label} is not a byte sequence`);
    }
    const parameters = parseParameters(input);
    if (tag !== null && parameters.tag !== tag) continue;
    const components = parseComponents(input);
    if (!components.ok) return components;
    candidates.push({
      label,
      components: components.value,
      parameters,
      signature: new Uint8Array(member[0]),
    });
  }
  return { ok: true, value: candidates };
}

/** One member of Accept-Signature: a signature that is asked for. */
export interface RequestedSignature {
  readonly label: string;
  readonly components: readonly SignatureComponent[];
  readonly parameters: ReadonlyMap<string, BareItem>;
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

function libraryComponent({ name, key, req }: SignatureComponent) {
  const parameters: Record<string, ComponentParameters[string]> = {};
  if (req) parameters.req = true;
  if (key !== null) parameters.key = key;
  return { name, parameters };
}

const NO_SIGNATURE = new Uint8Array(64);
/** The library trims fields in time quadratic in the length of such a run; no honest field has one. */
const LONG_BLANK = /[ \t]{64}/;

/**
 * RFC 9421 §2.5: the bytes that are signed. `@signature-params` is the re-serialised list, so spacing in the
 * field does not count. A covered component that the message lacks is an error, never an empty line.
 */
export function signatureBase(
  message: MessageDescriptor,
  { components, parameters }: Pick<SignatureCandidate, 'components' | 'parameters'>,
): { readonly ok: true; readonly base: Uint8Array } | Refused<SignatureBaseRefusal> {
  if (message.fields.some(({ value }) => LONG_BLANK.test(value))) {
    return refuse('malformed', 'a covered field has 64 or more blanks in a row');
  }
  let base = NO_SIGNATURE;
  const algorithm = parameters.alg ?? 'ed25519';
  // The library builds the base only on its way to a signature; this signer keeps the base and signs nothing.
  const sign = (bytes: Uint8Array) => {
    base = bytes as typeof base;
    return NO_SIGNATURE;
  };
  try {
    createSignatureSync(message, {
      components: components.map(libraryComponent),
      parameters,
      signer: { algorithm, sign },
    });
  } catch (error) {
    if (!isSignatureError(error)) throw error;
    if (error.code === 'MissingField') return refuse('missing_component', error.message);
    // `InvalidComponent`: one that this kind of message does not have, such as @status in a request.
    if (error.code === 'UnsupportedFeature' || error.code === 'InvalidComponent') {
      return refuse('unsupported_component', error.message);
    }
    return refuse('malformed', error.message);
  }
  return { ok: true, base };
}

/** The members of Signature-Input and Signature for one new signature. `components` in the order to be signed. */
export function createSignature(
  message: MessageDescriptor,
  label: string,
  { components, parameters }: Pick<SignatureCandidate, 'components' | 'parameters'>,
  sign: (base: Uint8Array) => Uint8Array,
): { readonly signatureInput: string; readonly signature: string } {
  return createSignatureSync(message, {
    label,
    components: components.map(libraryComponent),
    parameters,
    signer: { algorithm: 'ed25519', sign },
  });
}
