// Before a node writes anything: asks its peers whether they hold heads of its logs that it has signed and does not have.
import type { CommandContext } from '../commands/context.ts';
import { CommandError } from '../commands/error.ts';
import { judgeOwnHead } from '../commands/own-heads.ts';
import { NetError } from '../net/error.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import type { Peer } from '../store/peers.ts';
import { listPeers } from '../store/queries/peers.ts';

/** Those in contact last know most. */
const MAX_PEERS = 16;
const MAX_PAGES = 16;
const LIMITS = { timeMs: 3_000, maxBytes: 1024 * 1024 } as const;

type Context = Pick<CommandContext, 'crypto' | 'db' | 'node'>;

/**
 * Throws CommandError `rolled_back` if a peer shows a head of a log of this node, signed by its own key, that does not
 * belong to what is stored: a database restored from an old copy would sign a second history over it. Resolves to how
 * many peers were asked and how many have answered; a peer that is silent holds up nothing.
 */
export async function refuseRollback(
  context: Context,
  fetch: Pick<GuardedFetch, 'request'>,
): Promise<{ readonly asked: number; readonly answered: number }> {
  const peers = (await listPeers(context.db))
    .toSorted((a, b) => (b.contactedAt ?? 0) - (a.contactedAt ?? 0))
    .slice(0, MAX_PEERS);
  const answers = await Promise.all(peers.map((peer) => readHeads(context, fetch, peer)));
  for (const [i, notes] of answers.entries()) {
    for (const note of notes ?? []) {
      const judged = await judgeOwnHead(context, note);
      if (judged.kind !== 'behind' && judged.kind !== 'forked') continue;
      const { origin, size } = judged.checkpoint;
      const here =
        judged.kind === 'behind' ? `ends at ${judged.size} here` : 'has another root here';
      throw new CommandError(
        'rolled_back',
        `${peers[i]?.url} holds a head of ${origin} at size ${size}, signed by this node, and the log ${here}. The database is older than what was signed: restore the newest copy of the data folder. Nothing has been signed.`,
      );
    }
  }
  return { asked: peers.length, answered: answers.filter((notes) => notes !== null).length };
}

/** The signed heads of this node's logs that the peer holds, or null if it cannot be asked. */
async function readHeads(
  { node }: Context,
  fetch: Pick<GuardedFetch, 'request'>,
  { url }: Peer,
): Promise<string[] | null> {
  const notes: string[] = [];
  let after: string | null = '';
  for (let page = 0; page < MAX_PAGES && after !== null; page++) {
    const query = new URLSearchParams({ of: node.authority, ...(after === '' ? {} : { after }) });
    try {
      const response = await fetch.request(`${url}/checkpoints?${query}`, LIMITS);
      const parsed = response.status === 200 ? parseIJson(response.body) : null;
      if (!parsed?.ok || !isObject(parsed.value)) return page === 0 ? null : notes;
      const { checkpoints, next } = parsed.value;
      if (!Array.isArray(checkpoints)) return notes;
      notes.push(...checkpoints.filter((note) => typeof note === 'string'));
      after = typeof next === 'string' ? next : null;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return page === 0 ? null : notes;
    }
  }
  return notes;
}
