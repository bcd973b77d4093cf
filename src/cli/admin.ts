// admin: what the operator of a node does, with the node's own key.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Connection, connect } from '../client/connection.ts';
import { type Config, readConfig } from '../config.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { readNodeIdentity } from '../node-identity.ts';
import { utf8 } from '../protocol/bytes.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface AdminOptions {
  readonly data?: string;
  readonly json?: boolean;
}

interface PeerState {
  readonly did: string;
  readonly url: string;
  readonly [key: string]: unknown;
}

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

  adminOptions(admin.command('peers'))
    .description('list the nodes this one exchanges logs with')
    .action(async (options: AdminOptions) => {
      const { json } = await operator(terminal, options);
      const { value } = await json<{ peers: PeerState[] }>({
        method: 'GET',
        path: '/federation/peers',
      });
      const lines = value.peers.map((peer) => JSON.stringify(peer));
      print(terminal, options, value, lines.length > 0 ? lines : ['No peers yet.']);
    });

  adminOptions(admin.command('rebuild'))
    .description('make all derived tables anew from the logs; the node must be stopped')
    .action(async (options: AdminOptions) => {
      const { rebuildNode } = await import('../node.ts');
      const entries = await rebuildNode(await configOf(terminal, options));
      print(terminal, options, { entries }, [`Rebuilt from ${entries} entries.`]);
    });
}

function adminOptions(command: Command): Command {
  return command
    .option('--data <folder>', 'EXUVIA_DATA: the data folder of the node')
    .option('--json', 'print JSON');
}

/** Settings of a node that has been started before: nothing here makes one by mistake. */
async function configOf(terminal: Terminal, options: AdminOptions): Promise<Config> {
  const data = options.data === undefined ? {} : { EXUVIA_DATA: options.data };
  const config = readConfig({ ...terminal.env, ...data });
  if (!existsSync(join(config.dataDir, 'node-key.jwk'))) {
    throw new CommandError(`There is no node in ${config.dataDir}.`, {
      remedy: 'Name its data folder: --data FOLDER, or EXUVIA_DATA.',
    });
  }
  return config;
}

/** A connection to the running node, signed as the node itself: only its operator has that key. */
async function operator(terminal: Terminal, options: AdminOptions): Promise<Connection> {
  const crypto = await loadCrypto();
  const config = await configOf(terminal, options);
  const { did, seed, keyId, origin } = await readNodeIdentity(config, crypto);
  const key = { did, seed, verificationMethod: keyId };
  return connect({ origin, key, crypto, now: terminal.now, random: terminal.random });
}
