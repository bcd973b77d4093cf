// Request signatures made from text, faults included: whatever a Signature-Input says it covers is signed.
import { toBase64, utf8 } from '../protocol/bytes.ts';
import type { Message } from './conformance-exchange.ts';

/** One member of Signature-Input, taken apart without being judged. */
export interface SignatureText {
  readonly label: string;
  /** Component identifiers with their parameters, as written. */
  readonly covers: readonly string[];
  /** Parameters as written, from the first semicolon. */
  readonly parameters: string;
}

export function parseSignatureInput(value: string): SignatureText[] {
  return value.split(/, (?=[a-z][a-z0-9]*=\()/).map((member) => {
    const [, label = '', list = '', parameters = ''] =
      /^([^=]*)=\(([^)]*)\)(.*)$/s.exec(member) ?? [];
    return { label, covers: list.match(/"[^"]*"(?:;[a-z]+(?:="[^"]*")?)*/g) ?? [], parameters };
  });
}

export function formatSignatureInput({ label, ...signature }: SignatureText): string {
  return `${label}=${listOf(signature)}`;
}

function listOf({ covers, parameters }: Pick<SignatureText, 'covers' | 'parameters'>): string {
  return `(${covers.join(' ')})${parameters}`;
}

export function fieldValue({ fields }: Message, name: string): string | null {
  const values = fields.filter(([field]) => field.toLowerCase() === name.toLowerCase());
  return values.length === 0 ? null : values.map(([, value]) => value.trim()).join(', ');
}

/** The message with one field of that name, in the place of the first, or at the end; null takes it out. */
export function withField(message: Message, name: string, value: string | null): Message {
  const isIt = ([field]: readonly [string, string]) => field.toLowerCase() === name.toLowerCase();
  const at = message.fields.findIndex(isIt);
  const fields = message.fields.filter((field) => !isIt(field));
  if (value !== null) fields.splice(at === -1 ? fields.length : at, 0, [name, value]);
  return { ...message, fields };
}

/** RFC 9421 §2.5, for any component whatever: unknown parameters change nothing, what is absent is empty. */
export function signatureBaseOf(
  message: Message,
  signature: SignatureText,
  origin: string,
): Uint8Array {
  const lines = signature.covers.map((id) => `${id}: ${componentValue(message, id, origin)}`);
  return utf8([...lines, `"@signature-params": ${listOf(signature)}`].join('\n'));
}

function componentValue(message: Message, id: string, origin: string): string {
  const [, name = '', key] = /^"([^"]*)"(?:.*;key="([^"]*)")?/.exec(id) ?? [];
  const { method, target } = message;
  const [path = '', query] = target.split(/\?(.*)/s);
  switch (name) {
    case '@method':
      return method;
    case '@target-uri':
      return `${origin}${target}`;
    case '@authority':
      return new URL(origin).host;
    case '@path':
      return path;
    case '@query':
      return `?${query ?? ''}`;
    default: {
      const value = fieldValue(message, name) ?? '';
      if (key === undefined) return value;
      const member = value.split(', ').findLast((part) => part.startsWith(`${key}=`));
      return member?.slice(key.length + 1) ?? '';
    }
  }
}

/** `<label>=:<base64>:` */
export function formatSignature(label: string, signature: Uint8Array): string {
  return `${label}=:${toBase64(signature)}:`;
}
