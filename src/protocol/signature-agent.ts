// Signature-Agent: which URL a signature claims to speak for, in the draft's form and its three older ones.
import { type Did, parseDid, publicKeyOfDidKey } from './did.ts';
import { isMultihash } from './multihash.ts';
import type { SignatureComponent } from './signature-base.ts';
import { type Item, isInnerList, parseStrictDictionary, Token } from './structured-field.ts';

/**
 * How the URL was written:
 * - `direct`: a dictionary member, covered by `;key`, whose value is the document's URL;
 * - `origin`: the value is a bare origin and stands for its well-known directory;
 * - `typed`: the member has a `type` parameter, `directory` or `jwks_uri`;
 * - `string`: the field is one String, covered whole;
 * - `whole_field`: a dictionary of one member, covered whole;
 * - `none`: no field.
 *
 * A request may use two old ways at once; each must be on, and the one of the field is reported.
 */
export type SignatureAgentForm = 'direct' | 'origin' | 'typed' | 'string' | 'whole_field' | 'none';

/** Which older forms are taken. */
export type SignatureAgentCompat = Readonly<
  Record<Exclude<SignatureAgentForm, 'direct' | 'none'>, boolean>
>;

export const COMPAT_ALL: SignatureAgentCompat = {
  origin: true,
  typed: true,
  string: true,
  whole_field: true,
};

export const COMPAT_NONE: SignatureAgentCompat = {
  origin: false,
  typed: false,
  string: false,
  whole_field: false,
};

export type SignatureAgentRefusal =
  | 'signature_agent_malformed'
  | 'missing_component'
  | 'signature_agent_member_not_covered'
  | 'signature_agent_ambiguous'
  | 'signature_agent_parameters'
  | 'signature_agent_scheme'
  | 'discovery_refused';

export type ChosenSignatureAgent =
  | {
      readonly ok: true;
      readonly url: string;
      readonly form: SignatureAgentForm;
      /** The did:key that the URL spells out; null for a URL whose document has to be fetched. */
      readonly didKey: Did | null;
    }
  | { readonly ok: false; readonly reason: SignatureAgentRefusal; readonly detail: string };

type Refused = Extract<ChosenSignatureAgent, { ok: false }>;

/** Where a host publishes the keys it signs requests with. */
export const DIRECTORY_PATH = '/.well-known/http-message-signatures-directory';
/** Its only media type: Web Bot Auth wants it at that path. */
export const DIRECTORY_TYPE = 'application/http-message-signatures-directory+json';
const DID_KEY_PATH = /^\/dids\/(did:key:[A-Za-z0-9]+)\/did\.json$/;
const SCID_PATH = /^\/dids\/(Qm[1-9A-HJ-NP-Za-km-z]+)\/did\.json$/;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/;
const IP_HOST = /^(?:\[|[0-9]+(?:\.[0-9]+){3}$)/;
// An encoded dot, slash or backslash is one path to a cache and another to a server.
const AMBIGUOUS_PATH = /%(?:2e|2f|5c)/i;

function refuse(reason: SignatureAgentRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}

export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK_HOST.test(hostname);
}

/** https always; http only between processes of one machine, when the node itself is there. */
function isAllowedScheme(url: URL, loopback: boolean): boolean {
  if (url.protocol === 'https:') return true;
  return loopback && url.protocol === 'http:' && isLoopbackHost(url.hostname);
}

/** Where a node serves the document of a did:key: the Signature-Agent of an agent without a web presence. */
export function agentUrlOfDidKey(origin: string, did: Did): string {
  return `${origin}/dids/${did}/did.json`;
}

/**
 * The did:key that the URL spells out, or null. Every node serves these documents and each is a function of
 * the DID alone, so the URL is recognised on any host and never fetched.
 */
export function didKeyOfAgentUrl(text: string, { loopback }: { loopback: boolean }): Did | null {
  const url = URL.parse(text);
  if (url === null || url.href !== text || !isAllowedScheme(url, loopback)) return null;
  if (url.username || url.password || url.search || url.hash) return null;
  const did = DID_KEY_PATH.exec(url.pathname)?.[1];
  const parsed = did === undefined ? null : parseDid(did);
  return parsed !== null && publicKeyOfDidKey(parsed) !== null ? parsed : null;
}

/** Where a node serves the document of a did:webvh: the Signature-Agent of an agent whose keys change. */
export function agentUrlOfScid(origin: string, scid: string): string {
  return `${origin}/dids/${scid}/did.json`;
}

/**
 * The SCID that the URL spells out, or null. Any host may serve the log of any agent, so the URL names the agent and not
 * the host; a node that knows the agent's log fetches nothing.
 */
export function scidOfAgentUrl(text: string): string | null {
  const url = URL.parse(text);
  // Whether http on loopback is let in at all is the request policy's to say.
  if (url === null || url.href !== text || !isAllowedScheme(url, true)) return null;
  if (url.username || url.password || url.search || url.hash) return null;
  const scid = SCID_PATH.exec(url.pathname)?.[1];
  return scid !== undefined && isMultihash(scid) ? scid : null;
}

