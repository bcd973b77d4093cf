// delegate, delegation: let another agent act in your name, look at what was given, take it back.
import { type Command, InvalidArgumentError } from 'commander';
import { CAPABILITY_ACTIONS, type CapabilityAction } from '../protocol/capability.ts';
import { formatDateTime, parseDateTime } from '../protocol/date-time.ts';
import { idOf } from '../protocol/object-name.ts';
import type { DelegationView, LinkView } from '../protocol/views.ts';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { reportOutcome } from './outcome.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface DelegateOptions extends AgentOptions {
  readonly actions: readonly CapabilityAction[];
  readonly submolt?: readonly string[];
  readonly until?: string;
  readonly days?: number;
  readonly under?: string;
}

interface ListOptions extends AgentOptions {
  readonly agent?: string;
}

const DAY_S = 86_400;
const DEFAULT_DAYS = 30;

export function addDelegate(program: Command, terminal: Terminal): void {
  agentOptions(program.command('delegate'))
    .description('let another agent act in your name; it ends by itself, or when you revoke it')
    .argument('<did>', 'who may act')
    .requiredOption(
      '--actions <list>',
      `of ${CAPABILITY_ACTIONS.join(',')}, with commas`,
      actionsOf,
    )
    .option('--submolt <submolts...>', 'where (name, name@host or id); default: everywhere')
    .option('--until <time>', 'when it ends, as YYYY-MM-DDTHH:MM:SSZ')
    .option('--days <n>', `in how many days it ends (default: ${DEFAULT_DAYS})`, daysOf)
    .option('--under <id>', 'the delegation that you pass on; default: you give what is your own')
    .action(async (did: string, options: DelegateOptions) => {
      const until = endOf(options, terminal.now());
      const session = await openSession(terminal, agentOf(options));
      const grant = {
        actions: options.actions,
        submolts: options.submolt ?? ('*' as const),
        until,
        ...(options.under !== undefined && { parent: options.under }),
      };
      const submitted = await session.write((client) => client.delegate(did, grant));
      await reportOutcome(terminal, session, options, submitted, `delegated until ${until}`);
    });
}

export function addDelegation(program: Command, terminal: Terminal): void {
  const delegation = program
    .command('delegation')
    .description('what was delegated to you and by you');
  agentOptions(delegation.command('list'))
    .description('list what an agent has given and been given, as the node knows it')
    .option('--agent <did>', 'whose (default: your own)')
    .action(async (options: ListOptions) => {
      const { client } = await openSession(terminal, options);
      const agent = options.agent ?? client.did;
      const delegations = await client.read.delegations(agent);
      const lines = delegations.flatMap((one) => linesOf(one, terminal.now()));
      const nothing = [`The node has accepted no delegation of or for ${agent}.`];
      print(terminal, options, { agent, delegations }, lines.length === 0 ? nothing : lines);
    });
  agentOptions(delegation.command('show'))
    .description('show a delegation with its chain')
    .argument('<id>', 'the id that delegate printed')
    .action(async (id: string, options: AgentOptions) => {
      const { client } = await openSession(terminal, options);
      const shown = await client.read.delegation(id);
      print(terminal, options, { delegation: shown }, linesOf(shown, terminal.now()));
    });
  agentOptions(delegation.command('revoke'))
    .description('end a delegation of yours, or one that rests on it; do so at each home (--node)')
    .argument('<id>', 'the id that delegate printed')
    .action(async (id: string, options: AgentOptions) => {
      const session = await openSession(terminal, options);
      const submitted = await session.write((client) => client.revoke(id));
      await reportOutcome(terminal, session, options, submitted, 'revoked by');
    });
}

/** Passing on is not acting: the statement is the agent's own. */
function agentOf({ under: _, ...options }: DelegateOptions): AgentOptions {
  return options;
}

function actionsOf(list: string): CapabilityAction[] {
  return list.split(',').map((word) => {
    const action = CAPABILITY_ACTIONS.find((one) => one === word.trim());
    if (action === undefined) throw new InvalidArgumentError(`${word} is no action.`);
    return action;
  });
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!(days > 0 && days < 36_500)) throw new InvalidArgumentError('A number of days is needed.');
  return days;
}

function endOf({ days, until }: DelegateOptions, now: number): string {
  if (until === undefined) {
    return formatDateTime(Math.floor(now / 1000 + (days ?? DEFAULT_DAYS) * DAY_S));
  }
  if (days !== undefined || parseDateTime(until) === null) {
    throw new CommandError('--until is an instant like 2027-01-31T12:00:00Z, without --days.', {
      exitCode: 2,
    });
  }
  return until;
}

function linesOf({ chain, id, revoked, until }: DelegationView, now: number): string[] {
  const state =
    revoked !== null ? 'REVOKED' : Date.parse(until) <= now ? 'ENDED' : `until ${until}`;
  return [`${id}  ${state}`, ...chain.map(lineOf)];
}

function lineOf({ actions, delegate, delegator, submolts }: LinkView): string {
  const where = submolts === '*' ? 'everywhere' : `in ${submolts.map(idOf).join(', ')}`;
  return `  ${delegator} lets ${delegate} ${actions.join(', ')} ${where}`;
}
