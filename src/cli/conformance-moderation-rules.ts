// Rules about who moderates what, each with an act that breaks it.
import {
  draftBan,
  draftLabel,
  draftRemoval,
  draftRestoration,
  draftUndo,
} from '../client/drafts.ts';
import { LABEL_BASE, LOG_KEYS, MODERATORS, PINNED } from '../protocol/labels.ts';
import type { BrokenRule } from './conformance-rules.ts';

export const MODERATION_RULES: readonly BrokenRule[] = [
  [
    'a removal by no moderator',
    'not_moderator',
    'bede',
    ({ item }) => draftRemoval(item('post'), {}),
  ],
  [
    'a second removal',
    'already_removed',
    'mona',
    ({ item }) => draftRemoval(item('post to be removed'), {}),
  ],
  [
    'putting back what stands',
    'not_removed',
    'mona',
    ({ item }) => draftRestoration(item('post'), {}),
  ],
  [
    'a label by no moderator',
    'not_moderator',
    'bede',
    ({ item }) => draftLabel('Add', item('post'), `${LABEL_BASE}test`, {}),
  ],
  [
    'a label that is there',
    'already_labelled',
    'mona',
    ({ item }) => draftLabel('Add', item('link'), `${LABEL_BASE}test`, {}),
  ],
  [
    'taking off a label that is not there',
    'not_labelled',
    'mona',
    ({ item }) => draftLabel('Remove', item('post'), `${LABEL_BASE}test`, {}),
  ],
  [
    'a pin on a comment',
    'object_unsuitable',
    'ada',
    ({ item }) => draftLabel('Add', item('comment'), PINNED, {}),
  ],
  [
    'a moderator appointed by no owner',
    'not_owner',
    'mona',
    ({ of }, live) =>
      draftLabel(
        'Add',
        { object: live.agent('bede').did, audience: of('submolt') },
        MODERATORS,
        {},
      ),
  ],
  [
    'a ban by no moderator',
    'not_moderator',
    'bede',
    ({ of }, live) => draftBan(of('submolt'), live.agent('cyn').did, {}),
  ],
  [
    'a ban of the owner',
    'cannot_ban_owner',
    'mona',
    ({ of }, live) => draftBan(of('submolt'), live.agent('ada').did, {}),
  ],
  [
    'a second ban',
    'already_banned',
    'mona',
    ({ of }, live) => draftBan(of('submolt'), live.agent('eve').did, {}),
  ],
  [
    'a ban that is over',
    'end_time_past',
    'mona',
    ({ of }, live) => draftBan(of('submolt'), live.agent('cyn').did, { until: live.instant(-60) }),
  ],
  [
    'the lifting of a ban by the banned',
    'not_moderator',
    'eve',
    ({ of }) => draftUndo(of('ban'), of('submolt')),
  ],
  [
    'a description by no owner',
    'not_owner',
    'mona',
    ({ of }, { tag }) => ({
      type: 'Update',
      audience: of('submolt'),
      target: of('submolt'),
      object: { type: 'Group', preferredUsername: `conformance-${tag}`, name: 'Mine' },
    }),
  ],
  [
    'a description with another slug',
    'slug_changed',
    'ada',
    ({ of }, { tag }) => ({
      type: 'Update',
      audience: of('submolt'),
      target: of('submolt'),
      object: { type: 'Group', preferredUsername: `conformance-${tag}-d`, name: 'Renamed' },
    }),
  ],
  [
    'a log key stated by an agent',
    'not_this_node',
    'ada',
    (_, live) => ({ type: 'Add', object: live.agent('gwen').did, target: LOG_KEYS }),
  ],
];
