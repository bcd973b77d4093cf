// Statements that concern nobody here: a node keeps no DID logs of agents that have nothing to do with it.
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import { looksLikeDidLogStatement } from '../protocol/did-log-statement.ts';
import type { JsonObject } from '../protocol/json.ts';
import { listKnownSubjects } from '../store/queries/identities.ts';
import type { FederationContext } from './context.ts';

/**
 * Those of the objects that are statements of DID logs of agents whom this node does not know and by whom the request has
 * nothing else. Nothing of them is verified: that costs the most of all that a peer can send.
 */
export async function findStrangers(
  { db, node }: Pick<FederationContext, 'db' | 'node'>,
  objects: readonly JsonObject[],
): Promise<ReadonlySet<JsonObject>> {
  const statements = objects.filter(looksLikeDidLogStatement);
  if (statements.length === 0) return new Set();
  const subjects = statements.flatMap((statement) => authorOf(statement) ?? []);
  const known = await listKnownSubjects(db, subjects, node.did);
  const acting = new Set(
    objects.filter((object) => !looksLikeDidLogStatement(object)).map(authorOf),
  );
  return new Set(
    statements.filter((statement) => {
      const author = authorOf(statement);
      // Without an author it is no valid object, and is refused for that.
      return author !== null && !known.has(author) && !acting.has(author);
    }),
  );
}

function authorOf({ actor }: JsonObject): Did | null {
  const did = typeof actor === 'string' ? parseDid(actor) : null;
  return did && subjectOf(did);
}
