// A name server on loopback that answers what a test tells it, in real DNS messages (RFC 1035).
import { createSocket } from 'node:dgram';

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly name: string; readonly address: string }
  | { readonly type: 'CNAME'; readonly name: string; readonly target: string };

/** What one question gets: records, an error code (3: no such name), or no answer at all. */
export type DnsReply = readonly DnsRecord[] | number | 'silence';

export interface DnsServer {
  /** `address:port`, as a resolver takes it. */
  readonly address: string;
  /** `A host.example.com`, in the order of arrival. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const TYPES = { A: 1, CNAME: 5, AAAA: 28 } as const;

function nameBytes(name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.of(0)]);
}

/** Full spelling of IPv6 only. */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  return Buffer.from(
    address
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );
}

function recordBytes(record: DnsRecord): Buffer {
  const data = record.type === 'CNAME' ? nameBytes(record.target) : addressBytes(record.address);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(TYPES[record.type], 0);
  head.writeUInt16BE(1, 2);
  // A time to live of 0: nobody may remember the answer.
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(record.name), head, data]);
}

/** Starts a server that asks `reply` for each question. */
export async function startDnsServer(
  reply: (name: string, type: 'A' | 'AAAA') => DnsReply,
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, sender) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += length + 1;
    }
    const name = labels.join('.');
    const type = query.readUInt16BE(at + 1) === TYPES.AAAA ? 'AAAA' : 'A';
    asked.push(`${type} ${name}`);
    const answer = reply(name, type);
    if (answer === 'silence') return;
    const records = typeof answer === 'number' ? [] : answer;
    const head = Buffer.from(query.subarray(0, 12));
    // A response, recursion available, with its code.
    head.writeUInt16BE(0x8180 | (typeof answer === 'number' ? answer : 0), 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    const question = query.subarray(12, at + 5);
    socket.send(
      Buffer.concat([head, question, ...records.map(recordBytes)]),
      sender.port,
      sender.address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  return { address: `127.0.0.1:${socket.address().port}`, asked, close };
}
