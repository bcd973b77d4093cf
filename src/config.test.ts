// What the environment gives, and that unusable settings are refused with what to write instead.
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';

const refusal = (env: Record<string, string>): ConfigError => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('accepted');
};

describe('readConfig', () => {
  test('needs nothing: a loopback node at port 8787 with a file database', () => {
    const config = readConfig({ EXUVIA_DATA: '/srv/x', EXUVIA_ORIGIN: ' ' });
    expect(config).toMatchObject({
      origin: 'http://127.0.0.1:8787',
      authority: '127.0.0.1:8787',
      loopback: true,
      databaseUrl: 'file:/srv/x/exuvia.db',
      reads: 'signed',
      admission: { policy: 'open', bits: 20, invitations: 0 },
      logLevel: 'info',
      metrics: 'loopback',
      heartbeatSeconds: 14_400,
      peers: [],
    });
  });

  test('drops default ports and lowers the host of the origin', () => {
    const config = readConfig({ EXUVIA_ORIGIN: 'https://Node.Example:443/' });
    expect(config).toMatchObject({ origin: 'https://node.example', authority: 'node.example' });
    expect(config.loopback).toBe(false);
  });

  test('refuses plain http beyond loopback', () => {
    expect(refusal({ EXUVIA_ORIGIN: 'http://node.example' }).code).toBe('insecure_origin');
    for (const host of ['10.0.0.1', '127.0.0.1.example', '[::ffff:7f00:1]']) {
      expect(refusal({ EXUVIA_ORIGIN: `http://${host}` }).code, host).toBe('insecure_origin');
    }
    expect(refusal({ EXUVIA_HOST: '0.0.0.0' }).message).toContain('https://0.0.0.0:8787');
  });

  test.each([
    [{ EXUVIA_ORIGIN: 'node.example' }, 'invalid_value'],
    [{ EXUVIA_ORIGIN: 'ftp://node.example' }, 'invalid_value'],
    [{ EXUVIA_ORIGIN: 'https://192.0.2.7' }, 'invalid_value'],
    [{ EXUVIA_ORIGIN: 'https://node.example/exuvia' }, 'origin_with_path'],
    [{ EXUVIA_PORT: '0' }, 'invalid_value'],
    [{ EXUVIA_PORT: '70000' }, 'invalid_value'],
    [{ EXUVIA_PORT: '80a' }, 'invalid_value'],
    [{ EXUVIA_READS: 'secret' }, 'invalid_value'],
    [{ EXUVIA_ADMISSION: 'closed' }, 'invalid_value'],
    [{ EXUVIA_ADMISSION_BITS: '0' }, 'invalid_value'],
    [{ EXUVIA_ADMISSION_INVITATIONS: '-1' }, 'invalid_value'],
    [{ EXUVIA_LOG: 'loud' }, 'invalid_value'],
    [{ EXUVIA_DB: 'postgres://x' }, 'invalid_value'],
    [{ EXUVIA_PEERS: 'https://a.example' }, 'invalid_value'],
    [{ EXUVIA_METRICS: 'on' }, 'invalid_value'],
    [{ EXUVIA_PUBLISH_SECONDS: '0' }, 'invalid_value'],
    [{ EXUVIA_PUBLISH_SECONDS: '1e1' }, 'invalid_value'],
    [{ EXUVIA_PUBLISH_SECONDS: '3601' }, 'invalid_value'],
    [{ EXUVIA_HEARTBEAT_MINUTES: '4' }, 'invalid_value'],
    [{ EXUVIA_HEARTBEAT_MINUTES: '1441' }, 'invalid_value'],
    [{ EXUVIA_HEARTBEAT_MINUTES: '1e2' }, 'invalid_value'],
    [{ EXUVIA_MESSAGE_DAYS: '0' }, 'invalid_value'],
    [{ EXUVIA_MESSAGE_MEGABYTES: '1.5' }, 'invalid_value'],
    [{ EXUVIA_MESSAGE_CONVERSATIONS: 'all' }, 'invalid_value'],
    [{ EXUVIA_COMPAT: 'origins' }, 'invalid_value'],
    [{ EXUVIA_COMPAT: 'none,origin' }, 'invalid_value'],
    [{ EXUVIA_COMPAT: ',' }, 'invalid_value'],
  ])('refuses %o', (env, code) => {
    expect(refusal(env as Record<string, string>).code).toBe(code);
  });

  test('takes every older form of Signature-Agent, none, or those that are named', () => {
    const all = { origin: true, typed: true, string: true, whole_field: true };
    const none = { origin: false, typed: false, string: false, whole_field: false };
    const compat = (text?: string) =>
      readConfig(text === undefined ? {} : { EXUVIA_COMPAT: text }).compat;
    expect([compat(), compat(' all '), compat('none')]).toEqual([all, all, none]);
    expect(compat('origin, whole_field')).toEqual({ ...none, origin: true, whole_field: true });
    expect(refusal({ EXUVIA_COMPAT: 'constructor' }).message).toBe(
      'EXUVIA_COMPAT=constructor: use all, none, or some of origin,typed,string,whole_field.',
    );
  });

  test('splits peers at commas and spaces', () => {
    const { peers } = readConfig({ EXUVIA_PEERS: 'https://a.example/m/x, https://b.example/m/y' });
    expect(peers).toEqual(['https://a.example/m/x', 'https://b.example/m/y']);
  });
});

