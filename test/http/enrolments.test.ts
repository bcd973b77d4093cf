// Three ways to be known, over real sockets: a DID linked to a JWK Set, a did:key without Signature-Agent, and who is not.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { keyFromSeed } from '../../src/client/keys.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { type Did, didWebToUrl, parseDid } from '../../src/protocol/did.ts';
import { buildDidWebDocument, type KeyPurpose } from '../../src/protocol/did-document.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { DIRECTORY_SERVICE } from '../../src/protocol/key-link.ts';
import { ed25519ToJwk, jwkThumbprint } from '../../src/protocol/thumbprint.ts';
import { Agent, crypto } from '../sandbox.ts';
import { dumpDatabase } from './database-dump.ts';
import { type Answer, HttpNode, POSTED, type Signing } from './http-node.ts';
import { JwksSite } from './jwks-site.ts';

const PATH = '/api/v1/enrolments';
const READ = '/api/v1/posts';
const documents = new Map<string, JsonObject>();
let node: HttpNode;
let site: JwksSite;
let count = 0;

beforeAll(async () => {
  node = await HttpNode.open({ documents, federated: true });
  site = await JwksSite.open();
});
afterAll(() => Promise.all([node.close(), site.close()]));

const publicKeyOf = (agent: Agent) => crypto.publicKeyOf(agent.seed);

interface Published {
  readonly key?: Agent;
  readonly endpoint?: string;
  readonly purposes?: readonly KeyPurpose[];
}

/** Puts the document of a did:web where the node finds it. */
function publish(did: Did, url: string, { key = agent, endpoint, purposes }: Published = {}): void {
  const keys = [{ publicKey: publicKeyOf(key), purposes: purposes ?? ['authentication' as const] }];
  const service = { id: `${did}#keys`, type: DIRECTORY_SERVICE, serviceEndpoint: endpoint ?? url };
  const { keys: _, ...document } = buildDidWebDocument({ did, keys, services: [service] }, crypto);
  documents.set(didWebToUrl(did) as string, JSON.parse(JSON.stringify(document)));
}

let agent: Agent;
let did: Did;
let url: string;
let keyid: string;

// Each test has an agent, a DID and a JWK Set of its own, all linked.
beforeEach(() => {
  agent = new Agent(`enrolled ${++count}`);
  did = parseDid(`did:web:agents.example:a${count}`) as Did;
  keyid = jwkThumbprint(publicKeyOf(agent), crypto);
  url = site.publish(`/${count}/jwks.json`, publicKeyOf(agent));
  publish(did, url);
});

function enrol(of: string, signatureAgent: string | null, signing: Signing = {}): Promise<Answer> {
  const body = JSON.stringify({ did: of });
  return node.ask(agent, PATH, { ...POSTED, body }, { signatureAgent, ...signing });
}

function withdraw(signatureAgent: string | null): Promise<Answer> {
  return node.ask(agent, PATH, { method: 'DELETE' }, { signatureAgent });
}

const read = (signatureAgent: string | null, by = agent) =>
  node.ask(by, READ, {}, { signatureAgent, nonce: null });

async function expectRefusal(status: number, code: string, send: () => Promise<Answer>) {
  const before = await dumpDatabase(node.context.db);
  const answer = await send();
  expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
  expect(answer.json).toMatchObject({ remedy: expect.stringMatching(/./) });
  expect(await dumpDatabase(node.context.db)).toEqual(before);
  return answer;
}

describe('a DID that links to a JWK Set', () => {
  test('is known by it once it has enrolled the key, and not before', async () => {
    const { json } = await expectRefusal(403, 'not_enrolled', () => read(url));
    expect(json.remedy).toContain('/api/v1/enrolments');
    expect(await enrol(did, url)).toMatchObject({
      status: 201,
      json: { enrolment: { did, keyid, signature_agent: url } },
    });
  });

  test('is the caller of its requests from then on, without a look at any document', async () => {
    await enrol(did, url);
    site.asked.length = 0;
    expect(await read(url)).toMatchObject({ status: 200 });
    const who = await node.ask(agent, '/federation/peers', {}, { signatureAgent: url });
    expect(who.json).toMatchObject({ code: 'not_node_key', detail: expect.stringContaining(did) });
    expect(site.asked).toEqual([]);
  });

  test('may enrol again, which changes nothing, and withdraw', async () => {
    await enrol(did, url);
    expect(await enrol(did, url)).toMatchObject({ status: 200 });
    expect(await withdraw(url)).toMatchObject({ status: 200, json: { enrolment: { did, keyid } } });
    await expectRefusal(403, 'not_enrolled', () => read(url));
    await expectRefusal(403, 'not_enrolled', () => withdraw(url));
  });

  test('is not known by that key under another URL, though it is there as well', async () => {
    await enrol(did, url);
    const other = site.publish(`/${count}/other.json`, publicKeyOf(agent));
    await expectRefusal(403, 'not_enrolled', () => read(other));
    await expectRefusal(403, 'no_identifier', () => read(null));
    await expectRefusal(403, 'not_enrolled', () => withdraw(other));
  });

  test('loses a key that it drops', async () => {
    await enrol(did, url);
    publish(did, url, { key: new Agent('another') });
    node.clock.now += 60 * 60_000;
    expect(await read(url)).toMatchObject({ status: 403, json: { code: 'key_not_in_directory' } });
    await expectRefusal(422, 'key_not_listed', () => enrol(did, url));
  });

  test('is served by a client that has nothing to know but the URL', async () => {
    const key = keyFromSeed(agent.seed, crypto, { did });
    const options = { origin: node.origin, key, crypto, now: () => node.clock.now };
    const client = new ExuviaClient({ ...options, signatureAgent: url, attempts: 1 });
    await expect(client.read.posts()).rejects.toMatchObject({ code: 'not_enrolled' });
    expect(await client.enrol()).toMatchObject({ did, keyid, signature_agent: url });
    expect((await client.read.posts()).posts).toEqual([]);
    expect(await client.withdrawKey()).toMatchObject({ did, keyid });
    await expect(client.read.posts()).rejects.toMatchObject({ code: 'not_enrolled' });
  });
});

