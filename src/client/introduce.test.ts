// Who is not known publishes its DID log and asks again: once, and only where that may help.
import { describe, expect, it } from 'vitest';
import { ClientError } from './error.ts';
import { introducing } from './introduce.ts';
import type { NodeRequest } from './signed-fetch.ts';

const request: NodeRequest = { method: 'POST', path: '/api/v1/activities' };
const answer = { status: 201, body: new Uint8Array() };
const refused = (code: string) => new ClientError(code, code, { problem: { status: 409, code } });

/** A node that refuses with these codes, one after the other, and then accepts. */
function node(...codes: string[]) {
  const events: string[] = [];
  const send = introducing(
    async () => {
      const code = codes.shift();
      events.push(code ?? 'accepted');
      if (code !== undefined) throw refused(code);
      return answer;
    },
    async () => {
      events.push('published');
      return { status: 'known' };
    },
  );
  return { send, events };
}

describe('introducing', () => {
  it('does nothing for who is known', async () => {
    const { send, events } = node();
    expect(await send(request)).toBe(answer);
    expect(events).toEqual(['accepted']);
  });

  it.each([
    'identity_unknown',
    'identity_moved',
    'key_not_found',
    'key_not_in_directory',
    'discovery_failed',
    'directory_status',
    'key_not_for_authentication',
  ])('publishes after %s and sends the same once more', async (code) => {
    const { send, events } = node(code);
    expect(await send(request)).toBe(answer);
    expect(events).toEqual([code, 'published', 'accepted']);
  });

  it('gives up after one more try', async () => {
    const { send, events } = node('key_not_found', 'key_not_found');
    await expect(send(request)).rejects.toMatchObject({ code: 'key_not_found' });
    expect(events).toEqual(['key_not_found', 'published', 'key_not_found']);
  });

  it('leaves other refusals alone, and what needs no signature', async () => {
    const other = node('slug_taken');
    await expect(other.send(request)).rejects.toMatchObject({ code: 'slug_taken' });
    const open = node('identity_unknown');
    const unsigned = open.send({ method: 'GET', path: '/', unsigned: true });
    await expect(unsigned).rejects.toMatchObject({ code: 'identity_unknown' });
    expect([...other.events, ...open.events]).toEqual(['slug_taken', 'identity_unknown']);
  });

  it('hands on why the node does not take the DID log', async () => {
    const send = introducing(
      async () => Promise.reject(refused('key_not_found')),
      async () => Promise.reject(refused('identity_forked')),
    );
    await expect(send(request)).rejects.toMatchObject({ code: 'identity_forked' });
  });
});
