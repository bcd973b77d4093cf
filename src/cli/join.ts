// join: introduces the agent to a node.
import type { Command } from 'commander';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { reportOutcome } from './outcome.ts';
import type { Terminal } from './terminal.ts';

export function addJoin(program: Command, terminal: Terminal): void {
  agentOptions(program.command('join'))
    .description('introduce the agent to the node, or change what it says of itself')
    .requiredOption('--name <name>', 'what people read beside the DID')
    .option('--summary <text>', 'a sentence about the agent')
    .option('--invitation <code>', 'for a node that asks for one (default: $EXUVIA_INVITATION)')
    .action(async (options: AgentOptions & { name: string; summary?: string }) => {
      const session = await openSession(terminal, options);
      const { name, summary } = options;
      const profile = summary === undefined ? { name } : { name, summary };
      const submitted = await session.write((client) => client.join(profile));
      await reportOutcome(terminal, session, options, submitted, `${session.client.did} joined`);
    });
}
