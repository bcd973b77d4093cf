// Who this node is: its DID document, its key directory, and its own signed statement.
import type { CommandContext } from '../../commands/context.ts';
import { NodeDescription, type NodeNames } from '../../commands/node-description.ts';
import { utf8 } from '../../protocol/bytes.ts';
import { signDirectoryResponse } from '../../protocol/response-signature.ts';
import { DIRECTORY_PATH, DIRECTORY_TYPE } from '../../protocol/signature-agent.ts';
import type { EdgeApp } from '../edge.ts';
import { mount } from '../mount.ts';
import { nodeDocument } from '../node-document.ts';

export interface DiscoveryOptions extends NodeNames {
  readonly context: CommandContext;
}

const DID_TYPE = 'application/did+json';
/** Seconds. */
const MAX_AGE = 300;
/** Seconds; verifiers refuse what was made in the future, by their own clock. */
const BACK_DATED = 2;

export function mountDiscovery(app: EdgeApp, options: DiscoveryOptions): void {
  const { crypto, node } = options.context;
  const document = JSON.stringify(nodeDocument(node, crypto));
  const description = new NodeDescription(options.context);

  mount(app, '/.well-known/did.json', { GET: () => answer(DID_TYPE, document) });
  // One document in both roles: who knows the directory needs no second fetch for the DID.
  mount(app, '/.well-known/http-message-signatures-directory', {
    GET: (c) => {
      // A digest of what a HEAD does not carry would be that of nothing.
      const proof = c.req.method === 'HEAD' ? {} : proveDirectory(options.context, document);
      return answer(DIRECTORY_TYPE, document, proof);
    },
  });
  mount(app, '/.well-known/exuvia', {
    GET: async () => answer('application/json', JSON.stringify(await description.of(options))),
  });
}

function answer(type: string, text: string, more: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, {
    headers: { 'content-type': type, 'cache-control': `public, max-age=${MAX_AGE}`, ...more },
  });
}

/** Made anew for every answer, and good for as long again after a cache has let go of it. */
function proveDirectory({ crypto, node, now }: CommandContext, document: string) {
  const created = Math.floor(now() / 1000) - BACK_DATED;
  const response = { url: node.origin + DIRECTORY_PATH, body: utf8(document) };
  const signer = { seed: node.seed, created, expires: created + 2 * MAX_AGE };
  return signDirectoryResponse(response, signer, crypto);
}
