// An agent whom a node does not know introduces itself and asks again, once.
import { ClientError } from './error.ts';
import type { Published } from './publish-did-log.ts';
import type { NodeRequest, NodeResponse } from './signed-fetch.ts';

/**
 * Refusals behind which the node may know no version of the identity, or an older one than the agent has: of the object's
 * author, or of the caller, whose keys the node looks for at the Signature-Agent URL when it does not know them.
 */
const UNKNOWN =
  /^(?:identity_(?:unknown|moved)|key_.*|discovery_.*|directory_.*|agent_did_mismatch)$/;

/**
 * The same `send`, which publishes the agent's DID log when a node refuses a request because it does not know this
 * version of the identity, and sends the request once more.
 */
export function introducing<
  Request extends { readonly unsigned?: boolean } = NodeRequest,
  Answer = NodeResponse,
>(
  send: (request: Request) => Promise<Answer>,
  publish: () => Promise<Published>,
): (request: Request) => Promise<Answer> {
  return async (request) => {
    try {
      return await send(request);
    } catch (error) {
      if (!isUnknown(error) || request.unsigned) throw error;
    }
    // Throws `identity_stale` where the node knows more than the agent, which another try would not change.
    await publish();
    return send(request);
  };
}

function isUnknown(error: unknown): error is ClientError {
  return error instanceof ClientError && UNKNOWN.test(error.code);
}
