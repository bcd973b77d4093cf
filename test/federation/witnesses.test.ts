// Three nodes as real processes cosign each other's logs without being told to; an archive meets a quorum of them offline.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  followFrom,
  type NodeProcess,
  runCommand,
  startNodeProcess,
} from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { verifyStatedHead } from '../../src/log/head-proof.ts';
import { parseNote } from '../../src/log/note.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { didKeyResolver } from '../../src/protocol/object.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { runWith } from '../cli/exuvia.ts';

let crypto: Crypto;
let folder: string;
let nodes: NodeProcess[];
/** Founded on the first node, and on the second. */
let tide: ObjectName;
let reef: ObjectName;

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const SETTINGS = { EXUVIA_PUBLISH_SECONDS: '0.2' };
const hostOf = ({ origin }: NodeProcess) => new URL(origin).host;
const open = (name: string, origin?: string) =>
  startNodeProcess(join(folder, name), origin, undefined, SETTINGS);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function found(node: NodeProcess, slug: string): Promise<ObjectName> {
  const key = createKey(random, crypto);
  const client = new ExuviaClient({ origin: node.origin, key, crypto, random });
  const { id } = await client.foundSubmolt({ slug, name: slug });
  await client.post(id, { title: `The first of ${slug}` });
  return id;
}

/** Hosts of the nodes that have cosigned the newest checkpoint. */
async function cosigners({ origin }: NodeProcess, id: string): Promise<string[]> {
  const parsed = parseNote(await (await fetch(`${origin}/log/${id}/checkpoint`)).text());
  const names = parsed.ok ? parsed.note.signatures.map(({ name }) => name) : [];
  return names
    .flatMap((name) => (name.endsWith('/witness') ? [name.split('/')[0] ?? ''] : []))
    .sort();
}

const others = (node: NodeProcess) =>
  nodes
    .filter((other) => other !== node)
    .map(hostOf)
    .sort();

async function untilCosigned(node: NodeProcess, id: string): Promise<void> {
  await until(`${id} of ${node.origin} is cosigned by the others`, async () => {
    return (await cosigners(node, id)).join() === others(node).join();
  });
}

/** What a verifier writes who knows these nodes as witnesses, and wants all of them. */
async function policyOf(witnesses: readonly NodeProcess[]): Promise<string> {
  const lines = await Promise.all(
    witnesses.map(async ({ origin }, i) => {
      const described = await (await fetch(`${origin}/.well-known/exuvia`)).json();
      return `witness w${i} ${(described as { witness: string }).witness}\n`;
    }),
  );
  const names = witnesses.map((_, i) => `w${i}`).join(' ');
  const path = join(folder, 'policy');
  await writeFile(path, `${lines.join('')}group panel all ${names}\nquorum panel\n`);
  return path;
}

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-witnesses-'));
  nodes = await Promise.all(['a', 'b', 'c'].map((name) => open(name)));
  const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
  tide = await found(a, 'tide');
  reef = await found(b, 'reef');
  await followFrom(b, `${a.origin}/m/tide`, crypto);
  await followFrom(c, `${a.origin}/m/tide`, crypto);
  await followFrom(c, `${b.origin}/m/reef`, crypto);
}, 60_000);

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await rm(folder, { recursive: true });
});

