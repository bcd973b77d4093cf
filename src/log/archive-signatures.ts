// Who signed an archive's checkpoint: the log, by the home's key statement or the verifier's policy, and which witnesses.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { didMethod, urlToDidWeb } from '../protocol/did.ts';
import { parseIJson } from '../protocol/json.ts';
import type { Findings } from './archive-findings.ts';
import { parseOrigin } from './archive-format.ts';
import type { ArchivedKeys } from './archive-keys.ts';
import type { Checkpoint } from './checkpoint.ts';
import { encodeKeyChain, type KeyChain, MAX_CHAIN_BYTES, verifyKeyChain } from './key-chain.ts';
import { type Note, verifyNote } from './note.ts';
import { formatVerifierKey, NOTE_ED25519, type NoteVerifier, noteVerifier } from './note-key.ts';
import { evaluateQuorum, type Policy, type QuorumVerdict } from './policy.ts';

/** Verifies what stands in node.json, or a receipt file. A chain that does not hold is a finding, and null. */
export async function readKeyChain(
  bytes: Uint8Array,
  keys: ArchivedKeys,
  crypto: Crypto,
  findings: Findings,
): Promise<KeyChain | null> {
  const parsed = parseIJson(bytes, { maxBytes: MAX_CHAIN_BYTES });
  const verdict = parsed.ok
    ? await verifyKeyChain(parsed.value, { crypto, resolveKey: keys.resolveAt(null) })
    : parsed;
  if (!verdict.ok) {
    findings.add('logSignature', `the key statement: ${verdict.detail}`);
    return null;
  }
  const { chain } = verdict;
  if (equalBytes(encodeKeyChain(chain.statements.map((one) => one.bytes)), bytes)) return chain;
  findings.add('logSignature', 'the key statement: not_canonical');
  return null;
}

export interface SignatureReport {
  /** The vkey of the log's key that signed, or null. */
  readonly signer: string | null;
  readonly witnesses: {
    /** The policy's quorum, `none` without a policy. */
    readonly quorum: string;
    readonly met: boolean;
    /** The policy's names of the witnesses that cosigned. */
    readonly names: readonly string[];
  };
}

export interface SignatureContext {
  readonly crypto: Crypto;
  readonly policy: Policy | null;
  /** Milliseconds. */
  readonly now: number;
  readonly findings: Findings;
}

/** Seconds by which a witness's clock may be ahead of the verifier's. */
const CLOCK_SKEW = 300;

/** Who has signed one note. */
export interface CheckedNote {
  readonly signer: NoteVerifier | null;
  /** Why the log's signature does not count; null if it does, and where no key is known. */
  readonly logFault: string | null;
  /** Null without a policy. */
  readonly witnesses: (QuorumVerdict & { readonly fault: string | null }) | null;
  /** Seconds that those witnesses state. */
  readonly seenAt: readonly number[];
  /** Cosignatures that are dated beyond the verifier's own clock. */
  readonly early: number;
  /** Lines that are not the log's; without a policy nobody's word for who they are by. */
  readonly others: number;
}

/** The keys of a log, as far as a verifier knows them. */
export interface LogKeys {
  /** Those that count for the newest head: the verifier's own, or the one that the home has stated last. */
  readonly current: readonly NoteVerifier[];
  /** Those that count for what stands by itself, such as a receipt: the verifier's own, or all that the home has stated. */
  readonly trusted: readonly NoteVerifier[];
  /** All of both: for heads that the newest one has to go on from, so that it matters little who has signed them. */
  readonly all: readonly NoteVerifier[];
}

/** Checks the log's signature and counts the witnesses'. Log and witnesses apart, so that each keeps its own code. */
export async function checkNote(
  note: Note,
  { all, counting }: { readonly all: LogKeys['all']; readonly counting: LogKeys['all'] },
  { crypto, now, policy }: SignatureContext,
): Promise<CheckedNote> {
  const verdict = await verifyNote(note, counting, crypto);
  // Of the keys that have signed the last one is the one that counts on.
  const signer = verdict.ok ? (verdict.signatures.at(-1)?.verifier ?? null) : null;
  const logFault =
    verdict.ok || counting.length === 0
      ? null
      : `${verdict.reason}: ${verdict.detail}${await describeOther(note, all, crypto)}`;
  const others = note.signatures.filter(({ name }) => all.every((key) => key.name !== name)).length;
  if (policy === null) return { signer, logFault, witnesses: null, seenAt: [], early: 0, others };
  const keys = policy.witnesses.map(({ verifier }) => verifier);
  const cosigned = await verifyNote(note, keys, crypto);
  const fault =
    cosigned.ok || cosigned.reason === 'no_known_signature'
      ? null
      : `${cosigned.reason}: ${cosigned.detail}`;
  const signatures = cosigned.ok ? cosigned.signatures : [];
  // c2sp.org/tlog-cosignature: "verifiers MAY reject cosignatures with timestamps in the future".
  const timely = signatures.filter(({ timestamp }) => (timestamp ?? 0) <= now / 1000 + CLOCK_SKEW);
  return {
    signer,
    logFault,
    witnesses: { ...evaluateQuorum(policy, timely, all), fault },
    seenAt: timely.flatMap(({ timestamp, verifier }) => {
      const own = all.some((key) => equalBytes(key.publicKey, verifier.publicKey));
      return timestamp === null || own ? [] : [timestamp];
    }),
    early: signatures.length - timely.length,
    others,
  };
}

