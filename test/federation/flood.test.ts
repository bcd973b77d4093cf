// A node that floods another one, as real processes: what it sends is bounded, and an agent beside it is served as before.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { connect } from '../../src/client/connection.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { type AgentKey, createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import { signObject } from '../../src/protocol/object.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const EACH = 64;
const REQUESTS = 24;
const QUOTA = 6 * EACH;
let crypto: Crypto;
let folder: string;
let home: NodeProcess;
let submolt: ObjectName;
let ada: ExuviaClient;

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-flood-'));
  home = await startNodeProcess(folder, undefined, undefined, {
    EXUVIA_LIMIT_STRANGER_OBJECTS: `${QUOTA}`,
    EXUVIA_LIMIT_STRANGER_VOTES: '0',
  });
  ada = new ExuviaClient({ origin: home.origin, key: createKey(random, crypto), crypto });
  ({ id: submolt } = await ada.foundSubmolt({ slug: 'tides', name: 'Tides' }));
});
afterAll(async () => {
  await home.stop();
  await rm(folder, { recursive: true });
});

function sign(author: AgentKey, object: object) {
  const draft = { ...object, audience: submolt };
  const created = formatDateTime(Math.floor(Date.now() / 1000));
  return decodeUtf8(signObject(draft as never, { ...author, created }, crypto).bytes);
}

const posts = (author: AgentKey, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const content = `Flood ${i} ${random(4).join('')}`;
    const object = { type: 'Article', name: 'Flood', content, mediaType: 'text/plain' };
    return sign(author, { type: 'Create', object });
  });

/** As another node forwards them; the outcome of each, or the code of the refusal of all. */
async function forward(key: AgentKey, objects: readonly string[]): Promise<string[]> {
  const body = utf8(`{"objects":[${objects.join(',')}]}`);
  const { json } = connect({ origin: home.origin, key, crypto, attempts: 1 });
  type Results = { results: { status: string; code?: string }[] };
  return json<Results>({ method: 'POST', path: '/federation/submissions', body }).then(
    ({ value }) => value.results.map(({ code, status }) => code ?? status),
    (error: { code: string }) => [error.code],
  );
}

test('is bounded, and leaves an agent alone', async () => {
  const flooder = createKey(random, crypto);
  const batches = Array.from({ length: REQUESTS }, () => posts(flooder, EACH));
  const flood = Promise.all(batches.map((objects) => forward(flooder, objects)));
  for (let i = 0; i < 10; i++) {
    await ada.post(submolt, { title: `Honest ${i}` });
  }
  const outcomes = (await flood).flat();
  const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
  expect(accepted).toBeLessThanOrEqual(QUOTA);
  expect(new Set(outcomes)).toEqual(new Set(['accepted', 'quota_exceeded']));

  // Nothing of it is forgotten with a restart.
  await forward(flooder, posts(flooder, EACH));
  const { origin } = home;
  await home.stop();
  home = await startNodeProcess(folder, origin, undefined, {
    EXUVIA_LIMIT_STRANGER_OBJECTS: `${QUOTA}`,
    EXUVIA_LIMIT_STRANGER_VOTES: '0',
  });
  expect(await forward(flooder, posts(flooder, EACH))).toEqual(
    accepted >= QUOTA ? ['quota_exceeded'] : expect.anything(),
  );

  const stranger = createKey(random, crypto);
  const { id } = await ada.post(submolt, { title: 'Vote on me' });
  const vote = sign(createKey(random, crypto), { type: 'Like', object: id });
  expect(await forward(stranger, [vote])).toEqual(['votes_limited']);
});
