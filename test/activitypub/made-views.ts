// Views of acts that are the same in every run, for vectors: what a node at https://node.example tells of them.
import { generateKeyPairSync } from 'node:crypto';
import { actView } from '../../src/activitypub/act-view.ts';
import { createActorKeys } from '../../src/activitypub/actor-keys.ts';
import { accountName, agentUrl } from '../../src/activitypub/addresses.ts';
import { announceOf, proven } from '../../src/activitypub/announce.ts';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { decodeUtf8 } from '../../src/protocol/bytes.ts';
import { type Did, parseDid, subjectOf } from '../../src/protocol/did.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { LOCKED, MODERATORS, PINNED } from '../../src/protocol/labels.ts';
import { nameFromHash, type ObjectName } from '../../src/protocol/object-name.ts';
import type { HomeAct, HomeItem } from '../../src/store/queries/home-acts.ts';
import { PageWords } from '../../src/web/markdown.ts';
import { comment } from '../drafts.ts';
import { Agent, crypto, seedOf } from '../sandbox.ts';

export const ORIGIN = 'https://node.example';
const SLUG = 'tides';
const NOW = Date.UTC(2026, 10, 20, 10);
const [ada, mona] = [new Agent('ada'), new Agent('mona')] as const;
const audience = nameFromHash(crypto.sha256(new Uint8Array(1)));
const object = { type: 'Article', name: 'Spring tide', mediaType: 'text/markdown' } as const;

const DIDS = [
  ada.did,
  'did:web:agents.example',
  'did:web:agents.example:ada_of:tides',
  'did:web:agents.example%3A8443',
  'did:webvh:QmVi37wWNMyKnaxoQ6pyFeVWDjA5FVpPZ7B8zVvBoV4yKR:agents.example:ada',
];

/** DIDs with their addresses. */
export function madeAddresses(): JsonObject[] {
  return DIDS.map((text) => {
    const did = parseDid(text);
    if (did === null) throw new Error(text);
    return { did, actor: agentUrl(ORIGIN, did), account: accountName(did) };
  });
}

async function act(agent: Agent, draft: ActivityDraft): Promise<HomeAct> {
  const { activity, bytes, name } = await agent.sign(draft, NOW);
  return { slug: SLUG, index: 1, t: NOW, name, signed: { bytes, activity } };
}

function itemOf(
  { name, signed }: HomeAct,
  author: Did,
  parent: ObjectName | null,
  root = name,
): HomeItem {
  const words = signed === null ? null : { name, activity: signed.activity };
  const state = { createdAt: NOW, updatedAt: null, removed: false, deleted: false };
  return { name, slug: SLUG, author: subjectOf(author), parent, root, words, ...state };
}

/** Signed acts with the views a node has of them. */
export async function madeViews(): Promise<JsonObject[]> {
  const words = 'High *water*, [here](/m/tides).';
  const post = await act(ada, { type: 'Create', audience, object: { ...object, content: words } });
  const reply = await act(mona, comment(audience, post.name, 'Five metres\nor more'));
  const block = await act(mona, { type: 'Block', audience, object: ada.did, target: audience });
  const on = { audience, object: post.name } as const;
  const acts: [string, HomeAct][] = [
    ['a post', post],
    ['a comment', reply],
    [
      'an edit',
      await act(ada, {
        type: 'Update',
        audience,
        target: post.name,
        object: { ...object, name: 'Neap tide', content: 'Low.', mediaType: 'text/plain' },
      }),
    ],
    ['a deletion by the author', await act(ada, { type: 'Delete', ...on })],
    [
      'a removal',
      await act(mona, { type: 'Remove', ...on, origin: audience, summary: 'off topic' }),
    ],
    ['what takes a removal back', await act(mona, { type: 'Add', ...on, target: audience })],
    ['a lock', await act(mona, { type: 'Add', ...on, target: LOCKED })],
    ['what takes a lock back', await act(mona, { type: 'Remove', ...on, target: LOCKED })],
    ['a pin', await act(mona, { type: 'Add', ...on, target: PINNED })],
    [
      'a moderator',
      await act(ada, { type: 'Add', audience, object: mona.did, target: MODERATORS }),
    ],
    ['a ban', block],
    ['what takes a ban back', await act(mona, { type: 'Undo', audience, object: block.name })],
    ['a vote', await act(mona, { type: 'Like', ...on })],
  ];
  const around = {
    items: new Map([
      [post.name, itemOf(post, ada.did, null)],
      [reply.name, itemOf(reply, mona.did, post.name, post.name)],
    ]),
    undone: new Map([[block.name, { kind: 'Block', actor: mona.did, onAgent: ada.did }]]),
    principals: new Map(),
  };
  return acts.map(([comment, made]) => {
    const shown = actView(ORIGIN, made, around, new PageWords());
    const view = shown.kind === 'view' ? shown.view : null;
    return { comment, signed: decodeUtf8(made.signed?.bytes as Uint8Array), view };
  });
}

/** The first of them as its group announces it, proven. */
export async function madeAnnounce(): Promise<JsonObject> {
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = createActorKeys({ seed: seedOf('group'), rsa }, crypto);
  const [first] = await madeViews();
  const {
    '@context': _,
    actor: _actor,
    proof: _proof,
    ...draft
  } = JSON.parse(String(first?.signed));
  const post = await act(ada, draft);
  const announce = announceOf({ origin: ORIGIN }, post, first?.view as JsonObject);
  const actor = String(announce.actor);
  const signed = proven({ crypto, keys, now: () => NOW }, { ...announce, actor });
  return { key: keys.multibase, announce: signed };
}
