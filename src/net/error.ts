// The one error of this room: why an outbound request was not made or its answer not used.

/**
 * `url_refused`: not https on 443, an IP literal, credentials, a fragment or a name that cannot be public.
 * `address_refused`: the name resolves to an address that is not global unicast.
 * `redirect_refused`, `too_large`, `encoding_refused`: the answer was not read.
 * `name_unresolvable`, `connection_failed`, `timed_out`, `busy`, `closed`: may be otherwise later.
 */
export type NetErrorCode =
  | 'url_refused'
  | 'address_refused'
  | 'redirect_refused'
  | 'too_large'
  | 'encoding_refused'
  | 'name_unresolvable'
  | 'connection_failed'
  | 'timed_out'
  | 'busy'
  | 'closed';

const RETRYABLE: Record<NetErrorCode, boolean> = {
  url_refused: false,
  address_refused: false,
  redirect_refused: false,
  too_large: false,
  encoding_refused: false,
  name_unresolvable: true,
  connection_failed: true,
  timed_out: true,
  busy: true,
  closed: true,
};

export class NetError extends Error {
  override readonly name = 'NetError';
  readonly code: NetErrorCode;

  constructor(code: NetErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** True if the same request may succeed later without anybody changing it. */
  get retryable(): boolean {
    return RETRYABLE[this.code];
  }
}
