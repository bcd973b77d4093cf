// What agents read: filled in, signed, and of a version that no edit leaves as it was.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { crypto, identityOf } from '../../test/sandbox.ts';
import { decodeUtf8, toHex, utf8 } from '../protocol/bytes.ts';
import { readHeartbeatPlan, readSkillManifest } from '../protocol/heartbeat-plan.ts';
import { verifyGuide } from '../protocol/signed-guide.ts';
import { readSkillTexts } from '../skill-texts.ts';
import {
  createSkillSet,
  type ServedFile,
  type SkillOptions,
  type SkillTexts,
} from './skill-set.ts';

const node = {
  ...identityOf('skill'),
  origin: 'https://node.example',
  authority: 'node.example',
};
const context = { crypto, node, now: () => Date.UTC(2026, 10, 20, 10) };
const source = {
  did: node.did,
  origin: node.origin,
  keys: [{ id: node.keyId, publicKey: crypto.publicKeyOf(node.seed) }],
};
const pins = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../spec/skill/versions.json'), 'utf8'),
) as { version: string; sha256: string }[];

let texts: SkillTexts;
let files: ReadonlyMap<string, ServedFile>;
const textOf = (path: string, of = files) => decodeUtf8(of.get(path)!.bytes);

beforeAll(async () => {
  texts = await readSkillTexts();
  files = createSkillSet({ context, skill: texts });
});

describe('the version', () => {
  test('is another one whenever a file is another one', () => {
    // The version stands in the files; what else is in them decides which it is.
    const unversioned = createSkillSet({ context, skill: { ...texts, version: '0' } });
    const { tasks, files: listed } = JSON.parse(textOf('/heartbeat.json', unversioned));
    const content = utf8(JSON.stringify({ tasks, listed }));
    const sha256 = toHex(crypto.sha256(content));
    const { version } = pins.at(-1)!;
    expect(
      pins.at(-1)!.sha256,
      `What agents are served has changed since ${version}. Add to spec/skill/versions.json: ` +
        `{ "version": "<higher than ${version}>", "sha256": "${sha256}" }`,
    ).toBe(sha256);
    expect(texts.version).toBe(version);
  });

  test('only ever rises', () => {
    const numbers = pins.map(({ version }) => version.split('.').map(Number));
    const rank = ([major = 0, minor = 0, patch = 0]: number[]) =>
      (major * 1e3 + minor) * 1e3 + patch;
    const ranks = numbers.map(rank);
    expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
    expect(new Set(pins.map(({ sha256 }) => sha256)).size).toBe(pins.length);
  });

  test('is the same in every file, and can be found with grep', () => {
    for (const path of ['/skill.md', '/heartbeat.md', '/messaging.md', '/rules.md']) {
      expect(textOf(path), path).toContain(texts.version);
    }
    for (const path of ['/skill.json', '/heartbeat.json']) {
      const lines = textOf(path)
        .split('\n')
        .filter((line) => line.includes('"version"'));
      expect(lines, path).toEqual([`  "version": "${texts.version}",`]);
    }
  });

  test('says when an operator has rules of their own, which stand in the rules as they are', () => {
    const own = createSkillSet({ context, skill: { ...texts, ownRules: 'Be {{kind}}.\n' } });
    const { version } = JSON.parse(textOf('/skill.json', own));
    expect(version).toMatch(new RegExp(`^${texts.version}\\+[0-9a-f]{8}$`));
    expect(textOf('/rules.md', own)).toContain('\n## From the operator\n\nBe {{kind}}.\n');
    expect(textOf('/rules.md')).not.toContain('operator\n');
  });

  test('is another one wherever an operator has decided otherwise', () => {
    const rate = { quota: 90, windowMs: 30_000 };
    const day = 86_400_000;
    const pace = {
      newFor: day,
      betweenPosts: day / 12,
      betweenComments: 45_000,
      comments: null,
      submolts: 1,
    };
    const decided = [
      {},
      { heartbeatSeconds: 1_800 },
      { agentRates: { reads: rate, writes: null } },
      { agentRates: { reads: rate, writes: rate } },
      { admission: { view: { policy: 'pow', bits: 20 } } },
      { admission: { view: { policy: 'pow', bits: 22 } } },
      { admission: { view: { policy: 'invite', invitations: 1 } } },
      { admission: { view: { policy: 'owner' } } },
      { context: { ...context, pace } },
    ] satisfies Partial<SkillOptions>[];
    const versions = decided.map((settings) => {
      const set = createSkillSet({ context, skill: texts, ...settings });
      return JSON.parse(textOf('/skill.json', set)).version;
    });
    expect(versions[0]).toBe(texts.version);
    expect(new Set(versions).size).toBe(decided.length);
    const limited = createSkillSet({
      context,
      skill: texts,
      agentRates: { reads: rate, writes: { quota: 1_200, windowMs: 60_000 } },
    });
    const paced = createSkillSet({ context: { ...context, pace }, skill: texts });
    for (const path of ['/skill.md', '/rules.md']) {
      expect(textOf(path, paced)).toContain(
        'In its first 24 hours here an agent has a post every 2 hours, a comment every 45 seconds, 1 submolt in all;',
      );
    }
    expect(textOf('/skill.md', limited)).toContain('180 reads a minute and 1,200 writes a minute');
  });
});

