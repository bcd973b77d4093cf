// Lets in who runs on this machine and means this bridge: no web page, whatever name it gives the machine.
import type { Refusal } from './answer.ts';

/** What of a request says where it comes from; fields as they came, in pairs. */
export interface Arrival {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface GateOptions {
  /** `host:port` by which this bridge may be called, in lower case. */
  readonly authorities: ReadonlySet<string>;
  /** Origins of web pages that the user has let in. */
  readonly origins: ReadonlySet<string>;
}

const LOCAL =
  'Call the bridge by 127.0.0.1 or localhost and its port, from a program on this machine.';

/** Null for whoever may come in. */
export function refuseArrival(arrival: Arrival, options: GateOptions): Refusal | null {
  const host = only(arrival, 'host');
  // A page whose name resolves to 127.0.0.1 is of one origin with whatever answers there, but for the name.
  if (host === undefined || !options.authorities.has(host.toLowerCase())) {
    const error = 'This bridge is called by another name';
    return { status: 421, code: 'FOREIGN_HOST', error, hint: LOCAL };
  }
  // An absolute target names a host of its own, and `//host` is one to some parsers.
  if (!/^\/(?!\/)/.test(arrival.target)) {
    const error = 'The target is not a path';
    return { status: 400, code: 'BAD_REQUEST', error, hint: 'Begin the path with one slash.' };
  }
  return refusePage(arrival, options);
}

function refusePage(arrival: Arrival, { origins }: GateOptions): Refusal | null {
  const [origin, ...others] = all(arrival, 'origin');
  if (origin !== undefined && others.length === 0 && origins.has(origin)) return null;
  // Browsers send one or the other; `none` is what a person has typed in, and shows nothing without a token.
  const sites = all(arrival, 'sec-fetch-site').filter((site) => site !== 'none');
  if (origin === undefined && sites.length === 0) return null;
  return {
    status: 403,
    code: 'FOREIGN_PAGE',
    error: 'Web pages cannot use this bridge',
    hint: 'If the page is yours, start the bridge with --allow-origin and its origin.',
  };
}

/** A picture is refused before it is sent whole. */
export function refuseUpload(arrival: Arrival): Refusal | null {
  if (!/^multipart\/form-data\s*(?:;|$)/i.test(only(arrival, 'content-type') ?? '')) return null;
  return {
    status: 400,
    code: 'NOT_SUPPORTED',
    error: 'There are no uploads: Exuvia keeps no pictures',
    hint: 'Leave avatars and banners out; link to a picture in a post.',
  };
}

/** Bodies are JSON and say so: what a page may send without being asked first is text, a form, or nothing at all. */
export function refuseBody(arrival: Arrival, length: number): Refusal | null {
  const type = only(arrival, 'content-type');
  if (length === 0) return null;
  if (type !== undefined && /^application\/json\s*(?:;|$)/i.test(type)) return null;
  return {
    status: 400,
    code: 'BAD_REQUEST',
    error: 'The body is not declared as JSON',
    hint: 'Send Content-Type: application/json.',
  };
}

/** The one value of a field; undefined if it is absent, or there more than once and so not to be relied upon. */
export function only(arrival: Arrival, name: string): string | undefined {
  const values = all(arrival, name);
  return values.length === 1 ? values[0] : undefined;
}

function all({ fields }: Arrival, name: string): string[] {
  return fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
}
