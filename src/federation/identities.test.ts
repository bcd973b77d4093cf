// Agents whose keys change, between nodes: their statements travel with what depends on them, and position decides.
import { afterEach, describe, expect, it } from 'vitest';
import { post } from '../../test/drafts.ts';
import { type ForgedEntry, forgeEntry } from '../../test/forged-log.ts';
import { type FederatedNode, Network } from '../../test/network.ts';
import { expectReplica, openFollowed } from '../../test/replica-scene.ts';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { CommandError } from '../commands/error.ts';
import { learnMissedIdentities } from '../commands/learn-identities.ts';
import type { SignedObject } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { getActivityStatus } from '../store/queries/activity-status.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { findIdentity } from '../store/queries/identities.ts';
import { findLog } from '../store/queries/logs.ts';
import { findSource } from '../store/queries/peers.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

const rotating = (name = 'bede') => new RotatingAgent(name, 'agents.example', network.clock.now);

async function state(node: FederatedNode, agent: RotatingAgent): Promise<ObjectName> {
  const { name } = agent.statement(network.clock.now);
  const outcome = await node.sandbox.submit(agent, statementDraft(agent));
  expect(outcome).toMatchObject({ kind: 'accepted', receipt: { id: name } });
  return name;
}

function statementDraft(agent: RotatingAgent) {
  const {
    '@context': _context,
    actor: _actor,
    proof: _proof,
    ...draft
  } = agent.statement(network.clock.now).object;
  return draft;
}

async function versionAt(node: FederatedNode, agent: RotatingAgent): Promise<number | undefined> {
  const identity = await findIdentity(node.db, agent.log.subject, node.identity.did);
  return identity?.version;
}

async function namesIn(node: FederatedNode, log: string): Promise<ObjectName[]> {
  const head = (await findLog(node.db, log))!;
  return (await readLeaves(node.db, head, 0, head.size)).map(({ body }) => body.name);
}

describe('an agent at the home', () => {
  it('is known by every follower with the keys it has now', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    const ada = rotating();
    await state(a, ada);
    await a.sandbox.accept(ada, post(submolt, 'By the first key'));
    await network.settle();
    expect(await versionAt(b, ada)).toBe(1);
    await state(a, ada.rotate(network.clock.now));
    await a.sandbox.accept(ada, post(submolt, 'By the second key'));
    await network.settle();
    await expectReplica(a, b, log);
    expect(await versionAt(b, ada)).toBe(2);
    // Statements came through the log; nobody asked the host of the DID.
    expect(network.journal.filter((line) => line.includes('did.json'))).toEqual([]);
  });

  it('is judged by its place in the log, whatever a follower knows of it', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    const ada = rotating();
    await state(a, ada);
    const { thief } = ada;
    // B has the next version already; A has not, and goes on taking the key that it knows.
    await state(b, ada.rotate(network.clock.now));
    await a.sandbox.accept(thief, post(submolt, 'By the key that A knows'));
    await network.settle();
    await expectReplica(a, b, log);
    expect(await versionAt(b, ada)).toBe(2);
    const late = await b.sandbox.submit(thief, post(submolt, 'By the key that B knows no more'));
    expect(late).toMatchObject({ kind: 'refused', code: 'key_retired' });
  });

  it('becomes known at the next start where it could not be written down at once', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    const ada = rotating();
    const { sequencer } = b.sandbox;
    const { submitAll } = sequencer;
    sequencer.submitAll = () => Promise.reject(new CommandError('closed', 'going down'));
    await state(a, ada);
    await a.sandbox.accept(ada, post(submolt, 'In the last moment'));
    await network.settle();
    expect(await versionAt(b, ada)).toBeUndefined();
    sequencer.submitAll = submitAll;
    await learnMissedIdentities(b.sandbox.context, sequencer);
    expect(await versionAt(b, ada)).toBe(1);
    await expectReplica(a, b, log);
  });
});

