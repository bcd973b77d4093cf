// A client signs what a node asks for, and nothing that could be used elsewhere or that it cannot make.
import { describe, expect, it } from 'vitest';
import { acceptSignature, REQUEST_TAG } from './request-signature.ts';
import { type ChallengedRequest, readChallenge } from './signature-challenge.ts';

const KEYID = 'poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U';
const WRITE: ChallengedRequest = { keyid: KEYID, hasBody: true };
const READ: ChallengedRequest = { keyid: KEYID, hasBody: false };
const FULL = '"@method" "@target-uri" "content-digest"';
const TAG = `;tag="${REQUEST_TAG}"`;

function namesOf(field: string, request: ChallengedRequest): string[] {
  const read = readChallenge(field, request);
  if (!read.ok) throw new Error(read.detail);
  return read.challenge.components.map(({ name, key }) => (key === null ? name : `${name};${key}`));
}

describe('taken is', () => {
  it('what our own nodes ask for, without what a request without a body has not', () => {
    const all = [
      '@method',
      '@target-uri',
      'content-digest',
      'content-type',
      'signature-agent;sig1',
    ];
    expect(namesOf(acceptSignature({ hasBody: true, nonce: 'n' }), WRITE)).toEqual(all);
    const bare = ['@method', '@target-uri', 'signature-agent;sig1'];
    expect(namesOf(acceptSignature({ hasBody: true, nonce: 'n' }), READ)).toEqual(bare);
    expect(namesOf(acceptSignature({ hasBody: false, nonce: null }), READ)).toEqual(bare);
  });

  it('another label, another order and the target in its parts', () => {
    const components = '"@query" "content-digest" "@path" "@method" "@authority" "@scheme"';
    const read = readChallenge(`x=(${components});alg="ed25519";created${TAG}`, WRITE);
    const names = components.replaceAll('"', '').split(' ');
    expect(read).toMatchObject({
      challenge: { label: 'x', components: names.map((name) => ({ name })), nonce: false },
    });
  });

  it.each([
    [';nonce', true],
    [';nonce="of the node"', 'of the node'],
    [`;keyid="${KEYID}"`, false],
  ])('%s', (parameter, nonce) => {
    const read = readChallenge(`s=(${FULL})${parameter}${TAG}`, WRITE);
    expect(read).toMatchObject({ ok: true, challenge: { nonce } });
  });
});

describe('refused is', () => {
  const many = Array.from({ length: 25 }, (_, i) => `"x-${i}"`).join(' ');
  it.each([
    ['nothing', '', 'malformed'],
    ['no dictionary', '"@method"', 'malformed'],
    ['an item', `s="x"${TAG}`, 'malformed'],
    ['a component twice', `s=(${FULL} "@method")${TAG}`, 'malformed'],
    ['two signatures', `a=(${FULL})${TAG}, b=(${FULL})${TAG}`, 'several_signatures'],
    ['more than four', 'a=(), b=(), c=(), d=(), e=()', 'limit_exceeded'],
    ['too many components', `s=(${FULL} ${many})${TAG}`, 'limit_exceeded'],
    ['no tag', `s=(${FULL});created`, 'tag_mismatch'],
    ['another tag', `s=(${FULL});tag="http-message-signatures-directory"`, 'tag_mismatch'],
    ['a tag that is a token', `s=(${FULL});tag=web-bot-auth`, 'tag_mismatch'],
    ['another key', `s=(${FULL});keyid="someone"${TAG}`, 'key_mismatch'],
    ['another algorithm', `s=(${FULL});alg="hmac-sha256"${TAG}`, 'algorithm_mismatch'],
    ['an unknown parameter', `s=(${FULL});mood="good"${TAG}`, 'unsupported_parameter'],
    ['a time of the node’s', `s=(${FULL});created=1${TAG}`, 'malformed'],
    ['no expiry', `s=(${FULL});expires=?0${TAG}`, 'malformed'],
    ['an empty nonce', `s=(${FULL});nonce=""${TAG}`, 'malformed'],
    ['a nonce without end', `s=(${FULL});nonce="${'x'.repeat(257)}"${TAG}`, 'malformed'],
    ['an unknown field', `s=(${FULL} "cookie")${TAG}`, 'unsupported_component'],
    ['an answer’s component', `s=(${FULL} "@status")${TAG}`, 'unsupported_component'],
    [
      'a parameter of the query',
      `s=(${FULL} "@query-param";name="a")${TAG}`,
      'unsupported_component',
    ],
    ['a request’s request', `s=(${FULL} "@path";req)${TAG}`, 'unsupported_component'],
    ['a member of the digest', `s=(${FULL} "content-type";key="a")${TAG}`, 'unsupported_component'],
    ['the whole agent', `s=(${FULL} "signature-agent")${TAG}`, 'unsupported_component'],
    [
      'a member that writes others',
      `s=(${FULL} "signature-agent";key="a=1, b")${TAG}`,
      'unsupported_component',
    ],
    [
      'two agents',
      `s=(${FULL} "signature-agent";key="a" "signature-agent";key="b")${TAG}`,
      'unsupported_component',
    ],
    ['no component', `s=()${TAG}`, 'insufficient_coverage'],
    ['no method', `s=("@target-uri" "content-digest")${TAG}`, 'insufficient_coverage'],
    ['no host', `s=("@method" "@path" "@query" "content-digest")${TAG}`, 'insufficient_coverage'],
    ['half a target', `s=("@method" "@authority" "content-digest")${TAG}`, 'insufficient_coverage'],
    ['no digest', `s=("@method" "@target-uri")${TAG}`, 'insufficient_coverage'],
  ])('%s', (_, field, reason) => {
    expect(readChallenge(field, WRITE)).toMatchObject({ ok: false, reason });
  });
});