/** A URL that may be asked for a key, or why not. */
function checkUrl(url: URL, loopback: boolean): ChosenSignatureAgent {
  const { href } = url;
  const didKey = didKeyOfAgentUrl(href, { loopback });
  if (didKey !== null) return { ok: true, url: href, form: 'direct', didKey };
  if (url.username || url.password || href.includes('?') || href.includes('#')) {
    return refuse('discovery_refused', 'the agent URL has userinfo, a query or a fragment');
  }
  if (IP_HOST.test(url.hostname) && !(loopback && isLoopbackHost(url.hostname))) {
    return refuse('discovery_refused', 'the host of the agent URL is an IP address');
  }
  if (AMBIGUOUS_PATH.test(url.pathname) || url.pathname.includes('//')) {
    return refuse('discovery_refused', 'the path of the agent URL has more than one reading');
  }
  return { ok: true, url: href, form: 'direct', didKey };
}

/** What a member's value and parameters stand for. */
function readMember(
  [value, parameters]: Item,
  compat: SignatureAgentCompat,
  loopback: boolean,
): ChosenSignatureAgent {
  if (typeof value !== 'string') {
    return refuse('signature_agent_malformed', 'a Signature-Agent member must be a string');
  }
  const type = parameters.get('type');
  const typed = compat.typed && parameters.size === 1 && type instanceof Token && type.toString();
  if (parameters.size > 0 && typed !== 'directory' && typed !== 'jwks_uri') {
    return refuse(
      'signature_agent_parameters',
      'a Signature-Agent member with parameters is ignored',
    );
  }
  const url = URL.parse(value);
  if (url === null || !isAllowedScheme(url, loopback)) {
    return refuse('signature_agent_scheme', 'Signature-Agent must be an absolute https URL');
  }
  // The text must be what is fetched: a URL that changes when it is normalised would be two identities.
  if (value !== url.href && value !== url.origin) {
    return refuse('discovery_refused', 'the agent URL is not in normal form');
  }
  const bare = url.pathname === '/';
  if (typed === 'directory' && !bare) {
    return refuse('signature_agent_parameters', 'type=directory takes a bare origin');
  }
  const checked = checkUrl(url, loopback);
  if (!checked.ok || !bare || typed === 'jwks_uri') {
    return checked.ok && typed ? { ...checked, form: 'typed' } : checked;
  }
  if (!typed && !compat.origin) {
    return refuse('discovery_refused', 'the agent URL is a bare origin');
  }
  return { ...checked, url: url.origin + DIRECTORY_PATH, form: typed ? 'typed' : 'origin' };
}

function chooseMember(
  members: ReadonlyMap<string, unknown>,
  covered: readonly SignatureComponent[],
  label: string,
  compat: SignatureAgentCompat,
): { readonly ok: true; readonly key: string; readonly whole: boolean } | Refused {
  const keys = covered.flatMap((component) => component.key ?? []);
  // The draft's own example labels the signature sig2 and keys the member agent2: a covered member is enough.
  if (keys.length > 0) {
    const key = keys.length === 1 ? (keys[0] as string) : label;
    if (!keys.includes(key)) {
      return refuse('signature_agent_ambiguous', 'several members are covered, none has the label');
    }
    if (!members.has(key)) {
      return refuse('missing_component', `Signature-Agent has no member ${key}`);
    }
    return { ok: true, key, whole: false };
  }
  if (!compat.whole_field) {
    const detail = 'cover the member of Signature-Agent with ;key, not the field';
    return refuse('signature_agent_member_not_covered', detail);
  }
  const [only, second] = members.keys();
  if (only === undefined || second !== undefined) {
    const detail = 'a whole Signature-Agent field must have exactly one member';
    return refuse('signature_agent_ambiguous', detail);
  }
  return { ok: true, key: only, whole: true };
}

/**
 * The URL that a signature speaks for. `field` is the combined value, `components` what the signature covers.
 * A member that is not covered is never read: anybody on the way could have added it.
 */
export function chooseSignatureAgent(
  field: string,
  { label, components }: { label: string; components: readonly SignatureComponent[] },
  { compat, loopback }: { compat: SignatureAgentCompat; loopback: boolean },
): ChosenSignatureAgent {
  const covered = components.filter(({ name }) => name === 'signature-agent');
  if (covered.length === 0) {
    return refuse('signature_agent_member_not_covered', 'Signature-Agent is not covered');
  }
  const isString = field.trimStart().startsWith('"');
  // A String is the member of a dictionary without its key; read so, it needs no second parser.
  const members = parseStrictDictionary(isString ? `string=${field.trim()}` : field);
  if (members === null)
    return refuse('signature_agent_malformed', 'Signature-Agent is not a strict dictionary');
  if (isString) {
    if (!compat.string || members.size !== 1) {
      return refuse('signature_agent_malformed', 'Signature-Agent must be a dictionary');
    }
    if (covered.some(({ key }) => key !== null)) {
      return refuse('missing_component', 'Signature-Agent is a string and has no members');
    }
  }
  const chosen: ReturnType<typeof chooseMember> = isString
    ? { ok: true, key: 'string', whole: true }
    : chooseMember(members, covered, label, compat);
  if (!chosen.ok) return chosen;
  const member = members.get(chosen.key);
  if (member === undefined || isInnerList(member)) {
    return refuse('signature_agent_malformed', 'a Signature-Agent member must be a string');
  }
  const read = readMember(member, compat, loopback);
  if (!read.ok || !chosen.whole) return read;
  return { ...read, form: isString ? 'string' : 'whole_field' };
}
