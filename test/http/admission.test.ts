// Who may write for the first time, under each policy, and what a client does about it by itself.
import { afterEach, describe, expect, test } from 'vitest';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { keyFromSeed } from '../../src/client/keys.ts';
import { Admission, type AdmissionOptions } from '../../src/commands/admission.ts';
import { tryWork } from '../../src/protocol/admission-work.ts';
import { toBase64url } from '../../src/protocol/bytes.ts';
import type { Did } from '../../src/protocol/did.ts';
import { type Invitation, signInvitation } from '../../src/protocol/invitation.ts';
import { Agent, crypto } from '../sandbox.ts';
import { HttpNode, POSTED } from './http-node.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
const cato = new Agent('cato');
const PROFILE = { type: 'Update', object: { type: 'Service', name: 'Name' } } as const;
const PATH = '/api/v1/admissions';
let node: HttpNode;
let drawn = 0;

afterEach(() => node.close());

async function open(admission: Partial<AdmissionOptions>): Promise<void> {
  const options = { policy: 'open', bits: 8, invitations: 0, ...admission } as const;
  node = await HttpNode.open({ admission: options, name: 'door' });
}

const self = () => node.context.node;
const write = async (agent: Agent) => {
  const { bytes } = await agent.sign(PROFILE, node.clock.now);
  const { json, status } = await node.submit(agent, bytes);
  return json.code ?? status;
};
const letIn = async (body: object, by: Agent = cato) => {
  const { json, status } = await node.ask(by, PATH, { ...POSTED, body: JSON.stringify(body) });
  return json.code ?? status;
};
const now = () => Math.floor(node.clock.now / 1000);

function workOf(agent: Agent, { at = now(), bits = 8, to = self().did } = {}) {
  return tryWork({ node: to, agent: agent.did, bits }, at, { from: 0, tries: 1e6 }, crypto);
}

function invite(more: Partial<Invitation> = {}, seed = self().seed): string {
  drawn += 1;
  const invitation = {
    ...{ node: self().did, issuer: self().did, key: self().keyId, uses: 1, agent: null },
    id: toBase64url(new Uint8Array(16).fill(drawn)),
    expires: now() + 60,
    ...more,
  };
  return signInvitation(invitation, seed, crypto);
}

const asClient = (agent: Agent, more: { invitation?: string } = {}) =>
  new ExuviaClient({
    origin: node.origin,
    key: keyFromSeed(agent.seed, crypto),
    crypto,
    now: () => node.clock.now,
    ...more,
  });

test('an open node lets everybody in, and says so', async () => {
  await open({});
  expect([await write(ada), await letIn({ did: bob.did, invitation: 'x' })]).toEqual([201, 200]);
  const { json } = await node.send('/.well-known/exuvia');
  expect(json.admission).toEqual({ policy: 'open' });
});

describe('proof of work', () => {
  test('is asked for, with what it takes, and lets the agent in for good', async () => {
    await open({ policy: 'pow' });
    const { bytes } = await ada.sign(PROFILE, node.clock.now);
    const refused = await node.submit(ada, bytes);
    expect([refused.status, refused.json]).toMatchObject([
      403,
      { code: 'admission_required', admission: { policy: 'pow', bits: 8 } },
    ]);
    // It is no matter of the signature of the request.
    expect(refused.headers.has('accept-signature')).toBe(false);
    expect(await letIn({ did: ada.did, work: workOf(ada) }, bob)).toBe(201);
    expect([await write(ada), await write(bob)]).toEqual([201, 'admission_required']);
    expect(await letIn({ did: ada.did, work: { at: 0, nonce: 'x' } })).toBe(200);
  });

  test('counts for that agent, at that node, of now, and whole', async () => {
    await open({ policy: 'pow' });
    const others = [
      workOf(bob),
      workOf(ada, { to: bob.did }),
      workOf(ada, { at: now() - 3_601 }),
      workOf(ada, { at: now() + 301 }),
      { at: now(), nonce: 'of no worth' },
      { at: 1.5, nonce: '1' },
      { at: now(), nonce: ' ' },
    ];
    for (const work of others) {
      expect(await letIn({ did: ada.did, work }), JSON.stringify(work)).toMatch(
        /^(?:work_refused|unsafe_number)$/,
      );
    }
    expect(await write(ada)).toBe('admission_required');
    expect(await letIn({ did: ada.did, invitation: invite() })).toBe('admission_elsewise');
  });

  test('is done by the SDK itself', async () => {
    await open({ policy: 'pow', bits: 10 });
    const worked: number[] = [];
    const key = keyFromSeed(ada.seed, crypto);
    const client = new ExuviaClient({
      origin: node.origin,
      key,
      crypto,
      now: () => node.clock.now,
      onWork: (bits) => worked.push(bits),
    });
    await client.join({ name: 'Ada' });
    await client.join({ name: 'Ada again' });
    expect(worked).toEqual([10]);
  });

  test('is not asked of who was there before', async () => {
    await open({ policy: 'pow' });
    await letIn({ did: ada.did, work: workOf(ada) });
    await write(ada);
    const { context, sequencer } = node;
    await context.db.batch('write', [{ sql: 'DELETE FROM admissions', args: [] }]);
    const resolve = async () =>
      ({ ok: false, reason: 'key_not_found', detail: '', retryable: false }) as const;
    const options = { policy: 'invite', bits: 1, invitations: 0 } as const;
    const later = new Admission(context, sequencer, resolve, options);
    const admits = async (agent: Agent) => later.admits(await agent.sign(PROFILE, node.clock.now));
    expect([await admits(ada), await admits(bob)]).toEqual([true, false]);
  });
});

