// Every byte of a signed write, changed in several ways: the request never counts, and never breaks the node.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { Agent } from '../sandbox.ts';
import { post } from '../town.ts';
import { dumpDatabase } from './database-dump.ts';
import { HttpNode, POSTED } from './http-node.ts';
import { message, RawConnection } from './raw-connection.ts';

const PATH = '/api/v1/activities';
const AT_ONCE = 256;
const ada = new Agent('ada');
let node: HttpNode;
let submolt: ObjectName;

beforeAll(async () => {
  node = await HttpNode.open({ limits: { headersTimeout: 500, requestTimeout: 500 } });
  const object = { type: 'Group', preferredUsername: 'tides', name: 'tides' } as const;
  submolt = await node.accept(ada, { type: 'Create', target: node.context.node.did, object });
});
afterAll(() => node.close());

async function statusOf(text: string): Promise<number | undefined> {
  const connection = new RawConnection(node.server.address.port).write(text);
  const answer = await connection.answer();
  connection.end();
  return answer?.status;
}

/** Changes of one byte: its lowest bit, the bit of case, its highest bit; left out, and said twice. */
const CHANGES: [string, (byte: number) => number[]][] = [
  ['its lowest bit turned', (byte) => [byte ^ 0x01]],
  ['its case turned', (byte) => [byte ^ 0x20]],
  ['its highest bit turned', (byte) => [byte ^ 0x80]],
  ['left out', () => []],
  ['said twice', (byte) => [byte, byte]],
];

test.each(CHANGES)('a signed write with any one byte %s', async (_, change) => {
  const { bytes } = await ada.sign(post(submolt, `mutated ${change}`.slice(0, 40)), node.clock.now);
  const signed = node.sign(ada, PATH, { ...POSTED, body: bytes });
  const fields = Object.entries(signed).map(([name, value]) => `${name}: ${value}`);
  const host = `Host: ${node.context.node.authority}`;
  const head = [host, ...fields, `Content-Length: ${bytes.length}`];
  const original = message(`POST ${PATH} HTTP/1.1`, head, Buffer.from(bytes).toString('latin1'));
  // Accepted once as it is: a change that means nothing makes a replay.
  expect(await statusOf(original)).toBe(201);
  const before = await dumpDatabase(node.context.db);

  const statuses = new Set<number | undefined>();
  const positions = Array.from({ length: original.length }, (_, at) => at);
  const work = Array.from({ length: AT_ONCE }, async () => {
    for (let at = positions.pop(); at !== undefined; at = positions.pop()) {
      const changed = String.fromCharCode(...change(original.charCodeAt(at)));
      statuses.add(await statusOf(original.slice(0, at) + changed + original.slice(at + 1)));
    }
  });
  await Promise.all(work);

  expect(
    [...statuses].filter((status) => status === undefined || status < 400 || status > 499),
  ).toEqual([]);
  expect(await dumpDatabase(node.context.db)).toEqual(before);
  expect(node.failures).toEqual([]);
});
