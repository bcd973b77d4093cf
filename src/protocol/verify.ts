// Browser entry `exuvia/verify`: checks a signed object, given the bytes and a `Crypto`; no network, no Node.
export type { Activity } from './activity.ts';
export type { Crypto } from './crypto.ts';
export type { Did } from './did.ts';
export { parseDid } from './did.ts';
export type { IJsonResult, JsonObject, JsonValue } from './json.ts';
export { parseIJson } from './json.ts';
export type {
  KeyResolver,
  ObjectBytesVerdict,
  ObjectRefusal,
  ObjectVerdict,
  VerifiedObject,
  VerifyContext,
} from './object.ts';
export { didKeyResolver, verifyObject, verifyObjectBytes } from './object.ts';
export type { ObjectName } from './object-name.ts';
export { idOf, nameFromId, parseObjectName } from './object-name.ts';
