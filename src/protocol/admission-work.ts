// A proof of work for one agent at one node: what lets it in where that is asked for.
import { utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { type Did, subjectOf } from './did.ts';

/** Seconds for which a proof of work counts, and by which a clock may be ahead. */
const WORK_LASTS = 3_600;
const AHEAD = 300;
const NONCE = /^[A-Za-z0-9_-]{1,64}$/;

export interface Work {
  /** When it was begun, in seconds. */
  readonly at: number;
  readonly nonce: string;
}

/** Bound to one node and one agent, under whatever name the agent goes by then. */
function workText(node: Did, agent: Did, { at, nonce }: Work): string {
  return `exuvia-admission-v1\n${node}\n${subjectOf(agent)}\n${at}\n${nonce}`;
}

/** Zero bits that the SHA-256 of the text begins with. */
function bitsOf(hash: Uint8Array): number {
  const first = hash.findIndex((byte) => byte !== 0);
  return first < 0 ? hash.length * 8 : first * 8 + Math.clz32(hash[first] as number) - 24;
}

export interface WorkFor {
  readonly node: Did;
  readonly agent: Did;
  readonly bits: number;
}

export type WorkVerdict = 'ok' | 'malformed' | 'too_old' | 'from_the_future' | 'insufficient';

/** `now` in seconds. */
export function checkWork(
  { agent, bits, node }: WorkFor,
  work: Work,
  now: number,
  crypto: Pick<Crypto, 'sha256'>,
): WorkVerdict {
  if (!Number.isSafeInteger(work.at) || !NONCE.test(work.nonce)) return 'malformed';
  if (work.at < now - WORK_LASTS) return 'too_old';
  if (work.at > now + AHEAD) return 'from_the_future';
  return bitsOf(crypto.sha256(utf8(workText(node, agent, work)))) >= bits ? 'ok' : 'insufficient';
}

/** Tries nonces from `from` on, so many; null if none of them does. About one in 2^bits does. */
export function tryWork(
  wanted: WorkFor,
  at: number,
  { from, tries }: { readonly from: number; readonly tries: number },
  crypto: Pick<Crypto, 'sha256'>,
): Work | null {
  for (let i = from; i < from + tries; i++) {
    const work = { at, nonce: String(i) };
    if (bitsOf(crypto.sha256(utf8(workText(wanted.node, wanted.agent, work)))) >= wanted.bits) {
      return work;
    }
  }
  return null;
}
