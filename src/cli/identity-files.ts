// An agent's identity in files beside its key: the DID log, the promised key, the recovery key, and a change that is not finished.
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type IdentityKeys, type IdentityStorage, unfinishedChange } from '../client/identity.ts';
import { finishChange } from '../client/identity-acts.ts';
import { type AgentKey, keyFromJwk, keyFromSeed, keyToJwk } from '../client/keys.ts';
import { keyFileText, readAgentKeyFile } from '../key-file.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { didMethod, scidOf } from '../protocol/did.ts';
import { type DidLog, readDidLog } from '../protocol/did-log.ts';
import { keysOfDidLog } from '../protocol/did-log-statement.ts';
import { createSecretFile, removeSecretFile, replaceSecretFile } from '../secret-file.ts';
import { CommandError } from './terminal.ts';

export interface IdentityPaths {
  readonly key: string;
  readonly log: string;
  readonly next: string;
  readonly recovery: string;
  readonly spent: string;
  /** Keys that were given up: they sign nothing more, and open what was sealed for them. */
  readonly former: string;
  readonly prepared: string;
}

const UNCHANGEABLE = {
  key: 'A did:key is its key for ever. For one that can be rotated: exuvia keygen --did webvh --key FILE',
  web: 'The keys of a did:web are what its document says. Make one with exuvia keygen --did DID --key FILE, and put its document on the web.',
};

/** Where the identity whose key is in `agent.jwk` has its other files. */
export function identityPaths(key: string): IdentityPaths {
  const stem = key.replace(/\.jwk$/, '');
  return {
    key,
    log: `${stem}.did.jsonl`,
    next: `${stem}.next.jwk`,
    recovery: `${stem}.recovery.jwk`,
    spent: `${stem}.recovery-spent.jwk`,
    former: `${stem}.former.json`,
    prepared: `${stem}.prepared.json`,
  };
}

/** The identity in those files, all of mode 0600 but the DID log's content being public. */
export function identityFiles(path: string, crypto: Crypto): IdentityStorage {
  const paths = identityPaths(path);
  const loadPrepared = async () => {
    const text = await readIfThere(paths.prepared);
    return text === null ? null : parsePrepared(text, crypto);
  };
  const discard = () => removeSecretFile(paths.prepared);
  return {
    loadPrepared,
    discard,
    load: () => loadIdentity(paths, crypto),
    async prepare(keys) {
      await mkdir(dirname(path), { recursive: true });
      const made = await createSecretFile(paths.prepared, preparedText(keys, crypto));
      if (!made) throw unfinishedChange();
    },
    async commit() {
      const keys = await loadPrepared();
      if (keys === null) return;
      // Any of these may be written twice: what is prepared goes last.
      await replaceSecretFile(paths.log, keys.log);
      if (keys.next !== null) await writeKey(paths.next, keys.next, keys, crypto);
      if (keys.recovery !== null) {
        await keepSpent(paths, keys.recovery, crypto);
        await writeKey(paths.recovery, keys.recovery, keys, crypto);
      }
      await keepFormer(paths, keys.key, crypto);
      await writeKey(paths.key, keys.key, keys, crypto);
      await discard();
    },
  };
}

/** Completes a change that an earlier run prepared, and gives the agent's key with all that belongs to it. */
export async function openAgentKey(
  path: string,
  crypto: Crypto,
): Promise<{
  readonly key: AgentKey;
  readonly finished: boolean;
  /** Seeds of keys that it has given up. */
  readonly former: readonly Uint8Array[];
}> {
  const storage = identityFiles(path, crypto);
  const finished = (await finishChange(storage)) !== null;
  const key = await readAgentKeyFile(path, crypto);
  if (didMethod(key.did) !== 'webvh') return { key, finished, former: [] };
  const former = await readFormer(identityPaths(path), crypto);
  const { log } = (await storage.load()) as IdentityKeys;
  return { key: { ...key, didLog: log }, finished, former };
}

