// One GET of what strangers publish: whether it came, and if not whether it may come later.
import { NetError } from './error.ts';
import type { GuardedFetch, GuardedResponse } from './guarded-fetch.ts';
import type { NotLoaded } from './url-cache.ts';

/** Fetches `url`; any status but 200 is a failure. Never throws. */
export async function fetchOnce(
  fetch: Pick<GuardedFetch, 'request'>,
  url: string,
  accept: string,
): Promise<{ readonly ok: true; readonly response: GuardedResponse } | NotLoaded> {
  let response: GuardedResponse;
  try {
    response = await fetch.request(url, { headers: { accept } });
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    const reason = error.retryable ? 'failed' : 'refused';
    return { ok: false, reason, detail: error.message, retryable: error.retryable };
  }
  const { status } = response;
  if (status === 200) return { ok: true, response };
  const retryable = status >= 500 || status === 429 || status === 408;
  return { ok: false, reason: 'failed', detail: `${url} answers ${status}`, retryable };
}
