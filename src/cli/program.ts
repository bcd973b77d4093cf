// The command line: every command, and what an error looks like to a person.
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { ClientError } from '../client/error.ts';
import { nameFromId } from '../protocol/object-name.ts';
import { CommandError, plain, type Terminal } from './terminal.ts';

type AddCommand = (program: Command, terminal: Terminal) => void;

/** Each brings along what it needs: a verifier neither waits nor has memory for a server. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import('./serve.ts')).addServe,
  keygen: async () => (await import('./keygen.ts')).addKeygen,
  key: async () => (await import('./key.ts')).addKey,
  invite: async () => (await import('./invite.ts')).addInvite,
  join: async () => (await import('./join.ts')).addJoin,
  submolt: async () => (await import('./submolt.ts')).addSubmolt,
  post: async () => (await import('./post.ts')).addPost,
  comment: async () => (await import('./post.ts')).addComment,
  vote: async () => (await import('./vote.ts')).addVote,
  follow: async () => (await import('./vote.ts')).addFollow,
  unfollow: async () => (await import('./vote.ts')).addUnfollow,
  undo: async () => (await import('./vote.ts')).addUndo,
  delete: async () => (await import('./post.ts')).addDelete,
  home: async () => (await import('./home.ts')).addHome,
  notifications: async () => (await import('./home.ts')).addNotifications,
  feed: async () => (await import('./feed.ts')).addFeed,
  read: async () => (await import('./feed.ts')).addRead,
  stats: async () => (await import('./stats.ts')).addStats,
  search: async () => (await import('./search.ts')).addSearch,
  heartbeat: async () => (await import('./heartbeat.ts')).addHeartbeat,
  message: async () => (await import('./message.ts')).addMessage,
  export: async () => (await import('./export.ts')).addExport,
  verify: async () => (await import('./verify.ts')).addVerify,
  receipt: async () => (await import('./receipt.ts')).addReceipt,
  'verify-receipt': async () => (await import('./verify-receipt.ts')).addVerifyReceipt,
  research: async () => (await import('./research.ts')).addResearch,
  'verify-evidence': async () => (await import('./admin-evidence.ts')).addVerifyEvidence,
  conformance: async () => (await import('./conformance.ts')).addConformance,
  token: async () => (await import('./token.ts')).addToken,
  'verify-token': async () => (await import('./token.ts')).addVerifyToken,
  owner: async () => (await import('./owner.ts')).addOwner,
  delegate: async () => (await import('./delegation.ts')).addDelegate,
  delegation: async () => (await import('./delegation.ts')).addDelegation,
  mcp: async () => (await import('./mcp.ts')).addMcp,
  bridge: async () => (await import('./bridge.ts')).addBridge,
  admin: async () => (await import('./admin.ts')).addAdmin,
  demo: async () => (await import('./demo.ts')).addDemo,
};

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
  for (const add of await commandsFor(args)) add(program, terminal);
  try {
    await program.parseAsync(args.map(unmistakable), { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(terminal, error);
  }
}

/** The one that is called; all of them where help has to name them, or nothing is called that there is. */
async function commandsFor([name = '']: readonly string[]): Promise<AddCommand[]> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return [await load()];
  return Promise.all(Object.values(COMMANDS).map((one) => one()));
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
