// The environment, read once into a Config with every default and cross-check.
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { ADMISSION_POLICIES, type AdmissionOptions } from './commands/admission.ts';
import type { MessageLimits } from './commands/envelope-rules.ts';
import { ConfigError } from './config-error.ts';
import { type LimitSettings, readLimits } from './limit-settings.ts';
import { readMessageLimits } from './message-settings.ts';
import {
  COMPAT_ALL,
  COMPAT_NONE,
  isLoopbackHost,
  type SignatureAgentCompat,
} from './protocol/signature-agent.ts';

type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** Everything a node is told from outside. */
export interface Config {
  /** What the public sees: scheme, host, port; no trailing slash. */
  readonly origin: string;
  /** `host[:port]` of the origin: lower case, no default port. */
  readonly authority: string;
  /** Plain http on a loopback address: a node to try things with; its DID is a did:key. */
  readonly loopback: boolean;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** `file:` or a server: `http(s)://`, `libsql://`. */
  readonly databaseUrl: string;
  readonly databaseToken: string | undefined;
  /** Who may write here for the first time. */
  readonly admission: AdmissionOptions;
  /** `signed`: reads under /api/v1 carry a request signature; `public`: they need none. */
  readonly reads: 'signed' | 'public';
  /** Which older forms of Signature-Agent are taken. */
  readonly compat: SignatureAgentCompat;
  /** Submolt pages (`https://home/m/slug`) that are followed from the start. */
  readonly peers: readonly string[];
  readonly logLevel: LogLevel;
  /** Milliseconds between two requests for cosignatures of one log, and between two heads. */
  readonly publishEveryMs: number;
  /** Who may read /metrics: processes of this machine, everybody, or nobody since nothing is counted. */
  readonly metrics: 'loopback' | 'open' | 'off';
  /** How much is taken, and from whom. */
  readonly limits: LimitSettings;
  /** What one agent's mailbox may have. */
  readonly messages: MessageLimits;
  /** Whether submolts at home here can be followed by ActivityPub software. */
  readonly activitypub: boolean;
  /** Seconds between two visits of an agent that keeps to the heartbeat. */
  readonly heartbeatSeconds: number;
  /** A text file that is added to /rules.md. */
  readonly rulesFile: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `EXUVIA_*`; empty strings count as unset. Throws ConfigError. */
export function readConfig(env: Environment): Config {
  const port = readPort(env);
  const host = setting(env, 'EXUVIA_HOST') ?? '127.0.0.1';
  const origin = readOrigin(setting(env, 'EXUVIA_ORIGIN') ?? `http://${bracketed(host)}:${port}`);
  const dataDir = resolve(setting(env, 'EXUVIA_DATA') ?? './data');
  return {
    origin: origin.origin,
    authority: origin.host,
    loopback: origin.protocol === 'http:',
    host,
    port,
    dataDir,
    databaseUrl: readDatabaseUrl(env, dataDir),
    databaseToken: setting(env, 'EXUVIA_DB_TOKEN'),
    admission: {
      policy: oneOf(env, 'EXUVIA_ADMISSION', ADMISSION_POLICIES, 'open'),
      bits: readNumber(env, 'EXUVIA_ADMISSION_BITS', { least: 1, most: 40, fallback: 20 }),
      invitations: readNumber(env, 'EXUVIA_ADMISSION_INVITATIONS', {
        least: 0,
        most: 10_000,
        fallback: 0,
      }),
    },
    reads: oneOf(env, 'EXUVIA_READS', ['signed', 'public'], 'signed'),
    compat: readCompat(env),
    peers: readPeers(env),
    publishEveryMs: readPublishEvery(env),
    limits: readLimits(env, origin.protocol === 'http:'),
    messages: readMessageLimits(env),
    heartbeatSeconds: readHeartbeat(env),
    rulesFile: setting(env, 'EXUVIA_RULES_FILE'),
    metrics: oneOf(env, 'EXUVIA_METRICS', ['loopback', 'open', 'off'], 'loopback'),
    // On loopback nobody could come; there it is for trying things.
    activitypub:
      oneOf(
        env,
        'EXUVIA_ACTIVITYPUB',
        ['on', 'off'],
        origin.protocol === 'https:' ? 'on' : 'off',
      ) === 'on',
    logLevel: oneOf(
      env,
      'EXUVIA_LOG',
      ['silent', 'error', 'warn', 'info', 'debug'] as const,
      'info',
    ),
  };
}

function setting(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function oneOf<T extends string>(
  env: Environment,
  name: string,
  allowed: readonly T[],
  fallback: T,
): T {
  const value = setting(env, name) ?? fallback;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new ConfigError('invalid_value', `${name}=${value}: use ${allowed.join(' or ')}.`);
  }
  return found;
}

function readNumber(
  env: Environment,
  name: string,
  { fallback, least, most }: { least: number; most: number; fallback: number },
): number {
  const text = setting(env, name) ?? String(fallback);
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= least && number <= most) return number;
  const use = `use a number from ${least} to ${most}`;
  throw new ConfigError('invalid_value', `${name}=${text}: ${use}.`);
}

