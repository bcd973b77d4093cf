// key rotate|recover|move|deactivate|publish: what an agent does with the keys of its did:webvh.
import type { Command } from 'commander';
import type { IdentityKeys } from '../client/identity.ts';
import {
  endIdentity,
  finishChange,
  type IdentityChange,
  type IdentityContext,
  moveIdentity,
  publishIdentity,
  recoverIdentity,
  rotateKey,
} from '../client/identity-acts.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { readAgentKeyFile } from '../key-file.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import { readDidLog } from '../protocol/did-log.ts';
import { lastVersion } from '../protocol/did-log-statement.ts';
import { type AgentOptions, agentOptions, keyPath, nodeUrl } from './agent-session.ts';
import { identityFiles, identityPaths, isThere, openAgentKey } from './identity-files.ts';
import { type PublishOptions, publish, told } from './key-publish.ts';
import { addKeyShow } from './key-show.ts';
import { CommandError, print, type Terminal, wrongCall } from './terminal.ts';

interface ChangeOptions extends AgentOptions, PublishOptions {
  readonly next?: string;
}

export function addKey(program: Command, terminal: Terminal): void {
  const key = program
    .command('key')
    .description('show, rotate, recover, move and end the identity');
  addKeyShow(key, terminal);

  changeOptions(key.command('rotate'))
    .description('put the promised key in place of the one that signs')
    .option('--next <file>', 'the promised key, if you keep it elsewhere')
    .action((options: ChangeOptions) =>
      perform(terminal, options, 'rotated', async (context, crypto) =>
        rotateKey(context, await elsewhere(options, crypto)),
      ),
    );

  changeOptions(key.command('recover'))
    .description('replace all keys by means of the recovery key')
    .requiredOption('--recovery <file>', 'the recovery key')
    .action((options: ChangeOptions & { recovery: string }) =>
      perform(terminal, options, 'recovered', async (context, crypto) =>
        recoverIdentity(context, await recoveryIn(options.recovery, crypto)),
      ),
    );

  changeOptions(key.command('move'))
    .description('have another node host the DID; the key is rotated with it')
    .requiredOption('--to <url>', 'the node')
    .option('--next <file>', 'the promised key, if you keep it elsewhere')
    .action((options: ChangeOptions & { to: string }) => {
      const to = nodeUrl(terminal, { node: options.to });
      return perform(terminal, options, 'moved', async (context, crypto) =>
        moveIdentity({ ...context, origin: to }, await elsewhere(options, crypto)),
      );
    });

  changeOptions(key.command('deactivate'))
    .description('end the DID for good: nothing it signs counts any more, nobody can undo that')
    .requiredOption('--yes', 'you know that it cannot be undone')
    .option('--next <file>', 'the promised key, if you keep it elsewhere')
    .option('--recovery <file>', 'the recovery key instead: for keys that were stolen or lost')
    .action((options: ChangeOptions & { recovery?: string }) =>
      perform(terminal, options, 'ended', async (context, crypto) => {
        const { next, recovery } = options;
        if (recovery === undefined) return endIdentity(context, await elsewhere(options, crypto));
        if (next !== undefined) throw wrongCall('--next and --recovery are two ways to do it.');
        return endIdentity(context, await recoveryIn(recovery, crypto));
      }),
    );

  agentOptions(key.command('publish'))
    .description('send the DID log as it is now to the node')
    .action(async (options: AgentOptions) => {
      const crypto = await loadCrypto();
      const { key: agent } = await openAgentKey(keyPath(terminal, options), crypto);
      const origin = nodeUrl(terminal, options);
      const { now, random } = terminal;
      const { value, line } = told(
        origin,
        await publishIdentity(agent, { origin, crypto, now, random }),
      );
      print(terminal, options, { did: agent.did, ...value }, [agent.did, line]);
    });
}

function changeOptions(command: Command): Command {
  return agentOptions(command).option('--offline', 'only change the files; tell no node');
}

async function elsewhere({ next }: ChangeOptions, crypto: Crypto): Promise<{ next?: Uint8Array }> {
  return next === undefined ? {} : { next: (await readAgentKeyFile(next, crypto)).seed };
}

async function recoveryIn(
  path: string,
  crypto: Crypto,
): Promise<{ did: Did; recovery: Uint8Array }> {
  const { did, seed: recovery } = await readAgentKeyFile(path, crypto);
  if (didMethod(did) === 'webvh') return { did, recovery };
  throw new CommandError(`${path} does not say which did:webvh it is the recovery key of.`, {
    remedy: 'Its member "did" has to: exuvia key show tells the DID.',
  });
}

/** One change of the identity. One that was interrupted before is finished instead. */
async function perform(
  terminal: Terminal,
  options: ChangeOptions & { readonly to?: string },
  done: string,
  act: (context: IdentityContext, crypto: Crypto) => Promise<IdentityChange>,
): Promise<void> {
  const crypto = await loadCrypto();
  const paths = identityPaths(keyPath(terminal, options));
  const storage = identityFiles(paths.key, crypto);
  const origin = nodeUrl(terminal, options);
  const finished = await finishChange(storage);
  if (finished !== null) {
    const { value, line } = await publish(terminal, options, crypto);
    print(terminal, options, { ...describe(finished), finished: true, ...value }, [
      finished.did,
      `An earlier change was interrupted; it is finished: version ${describe(finished).version}.`,
      line,
      'Nothing else was done. Run the command again if you want one more change.',
    ]);
    return;
  }
  const { now, random } = terminal;
  const { offline = false } = options;
  const context = { storage, origin, crypto, now, random, offline };
  const { keys, published } = await act(context, crypto);
  const first = told(options.to ?? origin, published);
  const lines = [
    keys.did,
    `${done}: version ${describe(keys).version}. Where it is known, the earlier keys count no more.`,
    first.line,
  ];
  if (options.to !== undefined && !offline && new URL(options.to).origin !== origin) {
    lines.push((await publish(terminal, options, crypto)).line);
  }
  lines.push('Other nodes are told by your next act there, or by: exuvia key publish --node URL');
  if (await isThere(paths.recovery)) lines.push(`Take ${paths.recovery} to another place.`);
  print(terminal, options, { ...describe(keys), ...first.value }, lines);
}

function describe({ did, log }: IdentityKeys): { did: Did; version: number; versionId: string } {
  const { number: version, versionId } = lastVersion(readDidLog(log));
  return { did, version, versionId };
}
