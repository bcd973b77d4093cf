// Evidence as operators see it, and as pages show it to everybody.
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';
import { listEvidence } from '../store/queries/evidence.ts';
import type { FederationContext } from './context.ts';

/** `GET /federation/evidence`, for the node's own key. */
export async function describeEvidence({
  db,
}: Pick<FederationContext, 'db'>): Promise<{ readonly evidence: JsonObject[] }> {
  const evidence = (await listEvidence(db)).map((one) => ({
    id: one.id,
    log: one.origin,
    home: one.peer,
    home_url: one.peerUrl,
    found_at: new Date(one.foundAt).toISOString(),
    statement: one.statement,
    decision: one.decision,
    decided_at: one.decidedAt === null ? null : new Date(one.decidedAt).toISOString(),
    further: one.further,
    newest_at: one.newestAt === null ? null : new Date(one.newestAt).toISOString(),
    file: JSON.parse(decodeUtf8(one.file)) as JsonValue,
    newest: one.newest === null ? null : (JSON.parse(decodeUtf8(one.newest)) as JsonValue),
  }));
  return { evidence };
}
