// What a case of a DID log is, and the logs that most cases start from.
import { formatDateTime } from '../../src/protocol/date-time.ts';
import { entryHashOf } from '../../src/protocol/did-log-hash.ts';
import type { DidLogRefusal } from '../../src/protocol/did-log-refusal.ts';
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts';
import { crypto, type Forged, ForgedDidLog, START } from '../did-log-forge.ts';

export interface DidLogCase {
  readonly comment: string;
  /** Section of the did:webvh specification, or of ours. */
  readonly clause: string;
  readonly log: string;
  readonly witnesses?: string;
  readonly did?: string;
  readonly now?: number;
}

export interface RefusedCase extends DidLogCase {
  readonly error: DidLogRefusal;
  readonly version?: number;
}

type More = Partial<Pick<DidLogCase, 'witnesses' | 'did' | 'now'>>;

/** A collection of cases about one part of the method. */
export class Cases {
  readonly accepted: DidLogCase[] = [];
  readonly refused: RefusedCase[] = [];

  readonly ok = (
    clause: string,
    comment: string,
    log: ForgedDidLog | string,
    more: More = {},
  ): void => {
    this.accepted.push({ comment, clause, log: textOf(log), ...more });
  };

  /** `fault` is the reason and, behind it, the version at fault. */
  readonly bad = (
    clause: string,
    comment: string,
    fault: DidLogRefusal | `${DidLogRefusal} ${number}`,
    log: ForgedDidLog | string,
    more: More = {},
  ): void => {
    const [error, version] = fault.split(' ') as [DidLogRefusal, string?];
    const at = version === undefined ? {} : { version: Number(version) };
    this.refused.push({ comment, clause, log: textOf(log), ...more, error, ...at });
  };
}

function textOf(log: ForgedDidLog | string): string {
  return typeof log === 'string' ? log : log.text;
}

export const first = (forged: Forged = {}) => new ForgedDidLog(forged);
/** Keys that are not promised: every version is signed by key 1. */
export const plain = (forged: Forged = {}) =>
  first({ ...forged, parameters: { nextKeyHashes: [], ...forged.parameters } });
export const second = (forged: Forged = {}) => first().next(forged);
export const json = (value: JsonValue): string => JSON.stringify(value);
export const minute = (n: number): string => formatDateTime(START / 1000 + 60 * n);

/** The right versionId of a first entry. */
export function rehashed(entry: JsonObject, before: string): string {
  return `1-${entryHashOf(entry, before, crypto)}`;
}

export const PARAMETERS = '§ did:webvh DID Method Parameters';
