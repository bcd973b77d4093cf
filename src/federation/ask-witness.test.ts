// Witnesses that answer what they should not: no cosignature but a good one of now is kept, and never more than a reader takes.
import { afterEach, expect, test, vi } from 'vitest';
import { group } from '../../test/drafts.ts';
import { FederatedNode, Network, type Sent } from '../../test/network.ts';
import { Agent, crypto, identityOf } from '../../test/sandbox.ts';
import { befriend } from '../../test/witness-scene.ts';
import { addFollower } from '../commands/add-follower.ts';
import { OwnStatements } from '../commands/own-statements.ts';
import { formatSignatureLine, makeSignature, type NoteSignature, parseNote } from '../log/note.ts';
import { COSIGNATURE_V1, NOTE_ED25519, type NoteSigner, noteSigner } from '../log/note-key.ts';
import { decodeUtf8, utf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import { findLog } from '../store/queries/logs.ts';
import type { PanelMember, WitnessReply } from './ask-witness.ts';
import { cosignLog } from './cosign-log.ts';
import { revisePanel } from './revise-panel.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

/** A witness nobody else knows, at `w<i>.test`. */
function signerOf(i: number): NoteSigner {
  return noteSigner(`w${i}.test/witness`, COSIGNATURE_V1, crypto.sha256(utf8(`w${i}`)), crypto);
}

function memberOf(i: number): PanelMember {
  const url = `https://w${i}.test`;
  return { did: `did:web:w${i}.test` as Did, url, key: signerOf(i).publicKey };
}

async function openLog() {
  const node = await FederatedNode.open(network, 'a');
  await node.sandbox.accept(new Agent('ada'), group('tea', node.identity.did));
  const origin = `${node.identity.authority}/log/system`;
  const signatures = async () => {
    const parsed = parseNote((await findLog(node.db, origin))?.checkpoint ?? '');
    return parsed.ok ? parsed.note.signatures.map(({ name }) => name) : [];
  };
  const ask = async (...witnesses: number[]): Promise<WitnessReply['kind'][]> => {
    const kinds: WitnessReply['kind'][] = [];
    await cosignLog(node.federation.context, origin, {
      panel: witnesses.map(memberOf),
      refresh: false,
      heard: (_, reply) => kinds.push(reply.kind),
    });
    return kinds;
  };
  return { ask, node, origin, signatures };
}

/** Every witness answers with the lines that are made for it. */
function answerWith(make: (text: string, signer: NoteSigner) => readonly NoteSignature[]): void {
  network.fault = async ({ request, url }: Sent) => {
    const body = decodeUtf8(request.body ?? new Uint8Array());
    const parsed = parseNote(body.slice(body.indexOf('\n\n') + 2));
    const text = parsed.ok ? parsed.note.text : '';
    const lines = make(text, signerOf(Number(/\d+/.exec(url.host)?.[0])));
    return { status: 200, body: lines.map((line) => `${formatSignatureLine(line)}\n`).join('') };
  };
}

const seconds = () => Math.floor(network.clock.now / 1000);
const at = (time: number) => (text: string, signer: NoteSigner) => [
  makeSignature(text, signer, crypto, time),
];

test.each([
  ['now', () => at(seconds())],
  ['four minutes off', () => at(seconds() - 240)],
  [
    'behind lines of others',
    () => (text: string, signer: NoteSigner) => [
      makeSignature(text, signerOf(8), crypto, seconds()),
      makeSignature(text, signer, crypto, seconds()),
    ],
  ],
])('a cosignature %s is taken', async (_, make) => {
  const { ask, origin, signatures } = await openLog();
  answerWith(make());
  expect(await ask(1)).toEqual(['cosigned']);
  expect(await signatures()).toEqual([origin, 'w1.test/witness']);
});

// A verifier blames the home for entries that are dated after a witness had seen them.
test.each([
  ['without a time', () => at(0)],
  ['of long ago', () => at(1)],
  ['of an hour ago', () => at(seconds() - 3_600)],
  ['of the next hour', () => at(seconds() + 3_600)],
  ['of the year 3000', () => at(32_503_680_000)],
  ['of another text', () => (_: string, signer: NoteSigner) => at(seconds())('a\n1\nb\n', signer)],
  ['of another witness', () => (text: string) => at(seconds())(text, signerOf(2))],
  [
    'by another key under its name',
    () =>
      (text: string, { name }: NoteSigner) =>
        at(seconds())(text, noteSigner(name, COSIGNATURE_V1, signerOf(2).seed, crypto)),
  ],
  [
    'by another key under its name and ID',
    () =>
      (text: string, { keyId, name }: NoteSigner) =>
        at(seconds())(text, { ...signerOf(2), name, keyId }),
  ],
  [
    'that is a plain signature',
    () =>
      (text: string, { name, seed }: NoteSigner) =>
        at(0)(text, noteSigner(name, NOTE_ED25519, seed, crypto)),
  ],
])('a cosignature %s is not', async (_, make) => {
  const { ask, origin, signatures } = await openLog();
  answerWith(make());
  expect(await ask(1)).toEqual(['failed']);
  expect(await signatures()).toEqual([origin]);
});

test('however often a panel changes while a log rests, its note has no more lines than every reader takes', async () => {
  const { ask, origin, signatures } = await openLog();
  answerWith((text, signer) => at(seconds())(text, signer));
  for (let first = 0; first < 70; first += 7) {
    await ask(...Array.from({ length: 7 }, (_, i) => first + i));
  }
  const names = await signatures();
  expect(names).toHaveLength(16);
  expect(names[0]).toBe(origin);
  // Those who were asked last, and of those before them the latest.
  const newest = Array.from({ length: 7 }, (_, i) => `w${63 + i}.test/witness`);
  expect(names).toEqual(expect.arrayContaining(newest));
  expect(names).not.toContain('w50.test/witness');
});

test('who disputes a head and is slow to show another delays nothing', async () => {
  const { ask, origin, signatures } = await openLog();
  const gate = Promise.withResolvers<void>();
  network.fault = async ({ method, request, url }) => {
    if (method === 'GET') await gate.promise;
    if (url.host !== 'w2.test') return { status: 422, body: '' };
    const note = decodeUtf8(request.body ?? new Uint8Array()).split('\n\n')[1];
    const line = makeSignature(`${note}\n`, signerOf(2), crypto, seconds());
    return { status: 200, body: `${formatSignatureLine(line)}\n` };
  };
  const asking = ask(1, 2);
  const cosigned = [origin, 'w2.test/witness'];
  await vi.waitFor(async () => expect(await signatures()).toEqual(cosigned), { timeout: 10_000 });
  gate.resolve();
  expect((await asking).toSorted()).toEqual(['cosigned', 'disputed']);
});

test('partners that state no witness key are asked for it side by side', async () => {
  const { node, origin } = await openLog();
  const { context } = node.federation;
  for (const name of ['b', 'c', 'd']) {
    await befriend(node.sandbox, name);
    const { did: peer } = identityOf(name);
    await addFollower(context, context.sequencer, { origin, peer, caller: null });
  }
  const all = Promise.withResolvers<void>();
  let waiting = 0;
  network.fault = async ({ url }) => {
    if (url.pathname !== '/.well-known/exuvia') return { status: 404, body: '' };
    waiting += 1;
    if (waiting === 3) all.resolve();
    await all.promise;
    return { status: 500, body: '' };
  };
  expect(await revisePanel(context, new OwnStatements(context), new Map())).toBe(false);
  expect(waiting).toBe(3);
});
