// Asks another node which signed heads of this node's logs it holds.
import type { NodeIdentity } from '../commands/context.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import { failure, type PeerClient } from './peer-client.ts';
import type { Fetched } from './remote-log.ts';

const MAX_PAGES = 16;
const LIMITS = { timeMs: 3_000, maxBytes: 1024 * 1024 } as const;

/** Notes, not verified, from the node at `url`, a URL origin. An answer that breaks off gives what has come. */
export async function askOwnHeads(
  client: Pick<PeerClient, 'read'>,
  { authority }: Pick<NodeIdentity, 'authority'>,
  url: string,
): Promise<Fetched<readonly string[]>> {
  const notes: string[] = [];
  let after: string | null = '';
  for (let page = 0; page < MAX_PAGES && after !== null; page++) {
    const query = new URLSearchParams({ of: authority, ...(after === '' ? {} : { after }) });
    const reply = await client.read(`${url}/checkpoints?${query}`, LIMITS);
    const heads = reply.ok ? parseHeads(reply.body) : null;
    if (heads === null) {
      if (page > 0) break;
      if (!reply.ok) return reply;
      return failure({ again: true, detail: `${url}/checkpoints gives something else than heads` });
    }
    notes.push(...heads.notes);
    after = heads.next;
  }
  return { ok: true, value: notes };
}

function parseHeads(body: Uint8Array): { notes: string[]; next: string | null } | null {
  const parsed = parseIJson(body, { maxBytes: LIMITS.maxBytes });
  if (!parsed.ok || !isObject(parsed.value)) return null;
  const { checkpoints, next } = parsed.value;
  if (!Array.isArray(checkpoints)) return null;
  const notes = checkpoints.filter((note) => typeof note === 'string');
  return { notes, next: typeof next === 'string' ? next : null };
}
