// Who has cosigned what, as people read it: of whom, how far, and that it is for their own policy to count.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { Agent, Sandbox } from '../../test/sandbox.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import { upsertCosigned } from '../store/cosigned.ts';
import { findLog } from '../store/queries/logs.ts';
import { createPages } from './pages.ts';

const ASKED = ['b.test/witness', 'c.test/witness'];
let node: Sandbox;
let tea: ObjectName;
const ada = new Agent('ada');

beforeAll(async () => {
  node = await Sandbox.open();
  tea = await node.accept(ada, group('tea'));
});
afterAll(() => node.close());

async function page(path: string, witnesses?: readonly string[]): Promise<string> {
  const { authority: name, did, origin } = node.context.node;
  const { db, now } = node.context;
  const given = witnesses === undefined ? {} : { witnesses: async () => witnesses };
  const app = createPages({ db, now, node: { name, did, origin }, ...given });
  return (await app.request(origin + path)).text();
}

async function cosign(origin: string, ...names: string[]): Promise<void> {
  const log = (await findLog(node.db, origin))!;
  const lines = names.map((name) => `— ${name} AAAAAAAA\n`);
  const note = `${log.checkpoint}${lines.join('')}`;
  const cosigned = { size: log.size, note, cosignedAt: node.clock.now };
  await node.db.batch('write', [upsertCosigned(log.id, cosigned)]);
}

test('a log says how many of those who were asked have cosigned it, and how far', async () => {
  const path = `/m/${idOf(tea)}`;
  expect(await page(path)).toContain('nobody: this node has met no other that cosigns');
  expect(await page(path, ASKED)).toContain('<dt>Cosigned by</dt><dd>nobody yet');
  await cosign(`a.test/log/${idOf(tea)}`, ...ASKED);
  await node.accept(ada, post(tea, 'Later'));
  const whole = await page(path, ASKED);
  expect(whole).toContain('<dd>2 of 2, up to entry 0, ');
  expect(whole).toContain('b.test/witness, c.test/witness');
  // Who is not asked any more does not count.
  expect(await page(path, ['b.test/witness', 'd.test/witness'])).toContain('<dd>1 of 2, ');
});

test('the page of the federation names the panel', async () => {
  expect(await page('/federation', ASKED)).toContain('System log cosigned by nobody yet.');
  await cosign('a.test/log/system', 'c.test/witness');
  const text = await page('/federation', ASKED);
  expect(text).toContain('<li class="did">b.test/witness</li>');
  expect(text).toContain('System log cosigned by 1 of 2, up to entry 2, ');
});
