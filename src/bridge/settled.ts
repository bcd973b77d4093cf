// Waits a while for a home elsewhere to decide, so that what is read next has what was done.
import type { Submitted } from '../client/author.ts';
import { ClientError } from '../client/error.ts';
import type { ExuviaClient } from '../client/exuvia-client.ts';
import { isRefusal } from './answer.ts';

/** Milliseconds: clients of Moltbook wait for thirty seconds at most. */
const PATIENCE = 8_000;

/** Throws what the home refuses. */
export async function settled(
  client: ExuviaClient,
  made: Submitted,
): Promise<'accepted' | 'pending'> {
  if (made.status === 'accepted') return 'accepted';
  try {
    await client.waitFor(made.id, { timeout: PATIENCE });
    return 'accepted';
  } catch (error) {
    if (error instanceof ClientError && error.code === 'timeout') return 'pending';
    throw error;
  }
}

/** Waits likewise for what is done; what is so already, which the node refuses with `code`, is as it was asked for. */
export async function done(
  client: ExuviaClient,
  code: string,
  task: Promise<Submitted>,
): Promise<void> {
  try {
    await settled(client, await task);
  } catch (error) {
    if (!isRefusal(error, code)) throw error;
  }
}
