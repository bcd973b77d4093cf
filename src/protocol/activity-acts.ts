// The acts themselves, as closed records with the rules that tie their members together.
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
  SignedFields,
  Undo,
  UpdateContent,
  UpdateHeads,
  UpdateProfile,
  Vote,
} from './activity.ts';
import {
  dateTime,
  did,
  label,
  labelOrObjectName,
  objectName,
  objectNameOrDid,
  publicAudience,
  reasonIri,
} from './activity-fields.ts';
import { article, document, group, heads, note, service } from './activity-objects.ts';
import {
  DELEGATES,
  DID_LOGS,
  EVIDENCE,
  LABEL_BASE,
  LOCKED,
  LOG_KEYS,
  MODERATORS,
  OWNERS,
  PINNED,
  WITNESS_KEYS,
  WITNESSES,
} from './labels.ts';
import type { ObjectName } from './object-name.ts';
import {
  byType,
  type Check,
  type Contradiction,
  count,
  elsewhere,
  line,
  optional,
  prose,
  record,
  type Shape,
} from './schema.ts';

const optionalName = optional(objectName);

const signed = {
  // parseActivity has compared the context and checks the proof last; the type has chosen the record.
  '@context': elsewhere,
  type: elsewhere,
  proof: elsewhere,
  actor: did,
  published: dateTime,
  to: optional(publicAudience),
  seq: optional(count),
  previous: optionalName,
} satisfies Shape<SignedFields & { type: string }>;

/** In a submolt or outside, as the act's own rule says. */
const anywhere = { ...signed, audience: optionalName, instrument: optionalName };

const addressed = { ...anywhere, audience: objectName } satisfies Shape<
  Addressed & { type: string }
>;

/** Why an act was done: for people and for programs. */
const reason = optional(reasonIri);
const words = optional(prose(0, 1000));
const remark = { summary: words, reason };

/** What Delete, Remove and Add have in common. */
const gesture = { ...anywhere, ...remark, object: objectNameOrDid };

type Rule<T> = (value: T) => Contradiction | undefined;

/** A record with the rule that all signed records share, and its own. */
function act<T extends SignedFields>(shape: Shape<T>, rule?: Rule<T>): Check<T> {
  return record<T>(shape, (value: T & { audience?: unknown; instrument?: unknown }) => {
    if (value.previous && value.seq === undefined) {
      return ['seq', 'there beside previous'];
    }
    if (value.instrument && !value.audience) {
      return ['audience', 'there beside instrument'];
    }
    return rule?.(value);
  });
}

const SUBMOLT = 'equal to audience, the submolt';

/** The act speaks of its own submolt: `member` names it once more. */
function ofSubmolt<K extends string>(
  member: K,
): Rule<SignedFields & { readonly audience?: unknown } & { readonly [P in K]?: unknown }> {
  return (value) => (value[member] === value.audience ? undefined : [member, SUBMOLT]);
}

function update(
  object: Check<Article | Note | Group>,
  rule?: Rule<UpdateContent>,
): Check<UpdateContent> {
  return act<UpdateContent>({ ...addressed, target: objectName, object }, rule);
}

const vote = act<Vote>({ ...addressed, object: objectName });

const isDid = (id: string): boolean => id.startsWith('did:');

/** What is stated outside of any submolt, and in which media types. */
const STATED: { readonly [target: LabelIri]: readonly string[] } = {
  [LOG_KEYS]: [],
  [WITNESS_KEYS]: [],
  [WITNESSES]: [],
  [EVIDENCE]: ['application/json'],
  [DID_LOGS]: ['text/jsonl'],
  [DELEGATES]: ['application/json'],
  [OWNERS]: ['application/vc', 'application/vc+jwt'],
};