describe('nobody is enrolled', () => {
  type Case = [string, number, string, () => void];
  test.each<Case>([
    [
      'when the service names another URL',
      422,
      'service_not_linked',
      () => publish(did, url, { endpoint: `${site.origin}/elsewhere` }),
    ],
    [
      'when the JWK Set lists the key and the DID does not',
      422,
      'key_not_listed',
      () => publish(did, url, { key: new Agent('another') }),
    ],
    [
      'when the DID lists the key for objects alone',
      422,
      'key_not_listed',
      () => publish(did, url, { purposes: ['assertionMethod'] }),
    ],
    [
      'when the document is somebody else’s',
      422,
      'did_unresolvable',
      () => {
        publish(parseDid('did:web:agents.example:other') as Did, url);
        const other = documents.get('https://agents.example/other/did.json') as JsonObject;
        documents.set(didWebToUrl(did) as string, other);
      },
    ],
    [
      'when the set calls another key by the thumbprint',
      403,
      'key_not_in_directory',
      () => {
        const jwk = { ...ed25519ToJwk(publicKeyOf(new Agent('another'))), kid: keyid };
        site.pages.set(`/${count}/jwks.json`, { keys: [jwk] });
      },
    ],
    [
      'when another DID’s document is at the URL',
      422,
      'url_names_a_did',
      () => {
        const { keys } = site.pages.get(`/${count}/jwks.json`) as { keys: unknown };
        site.pages.set(`/${count}/jwks.json`, { id: 'did:web:other.example', keys });
      },
    ],
    [
      'behind a redirect',
      403,
      'directory_redirected',
      () => {
        site.publish('/target', publicKeyOf(agent));
        site.pages.set(`/${count}/jwks.json`, (out) =>
          out.writeHead(302, { location: '/target' }).end(),
        );
      },
    ],
    [
      'by more than is read',
      403,
      'directory_too_large',
      () => {
        const keys = [ed25519ToJwk(publicKeyOf(agent))];
        site.pages.set(`/${count}/jwks.json`, { keys, pad: 'x'.repeat(262_144) });
      },
    ],
    [
      'by a page that is not JSON',
      403,
      'directory_media_type',
      () => site.pages.set(`/${count}/jwks.json`, (out) => out.writeHead(200).end('{"keys":[]}')),
    ],
    [
      'from a URL where nothing is',
      403,
      'directory_status',
      () => site.pages.delete(`/${count}/jwks.json`),
    ],
  ])('%s', async (_, status, code, change) => {
    change();
    await expectRefusal(status, code, () => enrol(did, url));
    expect((await read(url)).json.code).toBe('not_enrolled');
  });

  test('by who has the pair and not the key', async () => {
    await enrol(did, url);
    const thief = new Agent('thief');
    const theirs = parseDid('did:web:thief.example') as Did;
    publish(theirs, url);
    // The thief's own key is not in the set; the set's key does not sign for the thief.
    await expectRefusal(403, 'key_not_in_directory', () =>
      enrol(theirs, url, { seed: thief.seed }),
    );
    const body = JSON.stringify({ did: theirs });
    const signed = node.sign(
      agent,
      PATH,
      { ...POSTED, body: JSON.stringify({ did }) },
      { signatureAgent: url },
    );
    await expectRefusal(400, 'content_digest_mismatch', () =>
      node.send(PATH, { ...POSTED, body, headers: signed }),
    );
    expect(await read(url)).toMatchObject({ status: 200 });
  });

  test('over another DID that has the pair, even by the key', async () => {
    await enrol(did, url);
    const second = parseDid('did:web:second.example') as Did;
    publish(second, url);
    await expectRefusal(409, 'enrolled_elsewhere', () => enrol(second, url));
    await withdraw(url);
    expect(await enrol(second, url)).toMatchObject({ status: 201 });
  });

  test('twice by one request', async () => {
    const body = JSON.stringify({ did });
    const headers = node.sign(agent, PATH, { ...POSTED, body }, { signatureAgent: url });
    const send = () => node.send(PATH, { ...POSTED, body, headers });
    expect(await send()).toMatchObject({ status: 201 });
    await withdraw(url);
    await expectRefusal(429, 'replayed', send);
  });

  test('under a URL that stands for a DID by itself', async () => {
    const own = `${node.origin}/dids/${agent.did}/did.json`;
    await expectRefusal(422, 'url_names_a_did', () => enrol(did, own));
    await expectRefusal(422, 'url_names_a_did', () => enrol(agent.did, own));
    await expectRefusal(403, 'not_enrolled', () => withdraw(own));
  });

  test.each([
    ['{}', 400, 'enrolment_malformed'],
    ['{"did":"did:web:x.example","more":1}', 400, 'enrolment_malformed'],
    ['{"did":"did:example:x"}', 400, 'enrolment_malformed'],
    ['{"did":7}', 400, 'enrolment_malformed'],
    ['[]', 400, 'enrolment_malformed'],
    ['{', 400, 'invalid_json'],
  ])('by the body %s', async (body, status, code) => {
    for (const signatureAgent of [url, null]) {
      await expectRefusal(status, code, () =>
        node.ask(agent, PATH, { ...POSTED, body }, { signatureAgent }),
      );
    }
  });
});

