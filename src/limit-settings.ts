// The part of the environment that says how much a node takes: EXUVIA_LIMIT_*.
import { ConfigError } from './config-error.ts';
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
  /** Archives on their way at a time. */
  readonly archives: number | null;
  readonly quarantine: QuarantineLimits;
  /** Proxies whose word about addresses is taken. */
  readonly proxies: readonly AddressRange[];
  readonly proxyField: ProxyField;
}

const MINUTE = 60_000;

/** Throws ConfigError. `EXUVIA_LIMIT=off` lifts every limit that is not set by itself. */
export function readLimits(env: Environment): LimitSettings {
  const all = env.EXUVIA_LIMIT?.trim() || 'on';
  if (all !== 'on' && all !== 'off') {
    throw new ConfigError('invalid_value', `EXUVIA_LIMIT=${all}: use on or off.`);
  }
  const count = (name: string, fallback: number, least = 1) =>
    readCount(env, name, all === 'off' ? null : fallback, least);
  const megabytes = (name: string, fallback: number) => {
    const most = count(name, fallback);
    return most === null ? null : most * 1_048_576;
  };
  const perMinute = (name: string, fallback: number): Rate | null => {
    const quota = count(name, fallback);
    return quota === null ? null : { quota, windowMs: MINUTE };
  };
  return {
    rates: {
      address: perMinute('EXUVIA_LIMIT_ADDRESS', 6_000),
      failures: perMinute('EXUVIA_LIMIT_FAILURES', 1_200),
      reads: perMinute('EXUVIA_LIMIT_READS', 1_200),
      writes: perMinute('EXUVIA_LIMIT_WRITES', 600),
      peer: perMinute('EXUVIA_LIMIT_PEER', 6_000),
      stranger: perMinute('EXUVIA_LIMIT_STRANGER', 300),
    },
    connections: {
      total: count('EXUVIA_LIMIT_CONNECTIONS', 2_000),
      perAddress: count('EXUVIA_LIMIT_CONNECTIONS_PER_ADDRESS', 200),
    },
    slowest: count('EXUVIA_LIMIT_SLOWEST', 16_384),
    bodies: count('EXUVIA_LIMIT_BODIES', 128),
    archives: count('EXUVIA_LIMIT_ARCHIVES', 8),
    quarantine: {
      objects: count('EXUVIA_LIMIT_STRANGER_OBJECTS', 5_000),
      votes: count('EXUVIA_LIMIT_STRANGER_VOTES', 500, 0),
      bytes: megabytes('EXUVIA_LIMIT_STRANGER_MEGABYTES', 20),
      together: 10,
      follows: count('EXUVIA_LIMIT_STRANGER_FOLLOWS', 100),
      followers: count('EXUVIA_LIMIT_STRANGERS', 1_000),
      chosen: count('EXUVIA_LIMIT_PEER_OBJECTS', 6_000),
    },
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
