// A network on which nodes do not hear what others have of their logs.
import { CHECKPOINTS_FIELD } from '../src/protocol/checkpoints-field.ts';
import type { Fault } from './network.ts';

/** Somebody on the way takes the heads off every message. */
export const silent: Fault = async ({ request }, next) => {
  delete (request.headers as Record<string, string> | undefined)?.[CHECKPOINTS_FIELD];
  const { headers = {}, ...answer } = await next();
  const { [CHECKPOINTS_FIELD]: _, ...others } = headers;
  return { ...answer, headers: others };
};
