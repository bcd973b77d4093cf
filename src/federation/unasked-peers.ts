// Which partners have not said yet what they hold of this node's logs.
import type { Did } from '../protocol/did.ts';
import { listPartners } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';

/** Anybody can follow; so many are asked. */
const MAX_ASKED = 64;
/** Work is listed with every commit, and there may be many peers to choose from. */
const LOOK_EVERY_MS = 60_000;

export class UnaskedPeers {
  /** URL origins of those that have answered since the start. */
  readonly asked: Set<string>;
  #partners: readonly { readonly did: Did; readonly url: string }[] = [];
  #lookAt = 0;

  constructor(asked: Iterable<string>) {
    this.asked = new Set(asked);
  }

  /** Partners have come. */
  look(): void {
    this.#lookAt = 0;
  }

  async list({ db, now }: Pick<FederationContext, 'db' | 'now'>): Promise<Did[]> {
    if (now() >= this.#lookAt) {
      this.#lookAt = now() + LOOK_EVERY_MS;
      this.#partners = (await listPartners(db, MAX_ASKED)).map(({ peer }) => peer);
    }
    return this.#partners.filter(({ url }) => !this.asked.has(url)).map(({ did }) => did);
  }
}
