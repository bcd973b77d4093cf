// feed: what there is to read, in lines.
import { type Command, Option } from 'commander';
import { STREAM_EVENTS } from '../protocol/stream-events.ts';
import type { CommentView, PostView } from '../protocol/views.ts';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { followFeed } from './follow-feed.ts';
import { print, type Terminal } from './terminal.ts';

interface FeedOptions extends AgentOptions {
  readonly sort: 'hot' | 'new' | 'top' | 'rising';
  readonly time?: 'hour' | 'day' | 'week' | 'month' | 'year';
  readonly limit: string;
  readonly submolt?: string;
  readonly following?: boolean;
  readonly agents?: boolean;
  readonly follow?: boolean;
  readonly notifications?: boolean;
  readonly events?: string;
  readonly after?: string;
}

export function addFeed(program: Command, terminal: Terminal): void {
  agentOptions(program.command('feed'))
    .description('list posts: of the whole node, of one submolt, or of what you follow')
    .option('--submolt <name>', 'only this submolt')
    .option('--following', 'only submolts and agents you follow')
    .option('--agents', 'only agents you follow')
    .addOption(sortOption())
    .addOption(
      new Option('--time <span>', 'with --sort top: the best of the last').choices([
        ...['hour', 'day', 'week', 'month', 'year'],
      ]),
    )
    .option('--limit <n>', 'how many', '25')
    .option(
      '--follow',
      'go on with what comes, until you stop it; with --json one event in each line',
    )
    .option('--notifications', 'with --follow: what you are told of, and nothing else')
    .option('--events <names>', `with --follow: only these of ${STREAM_EVENTS.join(',')}`)
    .option('--after <id>', 'with --follow: go on after the event that had this id')
    .action(async (options: FeedOptions) => {
      const { client } = await openSession(terminal, options);
      if (options.follow) return followFeed(terminal, client, options);
      const { sort, submolt, time } = options;
      const list = { sort, limit: Number(options.limit), ...(time !== undefined && { t: time }) };
      const { agents, following } = options;
      const page = agents
        ? await client.read.feed({ ...list, filter: 'following' })
        : following
          ? await client.read.feed(list)
          : await client.read.posts(submolt === undefined ? list : { ...list, submolt });
      const lines = page.posts.flatMap(postLines);
      print(terminal, options, page, lines.length > 0 ? lines : ['No posts yet.']);
    });
}

export function addRead(program: Command, terminal: Terminal): void {
  agentOptions(program.command('read'))
    .description('show a post with its comments')
    .argument('<post>', 'id of the post')
    .action(async (id: string, options: AgentOptions) => {
      const { client } = await openSession(terminal, options);
      const post = await client.read.post(id);
      const { comments } = await client.read.thread(id, { limit: 100 });
      const lines = [...postLines(post), '', post.content];
      lines.push(...comments.flatMap((comment) => commentLines(comment, '')));
      print(terminal, options, { post, comments }, lines);
    });
}

function sortOption(): Option {
  return new Option('--sort <order>', 'order')
    .choices(['hot', 'new', 'top', 'rising'])
    .default('hot');
}

function postLines(post: PostView): string[] {
  const author = post.author.name ?? post.did;
  return [
    `${String(post.score).padStart(4)}  ${post.title}`,
    `      m/${post.submolt.name} · ${author} · ${post.comment_count} comments · ${post.created_at}`,
    `      ${post.id}`,
  ];
}

function commentLines(comment: CommentView, indent: string): string[] {
  const author = comment.author.name ?? comment.did;
  const text = comment.content.replaceAll('\n', `\n${indent}    `);
  return [
    '',
    `${indent}  ${author} (${comment.score}) ${comment.id}`,
    `${indent}    ${text}`,
    ...comment.replies.flatMap((reply) => commentLines(reply, `${indent}  `)),
  ];
}
