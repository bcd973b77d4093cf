// Credentials of owners verified with what the network gives at the time: fresh documents, fresh lists, no surprises.
import { beforeEach, describe, expect, test } from 'vitest';
import { OwnerKey } from '../../test/owner-keys.ts';
import { Agent, crypto, seedOf } from '../../test/sandbox.ts';
import { utf8 } from '../protocol/bytes.ts';
import { mediaTypeOf } from '../protocol/credential-form.ts';
import { parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import { NetError } from './error.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { createOwnerVerifier, type VerifyOwner } from './owner-credentials.ts';
import { createResolution } from './resolution.ts';

const ada = new Agent('ada');
const corp = parseDid('did:web:corp.example')!;
const list = 'https://corp.example/list';
const NOW = Date.UTC(2026, 10, 20);
let now: number;
/** What is published, by URL; null for a host that does not answer. */
let web: Map<string, { readonly type: string; readonly body: string | Uint8Array } | null>;
let asked: string[];
let verifyOwner: VerifyOwner;

const fetch: Pick<GuardedFetch, 'request'> = {
  async request(url) {
    asked.push(url);
    const page = web.get(url);
    if (page === null) throw new NetError('timed_out', 'no answer');
    const body = page?.body ?? '';
    return {
      status: page === undefined ? 404 : 200,
      header: (name) => (name === 'content-type' ? (page?.type ?? null) : null),
      body: typeof body === 'string' ? utf8(body) : body,
    };
  },
};

beforeEach(() => {
  now = NOW;
  web = new Map();
  asked = [];
  const clock = () => now;
  const options = { crypto, fetch, now: clock, loopback: false, findDidLog: async () => null };
  const { resolver } = createResolution(options);
  verifyOwner = createOwnerVerifier({ crypto, fetch, resolver, now: clock });
});

function publish(name: string): void {
  const keys = [
    { publicKey: crypto.publicKeyOf(seedOf(name)), purposes: ['assertionMethod'] as const },
  ];
  const body = JSON.stringify(buildDidWebDocument({ did: corp, keys }, crypto));
  web.set('https://corp.example/.well-known/did.json', { type: 'application/did+json', body });
}

const verify = (text: string) => verifyOwner(text, mediaTypeOf(text), ada.did);
const seconds = () => now / 1000;

test('an owner of a did:key is known without asking anybody', async () => {
  const text = await new OwnerKey('o', 'secp256k1').claim(ada.did, { now: seconds() });
  expect(await verify(text)).toMatchObject({ ok: true });
  expect(asked).toEqual([]);
});

test('a domain is asked again for each credential, at most once a minute', async () => {
  publish('first');
  const claim = (name: string) =>
    new OwnerKey(name, 'Ed25519', corp).claim(ada.did, { now: seconds() });
  expect(await verify(await claim('first'))).toMatchObject({
    ok: true,
    claim: { domain: 'corp.example' },
  });
  publish('second');
  expect(await verify(await claim('first'))).toMatchObject({ ok: true });
  now += 60_000;
  expect(await verify(await claim('first'))).toMatchObject({ reason: 'key_not_found' });
  expect(await verify(await claim('second'))).toMatchObject({ ok: true });
  expect(asked).toHaveLength(2);
});

test('a domain that does not answer decides nothing', async () => {
  web.set('https://corp.example/.well-known/did.json', null);
  const text = await new OwnerKey('first', 'Ed25519', corp).claim(ada.did, { now: seconds() });
  expect(await verify(text)).toMatchObject({
    outcome: 'indeterminate',
    reason: 'key_unresolvable',
  });
});

describe('a status list', () => {
  const owner = new OwnerKey('o');
  const claim = () => owner.claim(ada.did, { now: seconds(), status: { list, index: 3 } });
  const put = async (...revoked: number[]) => {
    const body = `${await owner.statusList(list, seconds(), ...revoked)}\n`;
    web.set(list, { type: 'text/plain', body });
  };

  test('of any media type is taken by what it says, and used for a minute', async () => {
    await put();
    expect(await verify(await claim())).toMatchObject({ ok: true, claim: { statusList: list } });
    await put(3);
    expect(await verify(await claim())).toMatchObject({ ok: true });
    now += 60_000;
    expect(await verify(await claim())).toMatchObject({ outcome: 'invalid', reason: 'revoked' });
    expect(asked).toEqual([list, list]);
  });

  test('that was had before and cannot be had now says nothing', async () => {
    await put();
    expect(await verify(await claim())).toMatchObject({ ok: true });
    web.set(list, null);
    now += 60_000;
    expect(await verify(await claim())).toMatchObject({ reason: 'status_unknown' });
  });

  test.each([
    ['is not there', undefined],
    ['does not answer', null],
    ['is no UTF-8', { type: 'application/vc', body: new Uint8Array([0xff]) }],
    ['is no list', { type: 'application/vc', body: '{}' }],
  ])('that %s says nothing', async (_, page) => {
    if (page !== undefined) web.set(list, page);
    const verdict = await verify(await claim());
    expect(verdict).toMatchObject({ outcome: 'indeterminate', reason: 'status_unknown' });
  });
});
