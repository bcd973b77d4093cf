// What is for everybody without a signature: objects by hash, logs, proofs, archives, DID documents, discovery, health.
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { verifyArchive } from '../../src/log/archive-verify.ts';
import { decodeBundle } from '../../src/log/bundle.ts';
import { openCheckpoint } from '../../src/log/checkpoint.ts';
import { commitment, parseEntry } from '../../src/log/entry.ts';
import { verifyInclusion } from '../../src/log/inclusion.ts';
import { Frontier, leafHash } from '../../src/log/merkle.ts';
import { NOTE_ED25519, noteVerifier } from '../../src/log/note-key.ts';
import { parseProofFile } from '../../src/log/proof-file.ts';
import { fromBase64url, toBase64, toBase64url, utf8 } from '../../src/protocol/bytes.ts';
import { didKeyOf, parseDid } from '../../src/protocol/did.ts';
import { keysFor } from '../../src/protocol/did-document.ts';
import { canonicalize } from '../../src/protocol/jcs.ts';
import { didKeyResolver, verifyObject, verifyObjectBytes } from '../../src/protocol/object.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { StoreError } from '../../src/store/error.ts';
import { Agent, crypto } from '../sandbox.ts';
import { comment, post } from '../town.ts';
import { HttpNode, POSTED } from './http-node.ts';

const ada = new Agent('ada');
const POSTS = 300;
let node: HttpNode;
let submolt: ObjectName;
let item: ObjectName;
let erased: ObjectName;
let log: string;
let size: number;

beforeAll(async () => {
  node = await HttpNode.open();
  const object = { type: 'Group', preferredUsername: 'tides', name: 'Tides' } as const;
  submolt = await node.accept(ada, { type: 'Create', target: node.context.node.did, object });
  item = await node.accept(ada, post(submolt, 'first'));
  const drafts = Array.from({ length: POSTS }, (_, i) => comment(submolt, item, `reply ${i}`));
  const signed = await Promise.all(drafts.map((draft) => ada.sign(draft, node.clock.now)));
  await Promise.all(signed.map(({ bytes }) => node.submit(ada, bytes)));
  erased = (signed[7] as { name: ObjectName }).name;
  await node.accept(ada, { type: 'Delete', audience: submolt, object: erased });
  log = `/log/${idOf(submolt)}`;
  size = POSTS + 3;
});
afterAll(() => node.close());

/** As it comes over the wire: fetch would unpack it. */
function rawGet(path: string, accepted: string) {
  const { port } = new URL(node.context.node.origin);
  const headers = { 'accept-encoding': accepted };
  return new Promise<{ headers: object; bytes: Buffer }>((resolve, reject) => {
    const take = (answer: IncomingMessage) => {
      const give = (chunks: Buffer[]) =>
        resolve({ headers: answer.headers, bytes: Buffer.concat(chunks) });
      answer.toArray().then(give, reject);
    };
    get({ host: '127.0.0.1', port, path, headers }, take).once('error', reject);
  });
}

const lines = (text: string) => text.split('\n').slice(0, -1);

/** The checkpoint, opened with the key that the node itself has stated. */
async function openedCheckpoint() {
  const { text } = await node.send(`${log}/checkpoint`);
  const origin = `${node.context.node.authority}${log}`;
  const logKey = crypto.publicKeyOf(node.context.node.logSeed);
  const verifier = noteVerifier(origin, NOTE_ED25519, logKey, crypto);
  const opened = await openCheckpoint(text, [verifier], crypto, origin);
  if (!opened.ok) throw new Error(opened.detail);
  return opened.checkpoint;
}

