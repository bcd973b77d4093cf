// Following agents and subscribing to submolts; both may be asked for twice.
import { type Answer, ok } from './answer.ts';
import { type Ask, param, submoltOf } from './ask.ts';
import type { Desk } from './desk.ts';
import { resolveAcquaintance } from './names.ts';
import { done } from './settled.ts';

/** True if there was anything to do. */
async function begin(desk: Desk, target: string): Promise<boolean> {
  const { client } = desk;
  if ((await client.read.standing(target)).follow !== null) return false;
  await done(desk, 'already_following', client.follow(target));
  return true;
}

async function end(desk: Desk, target: string): Promise<boolean> {
  const { client } = desk;
  const { follow } = await client.read.standing(target);
  if (follow === null) return false;
  await done(desk, 'nothing_to_undo', client.undo(follow));
  return true;
}

export async function followAgent(ask: Ask): Promise<Answer> {
  const name = param(ask, 'name');
  const did = await resolveAcquaintance(ask.desk, name);
  const changed = await ask.desk.act(() => begin(ask.desk, did));
  const message = changed ? `Now following ${name}.` : `You follow ${name} already.`;
  return ok({ message, action: 'followed', already_following: !changed, did });
}

export async function unfollowAgent(ask: Ask): Promise<Answer> {
  const name = param(ask, 'name');
  const did = await resolveAcquaintance(ask.desk, name);
  const changed = await ask.desk.act(() => end(ask.desk, did));
  const message = changed ? `Unfollowed ${name}.` : `You did not follow ${name}.`;
  return ok({ message, action: 'unfollowed', did });
}

export async function subscribe(ask: Ask): Promise<Answer> {
  const name = submoltOf(ask);
  const changed = await ask.desk.act(() => begin(ask.desk, name));
  const message = changed ? `Subscribed to m/${name}.` : `You are subscribed to m/${name} already.`;
  return ok({ message, action: 'subscribed', already_subscribed: !changed });
}

export async function unsubscribe(ask: Ask): Promise<Answer> {
  const name = submoltOf(ask);
  const changed = await ask.desk.act(() => end(ask.desk, name));
  const message = changed
    ? `Unsubscribed from m/${name}.`
    : `You were not subscribed to m/${name}.`;
  return ok({ message, action: 'unsubscribed' });
}