describe('an agent at a follower', () => {
  it('becomes known to the home with the first act that is forwarded', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    const bede = rotating();
    const statement = await state(b, bede);
    const outcome = await b.sandbox.submit(bede, post(submolt, 'From far away'));
    expect(outcome).toMatchObject({ kind: 'pending' });
    await network.settle();
    const { id } = outcome as { id: ObjectName };
    expect(await getActivityStatus(b.db, id)).toMatchObject({ status: 'accepted' });
    expect((await namesIn(a, log)).slice(-2)).toEqual([statement, id]);
    await expectReplica(a, b, log);
    await a.check();
    expect(await versionAt(a, bede)).toBe(1);
  });

  it('takes its new key along, and leaves the old one behind', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    const bede = rotating();
    await state(b, bede);
    await b.sandbox.submit(bede, post(submolt, 'By the first key'));
    await network.settle();
    const { thief } = bede;
    await state(b, bede.rotate(network.clock.now, { host: 'elsewhere.example' }));
    for (const title of ['By the second key', 'Again']) {
      await b.sandbox.submit(bede, post(submolt, title));
    }
    await network.settle();
    expect(await versionAt(a, bede)).toBe(2);
    await expectReplica(a, b, log);
    const stolen = await thief.sign(post(submolt, 'By the thief'), network.clock.now);
    const answer = await b.post(a, '/federation/submissions', { objects: [json(stolen)] });
    expect(answer).toMatchObject({ results: [{ status: 'refused', code: 'identity_moved' }] });
  });

  it('is refused by a home that has seen another history of it', async () => {
    const { a, b, submolt } = await openFollowed(network);
    const [bede, twin] = [rotating(), rotating()];
    await state(a, twin.recover(network.clock.now));
    await state(b, bede.rotate(network.clock.now).rotate(network.clock.now));
    const outcome = await b.sandbox.submit(bede, post(submolt, 'Which of the two'));
    await network.settle();
    const { id } = outcome as { id: ObjectName };
    const refused = { status: 'refused', code: 'key_not_found' };
    expect(await getActivityStatus(b.db, id)).toMatchObject(refused);
    expect(await versionAt(a, twin)).toBe(2);
  });

  it('has its statement taken before its acts, wherever in the request it stands', async () => {
    const { a, b, submolt } = await openFollowed(network);
    const bede = rotating();
    const act = bede.make(post(submolt, 'First'), network.clock.now);
    const objects = [json(act), json(bede.statement(network.clock.now))];
    const answer = await b.post(a, '/federation/submissions', { objects });
    expect(answer).toMatchObject({
      results: [{ id: act.name, status: 'accepted' }, { status: 'accepted' }],
    });
    const again = await b.post(a, '/federation/submissions', { objects });
    expect(again).toMatchObject({ results: [{ status: 'accepted' }, { status: 'accepted' }] });
    await a.check();
  });
});

describe('a home that lets in what it must not', () => {
  /** B is shown A's log with `made` at its end. */
  async function show(made: (submolt: ObjectName) => readonly SignedObject[]) {
    const { a, b, log, submolt } = await openFollowed(network);
    const forged = await a.forge(log);
    const size = forged.entries.length;
    const entries = made(submolt).map(
      ({ object }, i): ForgedEntry => forgeEntry(object, network.clock.now + i),
    );
    forged.entries.push(...entries);
    network.fault = forged.fault;
    await network.pass(60_000);
    const { halted } = (await findSource(b.db, log))!;
    const replicaSize = await b.sizeOf(log);
    network.fault = (_, next) => next();
    return { halted, added: replicaSize - size, b };
  }
  const words = (agent: Pick<RotatingAgent, 'make'>, submolt: ObjectName) =>
    agent.make(post(submolt, 'Words'), network.clock.now);
  const statement = (agent: RotatingAgent) => agent.statement(network.clock.now);

  it('but a log in which each statement stands before its acts is taken', async () => {
    const ada = rotating();
    const { added, b, halted } = await show((submolt) => [
      statement(ada),
      words(ada, submolt),
      statement(ada.rotate(network.clock.now)),
      ada.make(post(submolt, 'More'), network.clock.now),
    ]);
    expect([halted, added]).toEqual([null, 4]);
    expect(await versionAt(b, ada)).toBe(2);
  });

  it.each<[string, (submolt: ObjectName) => SignedObject[], string]>([
    ['an act without a statement', (s) => [words(rotating(), s)], 'identity_unknown'],
    [
      'an act before its statement',
      (s) => {
        const ada = rotating();
        return [words(ada, s), statement(ada)];
      },
      'identity_unknown',
    ],
    [
      'an act under a key that was rotated away',
      (s) => {
        const ada = rotating();
        const first = statement(ada);
        const late = words(ada, s);
        return [first, statement(ada.rotate(network.clock.now)), late];
      },
      'key_not_found',
    ],
    [
      'an act under a name that was left',
      (s) => {
        const ada = rotating();
        const first = statement(ada);
        const late = words(ada, s);
        return [first, statement(ada.rotate(network.clock.now, { host: 'x.example' })), late];
      },
      'identity_moved',
    ],
    [
      'another history of the same agent',
      () => {
        const [ada, twin] = [rotating(), rotating()];
        return [
          statement(ada.rotate(network.clock.now)),
          statement(twin.recover(network.clock.now).rotate(network.clock.now)),
        ];
      },
      'statement_refused',
    ],
    [
      'an older version after a newer one',
      () => {
        const ada = rotating();
        const old = statement(ada);
        return [statement(ada.rotate(network.clock.now)), old];
      },
      'statement_refused',
    ],
  ])('is halted for %s', async (_, made, code) => {
    const { added, halted } = await show(made);
    expect(halted).toMatch(new RegExp(`^${code}`));
    expect(added).toBe(0);
  });
});

function json({ bytes }: Pick<SignedObject, 'bytes'>) {
  return JSON.parse(new TextDecoder().decode(bytes));
}
