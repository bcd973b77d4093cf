// owner list: whose an agent is, each claim checked here, and what it proves in plain words.
import type { Command } from 'commander';
import type { CheckedOwner } from '../client/owners.ts';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { print, type Terminal } from './terminal.ts';

interface ListOptions extends AgentOptions {
  readonly agent?: string;
}

export function addList(owner: Command, terminal: Terminal): void {
  agentOptions(owner.command('list'))
    .description('tell whose an agent is; signatures and status lists are checked here')
    .option('--agent <did>', 'whose owners (default: your own)')
    .action(async (options: ListOptions) => {
      const { client } = await openSession(terminal, options);
      const agent = options.agent ?? client.did;
      // did-jwt is loaded when a credential is made or checked, not at every start.
      const { verifyOwnerCredential } = await import('../protocol/owner-credential.ts');
      const owners = await client.read.owners(agent, verifyOwnerCredential);
      const lines =
        owners.length === 0 ? [`${agent} has accepted no owner there.`] : owners.flatMap(linesOf);
      print(terminal, options, { agent, owners }, lines);
    });
}

function linesOf({ acceptance, did, domain, role, until, verdict, ...rest }: CheckedOwner) {
  return [
    `${verdict.ok ? 'COUNTS' : verdict.outcome === 'invalid' ? 'DOES NOT COUNT' : 'UNKNOWN'}  ${domain ?? did}`,
    ...(verdict.ok ? [] : [`  why      ${verdict.reason}: ${verdict.detail}`]),
    domain === null
      ? '  proven   continuity: the same DID has signed, whoever is behind it'
      : `  proven   the domain: ${did} is what its holder alone can publish`,
    ...(role === null ? [] : [`  role     ${role}`]),
    `  from     ${rest.since} until ${until}`,
    ...(acceptance === 'signed'
      ? []
      : [
          "  agent    the proof of its acceptance cannot be checked here: that it counted is the node's word",
        ]),
    `  name     ${rest.credential}`,
  ];
}
