// The part of the environment that says how much one agent's mailbox may have: EXUVIA_MESSAGE_*.
import { MESSAGE_LIMITS, type MessageLimits } from './commands/envelope-rules.ts';
import { ConfigError } from './config-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const MEGABYTE = 1024 * 1024;

/** Throws ConfigError. */
export function readMessageLimits(env: Environment): MessageLimits {
  const { bytes, conversations, days, messagesPerHour, requestsPerHour } = MESSAGE_LIMITS;
  return {
    days: count(env, 'EXUVIA_MESSAGE_DAYS', days, 3_650),
    bytes: count(env, 'EXUVIA_MESSAGE_MEGABYTES', bytes / MEGABYTE, 1_024) * MEGABYTE,
    requestsPerHour: count(env, 'EXUVIA_MESSAGE_REQUESTS', requestsPerHour, 100_000),
    messagesPerHour: count(env, 'EXUVIA_MESSAGE_HOURLY', messagesPerHour, 100_000),
    conversations: count(env, 'EXUVIA_MESSAGE_CONVERSATIONS', conversations, 100_000),
  };
}

function count(env: Environment, name: string, fallback: number, most: number): number {
  const text = env[name]?.trim() || String(fallback);
  const value = Number(text);
  if (/^[1-9]\d*$/.test(text) && value <= most) return value;
  throw new ConfigError('invalid_value', `${name}=${text}: use a number from 1 to ${most}.`);
}
