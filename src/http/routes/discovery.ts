// Who this node and its agents are: DID documents, the key directory, and the node's own signed statement.
import type { NodeIdentity } from '../../commands/context.ts';
import { decodeUtf8 } from '../../protocol/bytes.ts';
import type { Crypto } from '../../protocol/crypto.ts';
import { type Did, didMethod, parseDid, publicKeyOfDidKey } from '../../protocol/did.ts';
import { buildDidWebDocument, type DidDocument } from '../../protocol/did-document.ts';
import type { CanonicalBytes } from '../../protocol/jcs.ts';
import { ed25519ToMultibase } from '../../protocol/multikey.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { segment } from '../parameters.ts';
import { refuse } from '../problem.ts';

export interface DiscoveryOptions {
  readonly node: NodeIdentity;
  readonly crypto: Crypto;
  /** What the node calls itself, at most 100 characters. */
  readonly name: string;
  readonly software: { readonly name: string; readonly version: string };
  /** The signed act that names the log key: entry 0 of the system log. */
  readonly keyStatement: CanonicalBytes;
}

const DIRECTORY_TYPE = 'application/http-message-signatures-directory+json';
const FRESH = { 'cache-control': 'public, max-age=300' };

export function mountDiscovery(app: EdgeApp, options: DiscoveryOptions): void {
  const { node, crypto, name, software, keyStatement } = options;
  const document = JSON.stringify(nodeDocument(node, crypto));
  const description = JSON.stringify({
    did: node.did,
    origin: node.origin,
    name,
    software,
    keyStatement: JSON.parse(decodeUtf8(keyStatement)),
    systemLog: `${node.authority}/log/system`,
  });
  const constant = (type: string, text: string) => () =>
    new Response(text, { headers: { 'content-type': type, ...FRESH } });

  mount(app, '/.well-known/did.json', { GET: constant('application/did+json', document) });
  // One document in both roles: who knows the directory needs no second fetch for the DID.
  mount(app, '/.well-known/http-message-signatures-directory', {
    GET: constant(DIRECTORY_TYPE, document),
  });
  mount(app, '/.well-known/exuvia', { GET: constant('application/json', description) });
  mount(app, '/dids/:did/did.json', { GET: (c) => answerDidKey(c, crypto) });
}

function nodeDocument({ did, seed, logSeed, keyId }: NodeIdentity, crypto: Crypto): DidDocument {
  const fragment = keyId.slice(did.length + 1);
  const keys = [
    {
      publicKey: crypto.publicKeyOf(seed),
      fragment,
      purposes: ['authentication', 'assertionMethod'],
    },
    // Listed for readers of the document; it signs checkpoints, never requests or objects.
    { publicKey: crypto.publicKeyOf(logSeed), purposes: [] },
  ] as const;
  // A did:key is its one key; it can list no other.
  return buildDidWebDocument(
    { did, keys: didMethod(did) === 'key' ? keys.slice(0, 1) : keys },
    crypto,
  );
}

/** The document of any did:key, a function of the DID alone: no node vouches for it, every node can serve it. */
function answerDidKey(c: EdgeContext, crypto: Crypto): Response {
  const did = segment<Did>(c, 'did', parseDid, 'a did:key of an Ed25519 key');
  const publicKey = publicKeyOfDidKey(did);
  if (publicKey === null || !crypto.acceptsKey(publicKey)) {
    return refuse(c, { code: 'not_found', detail: `${did} has no document here.` });
  }
  const fragment = ed25519ToMultibase(publicKey);
  const key = { publicKey, fragment, purposes: ['authentication', 'assertionMethod'] } as const;
  const document = buildDidWebDocument({ did, keys: [key] }, crypto);
  return new Response(JSON.stringify(document), {
    headers: { 'content-type': 'application/did+json', ...FRESH },
  });
}
