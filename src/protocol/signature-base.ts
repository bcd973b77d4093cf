// The bytes that a message signature signs (RFC 9421 §2.5), from a request or a response and what is covered of it.
import { utf8 } from './bytes.ts';
import {
  type BareItem,
  parseStrictDictionary,
  writeBareItem,
  writeMember,
  writeParameters,
} from './structured-field.ts';

/** A covered component: a field or, with `@`, a derived component. */
export interface SignatureComponent {
  readonly name: string;
  /** `;key`: only this member of a dictionary field. */
  readonly key: string | null;
  /** `;req`: taken from the request that a response answers. */
  readonly req: boolean;
}

/** In the order of the field; the order is signed. */
export type SignatureParameters = ReadonlyMap<string, BareItem>;

interface Field {
  readonly name: string;
  readonly value: string;
}

export interface RequestToCover {
  readonly kind: 'request';
  readonly method: string;
  /** Absolute, without fragment, as it is sent: percent-encoding is not touched. */
  readonly targetUri: string;
  /** As on the request line, where that is known. */
  readonly requestTarget?: string;
  /** Repeats in their order. */
  readonly fields: readonly Field[];
}

interface ResponseToCover {
  readonly kind: 'response';
  readonly status: number;
  readonly fields: readonly Field[];
  /** What the response answers: for components with `;req`. */
  readonly request?: RequestToCover;
}

export type MessageToCover = RequestToCover | ResponseToCover;

export type SignatureBaseRefusal = 'malformed' | 'missing_component' | 'unsupported_component';

type Refused = {
  readonly ok: false;
  readonly reason: SignatureBaseRefusal;
  readonly detail: string;
};

/** The inner list of components with its parameters: the value of `@signature-params` and of Signature-Input. */
export function writeSignatureParams(
  components: readonly SignatureComponent[],
  parameters: SignatureParameters,
): string {
  return `(${components.map(identifier).join(' ')})${writeParameters(parameters)}`;
}

function identifier({ name, key, req }: SignatureComponent): string {
  return `"${name}"${req ? ';req' : ''}${key === null ? '' : `;key=${writeBareItem(key)}`}`;
}

/**
 * `@signature-params` is written anew from what was read, so spacing in the field does not count. A covered component
 * that the message lacks is an error, never an empty line.
 */
export function signatureBase(
  message: MessageToCover,
  {
    components,
    parameters,
  }: {
    readonly components: readonly SignatureComponent[];
    readonly parameters: SignatureParameters;
  },
): { readonly ok: true; readonly base: Uint8Array } | Refused {
  let text = '';
  for (const component of components) {
    const value = componentValue(message, component);
    if (typeof value !== 'string') return value;
    // A line break would begin a line of its own; other than ASCII has several byte forms.
    if (!VISIBLE.test(value)) return refuse('malformed', `${component.name} is not plain ASCII`);
    text += `${identifier(component)}: ${value}\n`;
  }
  const params = writeSignatureParams(components, parameters);
  return { ok: true, base: utf8(`${text}"@signature-params": ${params}`) };
}

const VISIBLE = /^[\t -~]*$/;

function componentValue(
  message: MessageToCover,
  { name, key, req }: SignatureComponent,
): string | Refused {
  const source = req ? (message.kind === 'response' ? message.request : undefined) : message;
  if (source === undefined) {
    return refuse('unsupported_component', `"${name}";req is not of a request that is known`);
  }
  if (name.startsWith('@')) return derived(source, name);
  const value = combined(source.fields, name);
  if (value === null) return refuse('missing_component', `the field ${name} is absent`);
  if (key === null) return value;
  const members = parseStrictDictionary(value);
  if (members === null) return refuse('malformed', `the field ${name} is no strict dictionary`);
  const member = members.get(key);
  return member === undefined
    ? refuse('missing_component', `the field ${name} has no member ${key}`)
    : writeMember(member);
}

/** RFC 9421 §2.1: all values of the field, each without the blanks around it. */
function combined(fields: readonly Field[], name: string): string | null {
  let value: string | null = null;
  for (const field of fields) {
    if (field.name.toLowerCase() !== name) continue;
    const trimmed = trimField(field.value);
    value = value === null ? trimmed : `${value}, ${trimmed}`;
  }
  return value;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** By hand: a pattern that is anchored at the end alone starts anew at every blank inside. */
export function trimField(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value[start])) start++;
  while (start < end && isBlank(value[end - 1])) end--;
  return value.slice(start, end);
}

/** RFC 9421 §2.2. `@query-param` has several spellings for one query and is not taken. */
function derived(source: MessageToCover, name: string): string | Refused {
  if (source.kind === 'response') {
    return name === '@status'
      ? String(source.status)
      : refuse('unsupported_component', `a response has no "${name}"`);
  }
  const { method, targetUri, requestTarget } = source;
  switch (name) {
    case '@method':
      return method;
    case '@target-uri':
      return targetUri;
    case '@request-target':
      return requestTarget ?? refuse('unsupported_component', 'the request target is not known');
    case '@authority':
    case '@scheme': {
      const url = URL.parse(targetUri);
      if (url === null) return refuse('malformed', 'the target URI is not absolute');
      return name === '@authority' ? url.host : url.protocol.slice(0, -1);
    }
    case '@path':
      return /^[^:/?#]+:\/\/[^/?#]*([^?#]*)/.exec(targetUri)?.[1] || '/';
    case '@query': {
      const start = targetUri.indexOf('?');
      return start < 0 ? '?' : targetUri.slice(start);
    }
    default:
      return refuse('unsupported_component', `"${name}" cannot be covered here`);
  }
}

function refuse(reason: SignatureBaseRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}
