// Has the newest checkpoint of a log cosigned by the panel, and keeps the note with what it got: fewer are better than none.
import { record } from '../commands/admit.ts';
import { witnessName } from '../commands/origin.ts';
import { formatNote, type Note, type NoteSignature, parseNote } from '../log/note.ts';
import { findCosigned, upsertCosigned } from '../store/cosigned.ts';
import { findLog } from '../store/queries/logs.ts';
import { askWitness, type PanelMember, type WitnessReply } from './ask-witness.ts';
import type { FederationContext } from './context.ts';
import { readWitnessed } from './read-witnessed.ts';

/** "Verifiers MUST accept at least up to 16 signatures" (c2sp.org/signed-note): with more, a resting log could become unreadable as panels change. */
const MAX_SIGNATURES = 16;

export interface Cosigning {
  readonly panel: readonly PanelMember[];
  /** Those that have cosigned this size are asked as well: what they say is of now. */
  readonly refresh: boolean;
  /** Told what became of each request. */
  readonly heard: (witness: PanelMember, reply: WitnessReply) => void;
}

export interface CosigningOutcome {
  /** The whole panel has cosigned the size there was. */
  readonly complete: boolean;
  /** Names of the keys that have signed it; null where there was nothing to cosign. */
  readonly names: ReadonlySet<string> | null;
}

export async function cosignLog(
  context: FederationContext,
  origin: string,
  { heard, panel, refresh }: Cosigning,
): Promise<CosigningOutcome> {
  const { db, now, sequencer } = context;
  const log = await findLog(db, origin);
  const parsed = log?.checkpoint ? parseNote(log.checkpoint) : null;
  if (log === null || parsed?.ok !== true) return { complete: true, names: null };
  const { note } = parsed;
  const before = await findCosigned(db, log.id);
  const guess = before?.size ?? 0;
  const signers = new Set(note.signatures.map(({ name }) => name));
  const asked = panel.filter((witness) => refresh || !signers.has(keyNameOf(witness)));
  const got: NoteSignature[] = [];
  const disputing: PanelMember[] = [];
  await Promise.all(
    asked.map(async (witness) => {
      const reply = await askWitness(context, witness, log, note, guess);
      if (reply.kind === 'cosigned') got.push(reply.signature);
      if (reply.kind === 'disputed') disputing.push(witness);
      heard(witness, reply);
    }),
  );
  if (got.length > 0) {
    const signatures = addSignatures(note, got, new Set([origin, ...panel.map(keyNameOf)]));
    const cosigned = formatNote({ text: note.text, signatures });
    const next = { size: log.signedSize, note: cosigned, cosignedAt: now() };
    await record(context, sequencer, [upsertCosigned(log.id, next)]);
  }
  // What they have cosigned this node has signed: that may be more than is here, or another history. It delays nothing that was got.
  await Promise.all(disputing.map(({ url }) => readWitnessed(context, url, origin)));
  const names = new Set([...signers, ...got.map(({ name }) => name)]);
  return { complete: got.length === asked.length, names };
}

/** Who is no longer asked stays for those who know it, as long as there is room: the oldest go first. `needed`: names that stay. */
function addSignatures(
  note: Note,
  got: readonly NoteSignature[],
  needed: ReadonlySet<string>,
): NoteSignature[] {
  const renewed = new Set(got.map(({ name }) => name));
  const kept = note.signatures.filter(({ name }) => !renewed.has(name));
  let surplus = kept.length + got.length - MAX_SIGNATURES;
  const staying = kept.filter(({ name }) => needed.has(name) || surplus-- <= 0);
  return [...staying, ...got.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
}

/** The name under which a node cosigns. */
export function keyNameOf({ url }: Pick<PanelMember, 'url'>): string {
  return witnessName({ authority: new URL(url).host });
}
