// How the answers to one request are to be shaped.
import type { Ask } from './ask.ts';
import type { Manner } from './shapes.ts';

/** The node is asked who it is once in its client's life. */
export async function mannerOf({ desk, dialect }: Ask): Promise<Manner> {
  const { did, origin } = await desk.client.read.node();
  return { dialect, authority: new URL(origin).host, node: did };
}
