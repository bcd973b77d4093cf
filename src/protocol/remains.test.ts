// What remains of acts: nothing that anybody worded, and enough to read it back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activityDraft } from '../../test/activities.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import type { Activity } from './activity.ts';
import { parseActivity } from './activity-schema.ts';
import { utf8 } from './bytes.ts';
import { didKeyOf, parseDid, subjectOf } from './did.ts';
import { reasonOf } from './erasure-grounds.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { DELEGATES, DID_LOGS, LABEL_BASE, LOG_KEYS, MODERATORS, OWNERS } from './labels.ts';
import { signObject } from './object.ts';
import { decodeRemains, encodeRemains, parseRemains, remainsOf } from './remains.ts';

const MARKER = 'zzyzx-quetzalcoatl';
const NAME = `ni:///sha-256;${'A'.repeat(43)}`;
const DID = 'did:web:ada.example';
const WEBVH = `did:webvh:${'QmPK1s3pNYLi9ERiq3BDxKa4XosgWwFRQUydHUtz4YgpqB'}:host.example`;
const IRI = `https://example.com/${MARKER}`;

const common = {
  '@context': ['x'],
  actor: DID,
  audience: NAME,
  published: '2026-11-20T12:00:00Z',
  seq: 3,
  previous: NAME,
  proof: { created: '2026-11-20T12:00:00Z' },
};
const remark = { summary: MARKER, reason: IRI };
const make = (draft: JsonObject) => ({ ...common, ...draft }) as unknown as Activity;

const LEAVE: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ['a report', { type: 'Flag', object: NAME, content: MARKER, reason: IRI }, { object: NAME }],
  [
    'a ban',
    { ...remark, type: 'Block', object: DID, target: NAME, endTime: '2026-11-21T12:00:00Z' },
    { object: DID, target: NAME, endTime: '2026-11-21T12:00:00Z' },
  ],
  [
    'a role',
    { ...remark, type: 'Add', object: WEBVH, target: MODERATORS },
    { object: subjectOf(parseDid(WEBVH)!), target: MODERATORS },
  ],
  [
    'a label',
    { ...remark, type: 'Remove', object: NAME, target: `${LABEL_BASE}spam` },
    { object: NAME, target: `${LABEL_BASE}spam` },
  ],
  [
    'a removal',
    { ...remark, type: 'Remove', object: NAME, origin: NAME },
    { object: NAME, origin: NAME },
  ],
  ['a tombstone', { ...remark, type: 'Delete', object: NAME }, { object: NAME }],
  [
    'a tombstone of an operator',
    { type: 'Delete', object: NAME, summary: MARKER, reason: reasonOf('legal') },
    { object: NAME, reason: reasonOf('legal') },
  ],
  [
    'an acceptance',
    {
      ...remark,
      type: 'Add',
      object: NAME,
      target: OWNERS,
      content: MARKER,
      mediaType: 'application/vc',
    },
    { object: NAME, target: OWNERS, mediaType: 'application/vc' },
  ],
  [
    'a description',
    {
      type: 'Update',
      target: NAME,
      object: { type: 'Group', preferredUsername: 'zzyzx', name: MARKER, summary: MARKER },
    },
    { target: NAME, object: { type: 'Group' } },
  ],
];

test.each(LEAVE)('of %s all that it does remains, and no word', (_, draft, left) => {
  const { audience } = common;
  const remains = remainsOf(make(draft));
  expect(remains).toEqual({ type: draft.type, actor: DID, audience, ...left });
  expect(JSON.stringify(remains)).not.toContain('zzyzx');
  expect(decodeRemains(encodeRemains(remains!))).toEqual(remains);
});

test('the delegation under which it was done remains, and the founder with the home', () => {
  const report = { type: 'Flag', object: NAME, content: MARKER, instrument: NAME };
  expect(remainsOf(make(report))).toMatchObject({ instrument: NAME });
  const object = { type: 'Group', preferredUsername: 'zzyzx', name: MARKER };
  const { audience: _, ...founding } = make({
    type: 'Create',
    target: DID,
    object,
  }) as never as JsonObject;
  const left = remainsOf(founding as never as Activity);
  expect(left).toEqual({ type: 'Create', actor: DID, target: DID, object: { type: 'Group' } });
});

