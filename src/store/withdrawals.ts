// Bodies that this node alone has dropped, by the word of its operator: the log they belong to stays as it is.
import { integer, type Statement } from './database.ts';

/**
 * Takes the body of an object away, in all logs that have it; `log` and `by` are the place of the Delete in this node's
 * system log. An entry without a body has the index of a later Delete as `erased_by`, so its own index says that there is none.
 */
export function withdrawObject(object: number, log: number, by: number): Statement[] {
  const id = integer(object);
  return [
    {
      sql: `INSERT INTO withdrawals (object, act) SELECT ?1, object FROM entries WHERE log = ?2 AND idx = ?3
ON CONFLICT (object) DO UPDATE SET act = excluded.act`,
      args: [id, integer(log), integer(by)],
    },
    {
      sql: `INSERT INTO skeletons (object, author, parent) SELECT object, author, parent FROM items WHERE object = ?
ON CONFLICT (object) DO NOTHING`,
      args: [id],
    },
    {
      sql: 'UPDATE entries SET salt = NULL, erased_by = idx WHERE object = ? AND salt IS NOT NULL',
      args: [id],
    },
    { sql: 'UPDATE objects SET bytes = NULL WHERE id = ?', args: [id] },
    // As a rebuild without the edits makes the row.
    {
      sql: 'UPDATE items SET body = object, updated_at = NULL, delegation = NULL WHERE object = ?',
      args: [id],
    },
    { sql: 'DELETE FROM acts WHERE object = ?', args: [id] },
  ];
}
