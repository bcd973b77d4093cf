// What an agent finds before it has a key: files, guides under the node's signature, and reads that are there as promised.
import { decodeUtf8, toHex } from '../protocol/bytes.ts';
import { matchesContentDigest, parseContentDigest } from '../protocol/content-digest.ts';
import { keysFor } from '../protocol/did-document.ts';
import {
  readHeartbeatPlan,
  readSkillManifest,
  type SkillFile,
} from '../protocol/heartbeat-plan.ts';
import type { JsonObject } from '../protocol/json.ts';
import { HEARTBEAT_PATH, SKILL_PATH, verifyGuide } from '../protocol/signed-guide.ts';
import {
  type Case,
  describeAnswer,
  every,
  expectSuccess,
  failed,
  holds,
  type Outcome,
  passed,
} from './conformance-case.ts';
import type { Live } from './conformance-live.ts';

const group = 'onboarding';

/** The guide at a path, its proof verified under the node's own keys; or why it does not count. */
async function guideAt(live: Live, path: string): Promise<{ guide: JsonObject } | Outcome> {
  const answer = await live.open(path);
  const found = expectSuccess(answer, 200, live);
  if (found.kind !== 'passed') return found;
  const document = await live.open('/.well-known/did.json');
  const { did, origin } = live.node;
  const keys = keysFor(document.json, did, 'assertionMethod');
  if (!keys.ok) return failed('keys of the node', keys.detail);
  const source = { did, origin, keys: keys.keys };
  const verdict = await verifyGuide(answer.bytes, source, live.crypto);
  if (verdict.ok) return { guide: verdict.guide };
  return failed('a guide that the node has signed', verdict.detail);
}

async function withGuide(
  live: Live,
  path: string,
  judge: (guide: JsonObject) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  const found = await guideAt(live, path);
  return 'guide' in found ? judge(found.guide) : found;
}

async function expectFile(live: Live, { path, sha256 }: SkillFile): Promise<Outcome> {
  const { bytes, headers, status } = await live.open(path);
  const hash = toHex(live.crypto.sha256(bytes));
  const field = parseContentDigest(headers.get('content-digest') ?? '');
  const stated = field.ok && matchesContentDigest(field.digest, bytes, live.crypto);
  return every(
    holds(status === 200, `200 at ${path}`, `${status}`),
    holds(hash === sha256, `${path} with the SHA-256 ${sha256}`, hash),
    holds(stated, `Content-Digest of ${path}`, headers.get('content-digest') ?? 'none'),
  );
}

/** The lines between the first two `---`, as `name: value`. */
function headOf(text: string): Map<string, string> {
  const [before, head] = text.split(/^---$/m);
  const lines = before === '' ? (head ?? '').trim().split('\n') : [];
  return new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
}

export const ONBOARDING_CASES: readonly Case[] = [
  {
    group,
    name: '/skill.md says what it is, of which version, and where this node is',
    async run(live) {
      const answer = await live.open('/skill.md');
      const text = decodeUtf8(answer.bytes);
      const head = headOf(text);
      const manifest = await live.open(SKILL_PATH);
      const type = answer.headers.get('content-type') ?? 'none';
      return every(
        holds(answer.status === 200, '200', describeAnswer(answer)),
        holds(type.startsWith('text/markdown'), 'text/markdown', type),
        holds(
          head.has('name') && head.has('description'),
          'name and description',
          [...head.keys()].join(),
        ),
        holds(
          head.get('version') === manifest.json?.version,
          `${manifest.json?.version}`,
          `${head.get('version')}`,
        ),
        holds(text.includes(live.node.origin), live.node.origin, 'other addresses'),
      );
    },
  },
  {
    group,
    name: 'the skill manifest is signed by the node',
    run: (live) =>
      withGuide(live, SKILL_PATH, (guide) => {
        const manifest = readSkillManifest(guide);
        const named = manifest?.files.some(({ path }) => path === '/skill.md') ?? false;
        return holds(named, 'a manifest with /skill.md', JSON.stringify(guide).slice(0, 200));
      }),
  },
  {
    group,
    name: 'the files are those that the manifest names',
    run: (live) =>
      withGuide(live, SKILL_PATH, async (guide) => {
        const files = readSkillManifest(guide)?.files ?? [];
        const outcomes = await Promise.all(files.map((file) => expectFile(live, file)));
        return every(...outcomes);
      }),
  },
  {
    group,
    name: 'the version can be found with grep',
    async run(live) {
      const { bytes, json } = await live.open(SKILL_PATH);
      const lines = decodeUtf8(bytes)
        .split('\n')
        .filter((line) => line.includes('"version"'));
      const version = JSON.stringify(json?.version);
      return holds(
        lines.length === 1 && !!lines[0]?.includes(version),
        `one line with ${version}`,
        lines.join(),
      );
    },
  },
  {
    group,
    name: 'the heartbeat is signed by the node, with the same files',
    run: (live) =>
      withGuide(live, HEARTBEAT_PATH, (guide) =>
        withGuide(live, SKILL_PATH, (skill) => {
          const plan = readHeartbeatPlan(guide);
          const files = JSON.stringify(readSkillManifest(skill)?.files);
          return every(
            holds(plan !== null, 'a heartbeat', JSON.stringify(guide).slice(0, 200)),
            holds(JSON.stringify(plan?.files) === files, files, JSON.stringify(plan?.files)),
          );
        }),
      ),
  },
  {
    group,
    name: 'what the heartbeat asks for can be read',
    run: (live) =>
      withGuide(live, HEARTBEAT_PATH, async (guide) => {
        const tasks = readHeartbeatPlan(guide)?.tasks ?? [];
        if (tasks.length === 0) return failed('tasks', 'none');
        for (const { path, signed } of tasks) {
          const answer = signed ? await live.read(live.agent('ada'), path) : await live.open(path);
          const outcome = expectSuccess(answer, 200, live);
          if (outcome.kind !== 'passed') return failed(`200 at ${path}`, describeAnswer(answer));
        }
        return passed(`${tasks.length} tasks`);
      }),
  },
  {
    group,
    name: 'the interface is there as OpenAPI 3.1',
    async run(live) {
      const answer = await live.open('/openapi.json');
      // A node may do without.
      if (answer.status === 404)
        return { kind: 'skipped', reason: 'depends on how the node is set up' };
      const paths = answer.json?.paths as Record<string, { post?: unknown }> | undefined;
      return every(
        holds(`${answer.json?.openapi}`.startsWith('3.1.'), '3.1', `${answer.json?.openapi}`),
        holds(
          paths?.['/api/v1/activities']?.post !== undefined,
          'POST /api/v1/activities in it',
          Object.keys(paths ?? {}).join(),
        ),
      );
    },
  },
];
