// One GET of what strangers publish: whether it came, and if not whether it may come later.
import { NetError, type NetErrorCode } from './error.ts';
import type { GuardedFetch, GuardedResponse } from './guarded-fetch.ts';
import type { LoadFault, NotLoaded } from './url-cache.ts';

const FAULTS: Readonly<Partial<Record<NetErrorCode, LoadFault>>> = {
  url_refused: 'url_refused',
  address_refused: 'address_refused',
  redirect_refused: 'redirected',
  too_large: 'too_large',
  encoding_refused: 'encoded',
};

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
    const { code, message: detail, retryable } = error;
    return { ok: false, reason, fault: FAULTS[code] ?? 'unreachable', detail, retryable };
  }
  const { status } = response;
  if (status === 200) return { ok: true, response };
  const retryable = status >= 500 || status === 429 || status === 408;
  const detail = `${url} answers ${status}`;
  return { ok: false, reason: 'failed', fault: 'status', detail, retryable };
}
