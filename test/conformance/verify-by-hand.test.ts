// Runs the commands of docs/verify-by-hand.md, as they stand there, on an object and an archive that our code has made.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeArchive } from '../../src/log/archive.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { SIGNED_CONTEXT } from '../../src/protocol/contexts.ts';
import { parseDid } from '../../src/protocol/did.ts';
import { buildDidWebDocument } from '../../src/protocol/did-document.ts';
import { didLogStatement } from '../../src/protocol/did-log-statement.ts';
import { reasonOf } from '../../src/protocol/erasure-grounds.ts';
import { signObject } from '../../src/protocol/object.ts';
import { hashOf, idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { readObject } from '../../src/store/queries/activity-status.ts';
import { archiveSource, readKeyStatement } from '../../src/store/queries/archive.ts';
import { loadContext } from '../contexts.ts';
import { RotatingAgent } from '../rotating-agent.ts';
import { Agent, crypto, Sandbox } from '../sandbox.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/verify-by-hand.md'), 'utf8');

/** Blocks of the page whose info string ends in `run`, and those that are files, by name. */
const commands = [...page.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)].map(([, text]) => text!);
const files = [...page.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)];

let folder = '';

function needs(tool: string, ...args: string[]): void {
  if (spawnSync(tool, args).error) throw new Error(`${tool} is not here, and this test needs it`);
}

