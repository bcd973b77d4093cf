// States in the system log what all submolt logs of this node have come to, if that has changed.
import { record } from '../commands/admit.ts';
import { stateOwn } from '../commands/sign-own.ts';
import { formatHeads, sameHeads, sortHeads } from '../log/heads.ts';
import { readHeads, upsertHeads } from '../store/heads.ts';
import type { FederationContext } from './context.ts';

/** The statement first: if it is not written down which heads it has, the next one has them all again. */
export async function stateHeads(context: FederationContext): Promise<void> {
  const { crypto, db, node, sequencer } = context;
  const { signed, stated } = await readHeads(db);
  const heads = sortHeads(signed);
  if (sameHeads(heads, sortHeads(stated))) return;
  const content = formatHeads(node.authority, heads, crypto);
  const object = { type: 'Document', mediaType: 'text/plain', content } as const;
  await stateOwn(context, sequencer, { type: 'Update', object });
  const known = new Map(stated.map((head) => [head.origin, head]));
  const changed = signed.filter((head) => !sameHeads([head], [known.get(head.origin) ?? NO_HEAD]));
  await record(context, sequencer, upsertHeads(changed));
}

const NO_HEAD = { origin: '', size: 0, root: new Uint8Array(0) };
