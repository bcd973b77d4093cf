// admin rotate: another log, witness or node key, put in force by the next start of the node.
import { Argument, type Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { NODE_KEYS, type NodeKey, prepareKey } from '../next-keys.ts';
import { type AdminOptions, adminOptions, configOf } from './operator.ts';
import { print, type Terminal } from './terminal.ts';

export function addRotate(admin: Command, terminal: Terminal): void {
  adminOptions(admin.command('rotate'))
    .description(
      'replace a key of a stopped node; the new one is stated and in force from its next start on, and peers follow by themselves',
    )
    .addArgument(new Argument('<key>', 'which one').choices(NODE_KEYS))
    .action(async (key: NodeKey, options: AdminOptions) => {
      const config = await configOf(terminal, options);
      const made = await prepareKey(config, key, await loadCrypto(), terminal.random);
      print(terminal, options, { key, ...made }, [
        `Another ${key} is ready: ${made.next}`,
        `It takes the place of ${made.before} when the node is started.`,
      ]);
    });
}
