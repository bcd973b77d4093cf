// Makes and reads what spec/vectors/activitypub/views.json has: addresses, views of acts, an announcement with its proof.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAccountName, parseAgentSegment } from '../../src/activitypub/addresses.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { parseDid, subjectOf } from '../../src/protocol/did.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { ed25519FromMultibase } from '../../src/protocol/multikey.ts';
import { didKeyResolver, verifyObjectBytes } from '../../src/protocol/object.ts';
import { idOf } from '../../src/protocol/object-name.ts';
import { verifyProof } from '../../src/protocol/proof.ts';
import { madeAddresses, madeAnnounce, madeViews, ORIGIN } from '../activitypub/made-views.ts';
import { crypto } from '../sandbox.ts';

const file = join(import.meta.dirname, '../../spec/vectors/activitypub/views.json');
const vectors = JSON.parse(readFileSync(file, 'utf8'));

test('agents have these addresses, and are found by them', () => {
  expect(vectors.origin).toBe(ORIGIN);
  expect(madeAddresses()).toEqual(vectors.addresses);
  for (const { account, actor, did } of vectors.addresses) {
    const subject = subjectOf(parseDid(did)!);
    const segment = actor.slice(`${ORIGIN}/u/`.length).replaceAll('%25', '%');
    expect(parseAgentSegment(segment)).toBe(subject);
    expect(parseAccountName(account)).toBe(subject);
  }
  for (const account of vectors.nobody) expect(parseAccountName(account), account).toBeNull();
});

test('acts have these views, with what was signed inside', async () => {
  expect(await madeViews()).toEqual(vectors.acts);
  for (const { comment, signed, view } of vectors.acts) {
    const resolved = { crypto, resolveKey: didKeyResolver };
    const verdict = await verifyObjectBytes(utf8(signed), resolved);
    if (!verdict.ok) throw new Error(`${comment}: ${verdict.detail}`);
    if (view === null) continue;
    const hash = createHash('sha256').update(view.source.content).digest('base64url');
    expect(view.id).toBe(`${ORIGIN}/a/${hash}`);
    expect(hash).toBe(idOf(verdict.object.name));
    expect(view.source.content).toBe(signed);
  }
});

test('the announcement is proven by the key of the group, and by no other words', async () => {
  expect(await madeAnnounce()).toEqual(vectors.announced);
  const { announce, key } = vectors.announced as { announce: JsonObject; key: string };
  const publicKey = ed25519FromMultibase(key)!;
  expect(await verifyProof(announce, publicKey, crypto)).toMatchObject({ ok: true });
  const changed = { ...announce, published: '2026-11-20T10:00:01Z' };
  expect(await verifyProof(changed, publicKey, crypto)).toMatchObject({ ok: false });
});
