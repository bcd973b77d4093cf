// owner revoke: an owner takes a credential back, in their status list or by an act of their own at the agent's node.
import type { Command } from 'commander';
import { keyFromSeed } from '../client/keys.ts';
import { loadCrypto } from '../crypto/platform.ts';
import type { Did } from '../protocol/did.ts';
import type { OwnerCredential } from '../protocol/ownership.ts';
import { DEFAULT_NODE, nodeUrl, type Session, sessionOf } from './agent-session.ts';
import { readCredentialFile } from './credential-file.ts';
import { openAgentKey } from './identity-files.ts';
import { reportOutcome } from './outcome.ts';
import { type OwnerOptions, ownerKeyPath, ownerOptions, readOwner } from './owner-key.ts';
import { readList, signList } from './owner-status.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface RevokeOptions extends OwnerOptions {
  readonly list?: string;
  readonly node?: string;
  readonly days: string;
}

export function addRevoke(owner: Command, terminal: Terminal): void {
  ownerOptions(owner.command('revoke'))
    .description("take a credential back: at the agent's node, or in your status list")
    .argument('<file>', 'the credential')
    .option(
      '--node <url>',
      `where the agent accepted it (default: $EXUVIA_NODE or ${DEFAULT_NODE})`,
    )
    .option('--list <file>', 'set its bit there instead: your list, as owner status-list wrote it')
    .option('--days <n>', 'for how long the list counts', '30')
    .option('--form <form>', 'vc: a proof inside; jwt: a JWT (default: what the key can do)')
    .action(async (file: string, options: RevokeOptions) => {
      const text = await readCredentialFile(file);
      const { readOwnerCredential } = await import('../protocol/owner-credential.ts');
      const credential = readOwnerCredential(text);
      if (credential === null) throw new CommandError(`${file} is no credential of an owner.`);
      if (options.list !== undefined) {
        await revokeInList(terminal, { ...options, list: options.list }, credential);
        return;
      }
      const session = await openOwnerSession(terminal, options, credential.issuer);
      const submitted = await session.write((client) => client.withdrawOwner(text));
      await reportOutcome(terminal, session, options, submitted, 'revoked');
    });
}

async function revokeInList(
  terminal: Terminal,
  options: RevokeOptions & { readonly list: string },
  credential: OwnerCredential,
): Promise<void> {
  const { credentialStatus: status } = credential;
  if (status === undefined) {
    throw new CommandError('This credential names no status list: nothing can revoke it there.', {
      remedy: "Without --list it is revoked at the agent's node, by an Ed25519 key.",
    });
  }
  const { statusListCredential: url, statusListIndex: index } = status;
  const { issuer, bits } = await readList(options.list, url);
  if (issuer !== credential.issuer) {
    throw new CommandError(`${options.list} is a list of ${issuer}, not of ${credential.issuer}.`);
  }
  const { withBit } = await import('../protocol/owner-credential.ts');
  const revoked = { url, bits: withBit(bits, Number(index)), path: options.list };
  const until = await signList(terminal, options, revoked, issuer);
  print(terminal, options, { url, index: Number(index), until, file: options.list }, [
    `revoked: index ${index}. Publish ${options.list} at ${url} now.`,
  ]);
}

/** The owner, as one who signs objects. */
async function openOwnerSession(
  terminal: Terminal,
  options: RevokeOptions,
  issuer: string,
): Promise<Session> {
  const { did, signer } = await readOwner(terminal, options);
  if (did !== issuer) throw new CommandError(`The credential is of ${issuer}, and you are ${did}.`);
  const { kind, secret } = signer.key;
  if (kind !== 'Ed25519') {
    throw new CommandError(`A ${kind} key signs no acts.`, {
      remedy: 'Revoke it in your status list with --list FILE; else the agent withdraws.',
    });
  }
  const crypto = await loadCrypto();
  const path = ownerKeyPath(terminal, options);
  const own = await openAgentKey(path, crypto);
  const named = { did: did as Did, verificationMethod: signer.keyId };
  const key = own.key.did === did ? own.key : keyFromSeed(secret, crypto, named);
  return sessionOf(terminal, { key, path, origin: nodeUrl(terminal, options) }, crypto);
}
