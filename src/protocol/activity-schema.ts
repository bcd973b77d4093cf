// Turns a JSON value into a typed `Activity`, or says which member is wrong and what it must be.
import type {
  Activity,
  Add,
  Addressed,
  Article,
  Block,
  CreateArticle,
  CreateGroup,
  CreateNote,
  Delete,
  Flag,
  Follow,
  Group,
  Move,
  Note,
  Remove,
  Service,
  SignedFields,
  Undo,
  UpdateContent,
  UpdateProfile,
  Vote,
} from './activity.ts';
import {
  dateTime,
  did,
  hashtag,
  label,
  labelOrObjectName,
  objectName,
  objectNameOrDid,
  publicAudience,
  reasonIri,
  webUrl,
} from './activity-fields.ts';
import { isSignedContext, SIGNED_CONTEXT } from './contexts.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { LOCKED, LOG_KEYS, MODERATORS, PINNED } from './labels.ts';
import { checkProofProfile, type ProofProfileRefusal } from './proof-profile.ts';
import {
  byType,
  type Check,
  count,
  flag,
  isMap,
  line,
  list,
  literal,
  malformed,
  optional,
  type Problem,
  pathOf,
  prose,
  record,
  type Shape,
  type ShapeRefusal,
  string,
} from './schema.ts';

export type ActivityRefusal =
  | ShapeRefusal
  | ProofProfileRefusal
  | 'unknown_context'
  | 'nested_context';

export type ActivityVerdict =
  | { readonly ok: true; readonly activity: Activity }
  | ({ readonly ok: false } & Problem<ActivityRefusal>);

/** A contradiction between members that are each well-formed. */
type Rule<T> = (value: T) => readonly [string, string] | null;

const signed: Shape<SignedFields> = {
  // parseActivity has compared the context and checks the proof last.
  '@context': () => null,
  actor: did,
  published: dateTime,
  to: optional(publicAudience),
  seq: optional(count),
  previous: optional(objectName),
  proof: () => null,
};

const addressed: Shape<Addressed> = { ...signed, audience: objectName };

/** A record with the rule that all signed records share, and its own. */
function act<T extends SignedFields>(shape: Shape<T>, rule?: Rule<T>): Check<T> {
  return record<T>(shape, (value) =>
    value.previous !== undefined && value.seq === undefined
      ? ['previous', 'stands only beside seq; add seq or leave it out']
      : (rule?.(value) ?? null),
  );
}

const group = record<Group>({
  type: literal('Group'),
  preferredUsername: string(
    (text) => /^[a-z0-9][a-z0-9-]{0,28}[a-z0-9]$/.test(text),
    'must be 2 to 30 characters of a-z, 0-9 and inner hyphens',
  ),
  name: line(1, 100),
  summary: optional(prose(0, 1000)),
});

const mediaType = literal('text/markdown', 'text/plain');

const article = record<Article>(
  {
    type: literal('Article'),
    name: line(1, 300),
    content: optional(prose(0, 40_000)),
    mediaType: optional(mediaType),
    url: optional(webUrl),
    tag: optional(list(hashtag, 0, 10)),
    sensitive: optional(flag),
  },
  ({ content, mediaType }) => {
    if ((content === undefined) === (mediaType === undefined)) return null;
    return content === undefined
      ? ['mediaType', 'stands only beside content; leave it out']
      : ['mediaType', 'is missing; say what content is, text/markdown or text/plain'];
  },
);

const note = record<Note>({
  type: literal('Note'),
  content: prose(1, 10_000),
  mediaType,
  inReplyTo: objectName,
  context: optional(objectName),
  sensitive: optional(flag),
});

const service = record<Service>({
  type: literal('Service'),
  name: line(1, 50),
  summary: optional(prose(0, 500)),
});

const remark = { summary: optional(prose(0, 1000)), reason: optional(reasonIri) };

const isDid = (id: string): boolean => id.startsWith('did:');

/** What each label goes on, and that only a submolt's own log may speak of its members. */
function labelRule(value: Add | Remove, target: string): readonly [string, string] | null {
  if (target === LOG_KEYS) {
    if (value.audience !== undefined)
      return ['audience', 'is for submolts; a node names its log key without'];
    return isDid(value.object) ? null : ['object', 'must be the did:key of the log key'];
  }
  if (value.audience === undefined) return ['audience', 'is missing; name the submolt'];
  if ((target === LOCKED || target === PINNED) && isDid(value.object)) {
    return ['object', 'must be the name of a post, not an agent'];
  }
  if (target === MODERATORS && !isDid(value.object))
    return ['object', 'must be the DID of an agent'];
  return null;
}

/** A removal, or its reversal, of a post or comment: the submolt is named twice and must be the same. */
function placeRule(
  value: Add | Remove,
  member: 'origin' | 'target',
  place: string,
): readonly [string, string] | null {
  if (place !== value.audience) return [member, 'must be equal to audience, the submolt'];
  return isDid(value.object)
    ? ['object', 'must be the name of a post or comment; agents are banned with Block']
    : null;
}

