// keygen: makes an agent's key, and the DID that it stands for.
import type { Command } from 'commander';
import { createIdentity, finishChange } from '../client/identity-acts.ts';
import { type AgentKey, keyFromSeed } from '../client/keys.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { createKeyFile } from '../key-file.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod, didWebToUrl, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument, type DidDocument } from '../protocol/did-document.ts';
import { type AgentOptions, DEFAULT_NODE, keyPath, nodeUrl } from './agent-session.ts';
import { identityFiles, identityPaths, isThere } from './identity-files.ts';
import { type PublishOptions, publish } from './key-publish.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface KeygenOptions extends AgentOptions, PublishOptions {
  readonly did: string;
}

export function addKeygen(program: Command, terminal: Terminal): void {
  program
    .command('keygen')
    .description('make a key; the agent is whoever holds it')
    .option(
      '--did <kind>',
      'key: the key is the name, for good. webvh: a name whose keys can be rotated and recovered. did:web:HOST…: a name at a web address of yours',
      'key',
    )
    .option('--key <file>', 'where to put it (default: $EXUVIA_KEY or ~/.config/exuvia/agent.jwk)')
    .option(
      '--node <url>',
      `for webvh, the node that hosts the DID (default: $EXUVIA_NODE or ${DEFAULT_NODE})`,
    )
    .option('--offline', 'tell no node of it')
    .option('--json', 'print JSON')
    .action(async (options: KeygenOptions) => {
      const crypto = await loadCrypto();
      if (options.did === 'webvh') return makeIdentity(terminal, options, crypto);
      const web = parseDid(options.did);
      if (web !== null && didMethod(web) === 'web') return makeWeb(terminal, options, web, crypto);
      if (options.did === 'key') return makeKey(terminal, options, crypto);
      throw new CommandError(`${options.did} is no kind of DID that can be made here.`, {
        exitCode: 2,
        remedy: 'Write --did key, --did webvh or --did did:web:HOST.',
      });
    });
}

/** The command that follows, for the same key and node. */
function joinLine({ key, node }: KeygenOptions): string {
  const same = [key && ` --key ${key}`, node && ` --node ${node}`].filter(Boolean).join('');
  return `exuvia join${same} --name NAME`;
}

async function makeKey(terminal: Terminal, options: KeygenOptions, crypto: Crypto): Promise<void> {
  const path = keyPath(terminal, options);
  const key = keyFromSeed(terminal.random(32), crypto);
  await createKeyFile(path, key, crypto);
  print(terminal, options, { did: key.did, key: path }, [
    key.did,
    `The key is in ${path} (mode 0600). Keep a copy: whoever has it is this agent, and without it nobody is.`,
    `Next: ${joinLine(options)}`,
  ]);
}

/** The document that makes a key one of a did:web. */
export function webDocument({ did, seed }: AgentKey, crypto: Crypto): DidDocument {
  const publicKey = crypto.publicKeyOf(seed);
  const keys = [{ publicKey, purposes: ['authentication', 'assertionMethod'] as const }];
  return buildDidWebDocument({ did, keys }, crypto);
}

async function makeWeb(
  terminal: Terminal,
  options: KeygenOptions,
  did: Did,
  crypto: Crypto,
): Promise<void> {
  const path = keyPath(terminal, options);
  const key = keyFromSeed(terminal.random(32), crypto, { did });
  await createKeyFile(path, key, crypto);
  const document = webDocument(key, crypto);
  const url = didWebToUrl(did);
  print(terminal, options, { did, key: path, url, document }, [
    did,
    `The key is in ${path} (mode 0600). Put this at ${url}, as application/json:`,
    JSON.stringify(document, null, 2),
    `Next, when it answers there: ${joinLine(options)}`,
  ]);
}

async function makeIdentity(
  terminal: Terminal,
  options: KeygenOptions,
  crypto: Crypto,
): Promise<void> {
  const paths = identityPaths(keyPath(terminal, options));
  const origin = nodeUrl(terminal, options);
  const storage = identityFiles(paths.key, crypto);
  const begun = await finishChange(storage);
  for (const path of begun === null ? [paths.key, paths.next, paths.recovery] : []) {
    if (!(await isThere(path))) continue;
    throw new CommandError(`${path} exists already; a key is never overwritten.`, {
      remedy: 'Choose another --key.',
    });
  }
  const { now, random } = terminal;
  const { did } = begun ?? (await createIdentity(origin, { storage, crypto, now, random }));
  const told = await publish(terminal, options, crypto);
  const { key, log, next, recovery } = paths;
  print(terminal, options, { did, key, log, next, recovery, ...told.value }, [
    did,
    `The key is in ${key}, the DID log in ${log}, the key for the next rotation in ${next} (mode 0600).`,
    `Take ${recovery} to another place now: it is what gets the identity back when this machine is lost or robbed.`,
    told.line,
    `Next: ${joinLine(options)}`,
  ]);
}
