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
  LabelIri,
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
import { LABEL_BASE, LOCKED, LOG_KEYS, MODERATORS, PINNED } from './labels.ts';
import type { ObjectName } from './object-name.ts';
import { checkProofProfile, type ProofProfileRefusal } from './proof-profile.ts';
import {
  byType,
  type Check,
  type Contradiction,
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

type Rule<T> = (value: T) => Contradiction | undefined;

/** A record with the rule that all signed records share, and its own. */
function act<T extends SignedFields>(shape: Shape<T>, rule?: Rule<T>): Check<T> {
  return record<T>(shape, (value) =>
    value.previous !== undefined && value.seq === undefined
      ? ['seq', 'there beside previous']
      : rule?.(value),
  );
}

const group = record<Group>({
  type: literal('Group'),
  preferredUsername: string(
    (text) => /^[a-z0-9][a-z0-9-]{0,28}[a-z0-9]$/.test(text),
    '2 to 30 characters: a-z, 0-9, inner hyphens',
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
    tag: optional(list(hashtag, 10)),
    sensitive: optional(flag),
  },
  ({ content, mediaType }) =>
    (content === undefined) === (mediaType === undefined)
      ? undefined
      : ['mediaType', 'there exactly if content is'],
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

const SUBMOLT = 'equal to audience, the submolt';

/** What may go on or off what: `target` is a label, or the submolt that an item is put back into or taken out of. */
function targetRule(
  { audience, object }: Add | Remove,
  member: 'target' | 'origin',
  target: LabelIri | ObjectName,
): Contradiction | undefined {
  const isPlace = !target.startsWith(LABEL_BASE);
  if (isPlace && target !== audience) return [member, SUBMOLT];
  // A node names its log key in its own system log; every other label is a submolt's.
  if ((target === LOG_KEYS) !== (audience === undefined)) {
    return ['audience', 'the submolt; left out only for #log-keys'];
  }
  const forAgents = target === MODERATORS || target === LOG_KEYS;
  if (forAgents && !isDid(object)) return ['object', 'a DID'];
  const forItems = isPlace || target === LOCKED || target === PINNED;
  return forItems && isDid(object) ? ['object', 'the name of a post or comment'] : undefined;
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
    object.type === 'Group' && target !== audience ? ['target', SUBMOLT] : undefined,
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
  ({ audience, object }) =>
    audience === (isDid(object) ? undefined : object)
      ? undefined
      : ['audience', 'equal to object, a submolt; left out for an agent'],
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
    if (target !== undefined && origin === undefined) return targetRule(value, 'target', target);
    if (origin !== undefined && target === undefined) return targetRule(value, 'origin', origin);
    return ['target', 'there unless origin is'];
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
  (value) => targetRule(value, 'target', value.target),
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
    ({ target, audience }) => (target === audience ? undefined : ['target', SUBMOLT]),
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
    ({ object, audience }) => (object === audience ? undefined : ['object', SUBMOLT]),
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
  if (!isMap(value)) return malformed('', 'one object');
  if (!isSignedContext(value['@context'])) {
    const problem = malformed('@context', JSON.stringify(SIGNED_CONTEXT));
    return { ...problem, reason: 'unknown_context' };
  }
  const problem = activity(value, '') ?? checkProofProfile(value.proof, value.actor);
  // The closed records refuse a nested context as they refuse any unknown member; this only names it.
  return problem && (findNestedContext(value) ?? problem);
}

function findNestedContext(root: JsonObject): Problem<ActivityRefusal> | null {
  const open: (readonly [JsonValue, string])[] = [[root, '']];
  // Not recursive: a caller may hand in a value nested deeper than the stack.
  for (const [value, path] of open) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      const at = pathOf(path, key);
      if (key === '@context' && path !== '' && path !== 'proof') {
        return {
          ...malformed(at, 'left out: only object and proof have one'),
          reason: 'nested_context',
        };
      }
      open.push([member, at]);
    }
  }
  return null;
}
