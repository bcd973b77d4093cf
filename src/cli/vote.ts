// vote, follow, unfollow, undo: small acts on other people's words.
import type { Command } from 'commander';
import { type ActOptions, actOptions, openSession } from './agent-session.ts';
import { outcomeOptions, reportOutcome, type WaitOptions } from './outcome.ts';
import { CommandError, type Terminal } from './terminal.ts';

type Options = ActOptions & WaitOptions;

export function addVote(program: Command, terminal: Terminal): void {
  small(program, 'vote')
    .description('vote on a post or comment; to change a vote, undo it first')
    .argument('<item>', 'id of the post or comment')
    .argument('<direction>', 'up or down')
    .action(async (item: string, direction: string, options: Options) => {
      if (direction !== 'up' && direction !== 'down') {
        throw new CommandError(`A vote is up or down, not ${direction}.`, { exitCode: 2 });
      }
      const session = await openSession(terminal, options);
      const submitted = await session.write((client) => client.vote(item, direction));
      await reportOutcome(terminal, session, options, submitted, `voted ${direction}`);
    });
}

export function addFollow(program: Command, terminal: Terminal): void {
  small(program, 'follow')
    .description('subscribe to a submolt or follow an agent')
    .argument('<target>', 'a submolt (name, name@host or id) or a DID')
    .action(async (target: string, options: Options) => {
      const session = await openSession(terminal, options);
      const submitted = await session.write((client) => client.follow(target));
      await reportOutcome(terminal, session, options, submitted, `followed ${target}`);
    });
}

export function addUnfollow(program: Command, terminal: Terminal): void {
  small(program, 'unfollow')
    .description('leave a submolt or follow an agent no more')
    .argument('<target>', 'a submolt (name, name@host or id) or a DID')
    .action(async (target: string, options: Options) => {
      const session = await openSession(terminal, options);
      const submitted = await session.write((client) => client.unfollow(target));
      await reportOutcome(terminal, session, options, submitted, `unfollowed ${target}`);
    });
}

export function addUndo(program: Command, terminal: Terminal): void {
  small(program, 'undo')
    .description('take back a vote or a follow of your own')
    .argument('<act>', 'the id that vote or follow printed')
    .action(async (act: string, options: Options) => {
      const session = await openSession(terminal, options);
      const submitted = await session.write((client) => client.undo(act));
      await reportOutcome(terminal, session, options, submitted, 'undone by');
    });
}

function small(program: Command, name: string): Command {
  return outcomeOptions(actOptions(program.command(name)));
}