describe('an invitation', () => {
  test('of the operator lets in so many, and each but once', async () => {
    await open({ policy: 'invite' });
    const code = invite({ uses: 2 });
    expect(await letIn({ did: ada.did, invitation: code })).toBe(201);
    expect(await letIn({ did: ada.did, invitation: code })).toBe(200);
    expect(await letIn({ did: bob.did, invitation: code })).toBe(201);
    expect(await letIn({ did: cato.did, invitation: code })).toBe('invitation_refused');
    expect([await write(ada), await write(bob), await write(cato)]).toEqual([
      201,
      201,
      'admission_required',
    ]);
  });

  test('used by many at once lets in no more than it says', async () => {
    await open({ policy: 'invite' });
    const code = invite({ uses: 3 });
    const agents = Array.from({ length: 8 }, (_, i) => new Agent(`crowd ${i}`));
    const answers = await Promise.all(agents.map(({ did }) => letIn({ did, invitation: code })));
    expect(answers.filter((answer) => answer === 201)).toHaveLength(3);
  });

  test('has to be of this node, in time, for that agent, and signed by who has a say', async () => {
    await open({ policy: 'invite' });
    const keyId = (agent: Agent) => `${agent.did}#${agent.did.slice('did:key:'.length)}`;
    const codes = [
      invite({ node: bob.did }),
      invite({ expires: now() }),
      invite({ agent: bob.did }),
      invite({}, bob.seed),
      invite({ issuer: bob.did, key: keyId(bob) }, bob.seed),
      `${invite()}A`,
      invite().replace('.', 'A.'),
      'x.y',
      '',
    ];
    for (const code of codes) {
      expect(await letIn({ did: ada.did, invitation: code }), code).toBe('invitation_refused');
    }
    expect(await letIn({ did: ada.did, invitation: invite({ agent: ada.did }) })).toBe(201);
  });

  test('of an agent counts where agents may invite, as often as they may', async () => {
    await open({ policy: 'invite', invitations: 2 });
    const key = (agent: Agent) => `${agent.did}#${agent.did.slice('did:key:'.length)}`;
    const by = (agent: Agent) =>
      invite({ issuer: agent.did, key: key(agent), uses: 9 }, agent.seed);
    expect(await letIn({ did: bob.did, invitation: by(ada) })).toBe('invitation_refused');
    await letIn({ did: ada.did, invitation: invite() });
    const code = by(ada);
    const answers = [];
    for (let i = 0; i < 3; i++)
      answers.push(await letIn({ did: new Agent(`guest ${i}`).did, invitation: code }));
    expect(answers).toEqual([201, 201, 'invitation_refused']);
    node.clock.now += 31 * 86_400_000;
    expect(await letIn({ did: bob.did, invitation: by(ada) })).toBe(201);
  });

  test('is used by the SDK when it has one', async () => {
    await open({ policy: 'invite' });
    await expect(asClient(ada).join({ name: 'Ada' })).rejects.toMatchObject({
      code: 'admission_required',
    });
    const client = asClient(ada, { invitation: invite() });
    expect((await client.join({ name: 'Ada' })).status).toBe('accepted');
  });
});

test('where an owner is asked for, nothing but the way to one is taken', async () => {
  await open({ policy: 'owner' });
  expect(await write(ada)).toBe('admission_required');
  const { json } = await node.send('/.well-known/exuvia');
  expect(json.admission).toEqual({ policy: 'owner' });
  // It is looked at, and refused for what it is.
  const content = 'no credential';
  const object = {
    type: 'Add',
    object: `ni:///sha-256;${'A'.repeat(43)}`,
    target: 'https://w3id.org/exuvia/label#owners',
    mediaType: 'application/vc',
    content,
  };
  const { bytes } = await ada.sign(object as never, node.clock.now);
  expect((await node.submit(ada, bytes)).json.code).toBe('owner_name_mismatch');
  const { db } = node.context;
  const own = (owner: string, until: number) => [
    { sql: 'INSERT INTO agents (did) VALUES (?) ON CONFLICT DO NOTHING', args: [ada.did] },
    {
      sql: `INSERT INTO objects (hash) VALUES (?) ON CONFLICT DO NOTHING`,
      args: [new Uint8Array(32).fill(9)],
    },
    {
      sql: `INSERT OR REPLACE INTO owners (credential, node, agent, owner, form, since, until, act)
SELECT zeroblob(32), n.id, a.id, ?, 'vc', 0, ?, (SELECT max(id) FROM objects) FROM agents AS n, agents AS a WHERE n.did = ? AND a.did = ?`,
      args: [owner, BigInt(until), self().did, ada.did],
    },
  ];
  await db.batch('write', own('did:key:z6Mk', node.clock.now + 1_000));
  expect(await write(ada)).toBe('admission_required');
  await db.batch('write', own('did:web:owner.example', node.clock.now + 1_000));
  expect(await write(ada)).toBe(201);
  node.clock.now += 1_000;
  expect(await write(ada)).toBe('admission_required');
});

test('what is no request to be let in is said to be none', async () => {
  await open({ policy: 'pow' });
  const bodies = [
    {},
    { did: ada.did },
    { did: 'x', invitation: 'y' },
    { did: ada.did, work: 1 },
    { did: ada.did, work: { at: 1 } },
    { did: ada.did, work: { at: 1, nonce: 'x' }, invitation: 'y' },
  ];
  for (const body of bodies) expect(await letIn(body)).toBe('admission_malformed');
  const named: Did = ada.did;
  expect(await letIn({ did: named, work: { at: '1', nonce: 'x' } })).toBe('admission_malformed');
});
