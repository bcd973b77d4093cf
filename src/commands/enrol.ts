// Writes down, or takes back, that a key under a Signature-Agent URL is a DID's.
import { subjectOf } from '../protocol/did.ts';
import { number } from '../store/cell.ts';
import type { Row, Statement } from '../store/database.ts';
import {
  countOfSubject,
  countOfUrl,
  deleteDropped,
  deleteEnrolment,
  deleteUnpublished,
  type Enrolment,
  readEnrolment,
  selectEnrolment,
  updateAgreement,
  upsertEnrolment,
} from '../store/enrolments.ts';
import { admit, type Replayed, record } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

/** Pairs of URL and key for one DID: a few sites, and an old key beside a new one at each. */
export const MAX_OF_DID = 16;
/** DIDs that share one JWK Set: as many as such a set may have keys. */
export const MAX_OF_URL = 100;

export interface NewEnrolment
  extends Pick<Enrolment, 'did' | 'keyid' | 'publicKey' | 'url' | 'verificationMethod'> {
  /** Thumbprints in the JWK Set at the URL as it was just read. */
  readonly published: readonly string[];
  /** Thumbprints that the DID's document lists, as it was just read. */
  readonly listed: readonly string[];
}

export type EnrolOutcome =
  /** `first`: it was not there before. `enrolledAt` in milliseconds. */
  | { readonly ok: true; readonly first: boolean; readonly enrolledAt: number }
  | {
      readonly ok: false;
      readonly reason: 'enrolled_elsewhere' | 'too_many_enrolments';
      readonly detail: string;
    }
  | Replayed;

export type WithdrawOutcome =
  | { readonly ok: true; readonly did: Enrolment['did'] }
  | { readonly ok: false; readonly reason: 'not_enrolled'; readonly detail: string }
  | Replayed;

/**
 * Enrols a key whose link to the DID has been verified. A pair of URL and key that another DID has enrolled stays that
 * DID's until the key withdraws it. What the documents do not list any more is forgotten first, and takes up no place.
 */
export function enrol(
  context: CommandContext,
  sequencer: Sequencer,
  enrolment: NewEnrolment,
  caller: Caller | null,
): Promise<EnrolOutcome> {
  const { did, keyid, url, listed, published } = enrolment;
  const reads = [
    selectEnrolment(url, keyid),
    countOfSubject(did, listed),
    countOfUrl(url ?? '', published),
  ];
  return admit<EnrolOutcome>(context, sequencer, caller, reads, ([pairs, ofDid, ofUrl]) => {
    const before = pairs?.[0] === undefined ? null : readEnrolment(pairs[0]);
    if (before !== null && subjectOf(before.did) !== subjectOf(did)) {
      const detail = `the key is enrolled as ${before.did} under this URL; withdraw that first`;
      return { result: { ok: false, reason: 'enrolled_elsewhere', detail } };
    }
    if (before === null) {
      const refused = refuseCrowd(count(ofDid), count(url === null ? [] : ofUrl));
      if (refused !== null) return { result: refused };
    }
    const now = context.now();
    const enrolledAt = before?.enrolledAt ?? now;
    const write: Statement[] =
      url === null ? [] : [deleteDropped(did, listed), deleteUnpublished(url, published)];
    write.push(upsertEnrolment({ ...enrolment, enrolledAt, agreedAt: now }));
    return { result: { ok: true, first: before === null, enrolledAt }, write };
  });
}

function count(rows: readonly Row[] = []): number {
  return rows[0] === undefined ? 0 : number(rows[0], 0);
}

function refuseCrowd(ofDid: number, ofUrl: number): EnrolOutcome | null {
  const limit =
    ofDid >= MAX_OF_DID
      ? `the DID has ${MAX_OF_DID} enrolments here; withdraw one`
      : ofUrl >= MAX_OF_URL
        ? `the URL has ${MAX_OF_URL} enrolments here; use another`
        : null;
  return limit === null ? null : { ok: false, reason: 'too_many_enrolments', detail: limit };
}

/** Takes an enrolment back, whichever DID it is of. */
export function withdraw(
  context: CommandContext,
  sequencer: Sequencer,
  { url, keyid }: Pick<Enrolment, 'url' | 'keyid'>,
  caller: Caller | null,
): Promise<WithdrawOutcome> {
  const reads = [selectEnrolment(url, keyid)];
  return admit<WithdrawOutcome>(context, sequencer, caller, reads, ([pairs]) => {
    if (pairs?.[0] === undefined) {
      const detail = 'this key is not enrolled here under this Signature-Agent';
      return { result: { ok: false, reason: 'not_enrolled', detail } };
    }
    const { did } = readEnrolment(pairs[0]);
    return { result: { ok: true, did }, write: [deleteEnrolment(url, keyid)] };
  });
}

/** Writes down whether the documents at both ends of an enrolment agree now. */
export function noteAgreement(
  context: CommandContext,
  sequencer: Sequencer,
  { url, keyid }: { readonly url: string; readonly keyid: string },
  agreed: boolean,
): Promise<void> {
  const at = agreed ? context.now() : null;
  return record(context, sequencer, [updateAgreement(url, keyid, at)]);
}
