// Agents by what they call themselves, which any number of them may do alike.
import type { AuthorView } from '../../protocol/views.ts';
import { did, text } from '../cell.ts';
import { type Database, integer, type Statement } from '../database.ts';
import { OWN_NODE, shownDid, shownProfile } from './shown-did.ts';

/** The node at a host by the number of its DID: this one, or a peer. */
const NODE_AT = `(SELECT CASE WHEN ?2 = ?3 THEN ${OWN_NODE} ELSE (SELECT p.did FROM peers AS p WHERE p.url IN ('https://' || ?2, 'http://' || ?2)) END)`;

/**
 * Those whom readers of this node are shown under exactly that name; with `host` (`host[:port]`) those who call themselves so
 * at the node there, whose system log this node has. The oldest first, `limit` at most.
 */
export async function listNamedAgents(
  db: Database,
  query: { readonly name: string; readonly host: string | undefined; readonly limit: number },
  ownAuthority: string,
): Promise<AuthorView[]> {
  const { name, host, limit } = query;
  const statement: Statement =
    host === undefined
      ? {
          sql: `SELECT DISTINCT ${shownDid('a')}, f.title, a.id FROM profiles AS p JOIN agents AS a ON a.id = p.agent
${shownProfile('p.agent')}
WHERE p.title = ?1 AND f.title = p.title ORDER BY a.id LIMIT ?2`,
          args: [name, integer(limit)],
        }
      : {
          sql: `SELECT ${shownDid('a')}, p.title, a.id FROM profiles AS p JOIN agents AS a ON a.id = p.agent
WHERE p.title = ?1 AND p.node = ${NODE_AT} ORDER BY a.id LIMIT ?4`,
          args: [name, host.toLowerCase(), ownAuthority, integer(limit)],
        };
  const [rows = []] = await db.batch('read', [statement]);
  return rows.map((row) => ({ did: did(row, 0), name: text(row, 1) }));
}
