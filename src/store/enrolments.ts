// Statements about enrolled keys: which DID speaks when this key signs under this Signature-Agent URL.
import { type Did, subjectOf } from '../protocol/did.ts';
import { blob, did, number, numberOrNull, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';

export interface Enrolment {
  /** Signature-Agent of the requests; null for a did:key that signs without one. */
  readonly url: string | null;
  /** Thumbprint of the key. */
  readonly keyid: string;
  readonly did: Did;
  readonly publicKey: Uint8Array;
  /** DID URL of the key. */
  readonly verificationMethod: string;
  /** Milliseconds, here and below. */
  readonly enrolledAt: number;
  /** When the documents at both ends last agreed; null when they were seen not to. */
  readonly agreedAt: number | null;
}

const COLUMNS = 'url, keyid, did, public_key, method, enrolled_at, agreed_at';

export function readEnrolment(row: Row): Enrolment {
  return {
    url: text(row, 0) || null,
    keyid: text(row, 1),
    did: did(row, 2),
    publicKey: blob(row, 3),
    verificationMethod: text(row, 4),
    enrolledAt: number(row, 5),
    agreedAt: numberOrNull(row, 6),
  };
}

export function selectEnrolment(url: string | null, keyid: string): Statement {
  return {
    sql: `SELECT ${COLUMNS} FROM enrolments WHERE url = ? AND keyid = ?`,
    args: [url ?? '', keyid],
  };
}

/** How many of these keys the DID has enrolled, under whatever URL and whatever name it had then. */
export function countOfSubject(agent: Did, keyids: readonly string[]): Statement {
  return {
    sql: `SELECT count(*) FROM enrolments WHERE subject = ? AND keyid IN (SELECT value FROM json_each(?))`,
    args: [subjectOf(agent), JSON.stringify(keyids)],
  };
}

/** How many of these keys are enrolled under the URL, by whomever. */
export function countOfUrl(url: string, keyids: readonly string[]): Statement {
  return {
    sql: `SELECT count(*) FROM enrolments WHERE url = ? AND keyid IN (SELECT value FROM json_each(?))`,
    args: [url, JSON.stringify(keyids)],
  };
}

/** Writes an enrolment down, or brings the one of the same URL and key up to date. */
export function upsertEnrolment(enrolment: Enrolment): Statement {
  const { url, keyid, did: agent, publicKey, verificationMethod } = enrolment;
  const { enrolledAt, agreedAt } = enrolment;
  return {
    sql: `INSERT INTO enrolments (url, keyid, did, subject, public_key, method, enrolled_at, agreed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url, keyid) DO UPDATE SET
did = excluded.did, subject = excluded.subject, method = excluded.method, agreed_at = excluded.agreed_at`,
    args: [
      url ?? '',
      keyid,
      agent,
      subjectOf(agent),
      publicKey,
      verificationMethod,
      integer(enrolledAt),
      agreedAt === null ? null : integer(agreedAt),
    ],
  };
}

/** `at` in milliseconds, or null when the documents do not agree any more. */
export function updateAgreement(url: string, keyid: string, at: number | null): Statement {
  return {
    sql: 'UPDATE enrolments SET agreed_at = ? WHERE url = ? AND keyid = ?',
    args: [at === null ? null : integer(at), url, keyid],
  };
}

export function deleteEnrolment(url: string | null, keyid: string): Statement {
  return { sql: 'DELETE FROM enrolments WHERE url = ? AND keyid = ?', args: [url ?? '', keyid] };
}

/** Whether the agent has enrolled a key before that time, in milliseconds. */
export function selectEnrolledBefore(agent: Did, time: number): Statement {
  return {
    sql: 'SELECT 1 FROM enrolments WHERE subject = ? AND enrolled_at < ? LIMIT 1',
    args: [subjectOf(agent), integer(time)],
  };
}

/** Forgets all that it enrolled before that time: where its keys are published is its own word. */
export function deleteEnrolledBefore(agent: Did, time: number): Statement {
  return {
    sql: 'DELETE FROM enrolments WHERE subject = ? AND enrolled_at < ?',
    args: [subjectOf(agent), integer(time)],
  };
}

/** Forgets keys of the DID that are not among those its document lists, so that old keys use up no place. */
export function deleteDropped(agent: Did, listed: readonly string[]): Statement {
  return {
    sql: `DELETE FROM enrolments WHERE subject = ? AND url <> '' AND keyid NOT IN (SELECT value FROM json_each(?))`,
    args: [subjectOf(agent), JSON.stringify(listed)],
  };
}

/** As many as there are; it walks through all of them. */
export function countEnrolments(): Statement {
  return { sql: 'SELECT count(*) FROM enrolments', args: [] };
}

/** Forgets so many of the oldest that name no URL: such an agent can enrol again by itself. Gives a row for each. */
export function deleteOldest(count: number): Statement {
  return {
    sql: `DELETE FROM enrolments WHERE url = '' AND keyid IN
  (SELECT keyid FROM enrolments WHERE url = '' ORDER BY enrolled_at LIMIT ?) RETURNING keyid`,
    args: [integer(count)],
  };
}

/** Forgets keys of the URL that its JWK Set has not got any more. */
export function deleteUnpublished(url: string, published: readonly string[]): Statement {
  return {
    sql: 'DELETE FROM enrolments WHERE url = ? AND keyid NOT IN (SELECT value FROM json_each(?))',
    args: [url, JSON.stringify(published)],
  };
}
