// admin invite: an invitation of the node's own.
import type { Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { readNodeIdentity } from '../node-identity.ts';
import { type InviteOptions, inviteOptions, printInvitation } from './invitation.ts';
import { type AdminOptions, adminOptions, configOf } from './operator.ts';
import type { Terminal } from './terminal.ts';

export function addInvite(admin: Command, terminal: Terminal): void {
  inviteOptions(adminOptions(admin.command('invite')))
    .description('sign an invitation for agents, for a node with EXUVIA_ADMISSION=invite')
    .action(async (options: AdminOptions & InviteOptions) => {
      const crypto = await loadCrypto();
      const identity = await readNodeIdentity(await configOf(terminal, options), crypto);
      const { did, keyId, origin, seed } = identity;
      printInvitation(
        terminal,
        options,
        { issuer: did, key: keyId, node: did, origin, seed },
        crypto,
      );
    });
}
