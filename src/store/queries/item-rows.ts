// One row of an item with everything its views show; the words come from the signed bytes.
import { NO_WORDS, wordsOf } from '../../domain/item.ts';
import type { Article, Note } from '../../protocol/activity.ts';
import { decodeUtf8, fromHex } from '../../protocol/bytes.ts';
import { type Capability, expiryOf } from '../../protocol/capability.ts';
import type { Did } from '../../protocol/did.ts';
import { idOf, nameFromHash } from '../../protocol/object-name.ts';
import type { CommentView, LinkView, PostView, SignedUnder } from '../../protocol/views.ts';
import {
  blobOrNull,
  did,
  isoTime,
  isoTimeOrNull,
  name,
  nameOrNull,
  number,
  numberOrNull,
  text,
  textOrNull,
} from '../cell.ts';
import type { Row } from '../database.ts';
import { ITEM_CHAIN } from './delegations.ts';
import { shownDid, shownProfile } from './shown-did.ts';

/** SELECT … FROM: the columns and joins of an item `i`. */
export const ITEM_COLUMNS = `SELECT i.object, o.hash, ${shownDid('a')}, f.title, i.created_at, i.updated_at, i.up, i.down,
  i.score, i.hot, i.replies, i.pinned, i.locked, i.removed, i.deleted, b.bytes, l.origin, e.idx, s.hash, m.slug,
  m.title, h.did, p.hash, r.hash, i.depth, i.parent, i.root, b.hash, ${ITEM_CHAIN}`;
export const ITEM_JOINS = `JOIN objects AS o ON o.id = i.object
JOIN agents AS a ON a.id = i.author
JOIN objects AS b ON b.id = i.body
JOIN submolts AS m ON m.object = i.submolt
JOIN objects AS s ON s.id = i.submolt
JOIN agents AS h ON h.id = m.home
JOIN logs AS l ON l.submolt = i.submolt
JOIN entries AS e ON e.object = i.object AND e.log = l.id
JOIN objects AS r ON r.id = i.root
LEFT JOIN objects AS p ON p.id = i.parent
${shownProfile('i.author')}`;

/** The item's own number and sort keys, for cursors and trees. */
export interface ItemPlace {
  readonly object: number;
  readonly createdAt: number;
  readonly score: number;
  readonly hot: number;
  readonly parent: number | null;
  /** Votes of the smaller side. */
  readonly contested: number;
}

export function placeOf(row: Row): ItemPlace {
  return {
    object: number(row, 0),
    createdAt: number(row, 4),
    score: number(row, 8),
    hot: number(row, 9),
    parent: numberOrNull(row, 25),
    contested: Math.min(number(row, 6), number(row, 7)),
  };
}

/** What a removed or deleted item said is not shown; the body of a deleted one is gone anyway. */
function shownWords(row: Row) {
  const bytes = blobOrNull(row, 15);
  if (bytes === null || number(row, 13) === 1 || number(row, 14) === 1) return NO_WORDS;
  // Stored bytes were verified, so the object is one of these two.
  const { object } = JSON.parse(decodeUtf8(bytes)) as { object: Article | Note };
  return wordsOf(object);
}

type Link = readonly [depth: number, hash: string, delegator: Did, delegate: Did, Capability];

function signedUnder(json: string | null): SignedUnder | null {
  if (json === null) return null;
  const links = (JSON.parse(json) as Link[]).sort(([a], [b]) => a - b);
  const chain = links.map(([, hash, delegator, delegate, capability]): LinkView => {
    const object = nameFromHash(fromHex(hash.toLowerCase()) as Uint8Array);
    const { allowedAction: actions, invocationTarget: submolts } = capability;
    return { object, delegator, delegate, actions, submolts, until: isoTime(expiryOf(capability)) };
  });
  const [first, last] = [chain[0], chain.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { object: last.object, signer: last.delegate, principal: first.delegator, chain };
}

function common(row: Row) {
  const object = name(row, 1);
  const words = shownWords(row);
  const author = did(row, 2);
  return {
    words,
    view: {
      id: idOf(object),
      object,
      did: author,
      verified: true,
      content: words.content,
      content_type: words.mediaType as PostView['content_type'],
      author: { did: author, name: textOrNull(row, 3) },
      sensitive: words.sensitive,
      upvotes: number(row, 6),
      downvotes: number(row, 7),
      score: number(row, 8),
      created_at: isoTime(number(row, 4)),
      updated_at: isoTimeOrNull(numberOrNull(row, 5)),
      edit: numberOrNull(row, 5) === null ? null : name(row, 27),
      delegation: signedUnder(textOrNull(row, 28)),
      is_removed: number(row, 13) === 1,
      // Withdrawn here, or deleted in its log.
      is_deleted: number(row, 14) === 1 || blobOrNull(row, 15) === null,
      log: { origin: text(row, 16), index: number(row, 17) },
    },
  } as const;
}

export function postView(row: Row): PostView {
  const { view, words } = common(row);
  const submolt = name(row, 18);
  return {
    ...view,
    title: words.title,
    url: words.url,
    type: words.url === null ? 'text' : 'link',
    submolt: {
      id: idOf(submolt),
      name: text(row, 19),
      display_name: text(row, 20),
      object: submolt,
      home: did(row, 21),
    },
    comment_count: number(row, 10),
    is_pinned: number(row, 11) === 1,
    is_locked: number(row, 12) === 1,
  };
}

export function commentView(row: Row, replies: readonly CommentView[]): CommentView {
  const parent = nameOrNull(row, 22);
  const root = name(row, 23);
  return {
    ...common(row).view,
    post_id: idOf(root),
    parent_id: parent === null || parent === root ? null : idOf(parent),
    depth: number(row, 24),
    reply_count: number(row, 10),
    replies,
  };
}
