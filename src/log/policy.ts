// Trust policies (c2sp.org/tlog-policy): which logs and witnesses a verifier knows, and how many must have signed.
import { decodeUtf8, toHex } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { VerifiedSignature } from './note.ts';
import { COSIGNATURE_V1, NOTE_ED25519, type NoteVerifier, parseVerifierKey } from './note-key.ts';

interface PolicyWitness {
  /** One character for each octet, as in all names of a policy: they are compared and never read. */
  readonly name: string;
  readonly verifier: NoteVerifier;
  readonly url: string | null;
}

interface PolicyLog {
  readonly verifier: NoteVerifier;
  readonly url: string | null;
}

interface PolicyGroup {
  readonly threshold: number;
  readonly members: readonly string[];
}

export interface Policy {
  /** May be empty when the log's key is known from elsewhere. */
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly groups: ReadonlyMap<string, PolicyGroup>;
  /** Name of a witness or group, or `none`. */
  readonly quorum: string;
}

export type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly reason: 'invalid_policy'; readonly detail: string };

// "It is strongly recommended that an implementation supports at least up to 32" of each.
const maxDefinitions = 1024;
const maxPolicySize = 1_000_000;

/** Reads a policy file. The first fault refuses all of it; `detail` names its line. */
export function parsePolicy(file: Uint8Array, crypto: Crypto): PolicyResult {
  if (file.length > maxPolicySize) return invalid('the file is larger than any policy');
  const builder = new PolicyBuilder(crypto);
  let number = 0;
  for (const { line, fault: wrong } of octetLines(file)) {
    number += 1;
    const fault = wrong ?? builder.add(line);
    if (fault !== null) return invalid(`line ${number}: ${fault}`);
  }
  return builder.finish();
}

/** Which of the policy's witnesses have signed, and whether they are enough. */
export interface QuorumVerdict {
  readonly met: boolean;
  /** The name of what must have signed, or `none`; names are text here. */
  readonly quorum: string;
  /** The policy's names of the witnesses that count. */
  readonly names: readonly string[];
}

/**
 * Counts cosignatures against the quorum. A witness whose key is among `logKeys` does not count: a log that vouches for
 * itself shows nothing.
 */
export function evaluateQuorum(
  policy: Policy,
  signatures: readonly VerifiedSignature[],
  logKeys: readonly NoteVerifier[] = [],
): QuorumVerdict {
  const own = new Set(logKeys.map((key) => toHex(key.publicKey)));
  const signed = new Set(
    signatures
      .filter(({ verifier }) => verifier.type === COSIGNATURE_V1)
      .map(({ verifier }) => `${verifier.name}+${verifier.keyId}+${toHex(verifier.publicKey)}`),
  );
  const names = policy.witnesses
    .filter(({ verifier }) => !own.has(toHex(verifier.publicKey)))
    .filter(({ verifier: { name, keyId, publicKey } }) =>
      signed.has(`${name}+${keyId}+${toHex(publicKey)}`),
    )
    .map(({ name }) => name);
  // Groups name only what stands above them, so one pass in order settles every group.
  const witnessed = new Set(names);
  for (const [name, { threshold, members }] of policy.groups) {
    if (members.filter((member) => witnessed.has(member)).length >= threshold) witnessed.add(name);
  }
  const met = policy.quorum === 'none' || witnessed.has(policy.quorum);
  return { met, quorum: textOf(policy.quorum), names: names.map(textOf) };
}

