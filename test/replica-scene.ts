// The scene that federation tests begin with: a home, a follower, a submolt that both have.
import { expect } from 'vitest';
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { type Did, didWebToUrl, parseDid } from '../src/protocol/did.ts';
import { buildDidWebDocument } from '../src/protocol/did-document.ts';
import { signObject, type VerifiedObject, verifyObject } from '../src/protocol/object.ts';
import { findLog } from '../src/store/queries/logs.ts';
import { group, post } from './drafts.ts';
import { FederatedNode, type Network } from './network.ts';
import { Agent, crypto, seedOf } from './sandbox.ts';

export async function openPair(network: Network) {
  const a = await FederatedNode.open(network, 'a');
  const b = await FederatedNode.open(network, 'b');
  return { a, b };
}

/** `a` is home of the submolt `tea` with a few posts of Ada's; `b` follows it and has all of it. */
export async function openFollowed(network: Network, posts = 3) {
  const { a, b } = await openPair(network);
  const ada = new Agent('ada');
  const submolt = await a.sandbox.accept(ada, group('tea', a.identity.did));
  for (let i = 1; i <= posts; i++) await a.sandbox.accept(ada, post(submolt, `Post ${i}`));
  const log = await b.follow(a, 'tea');
  return { a, b, ada, submolt, log };
}

/** The replica has the home's log, whole and proven, everything derived from it, and nothing is out of order. */
export async function expectReplica(
  home: FederatedNode,
  replica: FederatedNode,
  log: string,
): Promise<void> {
  const [ours, theirs] = await Promise.all([findLog(replica.db, log), findLog(home.db, log)]);
  expect(ours?.size).toBe(theirs?.size);
  expect(ours?.root).toEqual(theirs?.root);
  expect(ours?.signedSize).toBe(ours?.size);
  expect(await replica.digestOf(log)).toBe(await home.digestOf(log));
  await replica.check();
}

/** An agent whose DID is a did:web, and whose document nobody can have before it is published. */
export class WebAgent {
  readonly did: Did;
  readonly #network: Network;
  #seed: Uint8Array;
  #publicKey: Uint8Array;
  #fragment = 'key-1';

  constructor(network: Network, name: string) {
    this.did = parseDid(`did:web:agents.example.com:${name}`) as Did;
    this.#network = network;
    this.#seed = seedOf(name);
    this.#publicKey = crypto.publicKeyOf(this.#seed);
  }

  /** Signs with another key from now on, and lists that one alone once it publishes again. */
  rotate(seed: Uint8Array, fragment: string): void {
    this.#seed = seed;
    this.#fragment = fragment;
    this.#publicKey = crypto.publicKeyOf(seed);
  }

  async sign(draft: ActivityDraft): Promise<VerifiedObject> {
    const created = formatDateTime(Math.floor(this.#network.clock.now / 1000));
    const verificationMethod = `${this.did}#${this.#fragment}`;
    const signer = { did: this.did, seed: this.#seed, verificationMethod, created };
    const publicKey = this.#publicKey;
    const resolveKey = async () => ({ ok: true, publicKey }) as const;
    const signed = signObject(draft, signer, crypto);
    const verdict = await verifyObject(signed.object, { crypto, resolveKey });
    if (!verdict.ok) throw new Error(verdict.detail);
    return verdict.object;
  }

  publish(): void {
    const publicKey = this.#publicKey;
    const keys = [{ publicKey, fragment: this.#fragment, purposes: ['assertionMethod'] as const }];
    const document = buildDidWebDocument({ did: this.did, keys }, crypto);
    this.#network.pages.set(didWebToUrl(this.did) as string, JSON.stringify(document));
  }
}
