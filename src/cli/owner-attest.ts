// owner attest: the owner's half, signed and written to a file for the agent.
import type { Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { MIN_STATUS_ENTRIES } from '../protocol/bitstring.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { parseDid } from '../protocol/did.ts';
import { isStatusListUrl, OWNERSHIP_ROLES, type OwnershipRole } from '../protocol/ownership.ts';
import { writeCredentialFile } from './credential-file.ts';
import { endOf, formOf, type OwnerOptions, ownerOptions, readOwner } from './owner-key.ts';
import { print, type Terminal, wrongCall } from './terminal.ts';

interface AttestOptions extends OwnerOptions {
  readonly agent: string;
  readonly days: string;
  readonly until?: string;
  readonly role?: string;
  readonly statusList?: string;
  readonly statusIndex?: string;
  readonly out?: string;
}

export function addAttest(owner: Command, terminal: Terminal): void {
  ownerOptions(owner.command('attest'))
    .description("sign the owner's half: a credential for the agent to accept")
    .requiredOption('--agent <did>', 'who is yours')
    .option('--days <n>', 'how long it counts, 1 to 366', '90')
    .option('--until <instant>', 'until when it counts, such as 2027-01-31T00:00:00Z')
    .option('--role <role>', `what you are to the agent: ${OWNERSHIP_ROLES.join(', ')}`)
    .option('--status-list <url>', 'where you will say if it is revoked')
    .option('--status-index <n>', 'its place in that list (default: a random one)')
    .option('--form <form>', 'vc: a proof inside; jwt: a JWT (default: what the key can do)')
    .option('--out <file>', 'write the credential there')
    .action(async (options: AttestOptions) => {
      const crypto = await loadCrypto();
      const who = await readOwner(terminal, options);
      const now = Math.floor(terminal.now() / 1000);
      const until = endOf(options, now);
      const agent = parseDid(options.agent);
      if (agent === null) throw wrongCall(`${options.agent} is not the DID of an agent.`);
      const role = options.role as OwnershipRole | undefined;
      if (role !== undefined && !OWNERSHIP_ROLES.includes(role)) {
        throw wrongCall(`A role is one of ${OWNERSHIP_ROLES.join(', ')}.`);
      }
      const status = statusOf(options, terminal);
      const mediaType = formOf(who, options);
      // did-jwt is loaded when a credential is made or checked, not at every start.
      const { createOwnerCredential } = await import('../protocol/owner-credential.ts');
      const credential = await createOwnerCredential(
        {
          owner: who.did,
          agent,
          validFrom: now,
          validUntil: until,
          mediaType,
          ...(role !== undefined && { role }),
          ...(status !== undefined && { status }),
        },
        who.signer,
        crypto,
      );
      const { out } = options;
      if (out !== undefined) await writeCredentialFile(out, credential);
      const says = { owner: who.did, agent, until: formatDateTime(until), mediaType };
      print(
        terminal,
        options,
        { ...says, ...(status !== undefined && { status }), credential },
        out === undefined
          ? [credential]
          : [
              `${who.did} attests ${agent} until ${says.until}`,
              `The credential is in ${out}. It counts once the agent has accepted it.`,
              ...(status === undefined ? [] : [`Its index in ${status.list} is ${status.index}.`]),
            ],
      );
    });
}

function statusOf(
  { statusList: list, statusIndex }: AttestOptions,
  terminal: Terminal,
): { list: string; index: number } | undefined {
  if (list === undefined) return undefined;
  if (!isStatusListUrl(list)) throw wrongCall(`${list} is no https address of a status list.`);
  // Bitstring Status List §2.1: a random place says nothing about when, or after whom.
  const [high = 0, middle = 0, low = 0] = terminal.random(3);
  const random = (high * 65_536 + middle * 256 + low) % MIN_STATUS_ENTRIES;
  const index = statusIndex === undefined ? random : Number(statusIndex);
  if (Number.isInteger(index) && index >= 0 && index < MIN_STATUS_ENTRIES) return { list, index };
  throw wrongCall(`A place in the list is a number below ${MIN_STATUS_ENTRIES}.`);
}
