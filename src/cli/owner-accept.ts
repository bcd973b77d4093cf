// owner accept, withdraw: the agent's half, and its end.
import type { Command } from 'commander';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { readCredentialFile } from './credential-file.ts';
import { reportOutcome } from './outcome.ts';
import type { Terminal } from './terminal.ts';

export function addAccept(owner: Command, terminal: Terminal): void {
  agentOptions(owner.command('accept'))
    .description('accept an owner by the credential they gave you: it counts once both have signed')
    .argument('<file>', 'the credential, as they gave it')
    .action(async (file: string, options: AgentOptions) => {
      const credential = await readCredentialFile(file);
      const session = await openSession(terminal, options);
      const submitted = await session.write((client) => client.acceptOwner(credential));
      await reportOutcome(terminal, session, options, submitted, 'accepted');
    });
}

export function addWithdraw(owner: Command, terminal: Terminal): void {
  agentOptions(owner.command('withdraw'))
    .description('take your acceptance back, for good')
    .argument('<credential>', 'its name, as owner list --json prints it, or its file')
    .action(async (ref: string, options: AgentOptions) => {
      const credential = isName(ref) ? ref : await readCredentialFile(ref);
      const session = await openSession(terminal, options);
      const submitted = await session.write((client) => client.withdrawOwner(credential));
      await reportOutcome(terminal, session, options, submitted, 'withdrawn');
    });
}

function isName(ref: string): boolean {
  return ref.startsWith('ni:');
}