class PolicyBuilder {
  readonly #crypto: Crypto;
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups = new Map<string, PolicyGroup>();
  readonly #names = new Set<string>(['none']);
  readonly #members = new Set<string>();
  readonly #logKeys = new Set<string>();
  readonly #witnessKeys = new Set<string>();
  #quorum: string | null = null;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** Takes in one line; answers with what is wrong with it, or null. */
  add(line: string): string | null {
    const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
    if (keyword === undefined || keyword.startsWith('#')) return null;
    if (this.#logs.length + this.#names.size > maxDefinitions) return 'too many definitions';
    switch (keyword) {
      case 'log':
        return this.#addLog(items);
      case 'witness':
        return this.#addWitness(items);
      case 'group':
        return this.#addGroup(items);
      case 'quorum':
        return this.#setQuorum(items);
      default:
        return 'not log, witness, group or quorum';
    }
  }

  finish(): PolicyResult {
    if (this.#quorum === null) return invalid('no quorum line');
    return {
      ok: true,
      policy: {
        logs: this.#logs,
        witnesses: this.#witnesses,
        groups: this.#groups,
        quorum: this.#quorum,
      },
    };
  }

  #addLog(items: string[]): string | null {
    const [vkey, url] = items;
    if (vkey === undefined || items.length > 2) return 'log takes a vkey and perhaps a URL';
    const verifier = this.#key(vkey, NOTE_ED25519, this.#logKeys);
    if (typeof verifier === 'string') return verifier;
    this.#logs.push({ verifier, url: url === undefined ? null : textOf(url) });
    return null;
  }

  #addWitness(items: string[]): string | null {
    const [name, vkey, url] = items;
    if (name === undefined || vkey === undefined || items.length > 3) {
      return 'witness takes a name, a vkey and perhaps a URL';
    }
    if (this.#names.has(name)) return `the name ${textOf(name)} is taken`;
    const verifier = this.#key(vkey, COSIGNATURE_V1, this.#witnessKeys);
    if (typeof verifier === 'string') return verifier;
    this.#names.add(name);
    this.#witnesses.push({ name, verifier, url: url === undefined ? null : textOf(url) });
    return null;
  }

  #addGroup(items: string[]): string | null {
    const [name, rule, ...members] = items;
    if (name === undefined || rule === undefined || members.length === 0) {
      return 'group takes a name, a threshold and members';
    }
    if (this.#names.has(name)) return `the name ${textOf(name)} is taken`;
    for (const member of members) {
      if (member === 'none' || !this.#names.has(member)) return `${textOf(member)} is not defined`;
      // "Each defined name can be listed as a group member at most once", in all groups together.
      if (this.#members.has(member)) return `${textOf(member)} is in a group already`;
      this.#members.add(member);
    }
    const threshold = rule === 'any' ? 1 : rule === 'all' ? members.length : decimal(rule);
    if (threshold === null || threshold > members.length) return `threshold ${textOf(rule)}`;
    this.#names.add(name);
    this.#groups.set(name, { threshold, members });
    return null;
  }

  #setQuorum(items: string[]): string | null {
    const [name] = items;
    if (name === undefined || items.length > 1) return 'quorum takes one name';
    if (this.#quorum !== null) return 'a second quorum line';
    if (!this.#names.has(name)) return `${textOf(name)} is not defined`;
    this.#quorum = name;
    return null;
  }

  #key(token: string, type: number, seen: Set<string>): NoteVerifier | string {
    const parsed = parseVerifierKey(textOf(token), this.#crypto);
    if (!parsed.ok) return `${parsed.reason}: ${parsed.detail}`;
    if (parsed.verifier.type !== type) return `a key of type ${parsed.verifier.type} here`;
    // Two vkeys are duplicates by the key they wrap, whatever they call it: else one operator counts twice.
    const key = toHex(parsed.verifier.publicKey);
    if (seen.has(key)) return 'this public key is listed already';
    seen.add(key);
    return parsed.verifier;
  }
}

/** Lines as strings with one character for each octet: names are opaque octets, whatever they spell. */
function* octetLines(file: Uint8Array): Generator<{ line: string; fault: string | null }> {
  let line = '';
  let fault: string | null = null;
  for (const octet of file) {
    if (octet === 0x0a) {
      yield { line, fault };
      line = '';
      fault = null;
    } else {
      if ((octet < 0x20 && octet !== 0x09) || octet === 0x7f) fault = 'control character';
      line += String.fromCharCode(octet);
    }
  }
  if (line !== '') yield { line, fault: fault ?? 'no newline at the end' };
}

/** The UTF-8 text of an octet string, or the octets as they are where they are no UTF-8. */
function textOf(octets: string): string {
  const bytes = Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
  try {
    return decodeUtf8(bytes);
  } catch {
    return octets;
  }
}

function decimal(digits: string): number | null {
  return /^[1-9][0-9]{0,3}$/.test(digits) ? Number(digits) : null;
}

function invalid(detail: string): PolicyResult {
  return { ok: false, reason: 'invalid_policy', detail };
}
