// The part of the environment that says how much a node takes: EXUVIA_LIMIT_*.
import { ConfigError } from './config-error.ts';
import type { PaceLimits } from './domain/pace.ts';
import type { QuarantineLimits } from './federation/quarantine.ts';
import type { ConnectionCaps } from './http/connection-caps.ts';
import type { LimitRates } from './http/limits.ts';
import type { Rate } from './http/rate.ts';
import { type AddressRange, type ProxyField, parseAddressRange } from './net/client-address.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface LimitSettings {
  readonly rates: LimitRates;
  readonly connections: Omit<ConnectionCaps, 'addresses'>;
  /** Bytes a second; null for as slowly as readers like. */
  readonly slowest: number | null;
  /** Megabytes of bodies in memory at a time. */
  readonly bodies: number | null;
  /** Megabytes that have to be free on the disk. */
  readonly disk: number | null;
  /** Keys that are enrolled. */
  readonly enrolments: number | null;
  /** Archives on their way at a time. */
  readonly archives: number | null;
  readonly quarantine: QuarantineLimits;
  /** What new agents may do; null for whatever they like. */
  readonly pace: PaceLimits | null;
  /** False where nothing is counted by address. */
  readonly byAddress: boolean;
  /** Proxies whose word about addresses is taken. */
  readonly proxies: readonly AddressRange[];
  readonly proxyField: ProxyField;
}

const MINUTE = 60_000;

/**
 * Throws ConfigError. `EXUVIA_LIMIT=off` lifts every limit that is not set by itself. On loopback nobody comes from elsewhere: how
 * often somebody comes is not counted unless told, so that agents and nodes can be tried there at any speed.
 */
export function readLimits(env: Environment, loopback: boolean): LimitSettings {
  const all = env.EXUVIA_LIMIT?.trim() || null;
  if (all !== null && all !== 'on' && all !== 'off') {
    throw new ConfigError('invalid_value', `EXUVIA_LIMIT=${all}: use on or off.`);
  }
  const often = all ?? (loopback ? 'off' : 'on');
  const count = (name: string, fallback: number, least = 1) =>
    readCount(env, name, often === 'off' ? null : fallback, least);
  const held = (name: string, fallback: number) =>
    readCount(env, name, all === 'off' ? null : fallback, 1);
  const megabytes = (name: string, fallback: number) => {
    const most = count(name, fallback);
    return most === null ? null : most * 1_048_576;
  };
  const perMinute = (name: string, fallback: number): Rate | null => {
    const quota = count(name, fallback);
    return quota === null ? null : { quota, windowMs: MINUTE };
  };
  const rates = {
    address: perMinute('EXUVIA_LIMIT_ADDRESS', 6_000),
    failures: perMinute('EXUVIA_LIMIT_FAILURES', 1_200),
    reads: perMinute('EXUVIA_LIMIT_READS', 1_200),
    writes: perMinute('EXUVIA_LIMIT_WRITES', 600),
    peer: perMinute('EXUVIA_LIMIT_PEER', 6_000),
    stranger: perMinute('EXUVIA_LIMIT_STRANGER', 300),
  };
  const perAddress = count('EXUVIA_LIMIT_CONNECTIONS_PER_ADDRESS', 200);
  return {
    rates,
    connections: { total: held('EXUVIA_LIMIT_CONNECTIONS', 2_000), perAddress },
    slowest: held('EXUVIA_LIMIT_SLOWEST', 16_384),
    bodies: held('EXUVIA_LIMIT_BODIES', 128),
    archives: held('EXUVIA_LIMIT_ARCHIVES', 8),
    disk: held('EXUVIA_LIMIT_DISK', 64),
    enrolments: held('EXUVIA_LIMIT_ENROLMENTS', 100_000),
    quarantine: {
      objects: count('EXUVIA_LIMIT_STRANGER_OBJECTS', 5_000),
      votes: count('EXUVIA_LIMIT_STRANGER_VOTES', 500, 0),
      bytes: megabytes('EXUVIA_LIMIT_STRANGER_MEGABYTES', 20),
      together: 10,
      follows: count('EXUVIA_LIMIT_STRANGER_FOLLOWS', 100),
      followers: count('EXUVIA_LIMIT_STRANGERS', 1_000),
      chosen: count('EXUVIA_LIMIT_PEER_OBJECTS', 6_000),
    },
    pace: readPace(env, often),
    byAddress:
      often === 'on' || [rates.address, rates.failures, perAddress].some((one) => one !== null),
    proxies: readProxies(env),
    proxyField: readProxyField(env),
  };
}

/** A whole number, or null for `off`. */
function readCount(
  env: Environment,
  name: string,
  fallback: number | null,
  least: number,
): number | null {
  const text = env[name]?.trim() || null;
  if (text === null) return fallback;
  if (text === 'off') return null;
  if (!/^(?:0|[1-9]\d{0,8})$/.test(text) || Number(text) < least) {
    const use = `use a number from ${least} on, or off`;
    throw new ConfigError('invalid_value', `${name}=${text}: ${use}.`);
  }
  return Number(text);
}

function readPace(env: Environment, fallback: 'on' | 'off'): PaceLimits | null {
  const wanted = env.EXUVIA_LIMIT_NEW?.trim() || fallback;
  if (wanted !== 'on' && wanted !== 'off') {
    throw new ConfigError('invalid_value', `EXUVIA_LIMIT_NEW=${wanted}: use on or off.`);
  }
  const times = (name: string, otherwise: number, ms: number) => {
    const count = readCount(env, name, otherwise, 1);
    return count === null ? null : count * ms;
  };
  const pace = {
    newFor: times('EXUVIA_LIMIT_NEW_HOURS', 24, 60 * MINUTE) ?? 0,
    betweenPosts: times('EXUVIA_LIMIT_NEW_POST_MINUTES', 120, MINUTE),
    betweenComments: times('EXUVIA_LIMIT_NEW_COMMENT_SECONDS', 60, 1_000),
    comments: readCount(env, 'EXUVIA_LIMIT_NEW_COMMENTS', 20, 1),
    submolts: readCount(env, 'EXUVIA_LIMIT_NEW_SUBMOLTS', 1, 0),
  };
  return wanted === 'on' ? pace : null;
}

function readProxies(env: Environment): AddressRange[] {
  const texts = (env.EXUVIA_LIMIT_PROXIES ?? '').split(/[\s,]+/).filter(Boolean);
  return texts.map((text) => {
    const range = parseAddressRange(text);
    if (range !== null) return range;
    const use = 'use addresses or networks, such as 127.0.0.1,10.0.0.0/8';
    throw new ConfigError('invalid_value', `EXUVIA_LIMIT_PROXIES: ${text}: ${use}.`);
  });
}

function readProxyField(env: Environment): ProxyField {
  const field = env.EXUVIA_LIMIT_PROXY_FIELD?.trim().toLowerCase() || 'x-forwarded-for';
  if (field === 'x-forwarded-for' || field === 'forwarded') return field;
  const use = 'use X-Forwarded-For or Forwarded';
  throw new ConfigError('invalid_value', `EXUVIA_LIMIT_PROXY_FIELD=${field}: ${use}.`);
}
