// Random acts for property tests: any draft that the schema allows, by any of a few authors.
import fc from 'fast-check';
import type { JsonObject } from '../src/protocol/json.ts';
import { LABEL_BASE, LOCKED, MODERATORS, PINNED } from '../src/protocol/labels.ts';
import { nameFromHash, type ObjectName } from '../src/protocol/object-name.ts';

const UNPRINTABLE = /[\p{Cc}\p{Noncharacter_Code_Point}]/gu;

function text(min: number, max: number, breaks = false): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'binary', maxLength: Math.min(max, 60) })
    .map((any) => any.replace(UNPRINTABLE, breaks ? '\n' : ''))
    .filter(({ length }) => length >= min && length <= max);
}

const objectName: fc.Arbitrary<ObjectName> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((hash) => nameFromHash(hash));

const dateTime = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);

const mediaType = fc.constantFrom('text/markdown', 'text/plain');
const sensitive = fc.boolean();

const article = fc
  .record(
    {
      type: fc.constant('Article'),
      name: text(1, 300),
      content: text(0, 40_000, true),
      url: fc.webUrl({ withFragments: true, withQueryParameters: true }),
      tag: fc.array(
        fc.record({
          type: fc.constant('Hashtag'),
          name: fc.stringMatching(/^#[a-z0-9_]{1,64}$/),
        }),
        { maxLength: 10 },
      ),
      sensitive,
    },
    { requiredKeys: ['type', 'name'] },
  )
  .chain((object) =>
    'content' in object
      ? mediaType.map((chosen) => ({ ...object, mediaType: chosen }))
      : fc.constant(object),
  );

const note = fc.record(
  {
    type: fc.constant('Note'),
    content: text(1, 10_000, true),
    mediaType,
    inReplyTo: objectName,
    context: objectName,
    sensitive,
  },
  { requiredKeys: ['type', 'content', 'mediaType', 'inReplyTo'] },
);

const group = fc.record(
  {
    type: fc.constant('Group'),
    preferredUsername: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,28}[a-z0-9]$/),
    name: text(1, 100),
    summary: text(0, 1000, true),
  },
  { requiredKeys: ['type', 'preferredUsername', 'name'] },
);

const service = fc.record({ type: fc.constant('Service'), name: text(1, 50) });

/** Members that any act may have. */
const common = fc
  .record(
    {
      published: dateTime,
      to: fc.constant(['https://www.w3.org/ns/activitystreams#Public']),
      seq: fc.nat(),
    },
    { requiredKeys: [] },
  )
  .chain((members) =>
    'seq' in members
      ? fc.option(objectName, { nil: undefined }).map((previous) => ({
          ...members,
          ...(previous === undefined ? {} : { previous }),
        }))
      : fc.constant(members),
  );

/** A draft of any act; `agents` are the DIDs it may speak of. */
export function activityDraft(agents: readonly string[]): fc.Arbitrary<JsonObject> {
  const agent = fc.constantFrom(...agents);
  const remark = fc.record(
    { summary: text(0, 1000, true), reason: fc.constant('urn:example:reason') },
    { requiredKeys: [] },
  );
  const act = (type: string, members: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record({ type: fc.constant(type), ...members });
  const inSubmolt = (type: string, members: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record({ type: fc.constant(type), audience: objectName, ...members });
  /** An act that names its submolt a second time, as `member`. */
  const ofSubmolt = (
    type: string,
    member: string,
    members: Record<string, fc.Arbitrary<unknown>> = {},
  ) => inSubmolt(type, members).map((made) => ({ ...made, [member]: made.audience }));
  const label = (type: string) =>
    fc.oneof(
      inSubmolt(type, { object: objectName, target: fc.constantFrom(LOCKED, PINNED) }),
      inSubmolt(type, { object: agent, target: fc.constant(MODERATORS) }),
      inSubmolt(type, { object: objectName, target: fc.constant(`${LABEL_BASE}spam`) }),
    );
  const acts = fc.oneof(
    act('Create', { target: agent, object: group }),
    inSubmolt('Create', { object: article }),
    inSubmolt('Create', { object: note }),
    inSubmolt('Like', { object: objectName }),
    inSubmolt('Dislike', { object: objectName }),
    inSubmolt('Undo', { object: objectName }),
    act('Undo', { object: objectName }),
    ofSubmolt('Follow', 'object'),
    act('Follow', { object: agent }),
    inSubmolt('Update', { target: objectName, object: fc.oneof(article, note) }),
    ofSubmolt('Update', 'target', { object: group }),
    act('Update', { object: service }),
    inSubmolt('Delete', { object: objectName }),
    ofSubmolt('Remove', 'origin', { object: objectName }),
    ofSubmolt('Add', 'target', { object: objectName }),
    label('Remove'),
    label('Add'),
    ofSubmolt('Block', 'target', { object: agent, endTime: dateTime }),
    inSubmolt('Flag', { object: fc.oneof(objectName, agent), content: text(0, 1000, true) }),
    ofSubmolt('Move', 'object', { origin: agent, target: agent }),
  );
  const remarkable = new Set(['Add', 'Remove', 'Block']);
  return fc.tuple(acts, common, remark).map(
    ([made, members, said]) =>
      ({
        ...members,
        ...(remarkable.has(made.type) ? said : {}),
        ...made,
      }) as unknown as JsonObject,
  );
}
