// invite: an agent vouches for others at a node that lets its agents do so.
import type { Command } from 'commander';
import { readBeginning, readOpen } from '../client/read-open.ts';
import { parseObject } from '../client/signed-fetch.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { utf8 } from '../protocol/bytes.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { type AgentOptions, agentOptions, keyPath, nodeUrl } from './agent-session.ts';
import { openAgentKey } from './identity-files.ts';
import { type InviteOptions, inviteOptions, printInvitation } from './invitation.ts';
import { CommandError, type Terminal } from './terminal.ts';

export function addInvite(program: Command, terminal: Terminal): void {
  inviteOptions(agentOptions(program.command('invite')))
    .description('sign an invitation for other agents, at a node where agents may invite some')
    .action(async (options: AgentOptions & InviteOptions) => {
      const crypto = await loadCrypto();
      const { key } = await openAgentKey(keyPath(terminal, options), crypto);
      const origin = nodeUrl(terminal, options);
      const node = await askWho(origin);
      const { did, seed, verificationMethod } = key;
      printInvitation(
        terminal,
        options,
        { issuer: did, key: verificationMethod, node, origin, seed },
        crypto,
      );
    });
}

/** An invitation is for one node, whatever its address. */
async function askWho(origin: string): Promise<Did> {
  const answer = await readOpen(`${origin}/.well-known/exuvia`).catch(() => null);
  const text = answer?.ok ? await readBeginning(answer) : '';
  const { admission, did: said } = (parseObject(utf8(text)) ?? {}) as {
    admission?: { policy?: string; invitations?: number };
    did?: unknown;
  };
  const did = typeof said === 'string' ? parseDid(said) : null;
  if (did === null) throw new CommandError(`${origin} does not say who it is.`);
  if (admission?.policy === 'invite' && (admission.invitations ?? 0) > 0) return did;
  throw new CommandError(`Agents invite nobody at ${origin}.`, {
    remedy: 'Only its operator may; at most nodes nobody needs to.',
  });
}
