// Name resolution for outbound sockets: one answer, every address in it checked, and only those connected to.
import { Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { isGlobalUnicast } from './address.ts';
import { NetError } from './error.ts';

/** All addresses of a host name, A and AAAA. Rejects or answers nothing if there are none. */
export type ResolveName = (host: string) => Promise<readonly string[]>;

/** RFC 6761 §6.3: the name means the loopback interface, whatever a resolver would say. */
const LOCALHOST = ['127.0.0.1', '::1'] as const;

/**
 * The `lookup` of a socket. It is called once per connection and the socket connects to what it answers, so
 * a name that changes its address between check and use (DNS rebinding) gains nothing. One refused address
 * refuses the name: a public name has no reason to point inside.
 */
export function createGuardedLookup(resolve: ResolveName, loopback: boolean): LookupFunction {
  return (host, options, callback) => {
    checkedAddresses(host, resolve, loopback).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        const first = found[0];
        if (options.all) callback(null, found);
        else if (first !== undefined) callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, [], 0),
    );
  };
}

/** The addresses a connection to `host` may use: never empty; throws `NetError` instead. */
export async function checkedAddresses(
  host: string,
  resolve: ResolveName,
  loopback: boolean,
): Promise<readonly string[]> {
  if (loopback && host === 'localhost') return LOCALHOST;
  const addresses = await resolve(host).catch((cause: unknown) => {
    throw new NetError('name_unresolvable', `${host} does not resolve`, { cause });
  });
  if (addresses.length === 0) throw new NetError('name_unresolvable', `${host} has no address`);
  for (const address of addresses) {
    if (!isGlobalUnicast(address)) {
      // Without the address: who asks for the document is told, and need not learn what names mean inside.
      throw new NetError('address_refused', `${host} resolves to an address that is not public`);
    }
  }
  return addresses;
}

/**
 * Asks the configured DNS servers directly. `dns.lookup` would wait in the thread pool that files and
 * signatures use, so that a slow name server of an attacker could stop the node. `servers` replaces the system's
 * (`address:port`).
 */
export function createDnsResolver(timeoutMs: number, servers?: readonly string[]): ResolveName {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const [failure] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer] : []));
    if (found.length === 0 && failure !== undefined) throw failure.reason;
    return found;
  };
}
