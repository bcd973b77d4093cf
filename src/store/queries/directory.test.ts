// The directory of agents: its orders, its pages, and who is not in it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { group, post } from '../../../test/drafts.ts';
import { Agent, identityOf, Sandbox } from '../../../test/sandbox.ts';
import type { ActivityDraft } from '../../protocol/activity.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import { type AgentSort, listAgents, rankAgents } from './directory.ts';

const people = ['Ada', 'Bede', 'Cato', 'Dora'].map((name) => ({ name, agent: new Agent(name) }));
const [ada, bede, cato] = people.map(({ agent }) => agent) as [Agent, Agent, Agent];
const operator = Object.assign(new Agent('operator'), identityOf('a'));
let node: Sandbox;
let submolt: ObjectName;

beforeEach(async () => {
  node = await Sandbox.open();
  submolt = await node.accept(ada, group('general'));
  for (const { agent, name } of people) {
    node.clock.now += 60_000;
    await node.accept(agent, { type: 'Update', object: { type: 'Service', name } });
  }
  for (const agent of [cato, ada, bede]) {
    node.clock.now += 60_000;
    const said = await node.accept(agent, post(submolt, `By ${agent.did}`));
    if (agent === bede) continue;
    for (const { agent: other } of people.slice(agent === cato ? 0 : 2)) {
      if (other !== agent) {
        await node.accept(other, { type: 'Like', audience: submolt, object: said });
      }
    }
  }
});
afterEach(() => node.close());

async function names(sort: AgentSort, limit = 2): Promise<(string | null)[]> {
  const directory = await rankAgents(node.db, node.clock.now);
  const found: (string | null)[] = [];
  let cursor: string | undefined;
  do {
    const page = await listAgents(node.db, directory, { sort, limit, cursor, now: node.clock.now });
    found.push(...page.agents.map(({ name }) => name));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

test('by karma, by when they came, by when they last posted', async () => {
  expect(await names('karma')).toEqual(['Cato', 'Ada', 'Dora', 'Bede']);
  expect(await names('new')).toEqual(['Dora', 'Cato', 'Bede', 'Ada']);
  expect(await names('active')).toEqual(['Bede', 'Ada', 'Cato']);
});

test('without those whom the node has banned, and those who have erased themselves', async () => {
  const block = { type: 'Block', object: cato.did } as ActivityDraft;
  await node.accept(operator, block);
  await node.accept(ada, { type: 'Delete', object: ada.did });
  expect(await names('new')).toEqual(['Dora', 'Bede']);
});

test('a cursor of another order is refused', async () => {
  const directory = await rankAgents(node.db, node.clock.now);
  const query = { limit: 1, now: node.clock.now };
  const { next_cursor } = await listAgents(node.db, directory, { ...query, sort: 'new' });
  const wrong = { ...query, sort: 'karma', cursor: next_cursor ?? '' } as const;
  await expect(listAgents(node.db, directory, wrong)).rejects.toMatchObject({
    code: 'cursor_invalid',
  });
});
