// Names that lie: a real resolver asks a real name server that mixes, changes, chains, withholds and delays its answers.
import { afterEach, describe, expect, it } from 'vitest';
import {
  type DnsRecord,
  type DnsReply,
  type DnsServer,
  startDnsServer,
} from '../../test/dns-server.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { checkedAddresses, createDnsResolver } from './guarded-lookup.ts';

const NAME = 'host.example.com';
const PUBLIC = '93.184.216.34';
const PUBLIC_6 = '2606:4700:0:0:0:0:0:1111';
const NO_SUCH_NAME = 3;
const REFUSED = 5;

let server: DnsServer | undefined;
afterEach(() => server?.close());

type Zone = Partial<Record<'A' | 'AAAA', DnsReply>>;

/** A resolver whose name server tells this; the zones are used up one by one, the last one for ever. */
async function resolver(...zones: Zone[]) {
  server = await startDnsServer((_, type) => {
    // A and AAAA are asked together, A first.
    const zone = type === 'AAAA' && zones.length > 1 ? zones.shift() : zones[0];
    return zone?.[type] ?? [];
  });
  return createDnsResolver(150, [server.address]);
}

/** The addresses a connection may use. */
async function ask(zone: Zone, loopback = false): Promise<readonly string[]> {
  return checkedAddresses(NAME, await resolver(zone), loopback);
}

const a = (address: string, name = NAME): DnsRecord => ({ type: 'A', name, address });
const aaaa = (address: string, name = NAME): DnsRecord => ({ type: 'AAAA', name, address });
const cname = (name: string, target: string): DnsRecord => ({ type: 'CNAME', name, target });

describe('a name is used with all of its addresses', () => {
  it.each<[string, Zone, string[]]>([
    ['of both families', { A: [a(PUBLIC)], AAAA: [aaaa(PUBLIC_6)] }, [PUBLIC, '2606:4700::1111']],
    ['of the one family it has', { A: [a(PUBLIC), a('1.1.1.1')] }, [PUBLIC, '1.1.1.1']],
    [
      'when it has none of the other family',
      { A: NO_SUCH_NAME, AAAA: [aaaa(PUBLIC_6)] },
      ['2606:4700::1111'],
    ],
    ['when the other family cannot be had', { A: [a(PUBLIC)], AAAA: REFUSED }, [PUBLIC]],
    ['when the other family does not answer', { A: [a(PUBLIC)], AAAA: 'silence' }, [PUBLIC]],
    [
      'at the end of a chain',
      {
        A: [
          cname(NAME, 'b.example.com'),
          cname('b.example.com', 'c.example.net'),
          a(PUBLIC, 'c.example.net'),
        ],
      },
      [PUBLIC],
    ],
  ])('%s', async (_, zone, addresses) => {
    expect([...(await ask(zone))].sort()).toEqual([...addresses].sort());
  });
});

describe('a name is refused whole', () => {
  it.each<[string, Zone]>([
    ['when one of its addresses is private', { A: [a(PUBLIC), a('10.0.0.1')] }],
    ['when the first of its addresses is private', { A: [a('192.168.1.1'), a(PUBLIC)] }],
    [
      'when one family is public and the other is loopback',
      { A: [a(PUBLIC)], AAAA: [aaaa('0:0:0:0:0:0:0:1')] },
    ],
    ['when the other family is mapped', { A: [a(PUBLIC)], AAAA: [aaaa('0:0:0:0:0:ffff:7f00:1')] }],
    [
      'when the other family goes through NAT64',
      { A: [a(PUBLIC)], AAAA: [aaaa('64:ff9b:0:0:0:0:a00:1')] },
    ],
    ['when it is the metadata service of a cloud', { A: [a('169.254.169.254')] }],
    ['when it is nowhere', { A: [a('0.0.0.0')], AAAA: [aaaa('0:0:0:0:0:0:0:0')] }],
    [
      'when a chain ends inside',
      {
        A: [
          cname(NAME, 'public.example.net'),
          cname('public.example.net', 'db.internal'),
          a('10.0.0.1', 'db.internal'),
        ],
      },
    ],
  ])('%s', async (_, zone) => {
    for (const loopback of [false, true]) {
      // The message reaches whoever named the host, and must not tell what names mean inside.
      await expect(ask(zone, loopback)).rejects.toMatchObject({
        code: 'address_refused',
        message: `${NAME} resolves to an address that is not public`,
      });
      await server?.close();
    }
    server = undefined;
  });
});

describe('a name does not resolve', () => {
  it.each<[string, Zone]>([
    ['when it has no records', { A: [], AAAA: [] }],
    ['when it does not exist', { A: NO_SUCH_NAME, AAAA: NO_SUCH_NAME }],
    ['when nobody may ask', { A: REFUSED, AAAA: REFUSED }],
    ['when nobody answers', { A: 'silence', AAAA: 'silence' }],
    ['when a chain leads nowhere', { A: [cname(NAME, 'b.example.com')], AAAA: [] }],
    [
      'when a chain is a ring',
      { A: [cname(NAME, 'b.example.com'), cname('b.example.com', NAME)], AAAA: [] },
    ],
  ])('%s', async (_, zone) => {
    await expect(ask(zone)).rejects.toMatchObject({ code: 'name_unresolvable', retryable: true });
  });
});

describe('a name that changes its address', () => {
  it('is asked for once per connection and checked every time', async () => {
    const lookup = await resolver({ A: [a(PUBLIC)] }, { A: [a('127.0.0.1')] });
    expect(await checkedAddresses(NAME, lookup, false)).toEqual([PUBLIC]);
    await expect(checkedAddresses(NAME, lookup, false)).rejects.toMatchObject({
      code: 'address_refused',
    });
    expect(server?.asked).toEqual(
      Array(2)
        .fill([`A ${NAME}`, `AAAA ${NAME}`])
        .flat(),
    );
  });

  it('gains nothing by an answer that is inside', async () => {
    const resolve = await resolver({ A: [a('127.0.0.1')] }, { A: [a(PUBLIC)] });
    const client = createGuardedFetch({ loopback: true, resolve });
    await expect(client.request(`https://${NAME}/`)).rejects.toMatchObject({
      code: 'address_refused',
    });
    expect(server?.asked).toHaveLength(2);
    await client.close();
  });
});

it('gives up on a name server that is slow, within the time of the request', async () => {
  const resolve = await resolver({ A: 'silence', AAAA: 'silence' });
  const client = createGuardedFetch({ loopback: false, resolve });
  const answer = client.request(`https://${NAME}/`, { timeMs: 60 });
  await expect(answer).rejects.toMatchObject({ code: 'timed_out', retryable: true });
  await client.close();
});
