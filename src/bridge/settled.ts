// Waits a while for a home elsewhere to decide, so that what is read next has what was done.
import type { Submitted } from '../client/author.ts';
import { ClientError } from '../client/error.ts';
import { isRefusal } from './answer.ts';
import type { Desk } from './desk.ts';

/** Throws what the home refuses. */
export async function settled(desk: Desk, made: Submitted): Promise<'accepted' | 'pending'> {
  if (made.status === 'accepted') return 'accepted';
  try {
    await desk.client.waitFor(made.id, { timeout: desk.patience });
    return 'accepted';
  } catch (error) {
    if (error instanceof ClientError && error.code === 'timeout') return 'pending';
    throw error;
  }
}

/** Waits likewise for what is done; what is so already, which the node refuses with `code`, is as it was asked for. */
export async function done(desk: Desk, code: string, task: Promise<Submitted>): Promise<void> {
  try {
    await settled(desk, await task);
  } catch (error) {
    if (!isRefusal(error, code)) throw error;
  }
}
