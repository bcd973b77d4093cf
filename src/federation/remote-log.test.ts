// What another node serves of a log: shapes that are read, and shapes that are trouble.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { decodeUtf8, toBase64url, utf8 } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import { failure } from './peer-client.ts';
import { openRemoteLog } from './remote-log.ts';

const LOG = 'https://node.example.com/log/system';
const crypto = createNodeCrypto();
const SALT = toBase64url(new Uint8Array(16));

function remote(body: string | Uint8Array) {
  const asked: unknown[] = [];
  const reply = { ok: true, body: typeof body === 'string' ? utf8(body) : body } as const;
  const log = openRemoteLog(
    {
      async read(url) {
        asked.push(url);
        return reply;
      },
      async send(method, url, json) {
        asked.push([method, url, json]);
        return reply;
      },
    },
    LOG,
    crypto,
  );
  return { asked, log };
}

const line = (i: number, members: JsonObject = { o: {}, s: SALT }) =>
  `${JSON.stringify({ i, ...members })}\n`;

describe('openRemoteLog', () => {
  it('reads checkpoint, entries and bodies', async () => {
    const note = remote('note\n');
    expect(await note.log.checkpoint()).toEqual({ ok: true, value: 'note\n' });
    expect(note.asked).toEqual([`${LOG}/checkpoint`]);
    const leaves = remote('a\nb\n');
    const entries = await leaves.log.entries(7, 256);
    expect(entries.ok && entries.value.map(decodeUtf8)).toEqual(['a', 'b']);
    expect(leaves.asked).toEqual([`${LOG}/entries?start=7&limit=256`]);
    const both = remote(line(3) + line(4));
    const bodies = await both.log.bodies(3, 5);
    expect(bodies.ok && bodies.value.length).toBe(2);
    expect(both.asked).toEqual([['POST', `${LOG}/bodies`, { start: 3, end: 5 }]]);
  });

  it.each([
    ['none', ''],
    ['more than asked for', 'a\nb\nc\n'],
    ['one that is cut off', 'a\nb'],
  ])('takes %s for trouble with the entries', async (_, body) => {
    expect(await remote(body).log.entries(0, 2)).toMatchObject({ ok: false, again: true });
  });

  it.each([
    ['none', ''],
    ['too few', line(3)],
    ['too many', line(3) + line(4) + line(5)],
    ['those of others', line(4) + line(5)],
    ['one that is malformed', line(3) + line(4, { o: {} })],
    ['one that is no JSON', `${line(3)}{\n`],
    ['one with a duplicate key', `${line(3)}{"i":4,"i":4,"o":{},"s":"${SALT}"}\n`],
  ])('takes %s for trouble with the bodies', async (_, body) => {
    expect(await remote(body).log.bodies(3, 5)).toMatchObject({ ok: false, again: true });
  });

  it('takes a checkpoint that is not UTF-8 for trouble, and passes trouble on', async () => {
    const broken = await remote(Uint8Array.of(0xff)).log.checkpoint();
    expect(broken).toMatchObject({ ok: false, again: true });
    const down = failure({ again: true, detail: 'down' });
    const log = openRemoteLog({ read: async () => down, send: async () => down }, LOG, crypto);
    expect(await log.checkpoint()).toBe(down);
    expect(await log.entries(0, 1)).toBe(down);
    expect(await log.bodies(0, 1)).toBe(down);
  });
});
