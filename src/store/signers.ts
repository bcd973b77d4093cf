// Who has signed in a log with a DID whose document has to be fetched: an archive of the log carries these documents.
import { type Did, didMethod } from '../protocol/did.ts';
import { integer, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

/** The did:webs of one group, each once for a log. A did:key is its own key; the DID logs of the others are in the log. */
export class Signers {
  readonly #signers = new Map<string, { readonly log: number; readonly agent: Did }>();

  add(log: number, agent: Did): void {
    if (didMethod(agent) === 'web') this.#signers.set(`${log} ${agent}`, { log, agent });
  }

  /** Each once. */
  get dids(): ReadonlySet<Did> {
    return new Set([...this.#signers.values()].map(({ agent }) => agent));
  }

  statements(numbering: Numbering): Statement[] {
    const signers = [...this.#signers.values()];
    return rows(signers.map(({ log, agent }) => [integer(log), integer(numbering.agent(agent))]));
  }
}

const rows = valuesList('INSERT INTO signers (log, agent) VALUES', 2, 'ON CONFLICT DO NOTHING');