function run(command: string): { status: number | null; output: string } {
  const { status, stderr, stdout } = spawnSync('sh', ['-e', '-c', command], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

/** A submolt with a post, a comment that is edited and deleted, votes, and words that JSON has to escape. */
async function makeSubmolt(node: Sandbox): Promise<{ submolt: ObjectName; post: ObjectName }> {
  const [ada, bob] = [new Agent('ada'), new Agent('bob')];
  const to = node.context.node.did;
  const group = { type: 'Group', preferredUsername: 'tides', name: 'Tides' } as const;
  const submolt = await node.accept(ada, { type: 'Create', target: to, object: group });
  const words = { content: 'é "\\" 🌊\n\t\u2028', mediaType: 'text/plain' } as const;
  const article = { type: 'Article', name: 'Spring tide', ...words } as const;
  const post = await node.accept(bob, { type: 'Create', audience: submolt, object: article });
  const note = { type: 'Note', ...words, inReplyTo: post } as const;
  const comment = await node.accept(ada, { type: 'Create', audience: submolt, object: note });
  await node.accept(bob, { type: 'Like', audience: submolt, object: comment });
  const edit = { type: 'Update', audience: submolt, target: comment } as const;
  await node.accept(ada, { ...edit, object: { ...note, content: 'Nothing.' } });
  const erase = { type: 'Delete', audience: submolt } as const;
  const tombstone = await node.accept(ada, { ...erase, object: comment, summary: 'Words' });
  const flag = { type: 'Flag', audience: submolt, object: post, content: 'Words' } as const;
  const report = await node.accept(ada, flag);
  const operator = Object.assign(new Agent('operator'), node.context.node);
  for (const object of [report, tombstone]) {
    await node.accept(operator, { ...erase, object, reason: reasonOf('legal') });
  }
  await node.accept(ada, { type: 'Like', audience: submolt, object: post });
  // An identity whose key changes in between: each act is under the key of its place.
  // A line separator of Unicode in a DID log is none of JSON Lines.
  const services = [{ id: '#home', type: 'Home', serviceEndpoint: 'https://a.test/\u2028' }];
  const eve = new RotatingAgent('eve', 'a.test', node.clock.now, services);
  for (const title of ['Under the first key', 'Under the second']) {
    const statement = await eve.sign(didLogStatement(eve.text), node.clock.now);
    expect(await node.send(statement, eve.did)).toMatchObject({ kind: 'accepted' });
    const words = { type: 'Article', name: title, content: 'x', mediaType: 'text/plain' } as const;
    await node.accept(eve, { type: 'Create', audience: submolt, object: words });
    eve.rotate(node.clock.now);
  }
  return { submolt, post };
}

async function readArchive({ context }: Sandbox, submolt: ObjectName): Promise<Uint8Array> {
  const { db, node } = context;
  const surroundings = {
    didDocuments: [],
    contexts: SIGNED_CONTEXT.map((iri) => ({ iri, bytes: utf8(JSON.stringify(loadContext(iri))) })),
    keyStatement: (await readKeyStatement(db, node.did))!,
    createdAt: '2026-11-20T10:00:00Z',
  };
  const origin = `${node.authority}/log/${idOf(submolt)}`;
  const source = await archiveSource(db, origin, surroundings, crypto);
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeArchive(source!, crypto)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

let postId = '';

beforeAll(async () => {
  needs('openssl', 'version');
  needs('python3', '--version');
  folder = mkdtempSync(join(tmpdir(), 'exuvia-by-hand-'));
  const node = await Sandbox.open();
  try {
    const { submolt, post } = await makeSubmolt(node);
    postId = idOf(post);
    const object = await readObject(node.db, hashOf(post));
    writeFileSync(join(folder, 'object.json'), (object as { bytes: Uint8Array }).bytes);
    writeFileSync(join(folder, 'archive.tar'), await readArchive(node, submolt));
  } finally {
    await node.close();
  }
  for (const [, name, text] of files) writeFileSync(join(folder, name!), text!);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the commands of the page verify an object and an archive', () => {
  const outputs = commands.map((command) => {
    const { output, status } = run(command);
    expect(`${status} ${output}`).toMatch(/^0 /);
    return output;
  });
  const all = outputs.join('');
  expect(outputs[0]).toContain(`\n${postId}\n`);
  expect(all).toContain(': 14 entries, 10 objects, 4 erased');
  // The object by itself, the ten of the archive, the key statement, and the checkpoint.
  expect(all.match(/^Signature Verified Successfully$/gm)).toHaveLength(13);
});

test('a log whose key was replaced is verified under each statement and the newest key', () => {
  const archive = join(import.meta.dirname, '../../spec/vectors/archive/replaced-keys.tar');
  expect(run('rm -rf archive objects documents statements && mkdir archive').status).toBe(0);
  expect(run(`tar -xf ${archive} -C archive && python3 log.py archive`).status).toBe(0);
  const { output, status } = run(commands.at(-1) ?? '');
  expect(`${status} ${output}`).toMatch(/^0 /);
  expect(output.match(/^Signature Verified Successfully$/gm)).toHaveLength(4);
  const node = join(folder, 'archive/node.json');
  const stated = JSON.parse(readFileSync(node, 'utf8'));
  writeFileSync(node, JSON.stringify([stated[0], stated[2]]));
  expect(run('rm -r statements && python3 note.py archive').output).toContain('out of order');
});

test('an author with a domain is verified with the document', () => {
  const did = parseDid('did:web:agents.example:ada')!;
  const { seed } = new Agent('web');
  const publicKey = crypto.publicKeyOf(seed);
  const object = { type: 'Service', name: 'Ada' } as const;
  const created = '2026-11-20T10:00:00Z';
  const { bytes } = signObject({ type: 'Update', object }, { did, seed, created }, crypto);
  const purposes = ['authentication', 'assertionMethod'] as const;
  const document = buildDidWebDocument({ did, keys: [{ publicKey, purposes }] }, crypto);
  writeFileSync(join(folder, 'web.json'), bytes);
  writeFileSync(join(folder, 'did.json'), JSON.stringify(document));
  expect(run('sh verify-object.sh web.json did.json').status).toBe(0);
});

test('what is changed is refused', () => {
  const object = readFileSync(join(folder, 'object.json'), 'utf8');
  writeFileSync(join(folder, 'changed.json'), object.replace('Spring tide', 'Spring time'));
  expect(run('sh verify-object.sh changed.json').status).not.toBe(0);

  expect(
    run(
      'rm -r archive objects documents statements && mkdir archive && tar -xf archive.tar -C archive',
    ).status,
  ).toBe(0);
  appendFileSync(join(folder, 'archive/entries/000000.ndjson'), '{}\n');
  expect(run('python3 log.py archive').status).not.toBe(0);
});
