// How far agents have read: marks of this node alone, which no log has and a backup keeps.
import { type Did, subjectOf } from '../../protocol/did.ts';
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import { integer, type Statement } from '../database.ts';

const OF = 'FROM read_marks WHERE agent = (SELECT id FROM agents WHERE did = ?1)';

/** SQL for the number up to which `?1` has read everything. */
export const READ_ALL = `(SELECT coalesce(max(upto), 0) ${OF} AND post = 0)`;

/** SQL for the number up to which `?1` has read the thread of the post with the number `post`. */
export function readOf(post: string): string {
  return `coalesce((SELECT upto ${OF} AND post = ${post}), 0)`;
}

/** The number of an object, null for the last of all. */
export function selectNumber(object: ObjectName | null): Statement {
  return object === null
    ? { sql: 'SELECT max(id) FROM objects', args: [] }
    : { sql: 'SELECT id FROM objects WHERE hash = ?', args: [hashOf(object)] };
}

/** The number of a post. */
export function selectPostNumber(post: ObjectName): Statement {
  return {
    sql: `SELECT i.object FROM items AS i WHERE i.object = (SELECT id FROM objects WHERE hash = ?) AND i.parent IS NULL`,
    args: [hashOf(post)],
  };
}

/** Gives a number to an agent that has only been spoken of. */
export function addReader(agent: Did): Statement {
  return {
    sql: 'INSERT INTO agents (did) VALUES (?) ON CONFLICT (did) DO NOTHING',
    args: [subjectOf(agent)],
  };
}

/** Marks what is told of objects up to that number: of the thread of `post`, or of everything. A mark never goes back. */
export function insertReadMark(agent: Did, post: number, upto: number): Statement {
  return {
    sql: `INSERT INTO read_marks (agent, post, upto) SELECT id, ?2, ?3 FROM agents WHERE did = ?1
ON CONFLICT (agent, post) DO UPDATE SET upto = max(upto, excluded.upto)`,
    args: [subjectOf(agent), integer(post), integer(upto)],
  };
}

/** Forgets marks of threads that the one of everything has overtaken. */
export function deleteOvertaken(agent: Did): Statement {
  return {
    sql: `DELETE FROM read_marks WHERE agent = (SELECT id FROM agents WHERE did = ?1) AND post <> 0 AND upto <= ${READ_ALL}`,
    args: [subjectOf(agent)],
  };
}
