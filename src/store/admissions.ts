// Agents that this node has let in; those that have a profile here were there before anybody was asked.
import { type Did, subjectOf } from '../protocol/did.ts';
import { integer, type Statement } from './database.ts';

export interface NewAdmission {
  readonly agent: Did;
  readonly means: 'pow' | 'invite';
  readonly invitation: string | null;
  readonly issuer: Did | null;
  /** Milliseconds. */
  readonly admittedAt: number;
}

export function insertAdmission(admission: NewAdmission): Statement {
  const { admittedAt, agent, invitation, issuer, means } = admission;
  return {
    sql: `INSERT INTO admissions (agent, means, invitation, issuer, admitted_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (agent) DO NOTHING`,
    args: [
      subjectOf(agent),
      means,
      invitation,
      issuer === null ? null : subjectOf(issuer),
      integer(admittedAt),
    ],
  };
}

/** A row if the agent was let in at `node`, or has introduced itself there. */
export function selectAdmitted(agent: Did, node: Did): Statement {
  return {
    sql: `SELECT 1 FROM admissions WHERE agent = ?1
UNION ALL SELECT 1 FROM agents AS a CROSS JOIN agents AS n CROSS JOIN profiles AS p ON p.agent = a.id AND p.node = n.id
WHERE a.did = ?1 AND n.did = ?2 LIMIT 1`,
    args: [subjectOf(agent), node],
  };
}

/** A row if the agent has accepted the owner of a domain there who still stands at `now`, in milliseconds. */
export function selectOwned(agent: Did, node: Did, now: number): Statement {
  return {
    sql: `SELECT 1 FROM agents AS a CROSS JOIN agents AS n CROSS JOIN owners AS o ON o.agent = a.id AND o.node = n.id
WHERE a.did = ?1 AND n.did = ?2 AND o.ended IS NULL AND o.until > ?3 AND o.owner LIKE 'did:web:%' LIMIT 1`,
    args: [subjectOf(agent), node, integer(now)],
  };
}

export function countUses(issuer: Did, invitation: string): Statement {
  return {
    sql: 'SELECT count(*) FROM admissions WHERE issuer = ? AND invitation = ?',
    args: [subjectOf(issuer), invitation],
  };
}

/** Agents that were let in on invitations of this one since then, in milliseconds. */
export function countInvited(issuer: Did, since: number): Statement {
  return {
    sql: 'SELECT count(*) FROM admissions WHERE issuer = ? AND invitation IS NOT NULL AND admitted_at >= ?',
    args: [subjectOf(issuer), integer(since)],
  };
}
