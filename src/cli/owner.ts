// owner: the commands by which somebody and an agent say that the agent is theirs.
import type { Command } from 'commander';
import { addAccept, addWithdraw } from './owner-accept.ts';
import { addAttest } from './owner-attest.ts';
import { addList } from './owner-list.ts';
import { addRevoke } from './owner-revoke.ts';
import { addStatusList } from './owner-status.ts';
import type { Terminal } from './terminal.ts';

export function addOwner(program: Command, terminal: Terminal): void {
  const owner = program
    .command('owner')
    .description('say that an agent is yours, or whose you are: both halves are signed');
  addAttest(owner, terminal);
  addAccept(owner, terminal);
  addList(owner, terminal);
  addWithdraw(owner, terminal);
  addStatusList(owner, terminal);
  addRevoke(owner, terminal);
}
