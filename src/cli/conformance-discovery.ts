// Who the node says it is: discovery, key statement, DID documents, and what is open to everybody.
import { fromBase64url } from '../protocol/bytes.ts';
import { didMethod, urlToDidWeb } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { idOf } from '../protocol/object-name.ts';
import { verifyDirectoryResponse } from '../protocol/response-signature.ts';
import { DIRECTORY_PATH } from '../protocol/signature-agent.ts';
import { ed25519FromJwk } from '../protocol/thumbprint.ts';
import {
  type Case,
  describeAnswer,
  every,
  expectRefusal,
  expectSuccess,
  failed,
  holds,
  passed,
} from './conformance-case.ts';
import type { Live } from './conformance-live.ts';
import { verifiedLogKey } from './conformance-log-key.ts';

const group = 'discovery';
const UNKNOWN = 'A'.repeat(43);

async function expectDocument(live: Live, target: string, type: string) {
  const answer = await live.open(target);
  const found = expectSuccess(answer, 200, live);
  if (found.kind !== 'passed') return found;
  const { did } = live.node;
  const authentication = keysFor(answer.json, did, 'authentication');
  const assertion = keysFor(answer.json, did, 'assertionMethod');
  const listed =
    authentication.ok &&
    assertion.ok &&
    authentication.keys.length > 0 &&
    assertion.keys.length > 0;
  const contentType = answer.headers.get('content-type') ?? 'none';
  return every(
    holds(answer.json?.id === did, `the document of ${did}`, `${answer.json?.id}`),
    holds(listed, 'keys for authentication and assertionMethod', 'none that can be read'),
    holds(contentType.startsWith(type), type, contentType),
  );
}

const documents: readonly Case[] = [
  {
    group,
    name: 'the origin is the one that was asked',
    run: async ({ node, address }) => holds(node.origin === address, address, node.origin),
  },
  {
    group,
    name: 'the DID is of the origin: did:web for https, did:key on loopback',
    async run({ node, loopback }) {
      if (loopback) return holds(didMethod(node.did) === 'key', 'a did:key', node.did);
      const did = urlToDidWeb(`${node.origin}/.well-known/did.json`);
      return holds(node.did === did, `${did}`, node.did);
    },
  },
  {
    group,
    name: 'the system log is named after the authority',
    run: async ({ node, authority }) =>
      holds(
        node.systemLog === `${authority}/log/system`,
        `${authority}/log/system`,
        node.systemLog,
      ),
  },
  {
    group,
    name: 'the statement of the log key verifies under the node’s own key',
    async run(live) {
      const verdict = await verifiedLogKey(live);
      return verdict.ok ? passed('a log key') : failed('a statement that verifies', verdict.detail);
    },
  },
  {
    group,
    name: 'the node’s DID document',
    run: (live) => expectDocument(live, '/.well-known/did.json', 'application/did+json'),
  },
  {
    group,
    name: 'the key directory is the same document',
    run: (live) =>
      expectDocument(
        live,
        '/.well-known/http-message-signatures-directory',
        'application/http-message-signatures-directory+json',
      ),
  },
  {
    group,
    name: 'the directory lists its keys as a JWK Set',
    async run(live) {
      const { json } = await live.open('/.well-known/http-message-signatures-directory');
      const keys = Array.isArray(json?.keys) ? json.keys : [];
      const good = keys.some(
        ({ kty, crv, x }) =>
          kty === 'OKP' && crv === 'Ed25519' && fromBase64url(`${x}`)?.length === 32,
      );
      return holds(good, 'an Ed25519 JWK', JSON.stringify(json?.keys ?? null));
    },
  },
  {
    group,
    name: 'the directory proves its keys',
    async run(live) {
      const answer = await live.open(DIRECTORY_PATH);
      const url = live.node.origin + DIRECTORY_PATH;
      const response = {
        url,
        status: answer.status,
        headers: [...answer.headers],
        body: answer.bytes,
      };
      const keys = Array.isArray(answer.json?.keys) ? answer.json.keys : [];
      const publicKeys = keys.map(ed25519FromJwk).filter((key) => key !== null);
      if (publicKeys.length === 0) return failed('an Ed25519 JWK', JSON.stringify(keys));
      for (const publicKey of publicKeys) {
        const proof = { now: live.now(), publicKey };
        const verdict = await verifyDirectoryResponse(response, proof, live.crypto);
        if (!verdict.ok)
          return failed('a signature by each key', `${verdict.reason}: ${verdict.detail}`);
      }
      return passed(`${publicKeys.length} of ${keys.length} keys`);
    },
  },
  {
    group,
    name: 'the document of any did:key',
    async run(live) {
      const { did, verificationMethod } = live.agent('ada');
      const answer = await live.open(`/dids/${did}/did.json`);
      const keys = keysFor(answer.json, did, 'authentication');
      const listed = keys.ok && keys.keys.some(({ id }) => id === verificationMethod);
      return holds(answer.status === 200 && listed, verificationMethod, describeAnswer(answer));
    },
  },
  {
    group,
    name: 'no document for a key of small order',
    run: async (live) =>
      expectRefusal(
        await live.open('/dids/did:key:z6MkeXATEjyXENzBXBxgC5EHk2JE5aqd7qMGGtDpLUH1e2Sj/did.json'),
        'not_found',
        live,
      ),
  },
];

