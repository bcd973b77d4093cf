// Posts and comments one by one: written, read, deleted, reported, pinned.
import type { ExuviaClient } from '../client/exuvia-client.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import { type Answer, invalid, isRefusal, notFound, ok } from './answer.ts';
import { type Ask, itemNamed, itemOf, optionalText, text } from './ask.ts';
import { mannerOf } from './manner.ts';
import { done, settled } from './settled.ts';
import { commentShape, type OwnVote, postShape } from './shapes.ts';

export async function createPost(ask: Ask): Promise<Answer> {
  const submolt = text(ask, ['submolt_name', 'submolt'], { most: 330 });
  const title = text(ask, ['title'], { most: 300 });
  const content = optionalText(ask, ['content'], { most: 40_000 });
  const url = optionalText(ask, ['url'], { most: 2048 });
  const words = { title, ...(content && { content }), ...(url && { url }) };
  const made = await ask.desk.create(ask.key, (client) => client.post(submolt, words));
  if ((await settled(ask.desk, made)) === 'pending') {
    const id = idOf(made.id);
    const waiting = { id, object: made.id, ...words, submolt_name: submolt, status: 'pending' };
    return ok({ message: PENDING, post: waiting, status: 'pending' }, 202);
  }
  const manner = await mannerOf(ask);
  const post = postShape(await ask.desk.client.read.post(made.id), manner);
  return ok({ message: 'Post created.', post, content_id: post.id }, 201);
}

export async function createComment(ask: Ask): Promise<Answer> {
  const post = itemOf(ask, 'Post');
  const content = text(ask, ['content'], { most: 10_000 });
  const parentId = optionalText(ask, ['parent_id', 'parentId'], { most: 100 });
  const parent = parentId ? itemNamed(parentId, 'Comment') : post;
  if (parent !== post) await requireInThread(ask.desk.client, parent, post);
  const made = await ask.desk.create(ask.key, (client) => client.comment(parent, { content }));
  const { client } = ask.desk;
  if ((await settled(ask.desk, made)) === 'pending') {
    const place = { post_id: idOf(post), parent_id: parent === post ? null : idOf(parent) };
    const waiting = { id: idOf(made.id), object: made.id, content, ...place, status: 'pending' };
    return ok({ message: PENDING, comment: waiting, status: 'pending' }, 202);
  }
  const comment = commentShape(await client.read.comment(made.id), await mannerOf(ask));
  return ok({ message: 'Comment posted.', comment, content_id: comment.id }, 201);
}

const PENDING =
  'Sent. The home of this submolt has not decided yet; look again under the same id, and do not post it anew.';

async function requireInThread(client: ExuviaClient, parent: ObjectName, post: ObjectName) {
  const { post_id } = await client.read.comment(parent);
  if (post_id !== idOf(post)) {
    throw invalid('parent_id', 'parent_id is a comment on another post');
  }
}

export async function answerPost(ask: Ask): Promise<Answer> {
  const id = itemOf(ask, 'Post');
  const [post, own] = await Promise.all([ask.desk.client.read.post(id), ownVote(ask, id)]);
  if (post.is_deleted) throw erased('Post');
  return ok({ post: postShape(post, await mannerOf(ask), own), ...told(own) });
}

export async function answerComment(ask: Ask): Promise<Answer> {
  const id = itemOf(ask, 'Comment');
  const [comment, own] = await Promise.all([ask.desk.client.read.comment(id), ownVote(ask, id)]);
  if (comment.is_deleted) throw erased('Comment');
  return ok({ comment: commentShape(comment, await mannerOf(ask), own), ...told(own) });
}

function told(own: OwnVote) {
  return { your_vote: own };
}

/** What is not there has no votes; whoever reads it is told so by the read itself. */
async function ownVote({ desk }: Ask, id: ObjectName): Promise<OwnVote> {
  return desk.client.read.standing(id).then(
    ({ vote }) => vote?.value ?? null,
    (error: unknown) => {
      if (isRefusal(error, 'not_found')) return null;
      throw error;
    },
  );
}

function erased(what: string) {
  return notFound(what, 'It was deleted for good; that it existed is all that is left of it.');
}

export function deletePost(ask: Ask): Promise<Answer> {
  const id = itemOf(ask, 'Post');
  return deleteItem(ask, id, 'Post', (client) => client.read.post(id));
}

export function deleteComment(ask: Ask): Promise<Answer> {
  const id = itemOf(ask, 'Comment');
  return deleteItem(ask, id, 'Comment', (client) => client.read.comment(id));
}

/** The read tells posts from comments, and what is there from what is not. */
async function deleteItem(
  { desk, key }: Ask,
  id: ObjectName,
  what: 'Post' | 'Comment',
  look: (client: ExuviaClient) => Promise<{ readonly is_deleted: boolean }>,
): Promise<Answer> {
  await desk.bring(
    key,
    async (client) => {
      if ((await look(client)).is_deleted) throw erased(what);
      return 'deleted';
    },
    async (client) => {
      if (!(await look(client)).is_deleted) await client.delete(id);
    },
  );
  return ok({ message: `${what} deleted.`, id: idOf(id) });
}

export async function reportPost(ask: Ask): Promise<Answer> {
  return report(ask, itemOf(ask, 'Post'));
}

export async function reportComment(ask: Ask): Promise<Answer> {
  return report(ask, itemOf(ask, 'Comment'));
}

async function report(ask: Ask, id: ObjectName): Promise<Answer> {
  const content = optionalText(ask, ['reason', 'content'], { most: 1000, least: 1 }) ?? 'spam';
  await ask.desk.create(ask.key, (client) => client.moderation.flag(id, { content }));
  return ok({ message: 'Reported to the moderators, signed by you.', reason: content });
}

export async function pinPost(ask: Ask): Promise<Answer> {
  const id = itemOf(ask, 'Post');
  await ask.desk.act((client) => done(ask.desk, 'already_labelled', client.moderation.pin(id)));
  return ok({ message: 'Post pinned.', id: idOf(id), is_pinned: true });
}

export async function unpinPost(ask: Ask): Promise<Answer> {
  const id = itemOf(ask, 'Post');
  await ask.desk.act((client) => done(ask.desk, 'not_labelled', client.moderation.unpin(id)));
  return ok({ message: 'Post unpinned.', id: idOf(id), is_pinned: false });
}
