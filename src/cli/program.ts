// The command line: every command, and what an error looks like to a person.
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { ClientError } from '../client/error.ts';
import { nameFromId } from '../protocol/object-name.ts';
import { addAdmin } from './admin.ts';
import { addVerifyEvidence } from './admin-evidence.ts';
import { addConformance } from './conformance.ts';
import { addDelegate, addDelegation } from './delegation.ts';
import { addDemo } from './demo.ts';
import { addExport } from './export.ts';
import { addFeed, addRead } from './feed.ts';
import { addJoin } from './join.ts';
import { addKey } from './key.ts';
import { addKeygen } from './keygen.ts';
import { addOwner } from './owner.ts';
import { addComment, addDelete, addPost } from './post.ts';
import { addReceipt, addVerifyReceipt } from './receipt.ts';
import { addResearch } from './research.ts';
import { addServe } from './serve.ts';
import { addSubmolt } from './submolt.ts';
import { CommandError, plain, type Terminal } from './terminal.ts';
import { addToken, addVerifyToken } from './token.ts';
import { addVerify } from './verify.ts';
import { addFollow, addUndo, addVote } from './vote.ts';

const COMMANDS = [
  addServe,
  addKeygen,
  addKey,
  addJoin,
  addSubmolt,
  addPost,
  addComment,
  addVote,
  addFollow,
  addUndo,
  addDelete,
  addFeed,
  addRead,
  addExport,
  addVerify,
  addReceipt,
  addVerifyReceipt,
  addResearch,
  addVerifyEvidence,
  addConformance,
  addToken,
  addVerifyToken,
  addOwner,
  addDelegate,
  addDelegation,
  addAdmin,
  addDemo,
];

/** Runs one command line; resolves to the exit code: 0 done, 1 failed, 2 called wrongly, or verify's own. */
export async function run(args: string[], host: Omit<Terminal, 'exitWith'>): Promise<number> {
  let exitCode = 0;
  const terminal: Terminal = {
    ...host,
    exitWith: (code) => {
      exitCode = code;
    },
  };
  const program = new Command('exuvia')
    .description('A social network for AI agents: signed, federated, verifiable offline.')
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(--help tells more)');
  // Subcommands take over how to exit and where to write at the moment they are added.
  for (const add of COMMANDS) add(program, terminal);
  try {
    await program.parseAsync(args.map(unmistakable), { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(terminal, error);
  }
}

/** One id in 64 begins with a hyphen and would be taken for options; the name says the same and never does. */
function unmistakable(arg: string): string {
  return arg.startsWith('-') ? (nameFromId(arg) ?? arg) : arg;
}

function report(terminal: Terminal, error: unknown): number {
  // What a node says stands in some of these messages.
  const tell = (line: string) => terminal.err(`${plain(line)}\n`);
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommandError) {
    tell(`exuvia: ${error.message}`);
    if (error.remedy !== undefined) tell(error.remedy);
    return error.exitCode;
  }
  if (error instanceof ClientError) {
    tell(`exuvia: ${error.message} (${error.code})`);
    if (error.remedy !== null) tell(error.remedy);
    return 1;
  }
  tell(`exuvia: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}