const create = byType<CreateGroup | CreateArticle | CreateNote>(
  {
    Group: act<CreateGroup>({ ...signed, type: literal('Create'), target: did, object: group }),
    Article: act<CreateArticle>({ ...addressed, type: literal('Create'), object: article }),
    Note: act<CreateNote>({ ...addressed, type: literal('Create'), object: note }),
  },
  'object',
);

const updateContent = act<UpdateContent>(
  {
    ...addressed,
    type: literal('Update'),
    target: objectName,
    object: byType<Article | Note | Group>({ Article: article, Note: note, Group: group }),
  },
  ({ object, target, audience }) =>
    object.type === 'Group' && target !== audience
      ? ['target', 'must be equal to audience: a Group describes the submolt itself']
      : null,
);

const update = byType<UpdateContent | UpdateProfile>(
  {
    Article: updateContent,
    Note: updateContent,
    Group: updateContent,
    Service: act<UpdateProfile>({ ...signed, type: literal('Update'), object: service }),
  },
  'object',
);

const vote = act<Vote>({ ...addressed, type: literal('Like', 'Dislike'), object: objectName });

const follow = act<Follow>(
  { ...signed, type: literal('Follow'), audience: optional(objectName), object: objectNameOrDid },
  ({ audience, object }) => {
    if (audience === (isDid(object) ? undefined : object)) return null;
    return isDid(object)
      ? ['audience', 'is for submolts; leave it out to follow an agent']
      : ['audience', 'must be equal to object to follow a submolt'];
  },
);

const remove = act<Remove>(
  {
    ...signed,
    type: literal('Remove'),
    audience: optional(objectName),
    object: objectNameOrDid,
    target: optional(label),
    origin: optional(objectName),
    ...remark,
  },
  (value) => {
    const { target, origin } = value;
    if (target !== undefined && origin !== undefined)
      return ['origin', 'and target exclude each other'];
    if (target !== undefined) return labelRule(value, target);
    if (origin !== undefined) return placeRule(value, 'origin', origin);
    return ['target', 'is missing; name the label, or the submolt as origin'];
  },
);

const add = act<Add>(
  {
    ...signed,
    type: literal('Add'),
    audience: optional(objectName),
    object: objectNameOrDid,
    target: labelOrObjectName,
    ...remark,
  },
  (value) =>
    value.target.startsWith('ni:')
      ? placeRule(value, 'target', value.target)
      : labelRule(value, value.target),
);

const activity = byType<Activity>({
  Create: create,
  Like: vote,
  Dislike: vote,
  Undo: act<Undo>({
    ...signed,
    type: literal('Undo'),
    audience: optional(objectName),
    object: objectName,
  }),
  Follow: follow,
  Update: update,
  Delete: act<Delete>({ ...addressed, type: literal('Delete'), object: objectName }),
  Remove: remove,
  Add: add,
  Block: act<Block>(
    {
      ...addressed,
      type: literal('Block'),
      object: did,
      target: objectName,
      endTime: optional(dateTime),
      ...remark,
    },
    ({ target, audience }) =>
      target === audience ? null : ['target', 'must be equal to audience, the submolt'],
  ),
  Flag: act<Flag>({
    ...addressed,
    type: literal('Flag'),
    object: objectNameOrDid,
    content: optional(prose(0, 1000)),
    reason: optional(reasonIri),
  }),
  Move: act<Move>(
    { ...addressed, type: literal('Move'), object: objectName, origin: did, target: did },
    ({ object, audience }) =>
      object === audience ? null : ['object', 'must be equal to audience, the submolt'],
  ),
});

/**
 * Everything about a signed object that needs neither key nor state: contexts, closed records, limits,
 * the shape of the proof and whose key it names. Lengths count UTF-16 code units. Never throws.
 */
export function parseActivity(value: JsonValue): ActivityVerdict {
  const problem = findProblem(value);
  if (problem !== null) return { ok: false, ...problem };
  return { ok: true, activity: value as unknown as Activity };
}

function findProblem(value: JsonValue): Problem<ActivityRefusal> | null {
  if (!isMap(value)) return malformed('', 'must be one object');
  if (!isSignedContext(value['@context'])) {
    const detail = `must be exactly ${JSON.stringify(SIGNED_CONTEXT)}`;
    return { reason: 'unknown_context', path: '@context', detail };
  }
  const problem = activity(value, '') ?? checkProofProfile(value.proof, value.actor);
  // The closed records refuse a nested context as they refuse any unknown member; this only names it.
  return problem && (findNestedContext(value) ?? problem);
}

function findNestedContext(root: JsonObject): Problem<ActivityRefusal> | null {
  const open: (readonly [JsonValue, string])[] = [[root, '']];
  // Not recursive: a caller may hand in a value nested deeper than the stack.
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, path] = next;
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value) && '@context' in value && path !== '' && path !== 'proof') {
      const detail = 'only the object itself and its proof have a context; leave it out';
      return { reason: 'nested_context', path: pathOf(path, '@context'), detail };
    }
    for (const [key, member] of Object.entries(value)) open.push([member, pathOf(path, key)]);
  }
  return null;
}
