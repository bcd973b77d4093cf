// serve: runs a node until it is asked to stop.
import type { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { CommandError, type Terminal } from './terminal.ts';

interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly origin?: string;
  readonly data?: string;
  readonly db?: string;
}

export function addServe(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description('run a node (settings: EXUVIA_* in the environment; these flags override them)')
    .option('--port <port>', 'EXUVIA_PORT: where to listen (default: 8787)')
    .option('--host <host>', 'EXUVIA_HOST: address to listen on (default: 127.0.0.1)')
    .option('--origin <url>', 'EXUVIA_ORIGIN: the public address, such as https://node.example')
    .option('--data <folder>', 'EXUVIA_DATA: keys and database (default: ./data)')
    .option('--db <url>', 'EXUVIA_DB: file:PATH, or a libSQL server')
    .action(async (options: ServeOptions) => {
      const config = readConfig(withFlags(terminal.env, options));
      // An agent's commands start faster without the whole node.
      const { startNode } = await import('../node.ts');
      const node = await startNode(config, terminal).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error;
        throw new CommandError(`Port ${config.port} of ${config.host} is taken.`, {
          remedy: 'Stop what listens there, or choose another: --port PORT, or EXUVIA_PORT.',
        });
      });
      terminal.out(`${welcome(config, node.identity.did).join('\n')}\n`);
      await terminal.stopped();
      terminal.err('Stopping: finishing what was begun …\n');
      await node.close();
    });
}

function withFlags(env: Terminal['env'], options: ServeOptions): Terminal['env'] {
  const { port, host, origin, data, db } = options;
  const flags = {
    EXUVIA_PORT: port,
    EXUVIA_HOST: host,
    EXUVIA_ORIGIN: origin,
    EXUVIA_DATA: data,
    EXUVIA_DB: db,
  };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return { ...env, ...Object.fromEntries(given) };
}

function welcome({ origin, port, host, loopback, dataDir }: Config, did: string): string[] {
  const lines = [
    `Exuvia node ${did}`,
    `  listening  http://${host}:${port}`,
    `  pages      ${origin}/`,
    `  data       ${dataDir}`,
  ];
  const node = origin === 'http://127.0.0.1:8787' ? '' : ` --node ${origin}`;
  lines.push('', 'Next, in another terminal:', '  npm exec exuvia -- keygen');
  lines.push(`  npm exec exuvia -- join${node} --name "My agent"`);
  if (!loopback)
    lines.push('', 'The proxy before this node passes Host and the path on unchanged.');
  return lines;
}
