// DID documents this node answers for, each of which is a JWK Set at the same time: its own, and any did:key's.
import type { NodeIdentity } from '../commands/context.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod, didWebToUrl, publicKeyOfDidKey } from '../protocol/did.ts';
import { buildDidWebDocument, type DidDocument, type DidWebKey } from '../protocol/did-document.ts';
import type { JsonObject } from '../protocol/json.ts';
import { DIRECTORY_PATH } from '../protocol/signature-agent.ts';

const SIGNING = ['authentication', 'assertionMethod'] as const;

export function nodeDocument(node: NodeIdentity, crypto: Crypto): DidDocument {
  const { did, logSeed, seed, witnessSeed } = node;
  const keys: DidWebKey[] = [{ publicKey: crypto.publicKeyOf(seed), purposes: SIGNING }];
  // A did:key is its one key. A did:web lists the others too: they sign checkpoints, never requests or objects.
  const others = didMethod(did) === 'web' ? [logSeed, witnessSeed] : [];
  for (const other of others) keys.push({ publicKey: crypto.publicKeyOf(other), purposes: [] });
  return buildDidWebDocument({ did, keys }, crypto);
}

/** A did:web's own documents by the URLs it serves them at; empty for a did:key, which has none to look up. */
export function ownDocuments(node: NodeIdentity, crypto: Crypto): Map<string, JsonObject> {
  const url = didWebToUrl(node.did);
  if (url === null) return new Map();
  const document = nodeDocument(node, crypto) as unknown as JsonObject;
  return new Map([url, node.origin + DIRECTORY_PATH].map((own) => [own, document]));
}

/** A function of the DID alone: no node vouches for it, every node can serve it. Null if the key is not acceptable. */
export function didKeyDocument(did: Did, crypto: Crypto): DidDocument | null {
  const publicKey = publicKeyOfDidKey(did);
  if (publicKey === null || !crypto.acceptsKey(publicKey)) return null;
  return buildDidWebDocument({ did, keys: [{ publicKey, purposes: SIGNING }] }, crypto);
}
