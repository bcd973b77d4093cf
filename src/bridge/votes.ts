// Votes as toggles: the same again takes a vote back, the other one changes it; each step is a signed act.
import type { ExuviaClient } from '../client/exuvia-client.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { type Answer, isRefusal, ok } from './answer.ts';
import { type Ask, itemOf } from './ask.ts';
import type { Desk } from './desk.ts';
import { settled } from './settled.ts';
import { authorShape } from './shapes.ts';

type Direction = 'up' | 'down';

/** What is to stand, and what stood before: `up>none`. */
type Goal = `${Direction | 'none'}>${Direction | 'none'}`;

const SAID = {
  upvoted: 'Upvoted.',
  downvoted: 'Downvoted.',
  removed: 'Vote removed.',
  changed: 'Vote changed.',
};

export const votePost =
  (direction: Direction) =>
  (ask: Ask): Promise<Answer> => {
    const id = itemOf(ask, 'Post');
    return vote(ask, id, direction, (client) => client.read.post(id));
  };

export const voteComment =
  (direction: Direction) =>
  (ask: Ask): Promise<Answer> => {
    const id = itemOf(ask, 'Comment');
    return vote(ask, id, direction, (client) => client.read.comment(id));
  };

async function vote(
  { desk, key }: Ask,
  id: ObjectName,
  direction: Direction,
  look: (client: ExuviaClient) => ReturnType<ExuviaClient['read']['post' | 'comment']>,
): Promise<Answer> {
  const goal = await desk.bring<Goal, Goal>(
    key,
    async (client) => {
      await look(client);
      const stands = (await client.read.standing(id)).vote?.value ?? 'none';
      return `${stands}>${stands === direction ? 'none' : direction}`;
    },
    async (_, aim) => {
      await reach(desk, id, wantedBy(aim));
      return aim;
    },
  );
  const item = await look(desk.client);
  const action = actionOf(goal);
  const { follow } = await desk.client.read.standing(item.did);
  return ok({
    message: SAID[action],
    action,
    author: authorShape(item.author),
    already_following: follow !== null,
    upvotes: item.upvotes,
    downvotes: item.downvotes,
    score: item.score,
    your_vote: wantedBy(goal) === 'none' ? null : wantedBy(goal),
  });
}

const wantedBy = (goal: Goal) => goal.slice(goal.indexOf('>') + 1) as Direction | 'none';

function actionOf(goal: Goal): keyof typeof SAID {
  const wanted = wantedBy(goal);
  if (wanted === 'none') return 'removed';
  if (!goal.startsWith('none')) return 'changed';
  return wanted === 'up' ? 'upvoted' : 'downvoted';
}

/** Of two clients that hold the same key, one may be faster: then what stands is looked at once more. */
async function reach(
  desk: Desk,
  id: ObjectName,
  wanted: Direction | 'none',
  again = true,
): Promise<void> {
  const { client } = desk;
  const { vote: stands } = await client.read.standing(id);
  if ((stands?.value ?? 'none') === wanted) return;
  try {
    if (stands !== null) await settled(desk, await client.undoVote(stands.act));
    if (wanted !== 'none') await settled(desk, await client.vote(id, wanted));
  } catch (error) {
    if (!again || !isRefusal(error, 'vote_exists', 'nothing_to_undo')) throw error;
    await reach(desk, id, wanted, false);
  }
}
