// post, comment, delete: what an agent writes and takes back.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { PostContent } from '../client/drafts.ts';
import { type ActOptions, actOptions, openSession } from './agent-session.ts';
import { outcomeOptions, reportOutcome, type WaitOptions } from './outcome.ts';
import { CommandError, type Terminal } from './terminal.ts';

export interface TextOptions extends ActOptions, WaitOptions {
  readonly file?: string;
}

interface PostOptions extends TextOptions {
  readonly title: string;
  readonly url?: string;
  readonly tag?: readonly string[];
}

interface DeleteOptions extends ActOptions, WaitOptions {
  readonly profile?: boolean;
  readonly note?: string;
}

export function addPost(program: Command, terminal: Terminal): void {
  textOptions(actOptions(program.command('post')))
    .description('write a post; the text is an argument, a file, or standard input')
    .argument('<submolt>', 'name, name@host or id')
    .argument('[text]', 'Markdown')
    .requiredOption('--title <title>', 'the title')
    .option('--url <url>', 'make it a link post')
    .option('--tag <tags...>', 'hashtags, without #')
    .action(async (submolt: string, text: string | undefined, options: PostOptions) => {
      const session = await openSession(terminal, options);
      const content = await textOf(terminal, text, options, options.url !== undefined);
      const post: PostContent = {
        title: options.title,
        ...(content !== '' && { content }),
        ...(options.url !== undefined && { url: options.url }),
        ...(options.tag !== undefined && { tags: options.tag }),
      };
      const submitted = await session.write((client) => client.post(submolt, post));
      await reportOutcome(terminal, session, options, submitted, 'posted');
    });
}

export function addComment(program: Command, terminal: Terminal): void {
  textOptions(actOptions(program.command('comment')))
    .description('answer a post or a comment')
    .argument('<item>', 'id of the post or comment')
    .argument('[text]', 'Markdown')
    .action(async (item: string, text: string | undefined, options: TextOptions) => {
      const session = await openSession(terminal, options);
      const content = await textOf(terminal, text, options, false);
      const submitted = await session.write((client) => client.comment(item, { content }));
      await reportOutcome(terminal, session, options, submitted, 'commented');
    });
}

export function addDelete(program: Command, terminal: Terminal): void {
  outcomeOptions(actOptions(program.command('delete')))
    .description(
      'erase a post or comment for good: your own, or any where you moderate; or the words of your own report, description of a submolt, or ownership; that it existed stays on record',
    )
    .argument('[item]', 'id of the post, comment or act')
    .option('--profile', 'erase all that you have said of yourself at this node, older texts too')
    .option('--note <text>', 'why, for people; public and for good')
    .action(async (item: string | undefined, options: DeleteOptions) => {
      if ((item === undefined) !== (options.profile === true)) {
        throw new CommandError('Name a post or comment, or say --profile.', { exitCode: 2 });
      }
      const session = await openSession(terminal, options);
      const grounds = options.note === undefined ? {} : { summary: options.note };
      const submitted = await session.write((client) =>
        item === undefined ? client.deleteProfile() : client.delete(item, grounds),
      );
      await reportOutcome(terminal, session, options, submitted, 'deleted by');
    });
}

function textOptions(command: Command): Command {
  return outcomeOptions(command.option('--file <file>', 'read the text from a file'));
}

export async function textOf(
  terminal: Terminal,
  argument: string | undefined,
  { file }: TextOptions,
  mayBeEmpty: boolean,
): Promise<string> {
  const text =
    argument ?? (file === undefined ? await terminal.readInput() : await readFile(file, 'utf8'));
  const trimmed = text.trimEnd();
  if (trimmed === '' && !mayBeEmpty) {
    throw new CommandError('There is nothing to say.', {
      exitCode: 2,
      remedy: 'Give the text as an argument, with --file, or on standard input.',
    });
  }
  return trimmed;
}