describe('an object by its hash', () => {
  test('is the bytes that were signed', async () => {
    const answer = await node.send(`/.well-known/ni/sha-256/${idOf(item)}`);
    expect(answer.headers.get('content-type')).toContain('application/ld+json');
    // Nobody may answer for the node, which may have erased it.
    expect(answer.headers.get('cache-control')).toBe('public, no-cache');
    expect(toBase64url(crypto.sha256(answer.bytes))).toBe(idOf(item));
    const verdict = await verifyObjectBytes(answer.bytes, { crypto, resolveKey: didKeyResolver });
    expect(verdict).toMatchObject({ ok: true, object: { name: item } });
  });

  test('is not sent to who has it', async () => {
    const path = `/.well-known/ni/sha-256/${idOf(item)}`;
    const etag = (await node.send(path)).headers.get('etag') ?? '';
    expect((await node.send(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test('comes as activity+json to who asks for that', async () => {
    const headers = { accept: 'application/activity+json' };
    const answer = await node.send(`/.well-known/ni/sha-256/${idOf(item)}`, { headers });
    expect(answer.headers.get('content-type')).toBe('application/activity+json');
  });

  test.each([
    ['is gone when it was erased', () => idOf(erased), 410, 'erased'],
    ['is not there when it never was', () => 'A'.repeat(43), 404, 'not_found'],
    ['is not asked for by another spelling', () => 'A'.repeat(42), 400, 'bad_parameter'],
  ])('%s', async (_, id, status, code) => {
    const answer = await node.send(`/.well-known/ni/sha-256/${id()}`);
    expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
  });
});

describe('a log', () => {
  test('has a checkpoint whose root is that of its entries', async () => {
    const checkpoint = await openedCheckpoint();
    expect(checkpoint.size).toBe(size);
    const frontier = new Frontier(crypto);
    while (frontier.size < size) {
      const { text } = await node.send(`${log}/entries?start=${frontier.size}&limit=100`);
      for (const line of lines(text)) frontier.append(leafHash(utf8(line), crypto));
    }
    expect(toBase64(frontier.root())).toBe(toBase64(checkpoint.root));
  });

  test('has full and partial tiles that fit together', async () => {
    const full = await node.send(`${log}/tile/0/000`);
    expect(full.bytes).toHaveLength(256 * 32);
    expect(full.headers.get('cache-control')).toContain('immutable');
    const partial = await node.send(`${log}/tile/0/001.p/${size - 256}`);
    expect(partial.bytes).toHaveLength((size - 256) * 32);
    const bundle = await node.send(`${log}/tile/entries/001.p/${size - 256}`);
    const entries = decodeBundle(bundle.bytes, size - 256) ?? [];
    expect(toBase64(leafHash(entries[0] as Uint8Array, crypto))).toBe(
      toBase64(partial.bytes.subarray(0, 32)),
    );
    expect((await node.send(`${log}/tile/1/000.p/1`)).bytes).toHaveLength(32);
  });

  test('has its entries in gzip for whoever takes it, and tells caches so', async () => {
    const path = `${log}/tile/entries/000`;
    const plain = await rawGet(path, 'identity');
    const packed = await rawGet(path, 'gzip, identity');
    expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding' });
    expect(packed.headers).toMatchObject({
      ...{ 'content-encoding': 'gzip', vary: 'Accept-Encoding' },
      ...{ 'content-type': 'application/octet-stream' },
    });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(gunzipSync(packed.bytes)).toEqual(plain.bytes);
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length * 0.6);
  });

  test.each(['tile/0/002', 'tile/0/001', 'tile/0/001.p/200', 'tile/1/000', 'tile/0/1', 'tile/x'])(
    'has no %s at its size',
    async (path) => {
      expect((await node.send(`${log}/${path}`)).json.code).toBe('not_found');
    },
  );

  test.each([0, 1, 255, 256, POSTS])('proves that entry %i is in it', async (index) => {
    const checkpoint = await openedCheckpoint();
    const parsed = parseProofFile((await node.send(`${log}/proof?index=${index}`)).text);
    const { text } = await node.send(`${log}/entries?start=${index}&limit=1`);
    const leaf = leafHash(utf8(lines(text)[0] ?? ''), crypto);
    const hashes = parsed.ok ? parsed.proof.hashes : [];
    expect(verifyInclusion(index, size, leaf, hashes, checkpoint.root, crypto)).toBe(true);
  });

  test('opens its entries with the bodies and salts it gives', async () => {
    const body = JSON.stringify({ start: 0, end: 256 });
    const answer = await node.send(`${log}/bodies`, { ...POSTED, body });
    const bodies = lines(answer.text).map((line) => JSON.parse(line));
    const entries = lines((await node.send(`${log}/entries?start=0&limit=256`)).text);
    expect(bodies.map(({ i }) => i)).toEqual(Array.from({ length: 256 }, (_, i) => i));
    const open = bodies.filter(({ o }) => o !== undefined);
    for (const { i, o, s } of open) {
      const c = commitment(fromBase64url(s) as Uint8Array, canonicalize(o), crypto);
      expect(parseEntry(utf8(entries[i] ?? ''))?.c).toBe(toBase64url(c));
    }
    expect(bodies.filter(({ o }) => o === undefined)).toMatchObject([
      { n: erased, by: size - 1, a: ada.did, p: item },
    ]);
  });

  test.each([
    ['no range', '{}'],
    ['an empty range', '{"start":1,"end":1}'],
    ['a range beyond the log', '{"start":0,"end":100000}'],
    ['more than 256 bodies', '{"start":0,"end":257}'],
    ['no JSON', 'x'],
  ])('gives no bodies for %s', async (_, body) => {
    const answer = await node.send(`${log}/bodies`, { ...POSTED, body });
    expect(answer.json.code).toBe('bad_parameter');
  });

  test('comes as an archive that verifies offline', async () => {
    const { bytes, headers } = await node.send(`${log}/archive`);
    expect(headers.get('content-type')).toBe('application/x-tar');
    async function* chunks() {
      yield bytes;
    }
    const now = Math.floor(node.clock.now / 1000);
    const report = await verifyArchive(chunks(), { crypto, now });
    expect(report).toMatchObject({ ok: true, size, submolt, erased: 1 });
  });

  test('of the node itself is called system', async () => {
    const first = await node.send('/log/system/entries?start=0&limit=1');
    expect(JSON.parse(first.text)).toMatchObject({ k: 'Add', v: 1 });
  });

  test.each(['/log/nowhere/checkpoint', `/log/${'A'.repeat(43)}/checkpoint`, '/log/tides/entries'])(
    'is not at %s',
    async (path) => {
      expect((await node.send(path)).json.code).toBe('log_unknown');
    },
  );

  test('refuses indexes beyond its size', async () => {
    expect((await node.send(`${log}/proof?index=${size}`)).json.code).toBe('bad_parameter');
    expect((await node.send(`${log}/proof`)).json.code).toBe('bad_parameter');
    expect((await node.send(`${log}/entries?start=${size + 1}`)).json.code).toBe('bad_parameter');
    expect((await node.send(`${log}/entries?start=${size}`)).text).toBe('');
  });
});

describe('discovery', () => {
  test('says who the node is, with a statement it has signed', async () => {
    const { json } = await node.send('/.well-known/exuvia');
    const { did, origin, authority, logSeed } = node.context.node;
    expect(json).toMatchObject({ did, origin, systemLog: `${authority}/log/system` });
    const statement = json.keyStatement as never;
    const verdict = await verifyObject(statement, { crypto, resolveKey: didKeyResolver });
    const object = didKeyOf(crypto.publicKeyOf(logSeed));
    expect(verdict).toMatchObject({ ok: true, object: { activity: { actor: did, object } } });
  });

  test('says so again after the database could not be read once', async () => {
    const other = await HttpNode.open({ name: 'recovering' });
    const { db } = other.context;
    const away = { ...db, batch: () => Promise.reject(new StoreError('unreachable', 'away')) };
    Object.assign(other.context, { db: away });
    expect(await other.send('/.well-known/exuvia')).toMatchObject({ status: 503 });
    Object.assign(other.context, { db });
    expect(await other.send('/.well-known/exuvia')).toMatchObject({ status: 200 });
    await other.close();
  });

  test.each([
    ['/.well-known/did.json', 'application/did+json'],
    [
      '/.well-known/http-message-signatures-directory',
      'application/http-message-signatures-directory+json',
    ],
  ])('has the node’s key at %s', async (path, type) => {
    const { headers, json } = await node.send(path);
    expect(headers.get('content-type')).toBe(type);
    const keys = keysFor(json, node.context.node.did, 'authentication');
    expect(keys).toMatchObject({ ok: true });
    expect(json.keys).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', use: 'sig' }]);
  });

  test('has the document of any did:key, known or not', async () => {
    const stranger = new Agent('stranger');
    const { json } = await node.send(`/dids/${stranger.did}/did.json`);
    const keys = keysFor(json, stranger.did, 'assertionMethod');
    expect(keys.ok && keys.keys.map(({ publicKey }) => didKeyOf(publicKey))).toContain(
      stranger.did,
    );
  });

  test('has no document for other DIDs', async () => {
    const weak = didKeyOf(new Uint8Array(32));
    expect(parseDid(weak)).toBe(weak);
    expect((await node.send(`/dids/${weak}/did.json`)).json.code).toBe('not_found');
    expect((await node.send('/dids/did:web:x.example/did.json')).json.code).toBe('not_found');
    expect((await node.send('/dids/x/did.json')).json.code).toBe('bad_parameter');
  });
});

describe('archives', () => {
  test('are given to a few at a time, and readers who stall take no place for ever', async () => {
    const object = { type: 'Group', preferredUsername: 'vast', name: 'Vast' } as const;
    const vast = await node.accept(ada, {
      type: 'Create',
      target: node.context.node.did,
      object,
    });
    const draft = { type: 'Create', audience: vast } as const;
    for (let i = 0; i < 100; i++) {
      const content = `${i}`.padEnd(40_000, '漢');
      const words = { type: 'Article', name: 'Long', content, mediaType: 'text/plain' } as const;
      await node.accept(ada, { ...draft, object: words });
    }
    const path = `/log/${idOf(vast)}/archive`;
    const status = async () => (await node.send(path, { method: 'HEAD' })).status;
    const patiently = { timeout: 20_000 };
    const stalled = Array.from({ length: 8 }, () => {
      const socket = connect(node.server.address.port, '127.0.0.1').pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${node.context.node.authority}\r\n\r\n`);
      return socket;
    });
    await vi.waitFor(async () => expect(await status()).toBe(503), patiently);
    for (const socket of stalled) socket.destroy();
    await vi.waitFor(async () => expect(await status()).toBe(200), patiently);
  });
});

describe('the edge', () => {
  test('lives and is ready, whoever asks under whatever name', async () => {
    const { headers, json } = await node.send('/healthz');
    expect(json).toEqual({ status: 'ok' });
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await node.send('/readyz')).json).toEqual({ status: 'ready' });
    const probe = 'GET /readyz HTTP/1.1\r\nHost: 10.0.0.7\r\nConnection: close\r\n\r\n';
    expect(await node.raw(probe)).toMatch(/^HTTP\/1.1 200 /);
  });

  test('lets scripts of any origin read what is open, preflight included', async () => {
    const path = `${log}/checkpoint`;
    expect((await node.send(path)).headers.get('access-control-allow-origin')).toBe('*');
    const preflight = await node.send(path, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('is declared and not guessed: no answer may be sniffed', async () => {
    const answer = await node.send('/nothing/here');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.json.code).toBe('not_found');
  });

  test('answers HEAD of an archive without making it', async () => {
    const answer = await node.send(`${log}/archive`, { method: 'HEAD' });
    expect({ status: answer.status, bytes: answer.bytes.length }).toEqual({
      status: 200,
      bytes: 0,
    });
  });
});
