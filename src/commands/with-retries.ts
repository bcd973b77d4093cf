// Tries a load-and-write again while another process is faster or holds the database.
import { StoreError } from '../store/error.ts';

const MAX_ATTEMPTS = 8;

/** `attempt` must read everything anew each time. Rejects with what the last attempt, or any other error, says. */
export async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const outrun = error instanceof StoreError && error.code === 'busy';
      if (!outrun || tried === MAX_ATTEMPTS) throw error;
      await pause(tried);
    }
  }
}

/** Longer with each attempt, so that two writers do not stay in step. */
function pause(tried: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 2 ** tried);
  });
}