test.each<[string, JsonObject]>([
  ['a post', { type: 'Create', object: { type: 'Article', name: MARKER } }],
  ['an edit', { type: 'Update', target: NAME, object: { type: 'Article', name: MARKER } }],
  ['a profile', { type: 'Update', object: { type: 'Service', name: MARKER } }],
  [
    'heads',
    { type: 'Update', object: { type: 'Document', mediaType: 'text/plain', content: 'x' } },
  ],
  ['a vote', { type: 'Like', object: NAME }],
  ['an Undo', { type: 'Undo', object: NAME }],
  ['a follow', { type: 'Follow', object: DID }],
  ['a move', { type: 'Move', object: NAME, origin: DID, target: DID }],
  ['a DID log', { type: 'Add', object: DID, target: DID_LOGS, content: 'x' }],
  ['a delegation', { type: 'Add', object: DID, target: DELEGATES, content: 'x' }],
  ['a key of the node', { type: 'Add', object: DID, target: LOG_KEYS }],
])('of %s nothing of the kind remains', (_, draft) => {
  expect(remainsOf(make(draft))).toBeNull();
});

describe('what is read is closed', () => {
  const good = { type: 'Flag', actor: DID, audience: NAME, object: NAME };
  test.each<[string, JsonObject]>([
    ['another member', { ...good, content: MARKER }],
    ['another type', { ...good, type: 'Like' }],
    ['an agent by a name that may change', { ...good, actor: WEBVH }],
    ['an object that is no name', { ...good, object: MARKER }],
    ['a reason of the author’s own', { type: 'Delete', actor: DID, object: NAME, reason: IRI }],
    [
      'a description with words',
      { ...good, type: 'Update', target: NAME, object: { type: 'Group', name: 'x' } },
    ],
    ['a statement', { type: 'Add', actor: DID, object: DID, target: DID_LOGS }],
    [
      'a media type of the author’s own',
      { type: 'Add', actor: DID, object: NAME, target: OWNERS, mediaType: MARKER },
    ],
  ])('against %s', (_, value) => {
    expect(parseRemains(good)).not.toBeNull();
    expect(parseRemains(value)).toBeNull();
  });

  test('and has one spelling', () => {
    const text = encodeRemains(parseRemains(good)!);
    expect(decodeRemains(text)).toEqual(good);
    expect(decodeRemains(text.replace(':', ': '))).toBeNull();
    expect(decodeRemains('{')).toBeNull();
  });
});

describe('no act keeps what somebody can word', () => {
  const crypto = createNodeCrypto();
  const seed = crypto.sha256(utf8('remains'));
  const did = didKeyOf(crypto.publicKeyOf(seed));
  const created = '2026-11-20T10:00:00Z';
  const words = [MARKER, IRI, `#${MARKER.replace('-', '_')}`, 'zzyzx', `${LABEL_BASE}zzyzx`];
  /** Erased as a whole, and what is applied of them has no words. */
  const WHOLE = new Set(['Article', 'Note', 'Service']);
  /** Names, not words (spec/objects.md section 9). */
  const isName = (path: string, text: string) => path === 'target' && text === `${LABEL_BASE}zzyzx`;

  /** Every string of a map but those that the proof speaks of, by its path. */
  function* strings(
    value: JsonValue,
    path: readonly (number | string)[] = [],
  ): Generator<typeof path> {
    if (typeof value === 'string') yield path;
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (path.length === 0 && (key === '@context' || key === 'proof')) continue;
      yield* strings(member, [...path, key]);
    }
  }
  function withText(
    value: JsonValue,
    [key, ...rest]: readonly (number | string)[],
    text: string,
  ): JsonValue {
    if (key === undefined) return text;
    const copy = structuredClone(value) as Record<string, JsonValue>;
    copy[key] = withText(copy[key] as JsonValue, rest, text);
    return copy;
  }

  test('whatever of its strings is worded', () => {
    const worded = new Set<string>();
    fc.assert(
      fc.property(activityDraft([did, DID]), (draft) => {
        const { object } = signObject(draft, { did, seed, created }, crypto);
        for (const path of strings(object)) {
          for (const text of words) {
            const verdict = parseActivity(withText(object, path, text));
            if (!verdict.ok || isName(path.join('.'), text)) continue;
            const { activity } = verdict;
            worded.add(`${activity.type} ${path.join('.')}`);
            if (typeof activity.object !== 'string' && WHOLE.has(activity.object.type)) continue;
            const left = remainsOf(activity);
            expect([path.join('.'), left]).not.toEqual([path.join('.'), null]);
            expect(encodeRemains(left!)).not.toContain('zzyzx');
          }
        }
      }),
      { numRuns: 400 },
    );
    expect([...worded]).toEqual(
      expect.arrayContaining([
        ...['Create object.name', 'Create object.preferredUsername', 'Update object.summary'],
        ...['Flag content', 'Add summary', 'Remove reason', 'Block summary'],
      ]),
    );
  });
});
