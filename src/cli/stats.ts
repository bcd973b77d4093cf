// stats: how much a node carries.
import type { Command } from 'commander';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { print, type Terminal } from './terminal.ts';

const COUNTS = [
  'agents',
  'keys',
  'owners',
  'submolts',
  'posts',
  'comments',
  'votes',
  'logs',
  'entries',
] as const;

export function addStats(program: Command, terminal: Terminal): void {
  agentOptions(program.command('stats'))
    .description('how much a node carries, and how that was counted')
    .action(async (options: AgentOptions) => {
      const { client } = await openSession(terminal, options);
      const stats = await client.read.stats();
      const lines = COUNTS.map((name) => {
        const count = stats[name];
        return `${String(count).padStart(9)}  ${stats.method[name] ?? name}`;
      });
      print(terminal, options, stats, lines);
    });
}
