// An agent whom a node does not know introduces itself and asks again, once.
import { ClientError } from './error.ts';
import type { Published } from './publish-did-log.ts';
import type { SignedFetch } from './signed-fetch.ts';

/** Refusals behind which the node may know no version of the identity, or an older one than the agent has. */
const UNKNOWN: ReadonlySet<string> = new Set([
  'identity_unknown',
  'identity_moved',
  'key_retired',
  'key_not_found',
  'key_not_in_directory',
]);

const REMEDIES: Readonly<Record<string, string>> = {
  identity_moved:
    'The node knows this agent under a later DID. Take the key files from where it was moved, or recover with the recovery key.',
  key_retired:
    'The node knows a later key of this agent. Take the key files from where it was rotated; if it was not you, recover with the recovery key.',
};

/**
 * The same `send`, which publishes the agent's DID log when a node refuses a request because it does not know this
 * version of the identity, and sends the request once more.
 */
export function introducing(send: SignedFetch, publish: () => Promise<Published>): SignedFetch {
  return async (request) => {
    try {
      return await send(request);
    } catch (error) {
      if (!isUnknown(error) || request.unsigned) throw error;
    }
    await publish();
    return send(request).catch((error: unknown) => {
      throw isUnknown(error) ? withRemedy(error) : error;
    });
  };
}

function isUnknown(error: unknown): error is ClientError {
  return error instanceof ClientError && UNKNOWN.has(error.code);
}

function withRemedy(error: ClientError): ClientError {
  const remedy = REMEDIES[error.code] ?? error.remedy;
  return new ClientError(error.code, error.message, {
    cause: error,
    ...(remedy !== null && { remedy }),
    ...(error.problem !== null && { problem: error.problem }),
  });
}
