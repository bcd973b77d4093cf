// `exuvia conformance`: our node passes to the letter, and a node that breaks one promise is caught by the case for it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { run } from '../../src/cli/program.ts';
import { acceptInstead, flipped, rewrite } from './faults.ts';
import { type Fault, type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
import { failures, type Report } from './report.ts';

let folder: string;
let proxy: FaultyProxy;
let node: NodeProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-conformance-'));
  const port = await freePort();
  proxy = await startFaultyProxy(port);
  const settings = {
    EXUVIA_ACTIVITYPUB: 'on',
    EXUVIA_LIMIT_READS: '6000',
    EXUVIA_LIMIT_WRITES: '6000',
  };
  node = await startNodeProcess(join(folder, 'data'), proxy.origin, port, settings);
}, 60_000);

afterEach(() => {
  proxy.fault = {};
});

afterAll(async () => {
  await proxy.close();
  await node.stop();
  await rm(folder, { recursive: true });
});

async function command(...args: string[]) {
  let out = '';
  let err = '';
  const code = await run(['conformance', ...args], {
    env: {},
    interactive: false,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readInput: async () => '',
    now: Date.now,
    random: (length) => randomBytes(length),
    stopped: () => new Promise(() => undefined),
  });
  return { code, out, err };
}

async function reportOn(origin: string, ...args: string[]): Promise<Report> {
  const { code, out, err } = await command(origin, '--json', ...args);
  if (out === '') throw new Error(err);
  const report: Report = JSON.parse(out);
  expect(code).toBe(report.ok ? 0 : 1);
  return report;
}

/** The names of the cases that fail at a node with this fault. */
async function caught(fault: Fault, ...args: string[]): Promise<string[]> {
  proxy.fault = fault;
  const { results } = await reportOn(node.origin, ...args);
  return results.flatMap(({ kind, name }) => (kind === 'failed' ? [name.split(': ')[0]!] : []));
}

describe('our node', () => {
  test('passes every case to the letter', async () => {
    const report = await reportOn(node.origin, '--strict');
    expect(failures(report)).toEqual([]);
    expect(report.passed).toBeGreaterThan(500);
    expect(report.leftBehind).toMatch(/^conformance-[0-9a-f]{8}$/);
  }, 120_000);

  test('is asked everything that the vectors have, but for what no run can make', async () => {
    const { results } = await reportOn(node.origin, '--filter', 're');
    const reasons = new Set(
      results.flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    );
    expect([...reasons].sort()).toEqual([
      'an answer to HEAD has no code',
      'depends on how the node is set up',
      'no HTTP client sends a field of that name',
      'the node would have to fetch a document from a public https host',
    ]);
  }, 120_000);
});

describe('the report', () => {
  test('has a line for each case, in groups, and a summary', async () => {
    const { code, out } = await command(node.origin, '--filter', 'is open');
    expect(code).toBe(0);
    expect(out).toMatch(/^open and signed paths\n {2}✓ \/\.well-known\/exuvia is open: 200\n/);
    expect(out).toMatch(/\n\n\d+ passed, 0 failed, 0 left out in \d+\.\d s\n/);
  });

  test('says what it leaves behind', async () => {
    const { out } = await command(node.origin, '--filter', 'a vote on nothing');
    expect(out).toMatch(
      /Left behind at \S+: the submolts conformance-(\w+) and conformance-\1-b\.\n$/,
    );
  });

  test('says what was expected and what came; --bail ends it there', async () => {
    proxy.fault = { answer: () => ({ status: 500 }) };
    const dead = await command(node.origin);
    expect(dead).toMatchObject({ code: 1, out: '' });
    expect(dead.err).toContain('answered 500');
    proxy.fault = {
      answer: ({ path }) => (path === '/.well-known/exuvia' ? {} : { status: 500 }),
    };
    const { code, out } = await command(node.origin, '--filter', 'is open', '--bail');
    expect(code).toBe(1);
    expect(out).toContain('  ✗ /healthz is open\n      expected  200\n      came      500');
    expect(out).toContain('1 passed, 1 failed');
  });

  test('is refused for what is no node, no address or no case', async () => {
    expect(await command('ftp://127.0.0.1')).toMatchObject({ code: 2 });
    expect(await command(node.origin, '--filter', 'no such case')).toMatchObject({ code: 2 });
    expect((await command('http://127.0.0.1:9')).err).toContain('Cannot reach');
  });
});

