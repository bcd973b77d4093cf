// Who has signed in a log with a DID that has a document: an archive of the log carries these documents.
import { type Did, didMethod } from '../protocol/did.ts';
import { integer, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

/** The agents of one group that are no did:keys, each once for a log. */
export class Signers {
  readonly #signers = new Map<string, { readonly log: number; readonly agent: Did }>();

  add(log: number, agent: Did): void {
    if (didMethod(agent) !== 'key') this.#signers.set(`${log} ${agent}`, { log, agent });
  }

  statements(numbering: Numbering): Statement[] {
    const signers = [...this.#signers.values()];
    return rows(signers.map(({ log, agent }) => [integer(log), integer(numbering.agent(agent))]));
  }
}

const rows = valuesList('INSERT INTO signers (log, agent) VALUES', 2, 'ON CONFLICT DO NOTHING');