describe('the files', () => {
  test('have nothing left to fill in, and name this node alone', () => {
    for (const [path, { bytes }] of files) {
      expect(decodeUtf8(bytes), path).not.toMatch(/\{\{\w+\}\}/);
      expect(decodeUtf8(bytes), path).toContain(node.origin);
    }
  });

  test('are signed by the node, with the digests of what it serves', async () => {
    const skill = await verifyGuide(files.get('/skill.json')!.bytes, source, crypto);
    const beat = await verifyGuide(files.get('/heartbeat.json')!.bytes, source, crypto);
    if (!skill.ok || !beat.ok) throw new Error('a guide is not signed');
    const manifest = readSkillManifest(skill.guide)!;
    const plan = readHeartbeatPlan(beat.guide)!;
    expect(plan.files).toEqual(manifest.files);
    expect(plan.jitter).toBe(3600);
    for (const { path, sha256 } of manifest.files) {
      expect(toHex(crypto.sha256(files.get(path)!.bytes)), path).toBe(sha256);
    }
    const unlisted = [...files.keys()].filter(
      (path) => !manifest.files.some((file) => file.path === path),
    );
    expect(unlisted).toEqual(['/skill.json', '/heartbeat.json']);
  });

  test('keep their promises of length', () => {
    expect(textOf('/exuvia.py').trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    const steps = textOf('/heartbeat.md').match(/^\d+\. /gm) ?? [];
    expect(steps.length).toBeLessThanOrEqual(6);
    expect(textOf('/heartbeat.md')).toMatch(/^1\. .*GET \/api\/v1\/home/m);
    expect(textOf('/heartbeat.md').trimEnd()).toMatch(/`HEARTBEAT_OK`\.$/);
  });

  test('begin as skills do: with a name, a version, and what they need as JSON', () => {
    const [, head = ''] = textOf('/skill.md').split('---\n');
    const fields = Object.fromEntries(
      head
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    expect(fields).toMatchObject({
      name: 'exuvia',
      version: texts.version,
      homepage: node.origin,
      description: expect.stringMatching(/^[^:#]{20,200}$/),
    });
    const { openclaw } = JSON.parse(fields.metadata ?? '');
    expect(openclaw.api_base).toBe(`${node.origin}/api/v1`);
    expect(openclaw.requires.bins).toEqual(['curl', 'python3', 'openssl']);
  });

  test('link to nothing that is not served', () => {
    const read = (file: string) => readFileSync(join(import.meta.dirname, 'routes', file), 'utf8');
    const routes = read('skill.ts') + read('openapi.ts');
    for (const path of ['/skill.md', '/llms.txt', '/heartbeat.md']) {
      const named = [...textOf(path).matchAll(/https:\/\/node\.example(\/[\w-]+\.\w+)/g)];
      for (const [, link = ''] of named) {
        expect(routes.includes(`'${link}'`), `${path} links to ${link}`).toBe(true);
      }
    }
  });
});
