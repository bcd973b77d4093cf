// An owner at the command line: the key file, Ed25519 or EC, and the DID that speaks for it.
import { createPrivateKey, type JsonWebKeyInput, sign, verify } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readKeyText } from '../key-file.ts';
import { fromBase64url, utf8 } from '../protocol/bytes.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import type {
  CredentialMediaType,
  CredentialSigner,
  OwnerDid,
} from '../protocol/owner-credential.ts';
import { ownerDidOfKey, parseOwnerDid } from '../protocol/owner-did.ts';
import { MAX_OWNERSHIP } from '../protocol/ownership.ts';
import { type PublicKey, publicKeyFromJwk, publicKeyToMultibase } from '../protocol/public-key.ts';
import { CommandError, type Terminal, wrongCall } from './terminal.ts';

const DAY = 86_400;

export interface OwnerOptions {
  readonly key?: string;
  readonly did?: string;
  readonly keyName?: string;
  readonly form?: string;
  readonly json?: boolean;
}

export interface Owner {
  readonly did: OwnerDid;
  readonly signer: CredentialSigner;
}

/** Adds the options that every command of an owner has. */
export function ownerOptions(command: Command): Command {
  return command
    .option(
      '--key <file>',
      "the owner's key: a JWK, Ed25519, P-256 or secp256k1 (default: $EXUVIA_OWNER_KEY or ~/.config/exuvia/owner.jwk)",
    )
    .option(
      '--did <did>',
      "the owner's did:web or did:webvh (default: what the key file says, else the key's did:key)",
    )
    .option(
      '--key-name <fragment>',
      'what the document of --did calls the key (default: its Multikey)',
    )
    .option('--json', 'print JSON');
}

/** Whose key file is named. Makers of signatures check nothing: a wrong DID shows when somebody verifies. */
export async function readOwner(terminal: Terminal, options: OwnerOptions): Promise<Owner> {
  const path = ownerKeyPath(terminal, options);
  const { publicKey, secret, named } = parseKey(path, await readKeyText(path));
  const own = ownerDidOfKey(publicKey);
  const chosen = options.did ?? named.did ?? own;
  const did = typeof chosen === 'string' ? parseOwnerDid(chosen) : null;
  if (did === null) {
    throw new CommandError(`${chosen} is not a DID of an owner.`, {
      exitCode: 2,
      remedy: 'Write it like did:web:corp.example.',
    });
  }
  if (did.startsWith('did:key:') && did !== own) {
    throw new CommandError(`The key in ${path} is not that of ${did}.`);
  }
  const keyId = `${did}#${options.keyName ?? nameIn(named, did) ?? publicKeyToMultibase(publicKey)}`;
  return { did, signer: { key: { kind: publicKey.kind, secret }, keyId } };
}

/** What the key file says that the document of `did` calls the key. */
function nameIn({ verificationMethod: id }: Named, did: OwnerDid): string | undefined {
  return typeof id === 'string' && id.startsWith(`${did}#`) ? id.slice(did.length + 1) : undefined;
}

/** The form that is asked for: a proof inside where the key can make one, a JWT otherwise. */
export function formOf({ signer }: Owner, { form }: OwnerOptions): CredentialMediaType {
  const { kind } = signer.key;
  if (form === undefined) return kind === 'Ed25519' ? 'application/vc' : 'application/vc+jwt';
  if (form === 'jwt') return 'application/vc+jwt';
  if (form === 'vc' && kind === 'Ed25519') return 'application/vc';
  throw new CommandError(
    form === 'vc' ? `A ${kind} key signs JWTs alone.` : `There is no form ${form}.`,
    { exitCode: 2, remedy: 'Write --form jwt, or --form vc with an Ed25519 key.' },
  );
}

/** When it is to end, in seconds: at an instant, or after a number of days. */
export function endOf(
  { days, until }: { readonly days: string; readonly until?: string },
  now: number,
): number {
  const end =
    until === undefined
      ? now + Math.floor(Number(days) * DAY)
      : (parseDateTime(until) ?? Number.NaN);
  if (end > now && end - now <= MAX_OWNERSHIP) return end;
  throw wrongCall(`It must end within 1 to ${MAX_OWNERSHIP / DAY} days.`);
}

/** The key file that is named, or the usual one. */
export function ownerKeyPath(terminal: Terminal, options: OwnerOptions): string {
  const chosen = options.key ?? terminal.env.EXUVIA_OWNER_KEY;
  if (chosen) return chosen;
  const home = terminal.env.HOME ?? terminal.env.USERPROFILE;
  if (!home) {
    throw new CommandError('There is no home folder to keep the key in.', {
      remedy: 'Name a file: --key FILE',
    });
  }
  return join(home, '.config', 'exuvia', 'owner.jwk');
}

/** Members of a key file that are not the key's: whose it is. */
interface Named {
  readonly did?: unknown;
  readonly verificationMethod?: unknown;
}

interface KeyInFile {
  readonly publicKey: PublicKey;
  readonly secret: Uint8Array;
  readonly named: Named;
}

function parseKey(path: string, text: string): KeyInFile {
  try {
    const { d, ...publicJwk } = JSON.parse(text);
    const publicKey = publicKeyFromJwk(publicJwk);
    const secret = typeof d === 'string' ? fromBase64url(d) : null;
    if (publicKey !== null && secret?.length === 32 && belongTogether({ ...publicJwk, d })) {
      return { publicKey, secret, named: publicJwk };
    }
  } catch {
    // What is no JSON or no key for node:crypto either is told below.
  }
  throw new CommandError(
    `${path} is not a private JWK (Ed25519, P-256 or secp256k1) whose parts belong together.`,
  );
}

/** A wrong x or y would sign under a key that nobody can verify. */
function belongTogether(jwk: JsonWebKeyInput['key']): boolean {
  const hash = jwk.kty === 'OKP' ? null : 'sha256';
  const { d: _, ...publicJwk } = jwk;
  const probe = utf8('exuvia');
  const signature = sign(hash, probe, createPrivateKey({ key: jwk, format: 'jwk' }));
  return verify(hash, probe, { key: publicJwk, format: 'jwk' }, signature);
}
