// When an agent comes back: never before the node wants it, never all at once, later when the node asks for time.
import type { HeartbeatPlan, HeartbeatTask } from '../protocol/heartbeat-plan.ts';

/** Milliseconds since the epoch throughout. */
export interface Schedule {
  /** By the id of a task. */
  readonly due: Readonly<Record<string, number>>;
  /** Nothing at all is asked before this. */
  readonly notBefore: number;
  /** Visits in a row that came to nothing. */
  readonly failures: number;
}

export const UNSCHEDULED: Schedule = { due: {}, notBefore: 0, failures: 0 };

/** After a first failure; doubled with each one more. */
const BACK_OFF = 60_000;
/** However often it failed, and whatever a node asks for: a week later the agent looks in again. */
const LONGEST = 604_800_000;
const DEFAULT_EVERY = 14_400;
/** A quarter: those who were refused together do not come back together. */
const SPREAD = 0.25;

type Plan = Pick<HeartbeatPlan, 'jitter' | 'tasks'>;

/** A number from 0 up to, not including, 1. */
export function fraction(random: (length: number) => Uint8Array): number {
  const bytes = random(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}

/** Those tasks whose time has come. All of them before the first visit. */
export function dueTasks(plan: Plan, schedule: Schedule, now: number): readonly HeartbeatTask[] {
  if (now < heldUntil(schedule, now)) return [];
  return plan.tasks.filter((task) => now >= dueAt(task, plan, schedule, now));
}

/** When to come again. Without a plan the node has not been reached yet. */
export function nextVisit(plan: Plan | null, schedule: Schedule, now: number): number {
  const held = heldUntil(schedule, now);
  if (plan === null || plan.tasks.length === 0) return held;
  return Math.max(held, Math.min(...plan.tasks.map((task) => dueAt(task, plan, schedule, now))));
}

/** After a task was done. One chance for all tasks of a visit keeps those together that are as often. */
export function putOff(
  { every, id }: HeartbeatTask,
  { jitter }: Plan,
  schedule: Schedule,
  { now, chance }: { now: number; chance: number },
): Schedule {
  return { ...schedule, due: { ...schedule.due, [id]: now + (every + chance * jitter) * 1000 } };
}

/** After a visit that went well. */
export function settled(schedule: Schedule): Schedule {
  return { ...schedule, notBefore: 0, failures: 0 };
}

/** After a failure; `retryAfter` is what the node asked for, in milliseconds. */
export function heldBack(
  schedule: Schedule,
  plan: Plan | null,
  { chance, now, retryAfter }: { chance: number; now: number; retryAfter: number | null },
): Schedule {
  const every = Math.min(...(plan?.tasks ?? []).map((task) => task.every), DEFAULT_EVERY) * 1000;
  const own = Math.min(BACK_OFF * 2 ** schedule.failures, every);
  const wait = Math.min(retryAfter ?? own, LONGEST);
  return {
    ...schedule,
    notBefore: now + wait * (1 + chance * SPREAD),
    failures: Math.min(schedule.failures + 1, 30),
  };
}

/** A clock that was ahead and has been put right must not leave an agent asleep for ever. */
function dueAt({ every, id }: HeartbeatTask, { jitter }: Plan, { due }: Schedule, now: number) {
  return Math.min(Object.hasOwn(due, id) ? (due[id] ?? 0) : 0, now + (every + jitter) * 1000);
}

function heldUntil({ notBefore }: Schedule, now: number): number {
  return Math.min(notBefore, now + LONGEST * (1 + SPREAD));
}
