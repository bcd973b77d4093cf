// Counts what connections carry, header sections and refused bodies too: after each answer, and at their end.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Metrics } from './metrics.ts';

export function countBytes(server: Server, metrics: Pick<Metrics, 'transferred'>): void {
  const reports = new WeakMap<Socket, () => void>();
  server.on('connection', (socket: Socket) => {
    let received = 0;
    let sent = 0;
    const report = () => {
      const { bytesRead, bytesWritten } = socket;
      metrics.transferred(bytesRead - received, bytesWritten - sent);
      received = bytesRead;
      sent = bytesWritten;
    };
    reports.set(socket, report);
    socket.once('close', report);
  });
  const atEnd = ({ socket }: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.once('close', () => reports.get(socket)?.());
  };
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, atEnd);
}
