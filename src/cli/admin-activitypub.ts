// admin activitypub: who follows submolts of the node from elsewhere, and which hosts it has nothing to do with.
import type { Command } from 'commander';
import { ClientError } from '../client/error.ts';
import { utf8 } from '../protocol/bytes.ts';
import { type AdminOptions, adminOptions, operator } from './operator.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface State {
  readonly followers: readonly { readonly submolt: string; readonly followers: number }[];
  readonly inboxes: readonly {
    readonly url: string;
    readonly software: string | null;
    readonly followers: number;
    readonly failures: number;
    readonly error: string | null;
  }[];
  readonly denied: readonly { readonly host: string }[];
}

const PATH = '/federation/activitypub';

export function addActivityPub(admin: Command, terminal: Terminal): void {
  const parent = adminOptions(admin.command('activitypub'))
    .description('list followers by ActivityPub: how many, where they are told, what fails')
    .action(async (options: AdminOptions) => {
      const { json } = await operator(terminal, options);
      const { value } = await json<State>({ method: 'GET', path: PATH }).catch(explain);
      const lines = [
        ...value.followers.map(({ followers, submolt }) => `m/${submolt}: ${followers} followers`),
        ...value.inboxes.map(describe),
        ...value.denied.map(({ host }) => `denied: ${host}`),
      ];
      const nobody = ['Nobody follows by ActivityPub.'];
      print(terminal, options, value, lines.length > 0 ? lines : nobody);
    });
  for (const denied of [true, false]) {
    adminOptions(parent.command(denied ? 'deny' : 'allow'))
      .description(
        denied
          ? 'have nothing to do with a host and its subdomains: its followers go, and nothing more of it is taken'
          : 'take back that a host is denied',
      )
      .argument('<host>', 'such as social.example')
      .action(async (host: string, _: unknown, command: Command) => {
        // --data and --json may stand before or after the name of the subcommand.
        const options: AdminOptions = command.optsWithGlobals();
        const { json } = await operator(terminal, options);
        const body = utf8(JSON.stringify({ host, denied }));
        const { value } = await json({ method: 'POST', path: PATH, body }).catch(explain);
        print(terminal, options, value, [denied ? `Denied ${host}.` : `${host} may come again.`]);
      });
  }
}

function describe({ error, failures, followers, software, url }: State['inboxes'][number]): string {
  const trouble = failures === 0 ? '' : `, ${failures} failures: ${error ?? ''}`;
  return `${url} (${software ?? 'unknown software'}): ${followers} followers${trouble}`;
}

/** A node where it is off has no such path. */
function explain(error: unknown): never {
  if (!(error instanceof ClientError) || error.code !== 'not_found') throw error;
  throw new CommandError('This node does not speak ActivityPub.', {
    remedy: 'It does when it is started with EXUVIA_ACTIVITYPUB=on, the default on https.',
  });
}
