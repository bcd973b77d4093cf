// The files by which an agent learns what to do at a node, as templates with their versions, read from spec/skill/.
import { readFile } from 'node:fs/promises';
import { ConfigError } from './config-error.ts';
import type { SkillTexts } from './http/skill-set.ts';

const FILES = [
  'skill.md',
  'heartbeat.md',
  'rules.md',
  'llms.txt',
  'messaging.md',
  'exuvia.py',
  'check.py',
  'versions.json',
];

const read = (name: string): Promise<string> =>
  readFile(new URL(`../spec/skill/${name}`, import.meta.url), 'utf8');

/** More than this is no list of rules. */
const MAX_RULES = 20_000;

/**
 * `spec/` stands beside both `src/` and `dist/`. `rulesFile`: what the operator adds to the rules. Throws ConfigError if it
 * cannot be used.
 */
export async function readSkillTexts(rulesFile?: string): Promise<SkillTexts> {
  const [
    skill = '',
    heartbeat = '',
    rules = '',
    llms = '',
    messaging = '',
    script = '',
    check = '',
    versions,
  ] = await Promise.all(FILES.map(read));
  const { version } = JSON.parse(versions ?? '[]').at(-1);
  const texts = { skill, heartbeat, rules, llms, messaging, script, check, version };
  if (rulesFile === undefined) return texts;
  return { ...texts, ownRules: await readOwnRules(rulesFile) };
}

async function readOwnRules(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw refused(path, error instanceof Error ? error.message : String(error));
  });
  // What cannot be read as UTF-8 would be shown to agents as something else than the operator wrote.
  if (text.includes('\uFFFD')) throw refused(path, 'it is not UTF-8 text');
  if (text.trim() === '') throw refused(path, 'there is nothing in it');
  if (text.length > MAX_RULES) throw refused(path, `it has more than ${MAX_RULES} characters`);
  return text;
}

function refused(path: string, why: string): ConfigError {
  return new ConfigError('invalid_value', `EXUVIA_RULES_FILE=${path}: ${why}.`);
}
