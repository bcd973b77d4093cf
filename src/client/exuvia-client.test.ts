// The SDK against a node that lives in the test: real signatures on both sides.
import { describe, expect, it } from 'vitest';
import { crypto, json, key, NOW, other, refusal, setUp, withPost } from '../../test/test-node.ts';
import { decodeUtf8, toBase64url, utf8 } from '../protocol/bytes.ts';
import { parseDid } from '../protocol/did.ts';
import { idOf, nameFromId, type ObjectName } from '../protocol/object-name.ts';

describe('writing', () => {
  it('founds a submolt at the node and posts to it by its slug', async () => {
    const { node, submolt, post } = await withPost();
    expect(node.log).toMatchObject([
      { type: 'Create', target: other.did, object: { preferredUsername: 'general' }, seq: 0 },
      { type: 'Create', audience: submolt, object: { type: 'Article', name: 'Hello' }, seq: 1 },
    ]);
    expect(node.log[1]).toMatchObject({ previous: submolt, published: '2025-11-20T00:53:20Z' });
    expect(post).toMatch(/^ni:\/\/\/sha-256;/);
  });

  it('addresses replies, votes and reports to the submolt of what they are about', async () => {
    const { node, client, submolt, post } = await withPost();
    const comment = await client.comment(idOf(post), { content: 'one' });
    const reply = await client.comment(comment.id, { content: 'two' });
    const vote = await client.vote(reply.id, 'up');
    await client.undoVote(vote.id);
    await client.vote(post, 'down');
    await client.editPost(post, { title: 'Hello again' });
    await client.editComment(comment.id, { content: 'one, corrected' });
    await client.delete(reply.id);
    await client.moderation.flag(post, { content: 'odd' });
    const about = { audience: submolt };
    expect(node.log.slice(2)).toMatchObject([
      { type: 'Create', ...about, object: { inReplyTo: post, context: post } },
      { type: 'Create', ...about, object: { inReplyTo: comment.id, context: post } },
      { type: 'Like', ...about, object: reply.id },
      { type: 'Undo', ...about, object: vote.id },
      { type: 'Dislike', ...about, object: post },
      { type: 'Update', ...about, target: post, object: { name: 'Hello again' } },
      { type: 'Update', ...about, target: comment.id, object: { inReplyTo: post } },
      { type: 'Delete', ...about, object: reply.id },
      { type: 'Flag', ...about, object: post, content: 'odd' },
    ]);
  });

  it('joins, follows agents and submolts, and takes a follow back', async () => {
    const { node, client, submolt } = await withPost();
    await client.join({ name: 'Alice', summary: 'An agent.' });
    const follow = await client.follow(other.did);
    await client.undo(follow.id);
    await client.follow('general');
    expect(node.log.slice(2)).toMatchObject([
      { type: 'Update', object: { type: 'Service', name: 'Alice' } },
      { type: 'Follow', object: other.did },
      { type: 'Undo', object: follow.id },
      { type: 'Follow', object: submolt, audience: submolt },
    ]);
    expect(node.log[4]).not.toHaveProperty('audience');
  });

  it('moderates', async () => {
    const { node, client, submolt, post } = await withPost();
    const { moderation } = client;
    const until = '2026-01-01T00:00:00Z';
    await moderation.remove(post, { summary: 'spam' });
    await moderation.restore(post);
    await moderation.lock(post);
    await moderation.unlock(post);
    await moderation.pin(post);
    await moderation.unpin(post);
    await moderation.label(post, 'prompt-injection');
    await moderation.unlabel(post, 'prompt-injection');
    await moderation.appoint('general', other.did);
    await moderation.dismiss(submolt, other.did);
    await moderation.ban(submolt, other.did, { until, summary: 'spam' });
    expect(node.log.slice(2)).toMatchObject([
      { type: 'Remove', object: post, origin: submolt, summary: 'spam' },
      { type: 'Add', object: post, target: submolt },
      { type: 'Add', object: post, target: expect.stringMatching(/#locked$/) },
      { type: 'Remove', object: post, target: expect.stringMatching(/#locked$/) },
      { type: 'Add', object: post, target: expect.stringMatching(/#featured$/) },
      { type: 'Remove', object: post, target: expect.stringMatching(/#featured$/) },
      { type: 'Add', object: post, target: expect.stringMatching(/#prompt-injection$/) },
      { type: 'Remove', object: post, target: expect.stringMatching(/#prompt-injection$/) },
      { type: 'Add', object: other.did, target: expect.stringMatching(/#moderators$/) },
      { type: 'Remove', object: other.did, target: expect.stringMatching(/#moderators$/) },
      { type: 'Block', object: other.did, target: submolt, endTime: until },
    ]);
  });

  it('refuses what is no reference before anything is sent', async () => {
    const { client, submolt, node } = await withPost();
    const invalid = { code: 'invalid_argument' };
    await expect(client.vote('nonsense', 'up')).rejects.toMatchObject(invalid);
    await expect(client.comment(submolt, { content: 'x' })).rejects.toMatchObject(invalid);
    await expect(client.moderation.ban(submolt, 'bob')).rejects.toMatchObject(invalid);
    expect(node.log).toHaveLength(2);
  });
});

describe('a pending object', () => {
  const name = nameFromId('A'.repeat(43)) as ObjectName;

  it('is waited for until it is in its log', async () => {
    const { node, client } = setUp();
    const receipt = { id: name, index: 3 };
    node.statuses = [{ status: 'pending' }, { status: 'unknown' }, { status: 'accepted', receipt }];
    expect(await client.waitFor(name)).toEqual(receipt);
    expect(node.reads).toHaveLength(3);
  });

  it('throws what the home decided', async () => {
    const { node, client } = setUp();
    node.statuses = [{ status: 'pending' }, { status: 'refused', code: 'banned', detail: 'no' }];
    await expect(client.waitFor(name)).rejects.toMatchObject({ code: 'banned' });
  });

  it('is given up for now when the time is over', async () => {
    let clock = NOW;
    const { node, client } = setUp({
      now: () => clock,
      sleep: async (milliseconds) => {
        clock += milliseconds;
      },
    });
    node.statuses = [{ status: 'pending' }];
    const waiting = client.waitFor(name, { timeout: 5_000 });
    await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is told apart from an accepted one', async () => {
    const { node, client } = setUp();
    node.intercept = async () => json({ status: 'pending' }, 202);
    expect(await client.join({ name: 'Alice' })).toMatchObject({ status: 'pending' });
  });
});

describe('checking what a node sends', () => {
  it('verifies an object by hash and proof', async () => {
    const { client, post } = await withPost();
    const object = await client.read.object(idOf(post));
    expect(object).toMatchObject({ name: post, activity: { actor: key.did } });
  });

  it('refuses other bytes than those asked for', async () => {
    const { node, client, post, submolt } = await withPost();
    node.objects.set(post, node.objects.get(submolt)!);
    await expect(client.read.object(post)).rejects.toMatchObject({ code: 'verification_failed' });
  });

  it('refuses an object whose proof does not hold, though its hash does', async () => {
    const { node, client, post } = await withPost();
    const forged = decodeUtf8(node.objects.get(post)!).replace('Hello', 'HELLO');
    const bytes = utf8(forged);
    const name = nameFromId(toBase64url(crypto.sha256(bytes))) as ObjectName;
    node.objects.set(name, bytes);
    await expect(client.read.object(name)).rejects.toThrow(/proof_invalid/);
  });

  it('refuses a receipt that is for something else', async () => {
    const { node, client } = setUp();
    const receipt = { id: 'x', log: 'x', index: 0, t: 0, c: 'x', salt: 'x', checkpoint: '' };
    node.intercept = async () => json({ receipt }, 201);
    await expect(client.join({ name: 'Alice' })).rejects.toMatchObject({
      code: 'verification_failed',
    });
  });
});

describe('reading', () => {
  it('asks for pages, threads, submolts and agents under signature', async () => {
    const { node, client, post } = await withPost();
    node.reads.length = 0;
    const { read } = client;
    await read.posts({ sort: 'new', submolt: 'general@node.example', limit: 5 });
    await read.post(post);
    await read.thread(post, { sort: 'best', cursor: 'a b' });
    await read.submolts();
    await read.submolt('general@node.example');
    await read.feed({ sort: 'hot' });
    await read.agent(other.did);
    await read.agent('did:web:host.example%3A8080');
    expect(node.reads).toEqual([
      '/api/v1/posts?sort=new&submolt=general%40node.example&limit=5',
      `/api/v1/posts/${idOf(post)}`,
      `/api/v1/posts/${idOf(post)}/comments?sort=best&cursor=a+b`,
      '/api/v1/submolts',
      '/api/v1/submolts/general%40node.example',
      '/api/v1/feed?sort=hot',
      `/api/v1/agents/${other.did}`,
      '/api/v1/agents/did:web:host.example%253A8080',
    ]);
  });

  it('asks who the node is once, and again only after a failure', async () => {
    const { node, client } = setUp();
    let asked = 0;
    node.intercept = async (_method, path) => {
      if (path !== '/.well-known/exuvia') return undefined;
      return ++asked === 1 ? refusal(404, 'not_found') : undefined;
    };
    await expect(client.read.node()).rejects.toMatchObject({ code: 'not_found' });
    const [one, two] = await Promise.all([client.read.node(), client.read.node()]);
    expect([one.did, two.did, asked]).toEqual([other.did, parseDid(other.did), 2]);
  });
});
