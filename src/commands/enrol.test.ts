// Enrolments as a node remembers them: one DID for a pair, bounded, kept through a restart, never derived.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { findEnrolment } from '../store/queries/enrolments.ts';
import { rebuildDerived } from '../store/rebuild.ts';
import type { Caller } from './context.ts';
import {
  enrol,
  MAX_OF_DID,
  MAX_OF_URL,
  type NewEnrolment,
  noteAgreement,
  withdraw,
} from './enrol.ts';

const URL_ = 'https://keys.example/jwks.json';
const alice = parseDid('did:web:alice.example') as Did;
const bob = parseDid('did:web:bob.example') as Did;
let node: Sandbox;

beforeEach(async () => {
  node = await Sandbox.open();
});
afterEach(() => node.close());

function linkOf(did: Did, name: string, url: string | null = URL_): NewEnrolment {
  const publicKey = crypto.publicKeyOf(new Agent(name).seed);
  const keyid = jwkThumbprint(publicKey, crypto);
  const verificationMethod = `${did}#${keyid}`;
  return { url, keyid, did, publicKey, verificationMethod, published: [keyid], listed: [keyid] };
}

const add = (link: NewEnrolment, caller: Caller | null = null) =>
  enrol(node.context, node.sequencer, link, caller);
const find = ({ url, keyid }: NewEnrolment) => findEnrolment(node.context.db, url, keyid);

/** Many keys of one DID or one URL, each link naming all of them as they stand in the documents. */
function crowd(count: number, make: (i: number) => NewEnrolment): NewEnrolment[] {
  const links = Array.from({ length: count }, (_, i) => make(i));
  const keyids = links.map(({ keyid }) => keyid);
  return links.map((link) => ({ ...link, published: keyids, listed: keyids }));
}

describe('an enrolment', () => {
  test('is there afterwards, and again is the same one', async () => {
    const link = linkOf(alice, 'a');
    const enrolledAt = node.clock.now;
    expect(await add(link)).toEqual({ ok: true, first: true, enrolledAt });
    node.clock.now += 5_000;
    expect(await add(link)).toEqual({ ok: true, first: false, enrolledAt });
    const { verificationMethod } = link;
    const agreedAt = enrolledAt + 5_000;
    expect(await find(link)).toMatchObject({ did: alice, verificationMethod, agreedAt });
    expect(new Uint8Array((await find(link))!.publicKey)).toEqual(new Uint8Array(link.publicKey));
  });

  test('is found under its own URL alone', async () => {
    await add(linkOf(alice, 'a'));
    expect(await find(linkOf(alice, 'a', 'https://keys.example/other'))).toBeNull();
    expect(await find(linkOf(alice, 'a', null))).toBeNull();
    expect(await find(linkOf(alice, 'b'))).toBeNull();
  });

  test('is not taken over by another DID until the key withdraws it', async () => {
    const link = linkOf(alice, 'a');
    await add(link);
    expect(await add(linkOf(bob, 'a'))).toMatchObject({ reason: 'enrolled_elsewhere' });
    expect(await withdraw(node.context, node.sequencer, link, null)).toEqual({
      ok: true,
      did: alice,
    });
    expect(await withdraw(node.context, node.sequencer, link, null)).toMatchObject({
      reason: 'not_enrolled',
    });
    expect(await add(linkOf(bob, 'a'))).toMatchObject({ ok: true, first: true });
  });

  test('follows its subject when a did:webvh moves to another host', async () => {
    const scid = 'QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ';
    const [before, after] = ['one.example', 'two.example'].map((host) =>
      parseDid(`did:webvh:${scid}:${host}`),
    ) as [Did, Did];
    await add(linkOf(before, 'a'));
    expect(await add(linkOf(after, 'a'))).toMatchObject({ ok: true, first: false });
    expect(await find(linkOf(after, 'a'))).toMatchObject({ did: after });
  });

  test('uses up the nonce it came with, as its withdrawal does', async () => {
    const link = linkOf(alice, 'a');
    const nonceExpires = node.clock.now / 1000 + 330;
    const caller = { did: alice, nonce: 'once', nonceExpires };
    await add(link, caller);
    expect(await add(link, caller)).toMatchObject({ ok: false, reason: 'replayed' });
    const other = { ...caller, nonce: 'twice' };
    await withdraw(node.context, node.sequencer, link, other);
    expect(await add(link, caller)).toMatchObject({ reason: 'replayed' });
    await add(link);
    expect(await withdraw(node.context, node.sequencer, link, other)).toMatchObject({
      reason: 'replayed',
    });
  });

  test('is no part of what is rebuilt from the logs', async () => {
    const link = linkOf(alice, 'a');
    await add(link);
    await rebuildDerived(node.context.db);
    expect(await find(link)).toMatchObject({ did: alice });
  });

  test('remembers whether its documents agree', async () => {
    const link = { ...linkOf(alice, 'a'), url: URL_ };
    await add(link);
    await noteAgreement(node.context, node.sequencer, link, false);
    expect(await find(link)).toMatchObject({ agreedAt: null });
    node.clock.now += 7;
    await noteAgreement(node.context, node.sequencer, link, true);
    expect(await find(link)).toMatchObject({ agreedAt: node.clock.now });
  });
});

describe('there is an end to', () => {
  test('the enrolments of one DID, under whatever URLs', async () => {
    const links = crowd(MAX_OF_DID + 1, (i) => linkOf(alice, `k${i}`, `${URL_}/${i}`));
    for (const link of links.slice(0, MAX_OF_DID)) expect((await add(link)).ok).toBe(true);
    expect(await add(links.at(-1)!)).toMatchObject({ reason: 'too_many_enrolments' });
    expect(await add(links[0]!)).toMatchObject({ ok: true, first: false });
    await withdraw(node.context, node.sequencer, links[3]!, null);
    expect(await add(links.at(-1)!)).toMatchObject({ ok: true, first: true });
  });

  test('the enrolments under one URL, by whomever', { timeout: 30_000 }, async () => {
    const links = crowd(MAX_OF_URL + 1, (i) =>
      linkOf(parseDid(`did:web:d${i}.example`) as Did, `k${i}`),
    ).map((link) => ({ ...link, listed: [link.keyid] }));
    for (const link of links.slice(0, MAX_OF_URL)) expect((await add(link)).ok).toBe(true);
    expect(await add(links.at(-1)!)).toMatchObject({ reason: 'too_many_enrolments' });
  });

  test('what a dropped key takes up: rotating for ever is possible', async () => {
    for (let i = 0; i < 2 * MAX_OF_DID; i++) {
      expect(await add(linkOf(alice, `k${i}`))).toMatchObject({ ok: true, first: true });
    }
    expect(await find(linkOf(alice, 'k0'))).toBeNull();
    await add(linkOf(bob, 'other', 'https://bob.example/keys'));
    expect(await find(linkOf(alice, `k${2 * MAX_OF_DID - 1}`))).toMatchObject({ did: alice });
  });
});
