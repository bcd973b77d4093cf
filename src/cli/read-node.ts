// Reads of a node what anybody may, and says in plain words why it could not.
import { readBeginning, readOpen } from '../client/read-open.ts';
import { CommandError } from './terminal.ts';

interface Problem {
  readonly detail?: unknown;
  readonly remedy?: unknown;
}

/** The response, if it is a good one. Throws CommandError with what the node says of any other. */
export async function readNode(url: string): Promise<Response> {
  const response = await readOpen(url).catch((error: unknown) => {
    throw new CommandError(`Cannot reach ${url}: ${reasonOf(error)}`, {
      remedy: 'Is the node running? --node, or EXUVIA_NODE, says which one is asked.',
    });
  });
  if (response.ok && response.body !== null) return response;
  const text = await readBeginning(response);
  const { detail, remedy }: Problem = parsed(text);
  throw new CommandError(
    `${url} answered ${response.status}: ${typeof detail === 'string' ? detail : text}`,
    typeof remedy === 'string' ? { remedy } : {},
  );
}

/** fetch says why only in the cause of its error, and some causes have no message but a code. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return cause.message === '' && code !== undefined ? code : cause.message;
}

function parsed(text: string): Problem {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