/** Which other key of the home has signed it: one that was replaced, or one that the verifier's policy does not have. */
async function describeOther(note: Note, all: LogKeys['all'], crypto: Crypto): Promise<string> {
  const verdict = await verifyNote(note, all, crypto);
  const other = verdict.ok ? verdict.signatures.at(-1) : undefined;
  return other === undefined
    ? ''
    : `, but another key of the home: ${formatVerifierKey(other.verifier)}`;
}

/** What a checked note means for the archive's own checkpoint. */
export function reportNote(
  { early, logFault, others, signer, witnesses }: CheckedNote,
  findings: Findings,
): SignatureReport {
  if (logFault !== null) findings.add('logSignature', `the log's signature: ${logFault}`);
  const vkey = signer && formatVerifierKey(signer);
  if (witnesses === null) {
    const unasked = 'no policy was given: quorum none, no witness was asked for';
    const there = others === 0 ? '' : `; ${others} signatures of others were not looked at`;
    findings.add('remark', `${unasked}${there}`);
    return { signer: vkey, witnesses: { quorum: 'none', met: true, names: [] } };
  }
  const { met, names, quorum } = witnesses;
  reportWitnesses('the checkpoint', { witnesses }, findings);
  if (early > 0) findings.add('remark', 'a cosignature from the future does not count');
  if (!met) {
    const signed = names.length === 0 ? 'no witness' : names.join(', ');
    findings.add('quorum', `the quorum ${quorum} is not met: ${signed} signed`);
  }
  return { signer: vkey, witnesses: { quorum, met, names } };
}

/** c2sp.org/signed-note: a known key's signature that does not verify refuses the note, whether or not it was needed. */
export function reportWitnesses(
  name: string,
  { witnesses }: Pick<CheckedNote, 'witnesses'>,
  findings: Findings,
): void {
  const fault = witnesses?.fault ?? null;
  if (fault !== null) findings.add('quorum', `${name}: a witness's signature: ${fault}`);
}

/** The keys that may sign for the log: those of the verifier's policy, or those that the home has stated. */
export function logKeysOf(
  { origin }: Pick<Checkpoint, 'origin'>,
  chain: KeyChain | null,
  { crypto, policy, findings }: SignatureContext,
): LogKeys {
  const stated = statedKeys(origin, chain, crypto);
  // The verifier's own keys decide before anything the archive says of itself.
  if (policy !== null && policy.logs.length > 0) {
    const current = policy.logs.map((log) => log.verifier).filter(({ name }) => name === origin);
    if (current.length === 0) findings.add('logSignature', `the policy knows no key of ${origin}`);
    const others = (stated ?? []).filter(({ publicKey }) =>
      current.every((key) => !equalBytes(key.publicKey, publicKey)),
    );
    return { current, trusted: current, all: [...others, ...current] };
  }
  if (stated === null) {
    findings.add('logSignature', `${chain?.home} cannot name keys of ${origin}`);
    return { current: [], trusted: [], all: [] };
  }
  return { current: stated.slice(-1), trusted: stated, all: stated };
}

/** Oldest first; null if it is not for this home to name keys of the log. */
function statedKeys(origin: string, chain: KeyChain | null, crypto: Crypto): NoteVerifier[] | null {
  const authority = parseOrigin(origin)?.authority;
  if (chain === null || authority === undefined) return [];
  const { home, keys } = chain;
  // A did:web node has the authority of its DID: another node must not speak under a name that looks like it.
  const document = `https://${authority}/.well-known/did.json`;
  if (didMethod(home) === 'web' && urlToDidWeb(document) !== home) return null;
  return keys.map((key) => noteVerifier(origin, NOTE_ED25519, key, crypto));
}
