// Tells a process of this machine from the rest of the world behind a proxy of this machine.
import type { IncomingMessage } from 'node:http';
import { isLoopbackHost } from '../protocol/signature-agent.ts';
import { rawValues } from './request-target.ts';

/** What proxies say of those they speak for. */
const FORWARDING =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|cdn-loop)$/i;

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/** `127.0.0.1:8787`, `localhost`, `[::1]:80`. */
function namesLoopback(host: string): boolean {
  const url = URL.parse(`http://${host.trim()}`);
  return url !== null && isLoopbackHost(url.hostname);
}

/**
 * True if the connection comes from a loopback address, names one in `Host` and shows no trace of a proxy. A node
 * listens on loopback behind its proxy, so the address alone says nothing. A proxy that adds no field still passes the
 * public name on, as it must for requests to be signed; and a web page that has found its way to a loopback port by
 * a name of its own gives that name.
 */
export function isFromThisMachine({ socket, rawHeaders }: IncomingMessage): boolean {
  if (!isLoopbackAddress(socket.remoteAddress ?? '')) return false;
  if (rawHeaders.some((name, i) => i % 2 === 0 && FORWARDING.test(name))) return false;
  const hosts = rawValues(rawHeaders, 'host');
  return hosts.length === 1 && namesLoopback(hosts[0] ?? '');
}
