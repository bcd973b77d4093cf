// Every request vector against the node: what is accepted gets in, each fault is refused under its code.
import type { Code } from '../http/problem.ts';
import { REQUEST_PROBLEMS, requestCode } from '../http/request-problems.ts';
import {
  type Case,
  describeAnswer,
  expectRefusal,
  expectSuccess,
  failed,
  type Outcome,
  passed,
} from './conformance-case.ts';
import type { Live } from './conformance-live.ts';
import { OLDER_FORMS, remakeRequest } from './conformance-request-remake.ts';
import {
  acceptedRequests,
  type RequestVector,
  type RequestVectors,
  refusedRequests,
} from './conformance-vectors.ts';

/** What cannot be made on any node: it would have to fetch a document that the run publishes, or be set up otherwise. */
const FETCHED = 'the node would have to fetch a document from a public https host';
const NO_BODY = 'an answer to HEAD has no code';
const UNSENDABLE = 'no HTTP client sends a field of that name';
const SET_UP = 'depends on how the node is set up';
const NOT_LIVE: Readonly<Record<string, string>> = {
  'did-web-direct': FETCHED,
  'bare-origin': FETCHED,
  'plain-jwk-set': FETCHED,
  'type-directory': FETCHED,
  'compat-origin-off': SET_UP,
  'compat-typed-off': SET_UP,
  'compat-string-off': SET_UP,
  'compat-whole-field-off': SET_UP,
  'field-named-like-a-component': UNSENDABLE,
  'read-sent-as-head': NO_BODY,
};

/** Where a node has more to look at than a signature: it answers before, with another code than the vector. */
const CODES: Readonly<Record<string, Code>> = {
  'absolute-form': 'misdirected',
  'two-content-lengths': 'malformed_http',
  'too-large': 'header_too_large',
};
/** An HTTP parser or proxy in front of the node may refuse these itself. */
const BARE = new Set([
  'two-hosts',
  'host-in-two-spellings',
  'no-host',
  'two-content-types',
  'two-content-lengths',
  'other-host',
  'host-with-a-dot-at-the-end',
  'host-with-another-port',
  'host-with-the-port-of-the-other-scheme',
  'host-with-userinfo',
  'host-as-a-list',
  'host-with-two-ports',
  'host-empty',
  'host-as-ipv6',
  'too-large',
]);

/** An object that the node has already, so that a request which gets in changes nothing. */
async function knownBody(live: Live): Promise<Uint8Array> {
  const known = (await live.stage()).acts.get('post');
  if (known === undefined) throw new Error('there is no accepted post');
  return known.bytes;
}

async function judge(live: Live, vectors: RequestVectors, vector: RequestVector): Promise<Outcome> {
  const isFetched = vector.error !== undefined && vector.input.documents !== undefined;
  const reason = NOT_LIVE[vector.id] ?? (isFetched ? FETCHED : undefined);
  if (reason !== undefined) return { kind: 'skipped', reason };
  if (vector.input.loopback === true && vector.error === undefined && !live.loopback) {
    return { kind: 'skipped', reason: 'for nodes on loopback' };
  }
  const body = await knownBody(live);
  const answer = await live.ask(() => remakeRequest(live, vectors, vector, body));
  if (vector.error !== undefined) {
    const code = CODES[vector.id] ?? requestCode(vector.error.reason);
    return expectRefusal(answer, code, live, { bare: BARE.has(vector.id) });
  }
  if (vector.id === 'write-without-body') {
    // There is nothing to do with it, but that is not for reasons of the signature.
    const aboutSigning = answer.status === 403 || (answer.code ?? '') in REQUEST_PROBLEMS;
    return aboutSigning
      ? failed('past the signature', describeAnswer(answer))
      : passed(describeAnswer(answer));
  }
  if (OLDER_FORMS.has(vector.id) && answer.status === 403) {
    return passed(describeAnswer(answer), 'an older form, switched off here');
  }
  return expectSuccess(answer, 200, live);
}

function casesOf(group: string, vectors: RequestVectors): Case[] {
  return vectors.vectors.map((vector) => ({
    group,
    name: `${vector.id}: ${vector.comment}`,
    run: (live) => judge(live, vectors, vector),
  }));
}

export function requestCases(): Case[] {
  return [
    ...casesOf('requests, accepted', acceptedRequests()),
    ...casesOf('requests, refused', refusedRequests()),
  ];
}
