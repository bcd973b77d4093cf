// Asks another node which head of a log it has cosigned last, and holds what it shows against what is known here.
import { toHex, utf8 } from '../protocol/bytes.ts';
import type { FederationContext } from './context.ts';

const LIMITS = { timeMs: 5_000, maxBytes: 16_384 } as const;

/** `url` is the URL origin of the witness. True if it has shown one; whether anything of it holds is seen to here. Never rejects. */
export async function readWitnessed(
  { client, crypto, gossip }: Pick<FederationContext, 'client' | 'crypto' | 'gossip'>,
  url: string,
  origin: string,
): Promise<boolean> {
  const hash = toHex(crypto.sha256(utf8(origin)));
  const reply = await client.read(`${url}/witness/${hash}/checkpoint`, LIMITS);
  if (!reply.ok) return false;
  const note = new TextDecoder().decode(reply.body);
  if (!note.startsWith(`${origin}\n`)) return false;
  await gossip.takeNote(note, url);
  return true;
}
