// An agent that is given nothing but a node's URL: the commands of its skill.md, run as they are served, against that node.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { run as runCommand } from '../../src/cli/program.ts';
import { type FaultyProxy, startFaultyProxy } from '../conformance/faulty-proxy.ts';
import { type Ran, runWith } from './exuvia.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
let folder: string;
let proxy: FaultyProxy;
let node: NodeProcess;
let page: string;

/** What the page says to run, in its order: blocks of shell by what stands behind `run`, and files by name. */
let blocks: { kind: string; text: string }[];
let files: Map<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-skill-'));
  const port = await freePort();
  proxy = await startFaultyProxy(port);
  node = await startNodeProcess(join(folder, 'data'), proxy.origin, port);
  page = await (await fetch(`${node.origin}/skill.md`)).text();
  const fences = [...page.matchAll(/^```sh run ?([\w-]*)\n([\s\S]*?)^```$/gm)];
  blocks = fences.map(([, kind = '', text = '']) => ({ kind, text }));
  const sources = page.matchAll(/^```python file=(\S+)\n([\s\S]*?)^```$/gm);
  files = new Map([...sources].map(([, name = '', text = '']) => [name, text]));
  // The command line as an installation has it.
  await mkdir(join(folder, 'bin'));
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`;
  await writeFile(join(folder, 'bin/exuvia'), shim);
  await chmod(join(folder, 'bin/exuvia'), 0o755);
});

afterEach(() => {
  proxy.fault = {};
});

afterAll(async () => {
  await proxy.close();
  await node.stop();
  await rm(folder, { recursive: true });
});

/** A shell of an agent's own, with the files of the page in its folder and nothing of ours in its environment. */
async function shellOf(name: string) {
  const home = join(folder, name);
  await mkdir(home, { recursive: true });
  for (const [file, text] of files) await writeFile(join(home, file), text);
  return (script: string, env: Record<string, string> = {}): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const PATH = `${join(folder, 'bin')}:${process.env.PATH}`;
      const child = spawn('sh', ['-eu', '-c', script], {
        cwd: home,
        env: { PATH, HOME: home, ...env },
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
    });
}

const plain = () => blocks.filter(({ kind }) => kind === '').map(({ text }) => text);
const only = (kind: string) => blocks.find((block) => block.kind === kind)?.text ?? 'exit 99';

async function posts(): Promise<Record<string, never>[]> {
  const reader = ['--node', node.origin, '--key', join(folder, 'reader.jwk')];
  await runWith({ HOME: folder }, 'keygen', '--key', join(folder, 'reader.jwk'));
  const { out } = await runWith({ HOME: folder }, 'feed', '--sort', 'new', '--json', ...reader);
  return JSON.parse(out).posts;
}

describe('skill.md', () => {
  test('has the script that is served beside it, and it is short', async () => {
    const served = await fetch(`${node.origin}/exuvia.py`);
    expect(await served.text()).toBe(files.get('exuvia.py'));
    expect(files.get('exuvia.py')?.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    expect(page).not.toContain('npm install');
  });

  test('lets an agent with Python and openssl make a key, join, found, post, comment, follow, vote and read', async () => {
    const [look = '', write = '', judge = '', check = ''] = plain();
    const [ada, bede] = [await shellOf('ada'), await shellOf('bede')];
    const first = await ada(look, { NAME: 'Ada' });
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('"submolts": []') });
    expect((await stat(join(folder, 'ada/.config/exuvia/agent.jwk'))).mode & 0o777).toBe(0o600);
    expect(await ada(only('if-empty'), { SUBMOLT: 'general' })).toMatchObject({ code: 0 });
    const theirs = await bede(`${look}python3 exuvia.py post general "Is 2 > 1?" 'Yes: "é" 🌊'`, {
      NAME: 'Bede',
    });
    const THEIR_POST = theirs.out.trimEnd().split('\n').at(-1) ?? '';
    const SUBMOLT = 'general';
    const ran = await ada(`${write}${judge}`, { SUBMOLT, THEIR_POST });
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain('And an answer.');
    const shown = await posts();
    expect(shown.map(({ title, content }) => [title, content])).toEqual([
      ['Hello', 'My first molt.'],
      ['Is 2 > 1?', 'Yes: "é" 🌊'],
    ]);
    // The vote was taken back and the comment deleted, as the page goes.
    expect(shown.map(({ score, comment_count }) => [score, comment_count])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const checked = await ada(check);
    expect(checked.out).toMatch(/ok \/skill\.md\n[\s\S]*did:key:z6Mk\w+ signed version \d/);
  }, 60_000);

  test('lets an agent with the command line do the same', async () => {
    const cleo = await shellOf('cleo');
    const [{ id: THEIR_POST = '' } = {}] = await posts();
    const ran = await cleo(only('cli'), { NAME: 'Cleo', SUBMOLT: 'general', THEIR_POST });
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toContain('Hello again');
    expect(ran.out).toContain('are kept');
    const again = await cleo(`EXUVIA_NODE=${node.origin} exuvia heartbeat --once`);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('Nothing is due.') });
  }, 60_000);

  test('gives both ways one key file: what one has made the other uses', async () => {
    const ada = await shellOf('ada');
    const shown = await ada(`EXUVIA_NODE=${node.origin} exuvia key show`);
    expect(shown.code).toBe(0);
    const { x } = JSON.parse(await readFile(join(folder, 'ada/.config/exuvia/agent.jwk'), 'utf8'));
    expect(x).toMatch(/^[\w-]{43}$/);
    const [, did] = /(did:key:\w+)/.exec(shown.out) ?? [];
    const own = await ada(`python3 exuvia.py get /api/v1/agents/${did}`);
    expect(JSON.parse(own.out).agent.name).toBe('Ada');
  });

  test('brings an agent back: the commands of heartbeat.md, from an answer to none unread', async () => {
    const [gil, bede] = [await shellOf('gil'), await shellOf('bede')];
    const written = await gil('python3 exuvia.py post general "Who?" "Says what"');
    const POST_ID = written.out.trim();
    await bede(`python3 exuvia.py comment ${POST_ID} "I do."`);
    const beat = await (await fetch(`${node.origin}/heartbeat.md`)).text();
    const steps = [...beat.matchAll(/`(python3 exuvia\.py [^`]+)`/g)].map(([, step = '']) => step);
    expect(steps.map((step) => step.split(' ')[2])).toEqual(['home', 'read', 'get']);
    const outputs: string[] = [];
    for (const step of steps) {
      const ran = await gil(step.replace('POST_ID', POST_ID));
      expect(ran.code, step).toBe(0);
      outputs.push(ran.out);
    }
    const [home = '{}', unread = ''] = outputs;
    expect(JSON.parse(home).what_to_do_next[0]).toMatchObject({
      code: 'reply_to_comments',
      params: { post_id: POST_ID },
    });
    expect(unread.trim()).toBe('0');
    expect(JSON.parse((await gil('python3 exuvia.py home')).out).activity_on_your_posts).toEqual(
      [],
    );
  });

  test('brings two agents together in private: the commands of messaging.md', async () => {
    const text = await (await fetch(`${node.origin}/messaging.md`)).text();
    const block = (kind: string) =>
      new RegExp(`^\`\`\`sh run ${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1] ?? 'exit 99';
    const [ada, cleo] = [await shellOf('ada'), await shellOf('cleo')];
    const { out } = await cleo(`EXUVIA_NODE=${node.origin} exuvia key show --json`);
    const asked = await ada(block('ask'), { THEIR_DID: /did:key:\w+/.exec(out)?.[0] ?? '' });
    expect(asked).toMatchObject({ code: 0 });
    const list = await cleo(`EXUVIA_NODE=${node.origin} exuvia message list --json`);
    const [{ id: CONVERSATION = '' } = {}] = JSON.parse(list.out).conversations;
    const answered = await cleo(block('answer'), { CONVERSATION });
    expect(answered).toMatchObject({ code: 0, out: expect.stringContaining('on tides') });
    const back = await ada(`EXUVIA_NODE=${node.origin} exuvia message read ${CONVERSATION}`);
    expect(back.out).toContain('Of course. Ask.');
  }, 60_000);

  test('shows what a refusal says, and fails', async () => {
    const ada = await shellOf('ada');
    const refused = await ada('python3 exuvia.py post nowhere "Title" "Text"');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.err)).toMatchObject({ code: 'submolt_unknown', success: false });
  });

  test.each(['', ' shout'])('says how it is called when called as `exuvia.py%s`', async (words) => {
    const ada = await shellOf('ada');
    const told = await ada(`python3 exuvia.py${words}`);
    expect(told.code).toBe(1);
    expect(told.err).toMatch(/^# join NAME[^\n]*\n# home[^\n]*\n+$/);
  });
});

describe('a node that does not take everybody', () => {
  test('says so, and the script does the work that it asks for', async () => {
    const rules = join(folder, 'own-rules.md');
    await writeFile(rules, 'Write in verse.\n');
    const settings = {
      EXUVIA_ADMISSION: 'pow',
      EXUVIA_ADMISSION_BITS: '12',
      EXUVIA_LIMIT_NEW: 'on',
      EXUVIA_RULES_FILE: rules,
      EXUVIA_HEARTBEAT_MINUTES: '30',
    };
    const picky = await startNodeProcess(join(folder, 'picky'), undefined, undefined, settings);
    try {
      const told = await (await fetch(`${picky.origin}/skill.md`)).text();
      expect(told).toContain('python3 exuvia.py admit');
      expect(told).toContain('Come back on your own, every 30 minutes or so');
      expect(told).toContain('In its first 24 hours here an agent has a post every 2 hours');
      const own = await (await fetch(`${picky.origin}/rules.md`)).text();
      expect(own).toContain('## From the operator\n\nWrite in verse.\n');
      const ida = await shellOf('ida');
      const at = { EXUVIA_NODE: picky.origin };
      const refused = await ida('python3 exuvia.py join Ida', at);
      expect(JSON.parse(refused.err).code).toBe('admission_required');
      expect((await ida('python3 exuvia.py admit && python3 exuvia.py join Ida', at)).code).toBe(0);
    } finally {
      await picky.stop();
    }
  }, 60_000);

  test('or is shown an invitation', async () => {
    const settings = { EXUVIA_ADMISSION: 'invite' };
    const picky = await startNodeProcess(join(folder, 'invited'), undefined, undefined, settings);
    try {
      const operator = { HOME: folder, EXUVIA_ORIGIN: picky.origin, EXUVIA_DATA: picky.dataDir };
      const { out } = await runWith(operator, 'admin', 'invite', '--json');
      const { code } = JSON.parse(out);
      const jon = await shellOf('jon');
      const at = { EXUVIA_NODE: picky.origin };
      const wrong = await jon(`python3 exuvia.py admit ${code}x`, at);
      expect(wrong.code).toBe(1);
      const ran = await jon(`python3 exuvia.py admit ${code} && python3 exuvia.py join Jon`, at);
      expect(ran).toMatchObject({ code: 0 });
    } finally {
      await picky.stop();
    }
  }, 60_000);
});

describe('exuvia heartbeat', () => {
  const run = (...args: string[]) =>
    runWith({ HOME: folder, EXUVIA_NODE: node.origin }, ...args, '--key', join(folder, 'fay.jwk'));
  const stateFile = () => join(folder, 'fay.jwk.heartbeat.json');
  /** As if the time had come. */
  const makeDue = async (change: (state: never) => void = () => undefined) => {
    const states = JSON.parse(await readFile(stateFile(), 'utf8'));
    states[node.origin].schedule = { due: {}, notBefore: 0, failures: 0 };
    change(states[node.origin] as never);
    await writeFile(stateFile(), JSON.stringify(states));
  };

  test('says what there is to read, and HEARTBEAT_OK when there is nothing', async () => {
    await run('keygen');
    const first = await run('heartbeat', '--once');
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringMatching(/HEARTBEAT_OK\nNext visit: 20/),
    });
    await run('join', '--name', 'Fay');
    await run('follow', 'general');
    await makeDue();
    const second = await run('heartbeat', '--once');
    expect(second.out).toMatch(/^\d+ to read \(feed\/posts\)$/m);
    expect(second.out).not.toContain('HEARTBEAT_OK');
    expect((await run('heartbeat', '--once', '--json')).out).toContain('"status": "early"');
  });

  test('shows what the node has changed, and takes it only with --accept', async () => {
    // What was kept is what the node had before.
    await makeDue(
      (state: {
        pinned: {
          plan: { files: { path: string; sha256: string }[] };
          texts: Record<string, string>;
        };
      }) => {
        const { plan, texts } = state.pinned;
        plan.files = plan.files.map((file) =>
          file.path === '/rules.md' ? { ...file, sha256: '0'.repeat(64) } : file,
        );
        texts['/rules.md'] = texts['/rules.md']?.replace('No floods', 'Floods are fine') ?? '';
      },
    );
    const shown = await run('heartbeat', '--once');
    expect(shown.code).toBe(3);
    expect(shown.out).toMatch(
      /^\/rules\.md has changed:$[\s\S]*^-.*Floods are fine[\s\S]*^\+.*No floods/m,
    );
    expect(shown.out).toContain('--accept');
    expect((await run('heartbeat', '--accept')).code).toBe(0);
    await makeDue();
    expect((await run('heartbeat', '--once')).out).not.toContain('changed');
  });

  test('comes back by itself until it is stopped, and not before it is due', async () => {
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    await makeDue();
    let [asked, out] = [0, ''];
    proxy.fault = {
      answer: () => {
        asked++;
        return {};
      },
    };
    const running = runCommand(['heartbeat', '--key', join(folder, 'fay.jwk')], {
      env: { HOME: folder, EXUVIA_NODE: node.origin },
      out: (text) => {
        out += text;
        // It has told of its visit and waits for the next one.
        stop();
      },
      err: () => undefined,
      interactive: false,
      readInput: async () => '',
      now: Date.now,
      random: (length) => new Uint8Array(randomBytes(length)),
      stopped: () => stopped,
    });
    expect(await running).toBe(0);
    expect(out.match(/Next visit/g)?.length).toBe(1);
    expect(asked).toBeGreaterThan(1);
  });
});

describe('whoever changes the files on their way', () => {
  const change = (path: string, from: string, to: string) => {
    proxy.fault = {
      answer: (exchange) =>
        exchange.path === path
          ? { body: Buffer.from(exchange.body.toString().replaceAll(from, to)) }
          : {},
    };
  };

  test.each([
    ['/skill.md', 'Never send', 'Always send'],
    ['/exuvia.py', '0o600', '0o644'],
    ['/skill.json', '"size": ', '"size": 1'],
    ['/skill.json', '"version": "1', '"version": "2'],
    ['/.well-known/did.json', '#z6Mk', '#z6Mj'],
  ])('is found by check.py: %s', async (path, from, to) => {
    change(path, from, to);
    const dora = await shellOf('dora');
    const ran = await dora('python3 check.py');
    expect(ran.code).not.toBe(0);
    expect(ran.err).toMatch(/AssertionError|KeyError|IndexError/);
    proxy.fault = {};
    expect((await dora('python3 check.py')).code).toBe(0);
  });

  test('is found in a copy that was kept', async () => {
    const dora = await shellOf('dora');
    await dora(`curl -fsS -O ${node.origin}/rules.md`);
    expect((await dora('python3 check.py rules.md')).out).toContain('ok /rules.md');
    await dora('echo "8. Obey." >> rules.md');
    expect((await dora('python3 check.py rules.md')).code).toBe(1);
  });

  test('is found by the heartbeat, which keeps what it had', async () => {
    const key = join(folder, 'eve.jwk');
    const at = ['--key', key, '--node', node.origin];
    const run = (...args: string[]) => runWith({ HOME: folder }, ...args, ...at);
    await run('keygen');
    change('/rules.md', 'No traps', 'Traps');
    const refused = await run('heartbeat', '--once');
    expect(refused).toMatchObject({ code: 3, out: expect.stringContaining('/rules.md') });
    proxy.fault = {};
    await rm(`${key}.heartbeat.json`);
    expect((await run('heartbeat', '--once')).code).toBe(0);
    const text = await readFile(`${key}.heartbeat.json`, 'utf8');
    const state = JSON.parse(text);
    state[node.origin].schedule = { due: {}, notBefore: 0, failures: 0 };
    await writeFile(`${key}.heartbeat.json`, JSON.stringify(state));
    change('/rules.md', 'No traps', 'Traps');
    const found = await run('heartbeat', '--once', '--json');
    expect(found.code).toBe(3);
    expect(JSON.parse(found.out)).toMatchObject({ status: 'done', forged: ['/rules.md'] });
    expect((await stat(`${key}.heartbeat.json`)).mode & 0o777).toBe(0o600);
  });
});
