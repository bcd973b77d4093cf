// Who signed an archive's checkpoint: the log, by the home's key statement or the verifier's policy, and which witnesses.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod, publicKeyOfDidKey, urlToDidWeb } from '../protocol/did.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import { verifyObjectBytes } from '../protocol/object.ts';
import type { Findings } from './archive-findings.ts';
import { parseOrigin } from './archive-format.ts';
import type { ArchivedKeys } from './archive-keys.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Note, verifyNote } from './note.ts';
import { formatVerifierKey, NOTE_ED25519, type NoteVerifier, noteVerifier } from './note-key.ts';
import { evaluateQuorum, type Policy, type QuorumVerdict } from './policy.ts';

/** A node's verified statement of the key that signs its logs. */
export interface KeyStatement {
  readonly home: Did;
  readonly publicKey: Uint8Array;
}

/** Verifies the signed `Add` of a log key. A statement that does not hold is a finding, and null. */
export async function readKeyStatement(
  bytes: Uint8Array,
  keys: ArchivedKeys,
  crypto: Crypto,
  findings: Findings,
): Promise<KeyStatement | null> {
  const verdict = await verifyObjectBytes(bytes, { crypto, resolveKey: keys.resolveAt(null) });
  if (!verdict.ok) {
    findings.add('logSignature', `the key statement: ${verdict.reason}: ${verdict.detail}`);
    return null;
  }
  const { activity } = verdict.object;
  const isStatement = activity.type === 'Add' && activity.target === LOG_KEYS;
  const publicKey = isStatement ? publicKeyOfDidKey(activity.object as Did) : null;
  if (publicKey !== null) return { home: activity.actor, publicKey };
  findings.add('logSignature', 'node.json is not the statement of a log key');
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
}

/** Checks the log's signature and counts the witnesses'. Log and witnesses apart, so that each keeps its own code. */
export async function checkNote(
  note: Note,
  logKeys: readonly NoteVerifier[],
  { crypto, now, policy }: SignatureContext,
): Promise<CheckedNote> {
  const verdict = await verifyNote(note, logKeys, crypto);
  const signer = verdict.ok ? (verdict.signatures[0]?.verifier ?? null) : null;
  const logFault =
    verdict.ok || logKeys.length === 0 ? null : `${verdict.reason}: ${verdict.detail}`;
  if (policy === null) return { signer, logFault, witnesses: null, seenAt: [], early: 0 };
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
    witnesses: { ...evaluateQuorum(policy, timely, logKeys), fault },
    seenAt: timely.flatMap(({ timestamp, verifier }) => {
      const own = logKeys.some((key) => equalBytes(key.publicKey, verifier.publicKey));
      return timestamp === null || own ? [] : [timestamp];
    }),
    early: signatures.length - timely.length,
  };
}

/** What a checked note means for the archive's own checkpoint. */
export function reportNote(
  { early, logFault, signer, witnesses }: CheckedNote,
  findings: Findings,
): SignatureReport {
  if (logFault !== null) findings.add('logSignature', `the log's signature: ${logFault}`);
  const vkey = signer && formatVerifierKey(signer);
  if (witnesses === null) {
    findings.add('remark', 'no policy was given: quorum none, no witness was asked for');
    return { signer: vkey, witnesses: { quorum: 'none', met: true, names: [] } };
  }
  const { fault, met, names, quorum } = witnesses;
  if (fault !== null) findings.add('quorum', `a witness's signature: ${fault}`);
  if (early > 0) findings.add('remark', 'a cosignature from the future does not count');
  if (!met) {
    const signed = names.length === 0 ? 'no witness' : names.join(', ');
    findings.add('quorum', `the quorum ${quorum} is not met: ${signed} signed`);
  }
  return { signer: vkey, witnesses: { quorum, met, names } };
}

/** The same for a note that stands by itself. */
export async function checkSignatures(
  note: Note,
  checkpoint: Checkpoint,
  statement: KeyStatement | null,
  context: SignatureContext,
): Promise<SignatureReport> {
  const logKeys = logKeysOf(checkpoint, statement, context);
  return reportNote(await checkNote(note, logKeys, context), context.findings);
}

/** The keys that may sign for the log: those of the verifier's policy, or the one that the home has stated. */
export function logKeysOf(
  { origin }: Checkpoint,
  statement: KeyStatement | null,
  { crypto, policy, findings }: SignatureContext,
): NoteVerifier[] {
  // The verifier's own keys decide before anything the archive says of itself.
  if (policy !== null && policy.logs.length > 0) {
    const keys = policy.logs.map((log) => log.verifier).filter(({ name }) => name === origin);
    if (keys.length === 0) findings.add('logSignature', `the policy knows no key of ${origin}`);
    return keys;
  }
  const authority = parseOrigin(origin)?.authority;
  if (statement === null || authority === undefined) return [];
  const { home, publicKey } = statement;
  // A did:web node has the authority of its DID: another node must not speak under a name that looks like it.
  if (
    didMethod(home) === 'web' &&
    urlToDidWeb(`https://${authority}/.well-known/did.json`) !== home
  ) {
    findings.add('logSignature', `${home} cannot name keys of ${origin}`);
    return [];
  }
  return [noteVerifier(origin, NOTE_ED25519, publicKey, crypto)];
}
