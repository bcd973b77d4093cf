// key show: who the agent is, which keys it has where, and what the node knows of it.
import type { Command } from 'commander';
import type { AgentKey } from '../client/keys.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { readAgentKeyFile } from '../key-file.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { didWebToUrl, subjectOf } from '../protocol/did.ts';
import { readDidLog } from '../protocol/did-log.ts';
import { lastVersion } from '../protocol/did-log-statement.ts';
import { ed25519ToMultibase } from '../protocol/multikey.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { type AgentOptions, agentOptions, keyPath, nodeUrl } from './agent-session.ts';
import { type IdentityPaths, identityPaths, isThere, openAgentKey } from './identity-files.ts';
import { askNodes, knowledgeLine, roomIn } from './key-knowledge.ts';
import { webDocument } from './keygen.ts';
import { print, type Terminal } from './terminal.ts';

interface ShowOptions extends AgentOptions {
  readonly log?: boolean;
}

interface KeyNames {
  readonly thumbprint: string;
  readonly multikey: string;
  readonly file: string;
}

export function addKeyShow(group: Command, terminal: Terminal): void {
  agentOptions(group.command('show'))
    .description('tell who the agent is and what the node knows of it')
    .option('--log', 'print the DID log, or the document of a did:web, and nothing else')
    .action(async (options: ShowOptions) => {
      const crypto = await loadCrypto();
      const paths = identityPaths(keyPath(terminal, options));
      const { key } = await openAgentKey(paths.key, crypto);
      if (options.log) return printLog(terminal, key, crypto);
      const { did } = key;
      const signing = namesOf(key.seed, paths.key, crypto);
      const common = { did, subject: subjectOf(did), key: signing };
      if (key.didLog === undefined) {
        const url = didWebToUrl(did);
        print(terminal, options, { ...common, document: url }, [
          did,
          keyLine('key', signing),
          url === null
            ? 'The key is the name: it cannot be rotated or recovered.'
            : `document  ${url} (exuvia key show --log prints what has to be there)`,
        ]);
        return;
      }
      const log = readDidLog(key.didLog);
      const held = await heldKeys(paths, crypto);
      const nodes = await askNodes(log, nodeUrl(terminal, options), terminal, key, crypto);
      const room = roomIn(key.didLog);
      const { versionId, number: version, versionTime } = lastVersion(log);
      const { deactivated } = log;
      const value = {
        ...common,
        version,
        versionId,
        versionTime,
        deactivated,
        room,
        ...held,
        nodes,
      };
      print(terminal, options, value, [
        did,
        `subject   ${common.subject}`,
        `version   ${version}, of ${versionTime}; room for some ${room} more`,
        keyLine('key', signing),
        ...(deactivated
          ? ['ENDED     nothing that this agent signs counts where it is known']
          : []),
        held.next === null
          ? 'next      not here: --next FILE when you rotate'
          : keyLine('next', held.next),
        held.recovery === null
          ? 'recovery  not here, as it should be'
          : `recovery  still in ${held.recovery}: take it to another place`,
        ...nodes.map(knowledgeLine),
      ]);
    });
}

function printLog(terminal: Terminal, key: AgentKey, crypto: Crypto): void {
  const { did, didLog } = key;
  const text = didLog ?? JSON.stringify(webDocument(key, crypto), null, 2);
  print(terminal, {}, null, [did.startsWith('did:key:') ? did : text.trimEnd()]);
}

function namesOf(seed: Uint8Array, file: string, crypto: Crypto): KeyNames {
  const publicKey = crypto.publicKeyOf(seed);
  const multikey = ed25519ToMultibase(publicKey);
  return { thumbprint: jwkThumbprint(publicKey, crypto), multikey, file };
}

function keyLine(name: string, { thumbprint, multikey, file }: KeyNames): string {
  return `${name.padEnd(9)} ${thumbprint}  ${multikey}  ${file}`;
}

async function heldKeys(
  { next, recovery }: IdentityPaths,
  crypto: Crypto,
): Promise<{ next: KeyNames | null; recovery: string | null }> {
  const promised = (await isThere(next)) ? await readAgentKeyFile(next, crypto) : null;
  return {
    next: promised && namesOf(promised.seed, next, crypto),
    recovery: (await isThere(recovery)) ? recovery : null,
  };
}
