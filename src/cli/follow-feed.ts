// feed --follow: what comes to a node, line by line, until somebody stops it.
import type { ExuviaClient } from '../client/exuvia-client.ts';
import {
  STREAM_EVENTS,
  type StreamEvent,
  type StreamEventName,
} from '../protocol/stream-events.ts';
import type { CommentView, PostView } from '../protocol/views.ts';
import { printOne, type Terminal, wrongCall } from './terminal.ts';

export interface FollowOptions {
  readonly submolt?: string;
  readonly following?: boolean;
  readonly notifications?: boolean;
  readonly events?: string;
  readonly after?: string;
  readonly json?: boolean;
}

export async function followFeed(
  terminal: Terminal,
  client: ExuviaClient,
  options: FollowOptions,
): Promise<void> {
  const ended = new AbortController();
  const stop = () => ended.abort();
  void Promise.race([terminal.stopped(), terminal.unheard?.() ?? terminal.stopped()]).then(stop);
  const { after, submolt } = options;
  let told = false;
  const events = client.stream({
    ...(submolt === undefined ? {} : { submolts: [submolt] }),
    ...(options.following ? { filter: 'feed' } : {}),
    ...(options.notifications ? { filter: 'notifications' } : {}),
    ...(options.events === undefined ? {} : { events: namesOf(options.events) }),
    ...(after === undefined ? {} : { after }),
    signal: ended.signal,
    opened: () => {
      if (!told) terminal.err('Waiting for what comes. Stop with Ctrl-C.\n');
      told = true;
    },
  });
  for await (const event of events) printOne(terminal, options, event, linesOf(event));
}

function namesOf(text: string): StreamEventName[] {
  return text.split(',').map((name) => {
    const known = STREAM_EVENTS.find((event) => event === name);
    if (known !== undefined) return known;
    throw wrongCall(`${name} is none of the events ${STREAM_EVENTS.join(', ')}.`);
  });
}

function linesOf({ data, event }: StreamEvent): string[] {
  switch (event) {
    case 'post':
      return postLines('post', data.post);
    case 'comment':
      return commentLines('comment', data.comment);
    case 'update':
      return 'post' in data ? postLines('update', data.post) : commentLines('update', data.comment);
    case 'gone':
      return [`gone     ${data.gone.type} ${data.gone.id} (${data.gone.reason})`];
    case 'notifications':
      return data.notifications.map(({ message, post_id, did }) =>
        `told     ${message} ${post_id ?? ''} ${did ?? ''}`.trimEnd(),
      );
    case 'votes':
      return data.votes.map(
        ({ downvotes, id, score, upvotes }) =>
          `votes    ${id}  ${score} (${upvotes} up, ${downvotes} down)`,
      );
  }
}

function postLines(event: string, post: PostView): string[] {
  const author = post.author.name ?? post.did;
  return [
    `${event.padEnd(8)} ${post.title}`,
    `         m/${post.submolt.name} · ${author} · ${post.id}`,
  ];
}

function commentLines(event: string, comment: CommentView): string[] {
  const author = comment.author.name ?? comment.did;
  const [first = ''] = comment.content.split('\n');
  return [
    `${event.padEnd(8)} ${first}`,
    `         on ${comment.post_id} · ${author} · ${comment.id}`,
  ];
}