describe('a node that breaks its promises is caught', () => {
  test('a view has other bytes in it; a note from elsewhere is taken', async () => {
    const group = ['--filter', 'ActivityPub'];
    const view = rewrite(/^\/a\//, (text) => text.replaceAll('The post', 'A post'));
    expect(await caught(view, ...group)).toEqual([
      'the view of a post has the signed bytes, and its address their hash',
    ]);
    expect(await caught(acceptInstead('unproven_act'), ...group)).toEqual([
      'a Note from elsewhere is refused',
    ]);
  }, 120_000);

  test('bodies are altered on the way to it', async () => {
    const names = await caught({ request: (body) => Buffer.concat([body, Buffer.from(' ')]) });
    expect(names).toEqual(expect.arrayContaining(['post', 'did-key-write', 'accepted']));
  }, 120_000);

  test('Content-Digest is not compared with the body', async () => {
    const names = await caught(acceptInstead('content_digest_mismatch'), '--filter', 'h');
    expect(names.sort()).toEqual([
      'a body changed on the way into another valid object',
      'body-changed',
      'body-removed',
      'digest-of-nothing',
      'second-digest-wrong',
    ]);
  }, 120_000);

  test.each([
    [
      'a skill file is another',
      /^\/rules\.md$/,
      'No floods',
      'All floods',
      ['the files are those that the manifest names'],
    ],
    [
      'the manifest was changed',
      /^\/skill\.json$/,
      'Apache-2.0',
      'Apache-3.0',
      [
        'the skill manifest is signed by the node',
        'the files are those that the manifest names',
        'the heartbeat is signed by the node, with the same files',
      ],
    ],
    [
      'the heartbeat asks for more than the node has signed',
      /^\/heartbeat\.json$/,
      'sort=new',
      'sort=top',
      [
        'the heartbeat is signed by the node, with the same files',
        'what the heartbeat asks for can be read',
      ],
    ],
  ])('%s', async (_, path, from, to, names) => {
    const fault = rewrite(path, (text) => text.replaceAll(from, to));
    expect(await caught(fault, '--filter', 'onboarding')).toEqual(names);
  });

  test.each([
    [
      'replays are taken',
      'replayed',
      'acts',
      [
        'a request that comes twice, nonce and all',
        'a nonce that is used again for another object',
      ],
    ],
    [
      'anything may be signed with',
      'key_rejected',
      'requests',
      ['small-order-key', 'key-of-all-ones', 'key-of-mixed-order'],
    ],
    ['time does not matter', 'too_old', 'requests', ['too-old']],
    [
      'the target is not looked at',
      'non_canonical_target',
      'requests',
      ['dot-segments', 'backslash', 'single-dot', 'encoded-dot-in-capitals', 'raw-quote'],
    ],
    [
      'votes are not counted once',
      'vote_exists',
      'rules',
      ['a second vote', 'a second vote the other way'],
    ],
    [
      'credentials are taken unseen',
      'owner_signature_invalid',
      'owners',
      ['a credential that was changed'],
    ],
    [
      'strangers end ownerships',
      'not_party',
      'owners',
      [
        'a vc is accepted, once, and ended for good by the agent',
        'a jwt is accepted, once, and ended for good by the owner',
      ],
    ],
    [
      'the context is not compared',
      'proof_context',
      'objects',
      [
        'a proof without context (proof.@context)',
        'a proof with a shorter context',
        'a proof with a context as a string (proof.@context)',
      ],
    ],
  ])(
    '%s',
    async (_what, code, group, names) => {
      expect(await caught(acceptInstead(code), '--filter', group)).toEqual(names);
    },
    60_000,
  );

  const log = (rest: string) => new RegExp(`^/log/[\\w-]{43}/${rest}`);
  test.each([
    [
      'the checkpoint is another one',
      rewrite(log('checkpoint'), (text) =>
        flipped(text, text.indexOf('\n', text.indexOf('\n') + 1) + 1),
      ),
      ['the checkpoint verifies under the log key', 'tiles give the root'],
    ],
    [
      'an entry is dropped',
      rewrite(log('entries'), (text) => text.split('\n').toSpliced(2, 1).join('\n')),
      [
        'entries are canonical, in order of time, and give the root',
        'every receipt stands in the log at its index',
      ],
    ],
    [
      'a tile has another hash',
      rewrite(log('tile/0/'), (text) => flipped(text, 40)),
      ['tiles give the root'],
    ],
    [
      'a bundle has another entry',
      rewrite(log('tile/entries/'), (text) => flipped(text, 20)),
      ['entry bundles give the root'],
    ],
    [
      'an inclusion proof has another hash',
      rewrite(log('proof'), (text) => flipped(text, text.indexOf('\n', 30) + 1)),
      ['an inclusion proof for every receipt'],
    ],
    [
      'a body is another one',
      rewrite(log('bodies'), (text) => text.replace('A comment.', 'A Comment.')),
      ['bodies open their commitments; the deleted one names its Delete'],
    ],
    [
      'an object is given in other bytes',
      rewrite(/^\/\.well-known\/ni\//, (text) => `${text} `),
      ['objects by hash are the bytes that were signed'],
    ],
    [
      'the archive has another word',
      rewrite(log('archive'), (text) => text.replace('A comment.', 'A Comment.')),
      ['the archive verifies'],
    ],
    [
      'the log key is stated by nobody',
      rewrite(/^\/\.well-known\/exuvia$/, (text) =>
        text.replace('"proofValue":"z', '"proofValue":"z2'),
      ),
      ['the checkpoint verifies under the log key'],
    ],
  ])(
    '%s',
    async (_what, fault, names) => {
      expect(await caught(fault, '--filter', 'log ')).toEqual(expect.arrayContaining(names));
    },
    60_000,
  );

  test('a second receipt is made up', async () => {
    const fault = rewrite(/^\/api\/v1\/activities$/, (text) =>
      text.replace(/"index":(\d+)/, '"index":9$1'),
    );
    expect(await caught(fault, '--filter', 'the same object')).toEqual([
      'the same object again, brought by somebody else',
      'the same object in another order of members, indented',
    ]);
  });

  test('it limits its callers, and that passes for no refusal', async () => {
    const fault: Fault = {
      answer: ({ path, status }) =>
        path.startsWith('/api/') && status === 422 ? { status: 429 } : {},
    };
    const names = await caught(fault, '--filter', 'actor');
    expect(names).toEqual(expect.arrayContaining(['no actor (actor)', 'an https actor (actor)']));
  });

  test('its clock is said to be another, and the run goes by it', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    proxy.fault = { answer: ({ headers }) => ({ headers: { ...headers, date } }) };
    const report = await reportOn(node.origin, '--strict', '--filter', 'a path of the operator');
    expect(failures(report)).toEqual([
      expect.stringContaining('expected 403 not_node_key, came 403 not_yet_valid'),
    ]);
  });

  test('the key directory is not signed', async () => {
    const fault: Fault = {
      answer: ({ headers }) => ({ headers: { ...headers, signature: undefined } }),
    };
    expect(await caught(fault, '--filter', 'directory')).toEqual(['the directory proves its keys']);
  });

  test('nobody is told what to sign', async () => {
    const fault: Fault = {
      answer: ({ headers }) => ({ headers: { ...headers, 'accept-signature': undefined } }),
    };
    expect(await caught(fault, '--filter', 'sign')).toEqual([
      'an unsigned write is told what to sign',
      'an unsigned write without a body is told to sign none, and given a nonce',
      'whoever signs what Accept-Signature lists gets in',
    ]);
  });

  test('votes are not shown', async () => {
    const fault = rewrite(/^\/api\/v1\/posts\//, (text) =>
      text.replace('"upvotes":1', '"upvotes":2'),
    );
    expect(await caught(fault, '--filter', 'reads')).toEqual([
      'a post, edited, pinned and voted for',
    ]);
  });

  test('other codes than ours are noted, and refused only with --strict', async () => {
    const fault: Fault = {
      answer: ({ body, headers }) =>
        `${headers['content-type']}`.startsWith('application/problem+json')
          ? { body: Buffer.from(body.toString('utf8').replace(/"code":"\w+"/, '"code":"no"')) }
          : {},
    };
    expect(await caught(fault, '--filter', 'rules')).toEqual([]);
    expect((await caught(fault, '--filter', 'rules', '--strict')).length).toBeGreaterThan(50);
  }, 60_000);
});
