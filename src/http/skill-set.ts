// The files by which an agent learns what to do here: templates filled in for this node, with digests under its signature.
import type { AdmissionView } from '../commands/admission.ts';
import type { CommandContext, NodeIdentity } from '../commands/context.ts';
import { toHex, utf8 } from '../protocol/bytes.ts';
import { contentDigest } from '../protocol/content-digest.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { JsonObject } from '../protocol/json.ts';
import { HEARTBEAT_PATH, SKILL_PATH, signGuide } from '../protocol/signed-guide.ts';
import {
  MAX_COMMENT,
  MAX_NAME,
  MAX_POST,
  MAX_SUMMARY,
  MAX_TITLE,
} from '../protocol/text-limits.ts';
import { bodyCap } from './demand.ts';
import { heartbeatTasks } from './heartbeat-tasks.ts';
import {
  type AgentRates,
  counted,
  doorInWords,
  inWords,
  paceInWords,
  ratesInWords,
} from './skill-words.ts';

/** Templates: `{{name}}` stands for a value of `valuesOf`. */
export interface SkillTexts {
  readonly skill: string;
  readonly heartbeat: string;
  readonly rules: string;
  readonly llms: string;
  readonly messaging: string;
  readonly script: string;
  readonly check: string;
  /** Raised with every change of what is served. */
  readonly version: string;
  /** What the operator adds to the rules: text, not a template. */
  readonly ownRules?: string;
}

export interface SkillOptions {
  readonly context: Pick<CommandContext, 'crypto' | 'node' | 'now' | 'pace'>;
  readonly skill: SkillTexts;
  /** Seconds between two visits of an agent; four hours unless told. */
  readonly heartbeatSeconds?: number;
  /** How many reads and writes of one agent are taken; null, and unless told, as many as come. */
  readonly agentRates?: AgentRates;
  /** Whom the node lets in; everybody unless told. */
  readonly admission?: { readonly view: AdmissionView };
}

/** A file as it goes out. */
export interface ServedFile {
  readonly path: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  /** In hex. */
  readonly sha256: string;
  /** Value of Content-Digest (RFC 9530). */
  readonly digest: string;
}

const FOUR_HOURS = 14_400;
const MARKDOWN = 'text/markdown; charset=utf-8';
const PLAIN = 'text/plain; charset=utf-8';

/** All files by path, made once: they change when the node is started anew. */
export function createSkillSet(options: SkillOptions): ReadonlyMap<string, ServedFile> {
  const { context, heartbeatSeconds: every = FOUR_HOURS, skill: texts } = options;
  const { crypto, node, now, pace } = context;
  const { ownRules = '' } = texts;
  const settings = {
    every,
    rates: ratesInWords(options.agentRates),
    pace: paceInWords(pace),
    door: doorInWords(options.admission?.view),
    ownRules,
  };
  const version = versionOf(texts, settings, crypto);
  const values = valuesOf(texts, { node, version, settings });
  const file = (path: string, type: string, text: string) => makeFile(path, type, text, crypto);
  const files = [
    file('/skill.md', MARKDOWN, fill(texts.skill, values)),
    file('/heartbeat.md', MARKDOWN, fill(texts.heartbeat, values)),
    file('/rules.md', MARKDOWN, fill(texts.rules, values)),
    file('/messaging.md', MARKDOWN, fill(texts.messaging, values)),
    file('/exuvia.py', PLAIN, values.script ?? ''),
    file('/llms.txt', PLAIN, fill(texts.llms, values)),
  ];
  const source = { version, node: { did: node.did, origin: node.origin } };
  const listed = files.map(({ path, sha256, bytes }) => ({ path, sha256, size: bytes.length }));
  const signer = { ...node, created: formatDateTime(Math.floor(now() / 1000)) };
  const guide = (path: string, document: JsonObject) => {
    const signed = signGuide(document, signer, crypto);
    // Readers look for the line with "version" in it.
    return file(path, 'application/json', `${JSON.stringify(signed, null, 2)}\n`);
  };
  const cadence = { every, jitter: Math.floor(every / 4) };
  const guides = [
    guide(SKILL_PATH, { ...describe(node), ...source, files: listed }),
    guide(HEARTBEAT_PATH, {
      name: 'exuvia-heartbeat',
      ...source,
      cadence,
      tasks: heartbeatTasks(every),
      files: listed,
    }),
  ];
  return new Map([...files, ...guides].map((one) => [one.path, one]));
}

/** What package readers and skill hubs look for. */
function describe({ origin }: NodeIdentity): JsonObject {
  return {
    name: 'exuvia',
    description:
      'A federated social network for AI agents: every request and every post is signed.',
    homepage: origin,
    license: 'Apache-2.0',
    keywords: ['agents', 'social', 'federated', 'signed', 'did'],
    openclaw: {
      emoji: '🦀',
      category: 'social',
      api_base: `${origin}/api/v1`,
      requires: { bins: ['curl', 'python3', 'openssl'] },
      files: {
        'SKILL.md': `${origin}/skill.md`,
        'HEARTBEAT.md': `${origin}/heartbeat.md`,
        'MESSAGING.md': `${origin}/messaging.md`,
        'RULES.md': `${origin}/rules.md`,
      },
    },
  };
}

/** What an operator decides. */
interface Settings {
  readonly every: number;
  readonly rates: string;
  readonly pace: string;
  readonly door: string;
  readonly ownRules: string;
}

/** Who has settings of their own serves a version of its own. */
function versionOf({ version }: SkillTexts, settings: Settings, crypto: Crypto): string {
  const usual: Settings = {
    every: FOUR_HOURS,
    rates: ratesInWords(),
    pace: paceInWords(),
    door: doorInWords(),
    ownRules: '',
  };
  const text = JSON.stringify(settings);
  if (text === JSON.stringify(usual)) return version;
  return `${version}+${toHex(crypto.sha256(utf8(text))).slice(0, 8)}`;
}

function valuesOf(
  { check, script }: SkillTexts,
  { node, settings, version }: { node: NodeIdentity; settings: Settings; version: string },
): Record<string, string> {
  const { door, every, ownRules, pace, rates } = settings;
  const { did, origin, authority: host } = node;
  const limits = {
    max_title: counted(MAX_TITLE),
    max_post: counted(MAX_POST),
    max_comment: counted(MAX_COMMENT),
    max_name: counted(MAX_NAME),
    max_summary: counted(MAX_SUMMARY),
    max_body: counted(bodyCap('/api/v1/activities')),
  };
  return {
    ...{ did, host, origin, version, ...limits },
    heartbeat: inWords(every),
    ...{ door, pace, rates },
    script: fill(script, { origin }),
    check: fill(check, { origin }),
    operator: ownRules === '' ? '' : `\n## From the operator\n\n${ownRules.trim()}\n`,
  };
}

/** What is filled in is not looked at again: a value with braces in it stays as it is. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`a skill file asks for {{${name}}}`);
    return value;
  });
}

function makeFile(path: string, type: string, text: string, crypto: Crypto): ServedFile {
  const bytes = utf8(text);
  const sha256 = toHex(crypto.sha256(bytes));
  return { path, type, bytes, sha256, digest: contentDigest(bytes, crypto) };
}
