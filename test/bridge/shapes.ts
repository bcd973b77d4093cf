// What strict clients demand of answers: members with their types, and no member under two spellings.
import { expect } from 'vitest';
import type { Json } from './bridged.ts';

type Kind = 'text' | 'number' | 'truth' | 'list' | 'any' | Shape;
/** A name that ends in `?` may be absent or null. */
export interface Shape {
  readonly [name: string]: Kind;
}

/** Spellings that a strict reader takes for one member: both at once is an error to it. */
const TWICE: readonly (readonly [string, string])[] = [
  ['follower_count', 'followerCount'],
  ['following_count', 'followingCount'],
  ['is_claimed', 'isClaimed'],
  ['is_active', 'isActive'],
  ['created_at', 'createdAt'],
  ['last_active', 'lastActive'],
  ['avatar_url', 'avatarUrl'],
  ['similarity', 'relevance'],
  ['sender', 'from_agent'],
];

const AUTHOR: Shape = { 'id?': 'text', name: 'text', 'karma?': 'number' };

/** As the live service answers. */
export const LIVE = {
  post: {
    id: 'text',
    title: 'text',
    'content?': 'text',
    'url?': 'text',
    upvotes: 'number',
    downvotes: 'number',
    'comment_count?': 'number',
    created_at: 'text',
    author: AUTHOR,
    'submolt?': { name: 'text', display_name: 'text' },
    'submolt_name?': 'text',
    'type?': 'text',
    'score?': 'number',
    'is_pinned?': 'truth',
    'updated_at?': 'text',
  },
  agent: {
    id: 'text',
    name: 'text',
    'description?': 'text',
    'karma?': 'number',
    'follower_count?': 'number',
    'following_count?': 'number',
    'is_claimed?': 'truth',
    'created_at?': 'text',
    'owner?': 'any',
    'stats?': { 'posts?': 'number', 'comments?': 'number' },
  },
  comment: { id: 'text', content: 'text', author: AUTHOR, upvotes: 'number', replies: 'list' },
  submolt: {
    'id?': 'text',
    name: 'text',
    display_name: 'text',
    'description?': 'text',
    'subscriber_count?': 'number',
    'created_by?': { id: 'text', name: 'text' },
    'post_count?': 'number',
    'created_at?': 'text',
  },
  result: {
    id: 'text',
    type: 'text',
    'title?': 'text',
    'content?': 'text',
    upvotes: 'number',
    downvotes: 'number',
    author: AUTHOR,
    'post_id?': 'text',
  },
  registration: { name: 'text', api_key: 'text', claim_url: 'text', verification_code: 'text' },
} as const satisfies Readonly<Record<string, Shape>>;

/** `GET /home` of the live service. */
export const HOME: Shape = {
  your_account: { name: 'text', 'karma?': 'number', 'unread_notification_count?': 'number' },
  'activity_on_your_posts?': 'list',
  'latest_moltbook_announcement?': 'any',
  'posts_from_accounts_you_follow?': {
    'posts?': 'list',
    'total_following?': 'number',
    'see_more?': 'text',
    'hint?': 'text',
  },
  'explore?': { 'description?': 'text', 'endpoint?': 'text' },
  'what_to_do_next?': 'list',
  'quick_links?': 'any',
};

/** Direct messages of the live service. */
export const MESSAGES = {
  check: {
    has_activity: 'truth',
    'summary?': 'text',
    'requests?': { 'count?': 'number', items: 'list' },
    'messages?': { total_unread: 'number' },
  },
  request: {
    from: AUTHOR,
    'message?': 'text',
    'message_preview?': 'text',
    conversation_id: 'text',
  },
  list: { conversations: { items: 'list' }, total_unread: 'number' },
  conversation: {
    conversation_id: 'text',
    with_agent: AUTHOR,
    you_initiated: 'truth',
    status: 'text',
    unread_count: 'number',
  },
  message: {
    id: 'text',
    sender: AUTHOR,
    content: 'text',
    needs_human_input: 'truth',
    created_at: 'text',
  },
} as const satisfies Readonly<Record<string, Shape>>;

/** As the published server and SDK have them. */
export const OPEN = {
  post: {
    id: 'text',
    title: 'text',
    'content?': 'text',
    'url?': 'text',
    submolt: 'text',
    postType: 'text',
    score: 'number',
    commentCount: 'number',
    authorId: 'text',
    authorName: 'text',
    createdAt: 'text',
    post_type: 'text',
    author_name: 'text',
    created_at: 'text',
  },
  agent: {
    id: 'text',
    name: 'text',
    'displayName?': 'text',
    'description?': 'text',
    karma: 'number',
    status: 'text',
    isClaimed: 'truth',
    followerCount: 'number',
    followingCount: 'number',
    createdAt: 'text',
  },
  comment: {
    id: 'text',
    postId: 'text',
    content: 'text',
    score: 'number',
    upvotes: 'number',
    downvotes: 'number',
    'parentId?': 'text',
    depth: 'number',
    authorId: 'text',
    authorName: 'text',
    createdAt: 'text',
    'replies?': 'list',
  },
  submolt: {
    id: 'text',
    name: 'text',
    'displayName?': 'text',
    'description?': 'text',
    subscriberCount: 'number',
    createdAt: 'text',
  },
  vote: { success: 'truth', message: 'text', action: 'text' },
  page: { count: 'number', limit: 'number', offset: 'number', hasMore: 'truth' },
} as const satisfies Readonly<Record<string, Shape>>;

function faults(value: unknown, shape: Shape, at: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${at} is no object`];
  const members = value as Json;
  return Object.entries(shape).flatMap(([given, kind]) => {
    const name = given.replace(/\?$/, '');
    const member = members[name];
    const place = `${at}.${name}`;
    if (member === undefined || member === null) {
      return given.endsWith('?') ? [] : [`${place} is missing`];
    }
    if (typeof kind === 'object') return faults(member, kind, place);
    return isOf(member, kind) ? [] : [`${place} is no ${kind}`];
  });
}

function isOf(value: unknown, kind: Exclude<Kind, Shape>): boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'number') return Number.isSafeInteger(value);
  if (kind === 'truth') return typeof value === 'boolean';
  return kind === 'any' || Array.isArray(value);
}

export function expectShape(value: unknown, shape: Shape): void {
  expect(faults(value, shape, 'answer')).toEqual([]);
}

/** Neither the value nor anything in it has one member under two spellings. */
export function expectOneSpelling(value: unknown): void {
  expect(spelledTwice(value, 'answer')).toEqual([]);
}

function spelledTwice(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const here = TWICE.filter(([one, other]) => one in value && other in value);
  return [
    ...here.map(([one, other]) => `${at} has ${one} and ${other}`),
    ...Object.entries(value).flatMap(([name, member]) => spelledTwice(member, `${at}.${name}`)),
  ];
}
