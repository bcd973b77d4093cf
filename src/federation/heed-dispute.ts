// Heads of one log that this node was asked to cosign, and no way was shown from one to the other: there may be none.
import type { DisputedHead } from '../commands/witness.ts';
import { uncosigned } from '../log/evidence-file.ts';
import { type Accuser, settleHead } from './settle-heads.ts';

/** Both are signed by the log's key. A wrong proof proves nothing: the tree decides, when it has been looked at. */
export async function heedDispute(
  accuser: Accuser & { readonly poke: () => void },
  heads: readonly DisputedHead[],
): Promise<void> {
  for (const { checkpoint, note } of heads) {
    await settleHead(accuser, { checkpoint, note: uncosigned(note), source: '' });
  }
  accuser.poke();
}
