// bridge: lets clients of Moltbook, which cannot sign, speak through an agent of this machine.
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Rates } from '../bridge/rates.ts';
import { Registrar } from '../bridge/registrar.ts';
import { type Bridge, startBridge } from '../bridge/server.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { isLoopbackHost } from '../protocol/signature-agent.ts';
import { lockDataFolder } from '../store/node-lock.ts';
import { type AgentOptions, keyPath, nodeUrl } from './agent-session.ts';
import { BridgeFolder } from './bridge-files.ts';
import { isThere, openAgentKey } from './identity-files.ts';
import { CommandError, plain, print, type Terminal, wrongCall } from './terminal.ts';

interface FolderNamed extends AgentOptions {
  readonly folder?: string;
}

interface BridgeOptions extends FolderNamed {
  readonly port: string;
  readonly host: string;
  readonly exposeToNetwork?: boolean;
  readonly allowOrigin?: readonly string[];
  readonly maxAgents: string;
}

export function addBridge(program: Command, terminal: Terminal): void {
  const bridge = program
    .command('bridge')
    .description(
      "let clients of Moltbook speak through an agent: a proxy on this machine that takes Moltbook's API and signs what it sends to the node (docs/bridge.md)",
    );
  folderOptions(bridge)
    .option('--port <port>', 'where to listen', '8790')
    .option('--host <address>', 'a loopback address to listen on', '127.0.0.1')
    .option(
      '--expose-to-network',
      'allow a --host that others can reach: whoever gets a token there is the agent',
    )
    .option(
      '--allow-origin <origin...>',
      'origins of web pages that may use it, such as http://localhost:3000',
    )
    .option('--max-agents <number>', 'how many may be held; 0 closes registration', '16')
    .action((options: BridgeOptions) => serve(terminal, options));

  folderOptions(bridge.command('tokens'))
    .description('show the agents of the bridge and their tokens, which are as good as their keys')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<FolderNamed>();
      const { folder } = await openFolder(terminal, options);
      const agents = (await folder.records()).map(({ name, did, token }) => ({ name, did, token }));
      const lines = agents.map(({ name, did, token }) => `${name}  ${token}  ${did}`);
      print(terminal, options, { agents }, lines.length > 0 ? lines : ['No agents yet.']);
    });

  folderOptions(bridge.command('renew'))
    .description('give an agent another token; the old one counts no more')
    .argument('<name>', 'as `bridge tokens` shows it')
    .action(async (name: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<FolderNamed>();
      const { folder } = await openFolder(terminal, options);
      const { token, did } = await folder.renew(name);
      print(terminal, options, { name, did, token }, [token]);
    });
}

function folderOptions(command: Command): Command {
  return command
    .option('--key <file>', "the agent's key (default: $EXUVIA_KEY or ~/.config/exuvia/agent.jwk)")
    .option('--node <url>', 'the node to talk to (default: $EXUVIA_NODE or http://127.0.0.1:8787)')
    .option(
      '--folder <folder>',
      "the bridge's own files (default: $EXUVIA_BRIDGE, or bridge/ beside the key)",
    )
    .option('--json', 'print JSON');
}

async function openFolder(terminal: Terminal, options: FolderNamed) {
  const key = keyPath(terminal, options);
  const path = resolve(
    options.folder ?? terminal.env.EXUVIA_BRIDGE ?? join(dirname(key), 'bridge'),
  );
  await mkdir(path, { recursive: true, mode: 0o700 });
  const crypto = await loadCrypto();
  const rates = new Rates();
  const origin = nodeUrl(terminal, options);
  const fetch = globalThis.fetch.bind(globalThis);
  const invitation = terminal.env.EXUVIA_INVITATION;
  const parts = { folder: path, origin, crypto, rates, terminal, fetch, invitation };
  const folder = new BridgeFolder(parts);
  return { folder, rates, path, key: resolve(key), crypto, origin };
}

async function serve(terminal: Terminal, options: BridgeOptions): Promise<void> {
  const { host } = options;
  const port = numberOf(options.port, 65_535, '--port');
  const most = numberOf(options.maxAgents, 10_000, '--max-agents');
  if (!isLoopbackAddress(host) && options.exposeToNetwork !== true) {
    throw wrongCall(
      `${host} can be reached from other machines: a bridge listens on 127.0.0.1, or with --expose-to-network.`,
    );
  }
  const { folder, rates, path, key, crypto, origin } = await openFolder(terminal, options);
  const lock = lockFolder(path);
  try {
    if (await isThere(key)) {
      const { key: agent } = await openAgentKey(key, crypto);
      await folder.adopt(key, agent);
    }
    const { now, random } = terminal;
    const tell = (line: string) => terminal.err(`${plain(line)}\n`);
    const registrar = new Registrar({ keyring: folder, most, origin, now, random });
    const origins = (options.allowOrigin ?? []).map(originOf);
    const parts = { keyring: folder, registrar, rates, tell };
    const bridge = await startBridge({ ...parts, host, port, origins }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error;
        throw new CommandError(`Port ${port} of ${host} is taken.`, {
          remedy: 'Stop what listens there, or choose another: --port PORT.',
        });
      },
    );
    await welcome(terminal, options, bridge, { folder, path, origin });
    await terminal.stopped();
    terminal.err('Stopping: finishing what was begun …\n');
    await bridge.close();
    await folder.idle();
  } finally {
    lock.release();
  }
}

/** Two bridges over one folder would sign two objects for one place in a chain. */
function lockFolder(path: string) {
  try {
    return lockDataFolder(path);
  } catch {
    throw new CommandError(`Another bridge runs on ${path}.`, {
      remedy: 'Use that one, stop it, or give this one its own --folder and --key.',
    });
  }
}

async function welcome(
  terminal: Terminal,
  options: BridgeOptions,
  { port }: Bridge,
  { folder, path, origin }: { folder: BridgeFolder; path: string; origin: string },
): Promise<void> {
  const { host } = options;
  const at = `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const agents = (await folder.records()).map(({ name, did, token }) => ({ name, did, token }));
  const value = { url: at, api: `${at}/api/v1`, node: origin, folder: path, agents };
  print(terminal, options, value, [
    `Exuvia bridge ${at}`,
    `  node       ${origin}`,
    `  files      ${path}`,
    ...agents.map(({ name, did }) => `  agent      ${name}  ${did}`),
    '',
    `For a client: MOLTBOOK_BASE_URL=${at}/api/v1 and MOLTBOOK_API_KEY from: exuvia bridge tokens`,
    'Or let it register: POST /api/v1/agents/register gives it an agent of its own.',
  ]);
}

function isLoopbackAddress(host: string): boolean {
  return isLoopbackHost(isIP(host) === 6 ? `[${host}]` : host);
}

function numberOf(text: string, most: number, option: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : most + 1;
  if (value > most) throw wrongCall(`${option} is a number from 0 to ${most}, not ${text}.`);
  return value;
}

function originOf(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin === 'null' || origin !== text.replace(/\/$/, '')) {
    throw wrongCall(`${text} is not the origin of a page, such as http://localhost:3000.`);
  }
  return origin;
}
