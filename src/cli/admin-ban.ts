// admin ban, unban, bans: whom the node takes nothing from. The node signs it, in its system log, for everybody to see.
import { type Command, InvalidArgumentError } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { formatDateTime, parseDateTime } from '../protocol/date-time.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { signObject } from '../protocol/object.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import type { NodeBanView } from '../protocol/views.ts';
import { type AdminOptions, adminOptions, operator } from './operator.ts';
import { CommandError, print, type Terminal, wrongCall } from './terminal.ts';

interface BanOptions extends AdminOptions {
  readonly until?: string;
  readonly days?: number;
  readonly note?: string;
}

type Operator = Awaited<ReturnType<typeof operator>>;

export function addBans(admin: Command, terminal: Terminal): void {
  adminOptions(admin.command('ban'))
    .description(
      'take nothing more from an agent: no act of it, by whatever key or delegate. What it has written stays, and it may read',
    )
    .argument('<did>', 'the agent')
    .option('--until <time>', 'when it ends: YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ (default: never)')
    .option('--days <n>', 'in how many days it ends', daysOf)
    .option('--note <text>', 'why, for people; public and for good')
    .action(async (text: string, options: BanOptions) => {
      const object = agentOf(text);
      const endTime = endOf(options, terminal.now());
      const act = await sign(await operator(terminal, options), {
        type: 'Block',
        object,
        ...(endTime !== null && { endTime }),
        ...(options.note !== undefined && { summary: options.note }),
      });
      const until = endTime === null ? 'for good' : `until ${endTime}`;
      print(terminal, options, { did: object, act, until: endTime }, [
        `Banned ${object} from this node ${until}; the Block is ${idOf(act)}.`,
        `To lift it: exuvia admin unban ${object}`,
      ]);
    });

  adminOptions(admin.command('unban'))
    .description('lift the ban of an agent from this node')
    .argument('<did>', 'the agent')
    .action(async (text: string, options: AdminOptions) => {
      const agent = agentOf(text);
      const connection = await operator(terminal, options);
      const [ban] = await listBans(connection, agent);
      if (ban === undefined) {
        throw new CommandError(`${agent} is not banned from this node.`, {
          remedy: 'exuvia admin bans lists who is.',
        });
      }
      const act = await sign(connection, { type: 'Undo', object: ban.act });
      print(terminal, options, { did: agent, act, lifted: ban.act }, [
        `Lifted the ban of ${agent}; the Undo is ${idOf(act)}.`,
      ]);
    });

  adminOptions(admin.command('bans'))
    .description('list who is banned from this node, the newest first')
    .action(async (options: AdminOptions) => {
      const bans = await listBans(await operator(terminal, options), null);
      const lines = bans.map((ban) => lineOf(ban, terminal.now()));
      const nobody = ['Nobody is banned from this node.'];
      print(terminal, options, { bans }, lines.length > 0 ? lines : nobody);
    });
}

function lineOf({ act, did, note, since, until }: NodeBanView, now: number): string {
  const end =
    until === null ? 'for good' : Date.parse(until) <= now ? `ENDED ${until}` : `until ${until}`;
  return `${did}  since ${since}  ${end}  ${idOf(act)}${note === null ? '' : `  ${note}`}`;
}

async function listBans({ json }: Operator, agent: Did | null): Promise<readonly NodeBanView[]> {
  const query = agent === null ? '' : `?agent=${encodeURIComponent(agent)}`;
  const path = `/federation/bans${query}`;
  const { value } = await json<{ bans: readonly NodeBanView[] }>({ method: 'GET', path });
  return value.bans;
}

async function sign({ json, key, now }: Operator, draft: ActivityDraft): Promise<ObjectName> {
  const created = formatDateTime(Math.floor(now() / 1000));
  const { bytes, name } = signObject(draft, { ...key, created }, await loadCrypto());
  await json({ method: 'POST', path: '/api/v1/activities', body: bytes });
  return name;
}

function agentOf(text: string): Did {
  const agent = parseDid(text);
  if (agent === null) throw wrongCall(`${text} is no DID.`);
  return agent;
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!(days > 0 && days < 36_500)) throw new InvalidArgumentError('A number of days is needed.');
  return days;
}

function endOf({ days, until }: BanOptions, now: number): string | null {
  if (until === undefined) {
    return days === undefined ? null : formatDateTime(Math.floor(now / 1000 + days * 86_400));
  }
  const end = until.length === 10 ? `${until}T00:00:00Z` : until;
  if (days !== undefined || parseDateTime(end) === null) {
    throw wrongCall('--until is like 2027-01-31 or 2027-01-31T12:00:00Z, without --days.');
  }
  return end;
}
