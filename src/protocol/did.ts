// DIDs this network knows: did:key of one Ed25519 key, did:web and did:webvh, each in one spelling.

import { isMultihash, MULTIHASH_LENGTH } from './multihash.ts';
import { ed25519FromMultibase, ed25519ToMultibase } from './multikey.ts';

declare const didBrand: unique symbol;

/** A DID that `parseDid` accepts, or a subject that `subjectOf` makes of one; never a key or a path. */
export type Did = string & { readonly [didBrand]: true };

export type DidMethod = 'key' | 'web' | 'webvh';

const KEY = 'did:key:';
const WEB = 'did:web:';
const WEBVH = 'did:webvh:';
const SCID = 'did:scid:vh:1:';
/** Where the host of a did:webvh begins: after the SCID and its colon. */
const WEBVH_HOST = WEBVH.length + MULTIHASH_LENGTH + 1;
const MAX_LENGTH = 512;

const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
// URL parsers take a host that ends in such a label for an IPv4 address, and did:web has no IP addresses.
const NUMERIC_LABEL = /^(?:[0-9]+|0x[0-9a-f]*)$/;
const PORT = /^[1-9][0-9]{0,4}$/;
const SEGMENT = /^(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+$/;
// Encoded unreserved characters would be a second spelling; the others would change the path when decoded.
const REFUSED_OCTET = /%(?:[01][0-9A-F]|2[DEF35]|3[0-9AF]|4[1-9A-F]|5[0-9ACF]|6[1-9A-F]|7[0-9AEF])/;

function isHost(host: string): boolean {
  if (host.length > 253) return false;
  const labels = host.split('.');
  return (
    labels.every((label) => HOST_LABEL.test(label)) && !NUMERIC_LABEL.test(labels.at(-1) ?? '')
  );
}

/** 443 is refused: it is the default, and writing it would be a second spelling. */
function isPort(port: string): boolean {
  return PORT.test(port) && Number(port) <= 65535 && port !== '443';
}

function isSegment(segment: string): boolean {
  return (
    SEGMENT.test(segment) && !REFUSED_OCTET.test(segment) && segment !== '.' && segment !== '..'
  );
}

function isWebId(id: string): boolean {
  const [authority, ...path] = id.split(':') as [string, ...string[]];
  const [host, port, ...rest] = authority.split('%3A') as [string, ...string[]];
  if (!isHost(host) || rest.length > 0 || (port !== undefined && !isPort(port))) return false;
  // `did:web:host:.well-known` would be a second DID for the document of `did:web:host`.
  if (path.length === 1 && path[0] === '.well-known') return false;
  return path.every(isSegment);
}

function isWebvhId(text: string): boolean {
  const scid = text.slice(WEBVH.length, WEBVH_HOST - 1);
  return text[WEBVH_HOST - 1] === ':' && isMultihash(scid) && isWebId(text.slice(WEBVH_HOST));
}

/**
 * The DID, or null for anything but a did:key of 32 bytes under the Ed25519 code, a strict did:web or did:webvh.
 * Paths, queries and fragments are not part of a DID. A did:key's bytes may still be no acceptable key:
 * `Crypto.acceptsKey` decides that.
 */
export function parseDid(text: string): Did | null {
  if (text.length > MAX_LENGTH) return null;
  if (text.startsWith(KEY)) return ed25519FromMultibase(text.slice(KEY.length)) && (text as Did);
  if (text.startsWith(WEB)) return isWebId(text.slice(WEB.length)) ? (text as Did) : null;
  return text.startsWith(WEBVH) && isWebvhId(text) ? (text as Did) : null;
}

export function didMethod(did: Did): DidMethod {
  if (did.startsWith(KEY)) return 'key';
  return did.startsWith(WEB) ? 'web' : 'webvh';
}

/** The self-certifying identifier of a did:webvh, 46 characters that stay when its host changes; null for another method. */
export function scidOf(did: Did): string | null {
  return did.startsWith(WEBVH) ? did.slice(WEBVH.length, WEBVH_HOST - 1) : null;
}

/**
 * Who a DID names, whatever the DID is called now: did:key and did:web themselves, a did:webvh without its host. `parseDid`
 * refuses the form `did:scid:vh:1:<scid>`, so nobody can act under it or speak of it from outside.
 */
export function subjectOf(did: Did): Did {
  const scid = scidOf(did);
  return scid === null ? did : subjectOfScid(scid);
}

/** The subject with that SCID; whether there is such an SCID is not looked at. */
export function subjectOfScid(scid: string): Did {
  return (SCID + scid) as Did;
}

/** Reads what `subjectOf` writes, as nodes and archives say whose an erased body was. Null for anything else. */
export function parseSubject(text: string): Did | null {
  if (text.startsWith(SCID)) return isMultihash(text.slice(SCID.length)) ? (text as Did) : null;
  const did = parseDid(text);
  return did !== null && subjectOf(did) === did ? did : null;
}

/** The did:key of a 32-byte Ed25519 key. Throws `invalid_length`. */
export function didKeyOf(publicKey: Uint8Array): Did {
  return (KEY + ed25519ToMultibase(publicKey)) as Did;
}

/** The 32 bytes of a did:key's key, or null for another method. */
export function publicKeyOfDidKey(did: Did): Uint8Array | null {
  return did.startsWith(KEY) ? ed25519FromMultibase(did.slice(KEY.length)) : null;
}

/** Where a did:web's document is, always https, or null for another method. */
export function didWebToUrl(did: Did): string | null {
  return did.startsWith(WEB) ? `${folderOf(did.slice(WEB.length))}/did.json` : null;
}

/** Where a did:webvh's log is, always https, or null for another method. */
export function didWebvhToUrl(did: Did): string | null {
  return did.startsWith(WEBVH) ? `${folderOf(did.slice(WEBVH_HOST))}/did.jsonl` : null;
}

function folderOf(id: string): string {
  const [authority, ...path] = id.split(':') as [string, ...string[]];
  const folder = path.length === 0 ? '.well-known' : path.join('/');
  return `https://${authority.replace('%3A', ':')}/${folder}`;
}

const DIRECTORY = '/.well-known/http-message-signatures-directory';

/**
 * The did:web whose document the URL is, or null: the inverse of `didWebToUrl`, which also takes a host's
 * key directory for the host. Only the exact normal form counts: https, no userinfo, query, fragment, IP
 * address, default port, empty, dot or encoded-slash segment.
 */
export function urlToDidWeb(url: string): Did | null {
  const match = /^https:\/\/([a-z0-9.-]+)(:[0-9]+)?(\/[^?#]*)$/.exec(url);
  if (match === null) return null;
  const [, host = '', port = '', path = ''] = match;
  const origin = WEB + host + port.replace(':', '%3A');
  if (path === DIRECTORY || path === '/.well-known/did.json') return parseDid(origin);
  if (!path.endsWith('/did.json') || path.includes(':')) return null;
  const folder = path.slice(0, -'/did.json'.length);
  return folder === '' ? null : parseDid(origin + folder.replaceAll('/', ':'));
}