describe('a did:key without Signature-Agent', () => {
  test('is known once it is enrolled, and not before', async () => {
    const { json } = await expectRefusal(403, 'no_identifier', () => read(null));
    expect(json.detail).toContain('/api/v1/enrolments');
    expect(await enrol(agent.did, null)).toMatchObject({
      status: 201,
      json: { enrolment: { did: agent.did, keyid, signature_agent: null } },
    });
    expect(await read(null)).toMatchObject({ status: 200 });
    const { bytes } = await agent.sign(
      { type: 'Update', object: { type: 'Service', name: 'Plain' } } as never,
      node.clock.now,
    );
    expect(await node.submit(agent, bytes, { signatureAgent: null })).toMatchObject({
      status: 201,
    });
    expect(await withdraw(null)).toMatchObject({ status: 200, json: { enrolment: { keyid } } });
    await expectRefusal(403, 'no_identifier', () => read(null));
  });

  test('opens the door for no other key, and for no URL', async () => {
    await enrol(agent.did, null);
    await expectRefusal(403, 'no_identifier', () => read(null, new Agent('stranger')));
    await expectRefusal(403, 'not_enrolled', () => read(url));
  });

  test('is not enrolled by another key, another DID, another body or an old signature', async () => {
    const stranger = new Agent('stranger');
    await expectRefusal(403, 'key_not_in_directory', () => enrol(stranger.did, null));
    await expectRefusal(403, 'no_identifier', () => enrol(did, null));
    const body = JSON.stringify({ did: agent.did });
    const headers = node.sign(agent, PATH, { ...POSTED, body }, { signatureAgent: null });
    await expectRefusal(400, 'content_digest_mismatch', () =>
      node.send(PATH, { ...POSTED, body: body.replace('}', ' }'), headers }),
    );
    const created = Math.floor(node.clock.now / 1000) - 400;
    await expectRefusal(403, 'expired', () => enrol(agent.did, null, { created }));
    const signature = headers.signature!.replace(/:(.)/, (_, c) => `:${c === 'A' ? 'B' : 'A'}`);
    await expectRefusal(403, 'bad_signature', () =>
      node.send(PATH, { ...POSTED, body, headers: { ...headers, signature } }),
    );
  });

  test('has no more than 4 KB read before it is known', async () => {
    const body = JSON.stringify({ did: agent.did, pad: 'x'.repeat(4_096) });
    await expectRefusal(413, 'too_large', () =>
      node.ask(agent, PATH, { ...POSTED, body }, { signatureAgent: null }),
    );
    const streamed = new ReadableStream({
      start(controller) {
        controller.enqueue(utf8(body));
        controller.close();
      },
    });
    const headers = node.sign(agent, PATH, { ...POSTED, body }, { signatureAgent: null });
    const init = { method: 'POST', headers, body: streamed, duplex: 'half' } as RequestInit;
    const response = await fetch(node.origin + PATH, init);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'too_large' });
  });

  test('has nothing read at all if its header section is refused', async () => {
    const body = utf8('{"did":');
    const created = Math.floor(node.clock.now / 1000) - 400;
    const headers = node.sign(agent, PATH, { ...POSTED, body }, { signatureAgent: null, created });
    await expectRefusal(403, 'expired', () => node.send(PATH, { ...POSTED, body, headers }));
  });

  test('is served by a client that sends none', async () => {
    const key = keyFromSeed(agent.seed, crypto);
    const options = { origin: node.origin, key, crypto, now: () => node.clock.now };
    const client = new ExuviaClient({ ...options, signatureAgent: null, attempts: 1 });
    await expect(client.read.posts()).rejects.toMatchObject({ code: 'no_identifier' });
    expect(await client.enrol()).toMatchObject({ did: agent.did, signature_agent: null });
    expect(await client.join({ name: 'Nobody' })).toMatchObject({ status: 'accepted' });
  });
});
