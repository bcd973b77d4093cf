// Reads the tree under a signed head from another node, tile by tile.
import type { Checkpoint } from '../log/checkpoint.ts';
import { type HashReader, treeRoot } from '../log/subtree.ts';
import { tileHashReader, tilePath } from '../log/tile.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { failure, type PeerClient, type PeerFailure } from './peer-client.ts';
import { logPath } from './remote-log.ts';

const TILE_BYTES = 8_192;

/**
 * What `use` makes of the hashes that the node at `url` (a URL origin) has under this head; a failure if its tree has another
 * root, or if tiles are missing or short.
 */
export async function readRemoteTree<T>(
  { client, crypto }: { readonly client: Pick<PeerClient, 'read'>; readonly crypto: Crypto },
  url: string,
  { origin, root, size }: Pick<Checkpoint, 'origin' | 'root' | 'size'>,
  use: (reader: HashReader) => Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | PeerFailure> {
  const base = `${url}${logPath(origin)}`;
  let missing: PeerFailure | null = null;
  const readTile = async (level: number, index: number, width: number) => {
    const reply = await client.read(`${base}/${tilePath(level, index, width)}`, {
      maxBytes: TILE_BYTES,
    });
    if (!reply.ok) missing ??= reply;
    return reply.ok ? reply.body : new Uint8Array(0);
  };
  const reader = tileHashReader(readTile, size, crypto);
  try {
    if (!equalBytes(await treeRoot(size, reader, crypto), root)) {
      return failure({ again: true, detail: `${base} has another tree than the head of ${size}` });
    }
    return { ok: true, value: await use(reader) };
  } catch (error) {
    // Tiles that are missing or short make no tree.
    if (missing === null && !(error instanceof Error)) throw error;
    return missing ?? failure({ again: true, detail: `${base}: ${(error as Error).message}` });
  }
}
