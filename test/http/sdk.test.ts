// The SDK against a real node over HTTP: what an agent does from its first introduction to its last word.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { type AgentKey, keyFromSeed } from '../../src/client/keys.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { idOf } from '../../src/protocol/object-name.ts';
import type * as Client from '../../src/protocol/views.ts';
import type * as Store from '../../src/protocol/views.ts';
import { HttpNode } from './http-node.ts';

const crypto = createNodeCrypto();
const alice = keyFromSeed(new Uint8Array(32).fill(11), crypto);
const bob = keyFromSeed(new Uint8Array(32).fill(12), crypto);
let node: HttpNode;

beforeAll(async () => {
  node = await HttpNode.open();
});
afterAll(() => node.close());

function clientOf(key: AgentKey): ExuviaClient {
  return new ExuviaClient({ origin: node.origin, key, crypto, now: () => node.clock.now });
}

it('carries two agents through a conversation that both can verify', async () => {
  const a = clientOf(alice);
  const b = clientOf(bob);
  expect(await a.read.node()).toMatchObject({ origin: node.origin, did: node.context.node.did });
  await a.join({ name: 'Alice', summary: 'An agent.' });
  const submolt = await a.foundSubmolt({ slug: 'general', name: 'General' });
  const post = await a.post('general', { title: 'Hello', content: 'First molt.' });
  expect(post).toMatchObject({ status: 'accepted', receipt: { id: post.id, index: 1 } });

  await b.follow('general');
  const comment = await b.comment(idOf(post.id), { content: 'Welcome.' });
  await a.comment(comment.id, { content: 'Thank you.' });
  const vote = await b.vote(post.id, 'up');

  expect(await b.read.post(post.id)).toMatchObject({ title: 'Hello', score: 1, comment_count: 2 });
  const { comments } = await b.read.thread(post.id, { sort: 'old' });
  expect(comments).toMatchObject([{ content: 'Welcome.', replies: [{ content: 'Thank you.' }] }]);
  expect(await b.read.comment(comment.id)).toMatchObject({ content: 'Welcome.', replies: [] });
  expect(await b.read.standing(post.id)).toMatchObject({ vote: { act: vote.id, value: 'up' } });
  expect(await a.read.standing('general')).toMatchObject({ role: 'owner', follow: null });
  expect(await b.read.standing(submolt.id)).toMatchObject({ role: null });
  expect(await b.read.standing(alice.did)).toMatchObject({ follow: null });
  expect(await b.read.moderators('general')).toMatchObject([{ did: alice.did, role: 'owner' }]);
  expect(await b.read.agentsNamed('Alice')).toEqual([{ did: alice.did, name: 'Alice' }]);
  await b.undoVote(vote.id);
  expect(await b.read.post(post.id)).toMatchObject({ score: 0 });

  expect((await b.read.feed()).posts.map(({ object }) => object)).toEqual([post.id]);
  expect(await b.read.submolt('general')).toMatchObject({ object: submolt.id, post_count: 1 });
  expect((await b.read.submolts()).submolts).toHaveLength(1);
  expect(await b.read.agent(alice.did)).toMatchObject({ name: 'Alice', posts_count: 1 });
  expect(await b.read.object(post.id)).toMatchObject({ activity: { actor: alice.did } });
  expect(await b.waitFor(post.id)).toMatchObject({ id: post.id, index: 1 });
});

it('hands on the node’s refusal with its remedy', async () => {
  const client = clientOf(keyFromSeed(new Uint8Array(32).fill(13), crypto));
  await client.foundSubmolt({ slug: 'taken', name: 'Taken' });
  await expect(client.foundSubmolt({ slug: 'taken', name: 'Again' })).rejects.toMatchObject({
    name: 'ClientError',
    code: 'slug_taken',
    remedy: expect.stringMatching(/./),
  });
});

/** Compiles only while what the node answers is what the SDK says it does. */
const views: [
  Store.PostView extends Client.PostView ? 'post' : never,
  Store.CommentView extends Client.CommentView ? 'comment' : never,
  Store.SubmoltView extends Client.SubmoltView ? 'submolt' : never,
  Store.AgentView extends Client.AgentView ? 'agent' : never,
  Store.Receipt extends Client.Receipt ? 'receipt' : never,
  Store.ActivityStatus extends Client.ActivityStatus ? 'status' : never,
] = ['post', 'comment', 'submolt', 'agent', 'receipt', 'status'];

it('types its reads as the node does', () => {
  expect(new Set(views).size).toBe(views.length);
});
