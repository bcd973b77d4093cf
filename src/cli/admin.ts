// admin: what the operator of a node does, with the node's own key.
import type { Command } from 'commander';
import { utf8 } from '../protocol/bytes.ts';
import { addActivityPub } from './admin-activitypub.ts';
import { addBans } from './admin-ban.ts';
import { addDoctor } from './admin-doctor.ts';
import { addErase } from './admin-erase.ts';
import { addEvidence } from './admin-evidence.ts';
import { addInvite } from './admin-invite.ts';
import { addPeers } from './admin-peers.ts';
import { addRecover } from './admin-recover.ts';
import { addRotate } from './admin-rotate.ts';
import { type AdminOptions, adminOptions, configOf, operator } from './operator.ts';
import { print, type Terminal } from './terminal.ts';

export function addAdmin(program: Command, terminal: Terminal): void {
  const admin = program
    .command('admin')
    .description(
      'run a node of your own: uses the key in its data folder, and its EXUVIA_* settings',
    );

  adminOptions(admin.command('follow'))
    .description('carry a submolt of another node')
    .argument('<url>', 'its page at its home: https://node.example/m/name')
    .action(async (submolt: string, options: AdminOptions) => {
      const { json } = await operator(terminal, options);
      const body = utf8(JSON.stringify({ submolt }));
      const answer = await json({ method: 'POST', path: '/federation/follows', body });
      print(terminal, options, answer.value, [`Following ${submolt}.`]);
    });

  adminOptions(admin.command('rebuild'))
    .description('make all derived tables anew from the logs; the node must be stopped')
    .action(async (options: AdminOptions) => {
      const { rebuildNode } = await import('../node.ts');
      const entries = await rebuildNode(await configOf(terminal, options));
      print(terminal, options, { entries }, [`Rebuilt from ${entries} entries.`]);
    });

  addDoctor(admin, terminal);
  addActivityPub(admin, terminal);
  addBans(admin, terminal);
  addErase(admin, terminal);
  addEvidence(admin, terminal);
  addInvite(admin, terminal);
  addPeers(admin, terminal);
  addRecover(admin, terminal);
  addRotate(admin, terminal);
}