const OPEN = [
  '/.well-known/exuvia',
  '/healthz',
  '/readyz',
  '/log/system/checkpoint',
  '/log/system/entries',
  '/log/system/proof?index=0',
];
const SIGNED = ['/api/v1/posts', '/api/v1/submolts', '/api/v1/feed', '/federation/peers'];

const access: readonly Case[] = [
  ...OPEN.map(
    (path): Case => ({
      group: 'open and signed paths',
      name: `${path} is open`,
      run: async (live) => expectSuccess(await live.open(path), 200, live),
    }),
  ),
  {
    group: 'open and signed paths',
    name: 'an object by its hash is open',
    async run(live) {
      const { of } = await live.stage();
      return expectSuccess(
        await live.open(`/.well-known/ni/sha-256/${idOf(of('post'))}`),
        200,
        live,
      );
    },
  },
  ...SIGNED.map(
    (path): Case => ({
      group: 'open and signed paths',
      name: `${path} wants a signature`,
      async run(live) {
        const answer = await live.open(path);
        const mayBeOpen = path.startsWith('/api/v1/') && path !== '/api/v1/feed';
        if (mayBeOpen && answer.status === 200) return passed('200', 'reads are open at this node');
        return expectRefusal(answer, 'signature_missing', live);
      },
    }),
  ),
  {
    group: 'open and signed paths',
    name: 'a bad signature is refused where none is needed',
    async run(live) {
      const message = live.signed(live.agent('ada'), {
        method: 'GET',
        target: '/log/system/checkpoint',
      });
      const other = { ...message, target: '/log/system/proof?index=0' };
      return expectRefusal(await live.exchange(other), 'bad_signature', live);
    },
  },
  {
    group: 'open and signed paths',
    name: 'a path of the operator refuses other keys',
    run: async (live) =>
      expectRefusal(await live.read(live.agent('ada'), '/federation/peers'), 'not_node_key', live),
  },
  {
    group: 'open and signed paths',
    name: 'a path that is not there',
    run: async (live) =>
      expectRefusal(await live.read(live.agent('ada'), '/api/v1/nothing'), 'not_found', live),
  },
  {
    group: 'open and signed paths',
    name: 'an object that is not there',
    run: async (live) =>
      expectRefusal(await live.open(`/.well-known/ni/sha-256/${UNKNOWN}`), 'not_found', live),
  },
  {
    group: 'open and signed paths',
    name: 'a log that is not there',
    run: async (live) =>
      expectRefusal(await live.open(`/log/${UNKNOWN}/checkpoint`), 'log_unknown', live),
  },
];

export const DISCOVERY_CASES: readonly Case[] = [...documents, ...access];