/** What may go on or off what: `target` is a label, or the submolt that an item is put back into or taken out of. */
function labelRule(
  { audience, object }: Add | Remove,
  member: 'target' | 'origin',
  target: LabelIri | ObjectName,
): Contradiction | undefined {
  const isPlace = !target.startsWith(LABEL_BASE);
  if (isPlace && target !== audience) return [member, SUBMOLT];
  const stated = Object.hasOwn(STATED, target);
  if (stated !== (audience === undefined)) {
    return ['audience', 'the submolt; left out of statements'];
  }
  const forAgents = target === MODERATORS || (stated && target !== OWNERS);
  if (forAgents && !isDid(object)) return ['object', 'a DID'];
  const forItems = isPlace || target === LOCKED || target === PINNED || target === OWNERS;
  return forItems && isDid(object) ? ['object', 'the name of an object'] : undefined;
}

/** A statement brings what it states; it has no place in a chain, because several logs have it. */
function statementRule({
  actor,
  attachment,
  content,
  mediaType,
  object,
  reason,
  seq,
  summary,
  target,
}: Add): Contradiction | undefined {
  const mediaTypes = STATED[target] ?? [];
  if ((content !== undefined) !== mediaTypes.length > 0) {
    return ['content', 'there exactly if target asks for it'];
  }
  if (content === undefined ? mediaType !== undefined : !mediaTypes.includes(mediaType ?? '')) {
    return ['mediaType', mediaTypes.join(' or ') || 'left out'];
  }
  if (attachment !== undefined && target !== DID_LOGS) return ['attachment', 'left out'];
  if (target === DID_LOGS && object !== actor) return ['object', 'equal to actor'];
  const shared = target === DID_LOGS || target === DELEGATES;
  // What others rest on cannot be erased, so it has no words.
  return shared && (seq ?? summary ?? reason) !== undefined ? ['seq', 'left out'] : undefined;
}

/** Said in the log of the submolt; in the node's own of an agent, an act there, or the copy of what is in another log. */
function deleteRule({ audience, object, origin }: Delete): Contradiction | undefined {
  return (isDid(object) ? audience || origin : audience && origin)
    ? ['audience', 'left out beside origin']
    : undefined;
}

export const activity: Check<Activity> = byType<Activity>({
  Create: byType<CreateGroup | CreateArticle | CreateNote>(
    {
      Group: act<CreateGroup>({ ...signed, target: did, object: group }),
      Article: act<CreateArticle>({ ...addressed, object: article }),
      Note: act<CreateNote>({ ...addressed, object: note }),
    },
    'object',
  ),
  Like: vote,
  Dislike: vote,
  Undo: act<Undo>({ ...anywhere, object: objectName }),
  Follow: act<Follow>({ ...anywhere, object: objectNameOrDid }, ({ audience, object }) =>
    audience === (isDid(object) ? undefined : object)
      ? undefined
      : ['audience', 'equal to object, a submolt; left out for an agent'],
  ),
  Update: byType<UpdateContent | UpdateProfile | UpdateHeads>(
    {
      Article: update(article),
      Note: update(note),
      Group: update(group, ofSubmolt('target')),
      Service: act<UpdateProfile>({ ...signed, object: service }),
      Document: act<UpdateHeads>({ ...signed, object: heads }),
    },
    'object',
  ),
  Delete: act<Delete>({ ...gesture, origin: optionalName }, deleteRule),
  Remove: act<Remove>(
    {
      ...gesture,
      target: optional(label),
      origin: optionalName,
    },
    (value) => {
      const { target, origin } = value;
      if (target && !origin) return labelRule(value, 'target', target);
      if (origin && !target) return labelRule(value, 'origin', origin);
      return ['target', 'there unless origin is'];
    },
  ),
  Add: act<Add>(
    {
      ...gesture,
      target: labelOrObjectName,
      content: optional(prose(1, 200_000)),
      mediaType: optional(line(1, 50)),
      attachment: optional(document),
    },
    (value) => labelRule(value, 'target', value.target) ?? statementRule(value),
  ),
  Block: act<Block>(
    {
      ...gesture,
      object: did,
      target: optionalName,
      endTime: optional(dateTime),
    },
    ofSubmolt('target'),
  ),
  Flag: act<Flag>({
    ...addressed,
    object: objectNameOrDid,
    content: words,
    reason,
  }),
  Move: act<Move>(
    { ...addressed, object: objectName, origin: did, target: did },
    ofSubmolt('object'),
  ),
});
