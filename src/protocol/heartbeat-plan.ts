// What the two guides of a node say, read with suspicion: files with digests, and reads with their times (spec/onboarding.md).
import { isObject, type JsonObject, type JsonValue } from './json.ts';

/** A file of instructions, by the SHA-256 of its bytes in hex. */
export interface SkillFile {
  readonly path: string;
  readonly sha256: string;
}

export interface SkillManifest {
  readonly version: string;
  readonly files: readonly SkillFile[];
}

/** Where in an answer something waits for the agent: a list that is not empty, a number that is not 0. */
interface Todo {
  /** `read`, `reply` and others of spec/onboarding.md; one that a client does not know is passed over. */
  readonly kind: string;
  /** JSON Pointer (RFC 6901). */
  readonly at: string;
}

/** A read that is due `every` so many seconds. */
export interface HeartbeatTask {
  readonly id: string;
  /** Path and query at the node. */
  readonly path: string;
  readonly signed: boolean;
  readonly every: number;
  readonly todo: readonly Todo[];
}

export interface HeartbeatPlan extends SkillManifest {
  /** Seconds: each task is put off by up to so many, chosen by chance each time. */
  readonly jitter: number;
  readonly tasks: readonly HeartbeatTask[];
}

/** Seconds. A node that asks for more has a client flood it, for less has it asleep. */
const SHORTEST = 60;
const LONGEST = 604_800;
const MOST_FILES = 32;
const MOST_TASKS = 16;
const MOST_TODOS = 16;

/** Of `/skill.json`, its proof verified; null if it is not what one looks like. */
export function readSkillManifest({ version, files }: JsonObject): SkillManifest | null {
  if (!isWord(version) || !Array.isArray(files) || files.length > MOST_FILES) return null;
  const read = files.map(readFile);
  if (read.includes(null) || new Set(read.map((file) => file?.path)).size !== read.length)
    return null;
  return { version, files: read as SkillFile[] };
}

/**
 * Of `/heartbeat.json`, its proof verified; null if it is not what one looks like. Nothing but reads at the node itself
 * can be asked for.
 */
export function readHeartbeatPlan(guide: JsonObject): HeartbeatPlan | null {
  const { cadence, tasks } = guide;
  const manifest = readSkillManifest(guide);
  if (manifest === null || !isObject(cadence) || !Array.isArray(tasks)) return null;
  const { jitter } = cadence;
  if (!isCount(jitter, 0, LONGEST) || tasks.length > MOST_TASKS) return null;
  const read = tasks.map(readTask);
  if (read.includes(null) || new Set(read.map((task) => task?.id)).size !== read.length)
    return null;
  return { ...manifest, jitter, tasks: read as HeartbeatTask[] };
}

/** What stands at a JSON Pointer (RFC 6901); undefined if nothing does. */
function valueAt(value: JsonValue, pointer: string): JsonValue | undefined {
  if (pointer === '') return value;
  let found: JsonValue | undefined = value;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found))
      found = /^(?:0|[1-9]\d{0,8})$/.test(key) ? found[Number(key)] : undefined;
    else found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}

/** How much waits there: the length of a list, a number, 1 for true. */
export function amountAt(value: JsonValue, pointer: string): number {
  const found = valueAt(value, pointer);
  if (Array.isArray(found)) return found.length;
  return typeof found === 'number' && found > 0 ? Math.floor(found) : Number(found === true);
}

function readFile(file: JsonValue): SkillFile | null {
  if (!isObject(file)) return null;
  const { path, sha256 } = file;
  if (!isPath(path) || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  return { path, sha256 };
}

function readTask(task: JsonValue): HeartbeatTask | null {
  if (!isObject(task)) return null;
  const { every, id, method, path, signed, todo = [] } = task;
  if (method !== 'GET' || !isWord(id) || !isPath(path) || typeof signed !== 'boolean') return null;
  // What is signed elsewhere would tell who reads what everybody may.
  if (signed && !path.startsWith('/api/v1/')) return null;
  if (!isCount(every, SHORTEST, LONGEST)) return null;
  if (!Array.isArray(todo) || todo.length > MOST_TODOS) return null;
  const read = todo.map(readTodo);
  return read.includes(null) ? null : { id, path, signed, every, todo: read as Todo[] };
}

function readTodo(todo: JsonValue): Todo | null {
  if (!isObject(todo)) return null;
  const { at, kind } = todo;
  const pointer = typeof at === 'string' && at.length <= 200 && /^(?:\/[^/]*)*$/.test(at);
  return isWord(kind) && pointer ? { kind, at } : null;
}

function isWord(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && /^[\w.+-]{1,64}$/.test(value);
}

/** A path at the node as a URL parser prints it: no URL of another host, and nothing that leads out of a folder. */
function isPath(value: JsonValue | undefined): value is string {
  if (typeof value !== 'string' || !/^\/(?![/\\])[!-~]{0,500}$/.test(value)) return false;
  const { pathname, search } = new URL(value, 'https://node.invalid');
  return pathname + search === value;
}

function isCount(value: JsonValue | undefined, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
