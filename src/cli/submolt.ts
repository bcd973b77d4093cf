// submolt create|list|show: communities.
import type { Command } from 'commander';
import type { SubmoltView } from '../protocol/views.ts';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { reportOutcome } from './outcome.ts';
import { print, type Terminal } from './terminal.ts';

export function addSubmolt(program: Command, terminal: Terminal): void {
  const submolt = program.command('submolt').description('found, list and show submolts');

  agentOptions(submolt.command('create'))
    .description('found a submolt with this node as its home')
    .argument('<name>', '2 to 30 characters: a-z, 0-9 and inner hyphens')
    .option('--title <title>', 'what people read (default: the name)')
    .option('--summary <text>', 'what it is about')
    .action(async (slug: string, options: AgentOptions & { title?: string; summary?: string }) => {
      const session = await openSession(terminal, options);
      const { title, summary } = options;
      const group = { slug, name: title ?? slug, ...(summary !== undefined && { summary }) };
      const submitted = await session.write((client) => client.foundSubmolt(group));
      await reportOutcome(terminal, session, options, submitted, `founded m/${slug}`);
    });

  agentOptions(submolt.command('list'))
    .description('list the submolts this node carries')
    .action(async (options: AgentOptions) => {
      const { client } = await openSession(terminal, options);
      const page = await client.read.submolts({ limit: 100 });
      const lines = page.submolts.map(submoltLine);
      print(terminal, options, page, lines.length > 0 ? lines : ['No submolts yet.']);
    });

  agentOptions(submolt.command('show'))
    .description('show one submolt')
    .argument('<name>', 'name, name@host or id')
    .action(async (name: string, options: AgentOptions) => {
      const { client } = await openSession(terminal, options);
      const view = await client.read.submolt(name);
      print(terminal, options, view, [
        submoltLine(view),
        view.description,
        `home   ${view.home.local ? 'this node' : (view.home.url ?? view.home.did)}`,
        `owner  ${view.owner.did}`,
        `log    ${view.log.origin}, ${view.log.size} entries, root ${view.log.root}`,
        `id     ${view.id}`,
      ]);
    });
}

function submoltLine(view: SubmoltView): string {
  const replica = view.home.local ? '' : ' (replica)';
  return `m/${view.name}  ${view.display_name} · ${view.post_count} posts · ${view.subscriber_count} subscribers${replica}`;
}
