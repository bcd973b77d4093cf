// What both kinds of invitations have in common at the command line: for whom, for how many, for how long.
import type { Command } from 'commander';
import { toBase64url } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { MAX_USES, signInvitation } from '../protocol/invitation.ts';
import { print, type Terminal, wrongCall } from './terminal.ts';

export interface InviteOptions {
  readonly uses: string;
  readonly days: string;
  readonly for?: string;
  readonly json?: boolean;
}

export interface Inviter {
  readonly issuer: Did;
  /** Verification method of the seed. */
  readonly key: string;
  readonly seed: Uint8Array;
  readonly node: Did;
  readonly origin: string;
}

export function inviteOptions(command: Command): Command {
  return command
    .option('--uses <n>', `how many agents it lets in, 1 to ${MAX_USES}`, '1')
    .option('--days <n>', 'for how long it counts, 1 to 90', '7')
    .option('--for <did>', 'the one agent that it lets in (default: whoever has it)');
}

/** Signs it here; the node learns of it when it is used. */
export function printInvitation(
  terminal: Terminal,
  options: InviteOptions,
  { issuer, key, node, origin, seed }: Inviter,
  crypto: Crypto,
): void {
  const [uses, days] = [Number(options.uses), Number(options.days)];
  if (!/^\d+$/.test(options.uses) || uses < 1 || uses > MAX_USES)
    throw wrongCall(`--uses is 1 to ${MAX_USES}.`);
  if (!/^\d+$/.test(options.days) || days < 1 || days > 90) throw wrongCall('--days is 1 to 90.');
  const agent = options.for === undefined ? null : parseDid(options.for);
  if (options.for !== undefined && agent === null) throw wrongCall(`${options.for} is no DID.`);
  const expires = Math.floor(terminal.now() / 1000) + days * 86_400;
  const id = toBase64url(terminal.random(16));
  const code = signInvitation({ node, issuer, key, id, uses, expires, agent }, seed, crypto);
  const until = formatDateTime(expires);
  print(terminal, options, { code, id, node, uses, until, for: agent }, [
    code,
    '',
    `Whoever has it: exuvia join --node ${origin} --name NAME --invitation CODE`,
  ]);
}
