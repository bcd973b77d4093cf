// How many connections there may be, and from one address: more are closed before anything is read from them.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { AddressReader } from '../net/client-address.ts';
import type { Metrics } from './metrics.ts';

export interface ConnectionCaps {
  /** Null for as many as the system gives. */
  readonly total: number | null;
  readonly perAddress: number | null;
  /** Without it addresses are not told apart. */
  readonly addresses?: AddressReader;
}

/** Connections beyond the total, for those that are just being closed. */
const GIVING_WAY = 0.05;

export function capConnections(
  server: Server,
  { addresses, perAddress, total }: ConnectionCaps,
  metrics?: Pick<Metrics, 'turnedAway'>,
): void {
  const counts = new Map<string, number>();
  let open = 0;
  server.prependListener('connection', (socket: Socket) => {
    const key = addresses?.keyOf(socket.remoteAddress ?? '', []) ?? null;
    const ofAddress = key === null ? 0 : (counts.get(key) ?? 0);
    if (perAddress !== null && ofAddress >= perAddress) return turnAway(socket, 'address');
    if (total !== null && open >= total) {
      // Those who wait for nothing give way; they know that a connection may end between two requests.
      server.closeIdleConnections();
      if (open >= total + Math.ceil(total * GIVING_WAY)) return turnAway(socket, 'total');
    }
    open += 1;
    if (key !== null) counts.set(key, ofAddress + 1);
    socket.once('close', () => {
      open -= 1;
      if (key === null) return;
      const left = (counts.get(key) ?? 1) - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    });
  });

  function turnAway(socket: Socket, cap: 'total' | 'address'): void {
    metrics?.turnedAway(cap);
    socket.destroy();
  }
}
