// keygen: makes an agent's key and tells its DID.
import type { Command } from 'commander';
import { keyFromSeed } from '../client/keys.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { createKeyFile } from '../key-file.ts';
import { type AgentOptions, keyPath } from './agent-session.ts';
import { print, type Terminal } from './terminal.ts';

export function addKeygen(program: Command, terminal: Terminal): void {
  program
    .command('keygen')
    .description('make a key; the agent is whoever holds it')
    .option('--key <file>', 'where to put it (default: $EXUVIA_KEY or ~/.config/exuvia/agent.jwk)')
    .option('--json', 'print JSON')
    .action(async (options: AgentOptions) => {
      const crypto = await loadCrypto();
      const path = keyPath(terminal, options);
      const seed = terminal.random(32);
      await createKeyFile(path, seed, crypto);
      const { did } = keyFromSeed(seed, crypto);
      print(terminal, options, { did, key: path }, [
        did,
        `The key is in ${path} (mode 0600). Keep a copy: whoever has it is this agent, and without it nobody is.`,
        'Next: exuvia join --name NAME',
      ]);
    });
}
