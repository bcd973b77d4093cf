// Who has a role in a submolt.
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import type { ModeratorView } from '../../protocol/views.ts';
import { did, text, textOrNull } from '../cell.ts';
import { type Database, integer } from '../database.ts';
import { shownDid, shownProfile } from './shown-did.ts';

/** The owner first, then the moderators, `limit` at most. */
export async function listModerators(
  db: Database,
  submolt: ObjectName,
  limit: number,
): Promise<ModeratorView[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT ${shownDid('a')}, f.title, y.role FROM memberships AS y JOIN agents AS a ON a.id = y.agent
${shownProfile('y.agent')}
WHERE y.submolt = (SELECT id FROM objects WHERE hash = ?1) AND y.role IS NOT NULL
ORDER BY y.role = 'owner' DESC, y.agent LIMIT ?2`,
      args: [hashOf(submolt), integer(limit)],
    },
  ]);
  return rows.map((row) => ({
    did: did(row, 0),
    name: textOrNull(row, 1),
    role: text(row, 2) as ModeratorView['role'],
  }));
}