async function loadIdentity(paths: IdentityPaths, crypto: Crypto): Promise<IdentityKeys | null> {
  if (!(await isThere(paths.key))) return null;
  const { did, seed } = await readAgentKeyFile(paths.key, crypto);
  if (didMethod(did) !== 'webvh') {
    throw new CommandError(`${paths.key} is the key of ${did}, which has no DID log to change.`, {
      remedy: UNCHANGEABLE[didMethod(did) === 'web' ? 'web' : 'key'],
    });
  }
  const log = await readIfThere(paths.log);
  if (log === null) {
    throw new CommandError(`The DID log of ${did} is missing: ${paths.log}`, {
      remedy: `Every node that knows the agent has a copy, at /dids/${scidOf(did)}/did.jsonl.`,
    });
  }
  requireListed(readLog(log, paths.log), { did, publicKey: crypto.publicKeyOf(seed), paths });
  const next = (await isThere(paths.next)) ? await readAgentKeyFile(paths.next, crypto) : null;
  // The recovery key is not read: it is not needed here, and should not be here.
  return { did, log, key: seed, next: next?.seed ?? null, recovery: null };
}

function readLog(text: string, path: string): DidLog {
  try {
    return readDidLog(text);
  } catch {
    throw new CommandError(`${path} is not a DID log.`);
  }
}

/** A key beside the log of another version would sign what nobody accepts. */
function requireListed(
  log: DidLog,
  { did, publicKey, paths }: { did: string; publicKey: Uint8Array; paths: IdentityPaths },
): void {
  const keys = keysOfDidLog(log, 'assertionMethod');
  const there = keys.some((key) => equalBytes(key.publicKey, publicKey));
  if (log.did === did && there) return;
  throw new CommandError(`${paths.key} and ${paths.log} are of different versions.`, {
    remedy: 'Take both from one copy; the DID log that nodes serve tells which key is in force.',
  });
}

/** A recovery key that was used is moved aside: nodes that refuse the new version still know its promise. */
async function keepSpent({ recovery, spent }: IdentityPaths, made: Uint8Array, crypto: Crypto) {
  if (!(await isThere(recovery))) return;
  const { seed } = await readAgentKeyFile(recovery, crypto);
  if (!equalBytes(seed, made)) await rename(recovery, spent);
}

/** Without it, messages that were sealed for the key that goes would be lost with it. */
async function keepFormer(paths: IdentityPaths, made: Uint8Array, crypto: Crypto): Promise<void> {
  if (!(await isThere(paths.key))) return;
  const { seed } = await readAgentKeyFile(paths.key, crypto);
  const former = await readFormer(paths, crypto);
  if ([made, ...former].some((one) => equalBytes(one, seed))) return;
  const jwks = [...former, seed].map((one) => keyToJwk(keyFromSeed(one, crypto), crypto));
  await replaceSecretFile(paths.former, `${JSON.stringify({ keys: jwks })}\n`);
}

async function readFormer({ former }: IdentityPaths, crypto: Crypto): Promise<Uint8Array[]> {
  const text = await readIfThere(former);
  if (text === null) return [];
  const { keys } = JSON.parse(text) as { readonly keys: readonly unknown[] };
  return keys.map((jwk) => keyFromJwk(jwk, crypto).seed);
}

function writeKey(path: string, seed: Uint8Array, { did }: IdentityKeys, crypto: Crypto) {
  return replaceSecretFile(path, keyFileText(keyFromSeed(seed, crypto, { did }), crypto));
}

function preparedText({ did, log, ...seeds }: IdentityKeys, crypto: Crypto): string {
  const jwk = (seed: Uint8Array | null) =>
    seed && keyToJwk(keyFromSeed(seed, crypto, { did }), crypto);
  const keys = { key: jwk(seeds.key), next: jwk(seeds.next), recovery: jwk(seeds.recovery) };
  return `${JSON.stringify({ did, log, ...keys })}\n`;
}

function parsePrepared(text: string, crypto: Crypto): IdentityKeys {
  const { log, key, next, recovery } = JSON.parse(text);
  const seedOf = (jwk: unknown) => (jwk === null ? null : keyFromJwk(jwk, crypto).seed);
  const { did, seed } = keyFromJwk(key, crypto);
  return { did, log, key: seed, next: seedOf(next), recovery: seedOf(recovery) };
}

/** The text of a file, or null where there is none. */
async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** Whether there is anything under that name. */
export async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
