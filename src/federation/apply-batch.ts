// Applies proven entries with the keys that are known, and sorts what became of them into applied, later and never.
import { applyEntries, type EntriesBatch, type EntriesRefusal } from '../commands/apply-entries.ts';
import type { CommandContext } from '../commands/context.ts';
import { namedAuthor } from '../commands/replicated-entry.ts';
import { didMethod } from '../protocol/did.ts';
import type { FederationContext } from './context.ts';

export type AppliedBatch =
  | { readonly kind: 'applied'; readonly size: number }
  /** Nothing is wrong with the entries, but they cannot be applied now; `early`: their time has not come. */
  | { readonly kind: 'later' | 'early'; readonly detail: string }
  | { readonly kind: 'replayed'; readonly detail: string }
  /** The entries are not what an honest home sends. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly detail: string;
      readonly index: number | null;
    };

/** Reasons that say nothing against the home: the replica has moved, or is gone, since the batch was made. */
const PASSING: ReadonlySet<EntriesRefusal['reason']> = new Set(['gap', 'log_unknown']);
/** What a key resolver cannot have is not for the home to answer for: the author's host may be down, or have changed keys. */
const KEY_TROUBLE = new Set(['key_unresolvable', 'key_not_found']);

/** Opens no connection: keys that are not known by now make the batch wait. */
export async function applyBatch(
  context: CommandContext & Pick<FederationContext, 'keys' | 'sequencer'>,
  batch: EntriesBatch,
): Promise<AppliedBatch> {
  const outcome = await applyEntries(context, context.sequencer, batch, context.keys.cachedAt);
  if (outcome.ok) return { kind: 'applied', size: outcome.size };
  const { detail, index = null, objectReason, reason } = outcome;
  if (reason === 'replayed') return { kind: 'replayed', detail };
  if (reason === 'too_early') return { kind: 'early', detail };
  const isTrouble = objectReason !== undefined && KEY_TROUBLE.has(objectReason);
  if (PASSING.has(reason) || (isTrouble && !isStated(batch, index))) {
    return { kind: 'later', detail };
  }
  return { kind: 'refused', code: objectReason ?? reason, detail, index };
}

/** The keys of a did:webvh stand in the log, or the home should not have let the object in. */
function isStated({ entries, start }: EntriesBatch, index: number | null): boolean {
  const body = index === null ? undefined : entries[index - start]?.body;
  if (body === undefined) return false;
  const author = namedAuthor(body);
  return author !== null && didMethod(author.did) === 'webvh';
}
