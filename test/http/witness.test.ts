// The witness over HTTP: statuses, types and limits of c2sp.org/tlog-witness, for anybody who has no signature of ours.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatAddCheckpoint } from '../../src/log/add-checkpoint.ts';
import { openCheckpoint } from '../../src/log/checkpoint.ts';
import { COSIGNATURE_V1, noteVerifier } from '../../src/log/note-key.ts';
import { crypto, identityOf } from '../sandbox.ts';
import { befriend, PlainLog } from '../witness-scene.ts';
import { HttpNode } from './http-node.ts';

const PATH = '/witness/add-checkpoint';
let node: HttpNode;
let log: PlainLog;

beforeEach(async () => {
  node = await HttpNode.open();
  log = new PlainLog('peer.test/log/system', await befriend(node, 'peer'));
});
afterEach(() => node.close());

const add = (body: string, headers: Record<string, string> = {}) =>
  node.send(PATH, { method: 'POST', body, headers });
const monitored = (origin: string) =>
  node.send(`/witness/${createHash('sha256').update(origin).digest('hex')}/checkpoint`);

describe('add-checkpoint', () => {
  test('answers with the signature line and nothing else', async () => {
    const { headers, status, text } = await add(await log.ask(0, 3));
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const { authority, witnessSeed } = node.context.node;
    const publicKey = crypto.publicKeyOf(witnessSeed);
    const key = noteVerifier(`${authority}/witness`, COSIGNATURE_V1, publicKey, crypto);
    expect(await openCheckpoint(log.note(3) + text, [key], crypto)).toMatchObject({ ok: true });
    expect((await monitored(log.origin)).text).toBe(log.note(3) + text);
  });

  test('tells the size it knows in the type that is made for it', async () => {
    const { headers, status, text } = await add(await log.ask(2, 3));
    expect([status, headers.get('content-type'), text]).toEqual([409, 'text/x.tlog.size', '0\n']);
  });

  test('takes a body of any type, and of none', async () => {
    for (const [size, type] of ['text/plain', 'application/octet-stream', ''].entries()) {
      const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
      expect((await add(await log.ask(size, size + 1), headers)).status).toBe(200);
    }
  });

  test('refuses with the statuses of the specification', async () => {
    await add(await log.ask(0, 5));
    const other = new PlainLog(log.origin, identityOf('peer').logSeed, 'other');
    const forged = new PlainLog(log.origin, identityOf('eve').logSeed);
    const stranger = new PlainLog('eve.test/log/system', identityOf('eve').logSeed);
    const beyond = formatAddCheckpoint({ oldSize: 6, proof: [], note: log.note(5) });
    const bodies: [string, number, string][] = [
      ['', 400, 'cosignature_malformed'],
      [beyond, 400, 'old_size_beyond'],
      [await forged.ask(5, 6), 403, 'log_signature_refused'],
      [await stranger.ask(0, 1), 404, 'origin_unknown'],
      [await other.ask(5, 6), 422, 'not_consistent'],
    ];
    for (const [body, status, code] of bodies) {
      const answer = await add(body);
      expect([answer.status, answer.json.code]).toEqual([status, code]);
      // Nothing here is mended by a signature of the request.
      expect(answer.headers.get('accept-signature')).toBeNull();
    }
  });

  test('says when to come again', async () => {
    for (let size = 0; size < 10; size++) await add(await log.ask(size, size + 1));
    const { headers, json, status } = await add(await log.ask(10, 11));
    expect([status, json.code]).toEqual([429, 'cosigned_too_often']);
    expect(headers.get('retry-after')).toBe('1');
  });

  test('reads no more than a request can have', async () => {
    expect((await add('x'.repeat(131_073))).status).toBe(413);
  });

  test('takes a note with sixteen signatures, of algorithms and names that it does not know', async () => {
    const others = Array.from({ length: 15 }, (_, i) => {
      const line = Buffer.alloc(4 + 4_900, i).toString('base64');
      return `— other\u007f${i}.example ${line}\n`;
    });
    const answer = await add((await log.ask(0, 3)) + others.join(''));
    expect(answer.status).toBe(200);
    expect((await monitored(log.origin)).text).toBe(log.note(3) + answer.text);
  });

  test('is for POST alone', async () => {
    const { headers, status } = await node.send(PATH);
    expect([status, headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });
});

describe('what a monitor reads', () => {
  test('is nothing for a log that was never cosigned, and for what is no hash', async () => {
    expect((await monitored(log.origin)).json.code).toBe('log_unknown');
    for (const path of ['x', 'F'.repeat(64), log.origin.replaceAll('/', '%2F')]) {
      expect((await node.send(`/witness/${path}/checkpoint`)).status).toBe(404);
    }
  });
});
