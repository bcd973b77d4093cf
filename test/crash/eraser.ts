// A node's heart that erases, and kills itself at the stage of an erasure that it is told, or is killed from outside.
import { appendFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from '../../src/commands/context.ts';
import { openNode } from '../../src/commands/open-node.ts';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { reasonOf } from '../../src/protocol/erasure-grounds.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import type { Database } from '../../src/store/database.ts';
import { ErasureList } from '../../src/store/erasure-list.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { fillSearch } from '../../src/store/fill-search.ts';
import { lockDataFolder } from '../../src/store/node-lock.ts';
import { snapshotFile } from '../../src/store/snapshot.ts';
import { group, post } from '../drafts.ts';
import { Agent, crypto, identityOf } from '../sandbox.ts';

const [folder = '', round = '', stage = ''] = process.argv.slice(2);
const die = (): never => process.kill(process.pid, 'SIGKILL') as never;
const path = join(folder, 'erasures.ndjson');

class FatalList extends ErasureList {
  override async append(lines: readonly string[]): Promise<void> {
    if (stage === 'in the list') {
      const text = `${lines.join('\n')}\n`;
      appendFileSync(path, text.slice(0, text.length / 2));
      die();
    }
    await super.append(lines);
    if (stage === 'listed') die();
  }
  override async strike(erased: ReadonlySet<ObjectName>): Promise<void> {
    if (stage === 'to be struck') die();
    await super.strike(erased);
    if (stage === 'struck') die();
  }
}

lockDataFolder(folder);
const file = new FileDatabase(join(folder, 'node.db'));
let writes = 0;
let started = false;
const lastWrite = stage.startsWith('write ') ? Number(stage.slice(6)) : Number.POSITIVE_INFINITY;
const db: Database = {
  durable: file.durable,
  close: () => file.close(),
  scrub: () => (stage === 'before the scrub' && started ? die() : file.scrub()),
  async batch(mode, statements) {
    const rows = await file.batch(mode, statements);
    if (mode === 'write') writes += 1;
    if (writes === lastWrite) die();
    return rows;
  },
};
const context: CommandContext = {
  db,
  crypto,
  now: Date.now,
  random: (bytes) => globalThis.crypto.getRandomValues(new Uint8Array(bytes)),
  node: identityOf('crash'),
  erasures: new FatalList(path),
};
const sequencer = await openNode(context);
started = true;
// It has come through: there were no more writes.
if (stage.startsWith('write ')) process.exit(3);
const [ada, mod] = [new Agent('ada'), new Agent('mod')];
const operator = Object.assign(new Agent('operator'), identityOf('crash'));

async function submit(agent: Agent, draft: ActivityDraft): Promise<ObjectName> {
  const object = await agent.sign(draft, Date.now());
  const outcome = await sequencer.submit({ object, caller: null });
  if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
  return object.name;
}
const tell = (what: object) => writeSync(1, `${JSON.stringify(what)}\n`);

const submolt = await submit(ada, group(`round-${round}`, identityOf('crash').did));
const to = { audience: submolt };
const said: ObjectName[] = [];
for (let i = 0; i < 8; i++) {
  const words = `zzyzx${round}post${i}.`;
  const name = await submit(ada, post(submolt, words));
  tell({ said: name, words });
  said.push(name);
}
const words = `zzyzx${round}report.`;
const report = await submit(mod, {
  ...to,
  type: 'Flag',
  object: said[7] as ObjectName,
  content: words,
});
tell({ said: report, words });
// The index has them; what is erased below leaves it in steps between the others.
while (!(await fillSearch(db)).done);
if (stage === 'backup') snapshotFile(join(folder, 'node.db'), join(folder, 'backup'));
const law = { reason: reasonOf('legal') };
await submit(mod, { ...to, type: 'Delete', object: report });
for (const [i, object] of said.entries()) {
  const note = `zzyzx${round}note${i}.`;
  const tombstone = await submit(ada, { ...to, type: 'Delete', object, summary: note });
  tell({ said: tombstone, words: note });
  await fillSearch(db);
  if (i % 2 === 0) await submit(operator, { ...to, ...law, type: 'Delete', object: tombstone });
}
if (stage === 'backup') process.exit(0);
// Whoever is to be killed from outside goes on until it is.
setInterval(() => undefined, 1000);
