// Signed heads ride on whatever nodes ask of each other, signed or not; readers who are no nodes see and pay nothing of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCheckpoints, writeCheckpoints } from '../../src/protocol/checkpoints-field.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { readSeenHead, selectSeenHeads } from '../../src/store/seen-heads.ts';
import { ForgedLog, forgeEntry } from '../forged-log.ts';
import { Agent, identityOf } from '../sandbox.ts';
import { post } from '../town.ts';
import { HttpNode, POSTED } from './http-node.ts';

const FIELD = 'exuvia-checkpoints';
const ada = new Agent('ada');
let home: HttpNode;
let follower: HttpNode;
let submolt: ObjectName;

beforeAll(async () => {
  home = await HttpNode.open({ name: 'home', federated: true });
  follower = await HttpNode.open({ name: 'follower', federated: true });
  const object = { type: 'Group', preferredUsername: 'tides', name: 'Tides' } as const;
  submolt = await home.accept(ada, { type: 'Create', target: home.context.node.did, object });
  await home.accept(ada, post(submolt, 'first'));
  const url = `${home.origin}/m/tides`;
  const operator = follower.context.node as unknown as Agent;
  const body = JSON.stringify({ submolt: url });
  const told = await follower.ask(operator, '/federation/follows', { ...POSTED, body });
  expect(told.status).toBe(202);
});
afterAll(() => Promise.all([home.close(), follower.close()]));

const origins = (field: string | null) =>
  readCheckpoints(field ?? '').map((note) => note.split('\n')[0]);
const systemOf = ({ context }: HttpNode) => `${context.node.authority}/log/system`;
const show = (node: HttpNode, path: string, field: string, more: object = {}) =>
  fetch(`${node.origin}${path}`, { headers: { [FIELD]: field }, ...more });

/** A head of the home's system log, of so many entries, that the home may or may not have signed. */
function headOf(size: number, by = home.context.node): string {
  const entries = Array.from({ length: size }, (_, i) => forgeEntry({ type: 'Like', i }, i + 1));
  return new ForgedLog(by, systemOf(home), entries).checkpoint();
}

async function seenBy({ context }: HttpNode): Promise<number[]> {
  const [rows = []] = await context.db.batch('read', [selectSeenHeads(systemOf(home))]);
  return rows.map(readSeenHead).map(({ size }) => size);
}

describe('heads', () => {
  const field = () => writeCheckpoints([headOf(1)]) ?? '';

  test('come back with the answer to an open request that brings some', async () => {
    for (const path of [
      '/log/system/checkpoint',
      '/log/system/entries',
      `/log/${idOf(submolt)}/checkpoint`,
      '/.well-known/exuvia',
      `/witness/${'0'.repeat(64)}/checkpoint`,
    ]) {
      const answer = await show(home, path, field());
      expect(origins(answer.headers.get(FIELD))[0], path).toBe(systemOf(home));
    }
    const asked = { method: 'POST', body: 'old 0\n', headers: { [FIELD]: field() } };
    const answer = await fetch(`${home.origin}/witness/add-checkpoint`, asked);
    expect([answer.status, origins(answer.headers.get(FIELD))[0]]).toEqual([400, systemOf(home)]);
  });

  test('do not come with the answer to anybody else', async () => {
    for (const path of ['/log/system/checkpoint', '/', '/healthz']) {
      expect((await fetch(`${home.origin}${path}`)).headers.get(FIELD)).toBeNull();
    }
  });

  test('are taken from an open request if the log’s key has signed them, and from nobody too often', async () => {
    const stranger = headOf(900, identityOf('stranger'));
    await show(follower, '/log/system/checkpoint', writeCheckpoints([stranger]) ?? '');
    await show(follower, '/log/system/checkpoint', 'nonsense');
    expect(await seenBy(follower)).not.toContain(900);
    await show(follower, '/log/system/checkpoint', writeCheckpoints([headOf(901)]) ?? '');
    expect(await seenBy(follower)).toContain(901);
    // The clock of these nodes stands still: what is too much is passed over, and the answer is the same.
    for (let i = 0; i < 40; i++) {
      const answer = await show(follower, '/log/system/checkpoint', field());
      expect(answer.status).toBe(200);
    }
    await show(follower, '/log/system/checkpoint', writeCheckpoints([headOf(902)]) ?? '');
    expect(await seenBy(follower)).not.toContain(902);
  });
});