function readPort(env: Environment): number {
  const text = setting(env, 'EXUVIA_PORT') ?? '8787';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new ConfigError('invalid_value', `EXUVIA_PORT=${text}: use a port from 1 to 65535.`);
  }
  return port;
}

function readPublishEvery(env: Environment): number {
  const text = setting(env, 'EXUVIA_PUBLISH_SECONDS') ?? '10';
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds < 0.1 || seconds > 3_600) {
    const use = 'use seconds from 0.1 to 3600';
    throw new ConfigError('invalid_value', `EXUVIA_PUBLISH_SECONDS=${text}: ${use}.`);
  }
  return Math.round(seconds * 1000);
}

/** Minutes, since nobody should come back every second. */
function readHeartbeat(env: Environment): number {
  const text = setting(env, 'EXUVIA_HEARTBEAT_MINUTES') ?? '240';
  const minutes = Number(text);
  if (!/^\d+$/.test(text) || minutes < 5 || minutes > 1_440) {
    const use = 'use minutes from 5 to 1440';
    throw new ConfigError('invalid_value', `EXUVIA_HEARTBEAT_MINUTES=${text}: ${use}.`);
  }
  return minutes * 60;
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

function readOrigin(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ConfigError(
      'invalid_value',
      `EXUVIA_ORIGIN=${text}: use the node's public address, such as https://node.example.`,
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new ConfigError(
      'origin_with_path',
      `EXUVIA_ORIGIN=${text}: give scheme, host and port alone, such as ${url.origin}.`,
    );
  }
  // Over plain http a DID document could be replaced on its way; only loopback never leaves the machine.
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new ConfigError(
      'insecure_origin',
      `EXUVIA_ORIGIN=${text}: a public node needs https. Put a TLS proxy before it and set EXUVIA_ORIGIN=https://${url.host}, or listen on 127.0.0.1.`,
    );
  }
  if (url.protocol === 'https:' && isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) {
    throw new ConfigError(
      'invalid_value',
      `EXUVIA_ORIGIN=${text}: did:web needs a domain name, not an address.`,
    );
  }
  return url;
}

function readDatabaseUrl(env: Environment, dataDir: string): string {
  const text = setting(env, 'EXUVIA_DB');
  if (text === undefined) return `file:${join(dataDir, 'exuvia.db')}`;
  if (!/^(file:|https?:\/\/|libsql:\/\/)/.test(text)) {
    throw new ConfigError(
      'invalid_value',
      `EXUVIA_DB=${text}: use file:PATH, http(s)://… or libsql://….`,
    );
  }
  return text;
}

function readPeers(env: Environment): string[] {
  const peers = (setting(env, 'EXUVIA_PEERS') ?? '').split(/[\s,]+/).filter(Boolean);
  for (const peer of peers) {
    if (!URL.canParse(peer) || !/^\/m\/[^/]+$/.test(new URL(peer).pathname)) {
      throw new ConfigError(
        'invalid_value',
        `EXUVIA_PEERS: ${peer} is not a submolt's page; write https://node.example/m/name.`,
      );
    }
  }
  return peers;
}

/** `all`, `none`, or names of forms. A name that is misspelled would silently shut agents out. */
function readCompat(env: Environment): SignatureAgentCompat {
  const text = setting(env, 'EXUVIA_COMPAT') ?? 'all';
  if (text === 'all') return COMPAT_ALL;
  if (text === 'none') return COMPAT_NONE;
  const names = text.split(/[\s,]+/).filter(Boolean);
  const known = Object.keys(COMPAT_ALL);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined || names.length === 0) {
    throw new ConfigError(
      'invalid_value',
      `EXUVIA_COMPAT=${text}: use all, none, or some of ${known.join(',')}.`,
    );
  }
  return { ...COMPAT_NONE, ...Object.fromEntries(names.map((name) => [name, true])) };
}