test('how often logs are cosigned is told in seconds', () => {
  expect(readConfig({}).publishEveryMs).toBe(10_000);
  expect(readConfig({ EXUVIA_PUBLISH_SECONDS: '0.2' }).publishEveryMs).toBe(200);
});

describe('how much is taken', () => {
  const per = (quota: number) => ({ quota, windowMs: 60_000 });
  const limits = (env: Record<string, string>) =>
    readConfig({ EXUVIA_ORIGIN: 'https://node.example', ...env }).limits;

  test('is limited unless told, each limit by itself', () => {
    expect(limits({}).rates).toEqual({
      address: per(6_000),
      failures: per(1_200),
      reads: per(1_200),
      writes: per(600),
      peer: per(6_000),
      stranger: per(300),
    });
    const { rates } = limits({ EXUVIA_LIMIT: 'off', EXUVIA_LIMIT_READS: '7' });
    expect(Object.values(rates).filter(Boolean)).toEqual([per(7)]);
    expect(limits({ EXUVIA_LIMIT_WRITES: 'off' }).rates).toMatchObject({
      writes: null,
      reads: per(1_200),
    });
  });

  test('is not counted on loopback unless told; what is held in memory is bounded there too', () => {
    const here = (env: Record<string, string>) => readConfig(env).limits;
    const { bodies, byAddress, connections, pace, quarantine, rates } = here({});
    expect(Object.values(rates)).toEqual([null, null, null, null, null, null]);
    expect(quarantine).toMatchObject({ objects: null, votes: null, followers: null });
    expect({ byAddress, pace }).toEqual({ byAddress: false, pace: null });
    expect(connections).toEqual({ total: 2_000, perAddress: null });
    expect(bodies).toBe(128);
    expect(here({ EXUVIA_LIMIT: 'on' })).toEqual(limits({}));
    const told = here({ EXUVIA_LIMIT_ADDRESS: '9', EXUVIA_LIMIT_STRANGER_VOTES: '0' });
    expect(told).toMatchObject({ byAddress: true, quarantine: { votes: 0 } });
    expect(told.rates).toMatchObject({ address: per(9), reads: null });
  });

  test('trusts no proxy unless told', () => {
    expect(limits({})).toMatchObject({ proxies: [], proxyField: 'x-forwarded-for' });
    const named = limits({
      EXUVIA_LIMIT_PROXIES: '127.0.0.1, 10.0.0.0/8 ::1',
      EXUVIA_LIMIT_PROXY_FIELD: 'Forwarded',
    });
    expect([named.proxies.length, named.proxyField]).toEqual([3, 'forwarded']);
  });

  test.each([
    { EXUVIA_LIMIT: 'none' },
    { EXUVIA_LIMIT_READS: '0' },
    { EXUVIA_LIMIT_WRITES: '-1' },
    { EXUVIA_LIMIT_ADDRESS: '1e3' },
    { EXUVIA_LIMIT_PROXIES: 'proxy.example' },
    { EXUVIA_LIMIT_PROXIES: '10.0.0.0/40' },
    { EXUVIA_LIMIT_PROXY_FIELD: 'Via' },
  ])('refuses %o', (env) => {
    expect(refusal(env as Record<string, string>).code).toBe('invalid_value');
  });
});

test('how often agents come back is told in minutes', () => {
  expect(readConfig({ EXUVIA_HEARTBEAT_MINUTES: '30' }).heartbeatSeconds).toBe(1_800);
});

test('what a mailbox may have', () => {
  expect(readConfig({}).messages).toMatchObject({ days: 30, requestsPerHour: 50 });
  const env = {
    EXUVIA_MESSAGE_DAYS: '7',
    EXUVIA_MESSAGE_MEGABYTES: '2',
    EXUVIA_MESSAGE_HOURLY: '9',
  };
  const { bytes, days, messagesPerHour } = readConfig(env).messages;
  expect([days, bytes, messagesPerHour]).toEqual([7, 2 * 1024 * 1024, 9]);
});
