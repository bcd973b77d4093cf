// An act in a submolt as ActivityPub software knows it, with the signed bytes inside, verbatim and opaque.
import type {
  Activity,
  Add,
  Block,
  CreateArticle,
  CreateNote,
  Delete,
  Remove,
  Undo,
  UpdateContent,
} from '../protocol/activity.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import { LOCKED, MODERATORS, PINNED } from '../protocol/labels.ts';
import { type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import type { Around, HomeAct, HomeItem } from '../store/queries/home-acts.ts';
import type { PageWords } from '../web/markdown.ts';
import { activityUrl, agentUrl, groupUrl, type Origin, objectUrl } from './addresses.ts';
import { addressed, itemView, tombstone } from './item-view.ts';

type Signed = NonNullable<HomeAct['signed']>;

/** What has to be looked up before `actView` can be made of these acts. */
export function namesAround(acts: readonly HomeAct[]) {
  const items = new Set<ObjectName>();
  const undone = new Set<ObjectName>();
  const delegations = new Set<ObjectName>();
  for (const { name, signed } of acts) {
    if (signed === null) continue;
    const { activity } = signed;
    const { instrument } = activity as { instrument?: ObjectName };
    if (instrument !== undefined) delegations.add(instrument);
    if (activity.type === 'Create') items.add(name);
    else if (activity.type === 'Update' && 'target' in activity) items.add(activity.target);
    else if (activity.type === 'Undo') undone.add(activity.object);
    else if ('object' in activity && typeof activity.object === 'string') {
      const object = parseObjectName(activity.object);
      if (object !== null) items.add(object);
    }
  }
  return { items, undone, delegations };
}

export type ActView =
  | { readonly kind: 'view'; readonly view: JsonObject }
  /** It speaks of a post or comment that is not there any more, and would repeat what it said. */
  | { readonly kind: 'gone'; readonly item: HomeItem }
  /** Other software is not told of such acts. */
  | { readonly kind: 'none' };

const NONE: ActView = { kind: 'none' };

/**
 * The view without a context. It is made of the act's own words, whatever was said since: a view and the signed bytes in it
 * say the same. Votes, reports, subscriptions, labels and moves have none.
 */
export function actView(origin: Origin, act: HomeAct, around: Around, words: PageWords): ActView {
  const { signed } = act;
  if (signed === null) return NONE;
  const maker: Maker = { origin, act, signed, around, words };
  const { activity } = signed;
  switch (activity.type) {
    case 'Create':
      return 'audience' in activity ? createView(maker, activity) : NONE;
    case 'Update':
      return 'target' in activity ? updateView(maker, activity) : NONE;
    case 'Delete':
      return activity.audience === undefined ? NONE : deleteView(maker, activity);
    case 'Add':
    case 'Remove':
      return activity.audience === undefined ? NONE : gestureView(maker, activity);
    case 'Block':
      return activity.audience === undefined ? NONE : blockView(maker, activity);
    case 'Undo':
      return activity.audience === undefined ? NONE : undoView(maker, activity);
    default:
      return NONE;
  }
}

interface Maker {
  readonly origin: Origin;
  readonly act: HomeAct;
  readonly signed: Signed;
  readonly around: Around;
  readonly words: PageWords;
}

/** Who is said to act: the author of a post or comment, or in whose name a delegate signed. */
function actorOf({ around, signed }: Maker): Did {
  const { instrument } = signed.activity as { instrument?: ObjectName };
  const principal = instrument === undefined ? undefined : around.principals.get(instrument);
  return principal ?? subjectOf(signed.activity.actor);
}

function viewed(maker: Maker, type: string, more: JsonObject): ActView {
  const { act, origin, signed } = maker;
  const view = {
    id: activityUrl(origin, act.name),
    type,
    actor: agentUrl(origin, actorOf(maker)),
    published: signed.activity.published,
    ...addressed(origin, act.slug),
    ...more,
    // A string, so that no reader's JSON-LD meets the context in it, and nothing is lost of it on the way.
    source: { content: decodeUtf8(signed.bytes), mediaType: 'application/ld+json' },
  };
  return { kind: 'view', view };
}

function createView(maker: Maker, { object, published }: CreateArticle | CreateNote): ActView {
  const { act, around, origin, words } = maker;
  const item = around.items.get(act.name);
  if (item === undefined) return NONE;
  if (item.deleted || item.removed) return { kind: 'gone', item };
  const signed = { name: act.name, object, published, updatedAt: null };
  const view = itemView(origin, item, signed, words);
  return view === null ? NONE : viewed(maker, 'Create', { object: view });
}

function updateView(maker: Maker, { object, target }: UpdateContent): ActView {
  const { act, around, origin, words } = maker;
  if (object.type === 'Group') {
    // Whoever wants to know the group asks for it: it is at its own address, whatever this act said of it.
    return viewed(maker, 'Update', { object: groupUrl(origin, act.slug) });
  }
  const item = around.items.get(target);
  if (item === undefined) return NONE;
  if (item.deleted || item.removed) return { kind: 'gone', item };
  const published = item.words?.activity.published ?? maker.signed.activity.published;
  const signed = { name: act.name, object, published, updatedAt: act.t };
  const view = itemView(origin, item, signed, words);
  return view === null ? NONE : viewed(maker, 'Update', { object: view });
}

function deleteView(maker: Maker, { object, summary }: Delete): ActView {
  const item = maker.around.items.get(object as ObjectName);
  if (item === undefined) return NONE;
  return viewed(maker, 'Delete', {
    object: tombstone(maker.origin, item),
    ...(summary === undefined ? {} : { summary }),
  });
}

/** What moderators do has the words that ActivityPub forums have for it. */
function gestureView(maker: Maker, activity: Add | Remove): ActView {
  const { act, around, origin } = maker;
  const { object, target, type } = activity;
  const group = groupUrl(origin, act.slug);
  const summary = { summary: activity.summary ?? '' };
  if (target === MODERATORS) {
    const agent = agentUrl(origin, subjectOf(object as Did));
    return viewed(maker, type, { object: agent, target: `${group}/moderators` });
  }
  const item = around.items.get(object as ObjectName);
  if (item === undefined) return NONE;
  if (target === PINNED) {
    return viewed(maker, type, {
      object: objectUrl(origin, item.name),
      target: `${group}/featured`,
    });
  }
  const id = activityUrl(origin, act.name);
  const actor = agentUrl(origin, actorOf(maker));
  const undone = (what: string, on: JsonObject | string) =>
    viewed(maker, 'Undo', {
      object: { id: `${id}#undone`, type: what, actor, ...addressed(origin, act.slug), object: on },
    });
  if (target === LOCKED) {
    const url = objectUrl(origin, item.name);
    return type === 'Add' ? viewed(maker, 'Lock', { object: url }) : undone('Lock', url);
  }
  if (target !== undefined && target !== activity.audience) return NONE;
  // Forums tell a removal from a deletion by its summary.
  return type === 'Remove'
    ? viewed(maker, 'Delete', { object: tombstone(origin, item), ...summary })
    : undone('Delete', tombstone(origin, item));
}

function blockView(maker: Maker, { endTime, object, summary }: Block): ActView {
  const { act, origin } = maker;
  return viewed(maker, 'Block', {
    object: agentUrl(origin, subjectOf(object)),
    target: groupUrl(origin, act.slug),
    ...(endTime === undefined ? {} : { endTime }),
    ...(summary === undefined ? {} : { summary }),
  });
}

/** Of a ban alone: a vote or a subscription that is taken back was never told of. */
function undoView(maker: Maker, { object }: Undo): ActView {
  const { act, around, origin } = maker;
  const undone = around.undone.get(object);
  if (undone?.kind !== 'Block' || undone.onAgent === null) return NONE;
  const target = groupUrl(origin, act.slug);
  const block = {
    id: activityUrl(origin, object),
    type: 'Block',
    actor: agentUrl(origin, undone.actor),
    ...addressed(origin, act.slug),
    object: agentUrl(origin, undone.onAgent),
    target,
  };
  return viewed(maker, 'Undo', { object: block });
}

/** True for an act that begins a thread: software without groups shows these. */
export function isPost(activity: Activity): boolean {
  return activity.type === 'Create' && 'audience' in activity && activity.object.type === 'Article';
}
