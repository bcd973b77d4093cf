// The https addresses under which ActivityPub software knows groups, agents, posts and acts of this node: pure work on strings.
import { type Did, parseDid, parseSubject, subjectOf, subjectOfScid } from '../protocol/did.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';

const KEY = 'did:key:';
const SCID = subjectOfScid('');
const WEB = 'did:web:';
const SLUG = /^[a-z0-9][a-z0-9-]{0,28}[a-z0-9]$/;

/** What the addresses of one node are made of: its URL origin. */
export type Origin = string;

/** The actor of a submolt at home here. */
export function groupUrl(origin: Origin, slug: string): string {
  return `${origin}/c/${slug}`;
}

/** The actor of an agent, by subject: it stays when a did:webvh moves. */
export function agentUrl(origin: Origin, agent: Did): string {
  return `${origin}/u/${agentSegment(agent)}`;
}

/** A post or comment as it stands. The hash is the name of its `Create`, so ni: and https are the same text. */
export function objectUrl(origin: Origin, name: ObjectName): string {
  return `${origin}/o/${idOf(name)}`;
}

/** An act, by the name of the signed object. */
export function activityUrl(origin: Origin, name: ObjectName): string {
  return `${origin}/a/${idOf(name)}`;
}

/** The same however often it is sent, and after a restore too: a receiver knows it again. */
export function announceUrl(origin: Origin, slug: string, name: ObjectName): string {
  return `${groupUrl(origin, slug)}/announces/${idOf(name)}`;
}

/** Last part of an agent's address: the Multikey of a did:key, the SCID of a did:webvh, the whole DID of a did:web. */
export function agentSegment(agent: Did): string {
  const subject = subjectOf(agent);
  if (subject.startsWith(KEY)) return subject.slice(KEY.length);
  if (subject.startsWith(SCID)) return subject.slice(SCID.length);
  return subject.replaceAll('%', '%25');
}

/** The subject that a decoded segment names, by any of the agent's DIDs too; null for anything else. */
export function parseAgentSegment(segment: string): Did | null {
  const did = parseDid(segment) ?? parseDid(KEY + segment);
  return did === null ? parseSubject(SCID + segment) : subjectOf(did);
}

const ESCAPES = [
  ['_', '_u'],
  [':', '_c'],
  ['%', '_p'],
] as const;

/**
 * What stands before the `@host` of an agent's account. A submolt's slug is at most 30 characters of letters, digits and hyphens;
 * an agent's name is longer, or has a dot or an underscore: no name is both. Null for a did:web that could be taken for a slug.
 */
export function accountName(agent: Did): string | null {
  const subject = subjectOf(agent);
  if (!subject.startsWith(WEB)) return agentSegment(subject);
  const id = subject.slice(WEB.length);
  const name = ESCAPES.reduce((text, [plain, escaped]) => text.replaceAll(plain, escaped), id);
  return SLUG.test(name) ? null : name;
}

/** The inverse of `accountName`. */
export function parseAccountName(name: string): Did | null {
  const found = parseAgentSegment(name);
  if (found !== null) return accountName(found) === name ? found : null;
  const id = name.replace(
    /_[ucp]/g,
    (found) => ESCAPES.find(([, escaped]) => escaped === found)?.[0] ?? '',
  );
  const did = parseDid(WEB + id);
  return did !== null && accountName(did) === name ? did : null;
}

/** True for text that may be a submolt's slug. */
export function isSlug(text: string): boolean {
  return SLUG.test(text);
}
