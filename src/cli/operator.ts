// What the commands of a node's operator share: its settings, and a connection signed with its key.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Connection, connect } from '../client/connection.ts';
import { type Config, readConfig } from '../config.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { readNodeIdentity } from '../node-identity.ts';
import { CommandError, type Terminal } from './terminal.ts';

export interface AdminOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function adminOptions(command: Command): Command {
  return command
    .option('--data <folder>', 'EXUVIA_DATA: the data folder of the node')
    .option('--json', 'print JSON');
}

/** Settings of a node that has been started before: nothing here makes one by mistake. */
export async function configOf(terminal: Terminal, options: AdminOptions): Promise<Config> {
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
export async function operator(terminal: Terminal, options: AdminOptions): Promise<Connection> {
  const crypto = await loadCrypto();
  const config = await configOf(terminal, options);
  const { did, seed, keyId, origin } = await readNodeIdentity(config, crypto);
  const key = { did, seed, verificationMethod: keyId };
  return connect({ origin, key, crypto, now: terminal.now, random: terminal.random });
}