describe('three nodes', { timeout: 60_000 }, () => {
  test('cosign every log of one another', async () => {
    const [a, b] = nodes as [NodeProcess, NodeProcess];
    await untilCosigned(a, idOf(tide));
    await untilCosigned(b, idOf(reef));
    for (const node of nodes) {
      await untilCosigned(node, 'system');
      const described = await (await fetch(`${node.origin}/.well-known/exuvia`)).json();
      expect((described as { witnesses: object[] }).witnesses).toHaveLength(2);
    }
  });

  test('give an archive that meets the quorum of the other two, offline', async () => {
    const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    const archive = join(folder, 'tide.tar');
    await runCommand(['export', idOf(tide), '--out', archive, '--node', a.origin]);
    const policy = await policyOf([b, c]);
    const report = await runCommand(['verify', archive, '--policy', policy]);
    expect(report).toContain('VERIFIED');
    expect(report).toContain('quorum met: w0, w1');
    const home = await policyOf([a, b]);
    await expect(runCommand(['verify', archive, '--policy', home])).rejects.toThrow('(12)');
  });

  test('give receipts that their quorum has seen, to who asks again for them', async () => {
    const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    const shell = (...args: string[]) =>
      runWith({ EXUVIA_KEY: join(folder, 'agent.jwk'), EXUVIA_NODE: a.origin }, ...args);
    expect((await shell('keygen')).code).toBe(0);
    const [fresh, seen] = [join(folder, 'fresh.json'), join(folder, 'seen.json')];
    const options = ['--title', 'For the record', 'Words.', '--receipt', fresh];
    const posted = await shell('post', idOf(tide), ...options);
    expect(posted.out).toContain('no witness has seen it yet');
    const policy = await policyOf([b, c]);
    expect((await shell('verify-receipt', fresh)).code).toBe(0);
    const early = await shell('verify-receipt', fresh, '--policy', policy);
    expect(early).toMatchObject({ code: 12, out: expect.stringContaining('--wait-cosigned') });
    const lenient = ['--policy', policy, '--allow-unwitnessed'];
    expect((await shell('verify-receipt', fresh, ...lenient)).code).toBe(0);
    const id = /^posted {2}(\S+)/m.exec(posted.out)?.[1] ?? '';
    const got = await shell('receipt', id, '--out', seen, '--wait-cosigned', '2');
    expect(got).toMatchObject({ code: 0, out: expect.stringContaining('cosigned by ') });
    const checked = await shell('verify-receipt', seen, '--policy', policy);
    expect(checked).toMatchObject({ code: 0, out: expect.stringContaining('quorum met: w0, w1') });
    expect((await shell('verify-receipt', seen)).out).toContain('2 signatures of others');
    const text = await readFile(seen, 'utf8');
    for (const [from, to, code] of [
      ['For the record', 'Off the record', 21],
      [/"index": ?\d+/g, '"index":0', 10],
      [`${hostOf(b)}/witness `, `${hostOf(c)}/witness `, 12],
      [/"t": ?\d+/g, '"t":1', 13],
    ] as const) {
      await writeFile(join(folder, 'forged.json'), text.replaceAll(from, to));
      const forged = await shell('verify-receipt', join(folder, 'forged.json'), '--policy', policy);
      expect([String(from), forged.code]).toEqual([String(from), code]);
    }
  });

  test('give an archive of what is new once their quorum has seen it, to who waits', async () => {
    const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    const shell = (...args: string[]) =>
      runWith({ EXUVIA_KEY: join(folder, 'agent.jwk'), EXUVIA_NODE: a.origin }, ...args);
    const policy = await policyOf([b, c]);
    expect((await shell('post', idOf(tide), 'Words.', '--title', 'Just now')).code).toBe(0);
    const [early, seen] = [join(folder, 'early.tar'), join(folder, 'seen.tar')];
    expect((await shell('export', idOf(tide), '--out', early)).code).toBe(0);
    expect((await shell('export', idOf(tide), '--out', seen, '--wait-cosigned', '2')).code).toBe(0);
    const [all, checked] = await Promise.all([
      shell('verify', early, '--json'),
      shell('verify', seen, '--policy', policy, '--json'),
    ]);
    const size = (JSON.parse(all.out) as { size: number }).size;
    expect(JSON.parse(checked.out)).toMatchObject({ code: 0, size });
    const other = await shell('verify', seen, '--policy', await policyOf([a, b]));
    expect(other).toMatchObject({ code: 12, out: expect.stringContaining('--wait-cosigned') });
  });

  test('prove that the founding of a submolt stands in the system log, under what they have seen', async () => {
    const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    const archive = join(folder, 'founded.tar');
    await runCommand(['export', idOf(tide), '--out', archive, '--node', a.origin]);
    const policy = await policyOf([b, c]);
    const report = await runCommand(['verify', archive, '--policy', policy]);
    expect(report).toMatch(/in its system log that it was founded there, which your quorum saw/);
  });

  test('prove that the head of a submolt stands in the system log', async () => {
    const [a] = nodes as [NodeProcess];
    const context = { crypto, resolveKey: didKeyResolver };
    const stated = async () => {
      const response = await fetch(`${a.origin}/log/${idOf(tide)}/head`);
      return verifyStatedHead((await response.json()) as JsonObject, context);
    };
    await until('the head is stated', async () => {
      const verdict = await stated();
      return verdict.ok && verdict.head.size >= 2;
    });
    expect(await stated()).toMatchObject({ ok: true, origin: `${hostOf(a)}/log/system` });
  });

  test('show what they have cosigned to whoever asks', async () => {
    const [a, b] = nodes as [NodeProcess, NodeProcess];
    const hash = crypto.sha256(new TextEncoder().encode(`${hostOf(a)}/log/${idOf(tide)}`));
    const hex = Buffer.from(hash).toString('hex');
    const shown = await (await fetch(`${b.origin}/witness/${hex}/checkpoint`)).text();
    const own = await (await fetch(`${a.origin}/log/${idOf(tide)}/checkpoint`)).text();
    expect(shown.split('\n').slice(0, 3)).toEqual(own.split('\n').slice(0, 3));
  });

  test('go on with two of them, and have the third again when it is back', async () => {
    const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    await c.kill();
    const key = createKey(random, crypto);
    const client = new ExuviaClient({ origin: a.origin, key, crypto, random });
    await client.post(tide, { title: 'While C is away' });
    await until('B has cosigned', async () => {
      return (await cosigners(a, idOf(tide))).join() === hostOf(b);
    });
    nodes[2] = await open('c', c.origin);
    await untilCosigned(a, idOf(tide));
    expect(await cosigners(a, idOf(tide))).toEqual(others(a));
  });
});
