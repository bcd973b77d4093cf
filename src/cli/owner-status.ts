// owner status-list: the signed list in which an owner takes credentials back.
import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { isStatusListUrl } from '../protocol/ownership.ts';
import { readCredentialFile, writeCredentialFile } from './credential-file.ts';
import { endOf, formOf, type OwnerOptions, ownerOptions, readOwner } from './owner-key.ts';
import { CommandError, print, type Terminal, wrongCall } from './terminal.ts';

interface ListOptions extends OwnerOptions {
  readonly url: string;
  readonly days: string;
  readonly out: string;
}

export function addStatusList(owner: Command, terminal: Terminal): void {
  ownerOptions(owner.command('status-list'))
    .description('write the signed list for its address; an old one is signed anew, as it stands')
    .requiredOption('--url <url>', 'where you will publish it')
    .requiredOption('--out <file>', 'the file')
    .option('--days <n>', 'for how long it counts', '30')
    .option('--form <form>', 'vc: a proof inside; jwt: a JWT (default: what the key can do)')
    .action(async (options: ListOptions) => {
      const { url, out } = options;
      if (!isStatusListUrl(url)) throw wrongCall(`${url} is no https address of a status list.`);
      const exists = await access(out).then(
        () => true,
        () => false,
      );
      const { createBitstring } = await import('../protocol/owner-credential.ts');
      const old = exists ? await readList(out, url) : null;
      const list = { url, bits: old?.bits ?? createBitstring(), path: out };
      const until = await signList(terminal, options, list, old?.issuer);
      print(terminal, options, { url, until, file: out }, [
        `${out} counts until ${until}. Publish it at ${url}, and sign it anew before.`,
      ]);
    });
}

export async function readList(path: string, url: string) {
  const { readStatusList } = await import('../protocol/owner-credential.ts');
  const list = await readStatusList(await readCredentialFile(path));
  if (list === null) throw new CommandError(`${path} is no status list.`);
  if (list.url !== url) throw new CommandError(`${path} is the list for ${list.url}, not ${url}.`);
  return list;
}

/** Signs the list and replaces its file; gives the instant until which it counts. */
export async function signList(
  terminal: Terminal,
  options: OwnerOptions & { readonly days: string },
  { url, bits, path }: { url: string; bits: Uint8Array; path: string },
  issuer?: string,
): Promise<string> {
  const who = await readOwner(terminal, options);
  if (issuer !== undefined && who.did !== issuer) {
    throw new CommandError(`The list is of ${issuer}, and you are ${who.did}.`);
  }
  const { createStatusList } = await import('../protocol/owner-credential.ts');
  const validFrom = Math.floor(terminal.now() / 1000);
  const validUntil = endOf(options, validFrom);
  const mediaType = formOf(who, options);
  const list = { issuer: who.did, url, bits, validFrom, validUntil, mediaType };
  await writeCredentialFile(path, await createStatusList(list, who.signer, await loadCrypto()));
  return formatDateTime(validUntil);
}
