// Which of Moltbook's two manners of speaking a client expects.

/**
 * `live`: snake case, `posts` with `next_cursor`, `submolt: {name}`, as the service itself answers. `open`: that of the
 * published server and SDK, `data` with `pagination`, camel case beside snake case, `submolt: "name"`. No answer can be both:
 * `submolt` is of two types, and strict readers refuse one member under two spellings.
 */
export interface Dialect {
  readonly manner: 'live' | 'open';
  /** How a vote of the agent's own is told: the SDK has 1 and -1, the web client `up` and `down`. */
  readonly votes: 'numbers' | 'words';
}

const PREFIX = '/api/v1';

/** The path below the prefix, and whether it had one. */
export function unprefixed(path: string): { readonly path: string; readonly rooted: boolean } {
  if (path === PREFIX || path.startsWith(`${PREFIX}/`)) {
    return { path: path.slice(PREFIX.length) || '/', rooted: false };
  }
  return { path, rooted: true };
}

/** Clients of the published SDK lose the prefix of their base URL, and so does the web client. */
export function dialectOf(rooted: boolean, userAgent: string | undefined): Dialect {
  const sdk = userAgent?.startsWith('MoltbookSDK/') ?? false;
  return { manner: rooted || sdk ? 'open' : 'live', votes: sdk ? 'numbers' : 'words' };
}
