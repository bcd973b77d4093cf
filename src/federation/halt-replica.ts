// Stops a replica whose home has given something that does not verify, and keeps what proves it.
import { recordDeadLetter } from '../commands/record-dead-letter.ts';
import { recordSource } from '../commands/record-source.ts';
import { openCheckpoint } from '../log/checkpoint.ts';
import { ownSignatureOnly } from '../log/evidence-file.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import type { LogHead } from '../store/logs.ts';
import type { FederationContext } from './context.ts';
import { settleAtOnce } from './settle-heads.ts';

export interface Finding {
  /** Home of the log. */
  readonly peer: Did;
  /** `fork`, `root_mismatch`, or the reason an entry was refused for. */
  readonly code: string;
  readonly detail: string;
  readonly index: number | null;
  /** The checkpoint that came with it. */
  readonly theirs: string;
  readonly knownSize: number;
}

/**
 * Writes the evidence first and halts the replica then, so that no crash leaves a halted replica without its reason.
 * Both checkpoints are kept, as JSON: `ours` is the newest one that the replica was proven under.
 */
export async function haltReplica(
  context: FederationContext,
  log: LogHead,
  finding: Finding,
): Promise<void> {
  const { peer, code, detail, index, theirs, knownSize } = finding;
  const { origin } = log;
  const bytes = utf8(JSON.stringify({ ours: log.checkpoint, theirs }));
  const { sequencer } = context;
  await recordDeadLetter(context, sequencer, { peer, origin, index, code, detail, bytes });
  await recordSource(context, sequencer, origin, { knownSize, halted: `${code}: ${detail}` });
  await accuse(context, log, theirs);
}

/** The head that came with the fault may convict the home by itself, at once or when its tree has been looked at. */
async function accuse(context: FederationContext, log: LogHead, note: string): Promise<void> {
  const { crypto } = context;
  const verifier = noteVerifier(log.origin, NOTE_ED25519, log.logKey, crypto);
  const opened = await openCheckpoint(note, [verifier], crypto, log.origin);
  const own = ownSignatureOnly(note, [verifier]);
  if (!opened.ok || own === null || opened.checkpoint.size === 0) return;
  await settleAtOnce(context, { checkpoint: opened.checkpoint, note: own, source: '' });
}
