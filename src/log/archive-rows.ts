// An archive as rows for analysis, one for each entry: for archives that were verified, of which nothing is checked again.
import type { Activity, Article, Note } from '../protocol/activity.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { isDelegation, readDelegation } from '../protocol/delegation-statement.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { nameOf, type ObjectName } from '../protocol/object-name.ts';
import type { Remains } from '../protocol/remains.ts';
import { Authors } from './archive-authors.ts';
import { type ErasedLine, parseBodyLine, type WithdrawnLine } from './archive-format.ts';
import { readArchive } from './archive-reader.ts';
import { type LogEntry, parseEntry } from './entry.ts';
import { LogError } from './error.ts';
import { NameTable } from './name-table.ts';

/** Null where the entry has no such thing. What each column is: docs/analysis.md. */
export interface ArchiveRow {
  readonly index: number;
  readonly time: string;
  readonly t: number;
  readonly type: LogEntry['k'];
  readonly name: ObjectName;
  readonly verdict: 'verified' | 'erased' | 'withdrawn';
  readonly erased_by: number | null;
  readonly actor: Did | null;
  readonly author: Did | null;
  readonly principal: Did | null;
  readonly key: string | null;
  readonly published: string | null;
  readonly object_type: 'Article' | 'Note' | 'Group' | 'Service' | 'Document' | null;
  readonly object: string | null;
  readonly target: string | null;
  readonly parent: ObjectName | null;
  readonly root: ObjectName | null;
  readonly instrument: ObjectName | null;
  readonly seq: number | null;
  readonly previous: ObjectName | null;
  readonly chain: 'follows' | 'gap' | 'fork' | null;
  readonly title: string | null;
  readonly content: string | null;
  readonly media_type: string | null;
  readonly url: string | null;
  readonly tags: readonly string[];
  readonly sensitive: boolean | null;
  readonly reason: string | null;
}

/** Their names, in the order of the columns. */
export const ARCHIVE_COLUMNS: readonly (keyof ArchiveRow)[] = [
  'index',
  'time',
  't',
  'type',
  'name',
  'verdict',
  'erased_by',
  'actor',
  'author',
  'principal',
  'key',
  'published',
  'object_type',
  'object',
  'target',
  'parent',
  'root',
  'instrument',
  'seq',
  'previous',
  'chain',
  'title',
  'content',
  'media_type',
  'url',
  'tags',
  'sensitive',
  'reason',
];

/** The rows in the order of the log. Throws `LogError` `malformed_archive` where there is no archive to read. */
export async function* readArchiveRows(
  chunks: AsyncIterable<Uint8Array>,
  crypto: Crypto,
): AsyncGenerator<ArchiveRow> {
  const maker = new RowMaker(crypto);
  const segments: LogEntry[][] = [];
  for await (const part of readArchive(chunks, crypto)) {
    if (part.kind === 'entries') segments.push(Array.from(part.lines, readEntry));
    if (part.kind !== 'objects') continue;
    const entries = (segments.shift() ?? [])[Symbol.iterator]();
    for (const bytes of part.lines) {
      const line = parseBodyLine(bytes);
      const entry = entries.next().value;
      if (line === null || entry === undefined) throw malformed('a line that has no entry');
      yield line.kind === 'body'
        ? maker.body(entry, line.index, line.bytes as CanonicalBytes)
        : maker.bodiless(entry, line);
    }
  }
}

type Words = Partial<Article> & Partial<Omit<Note, 'type'>>;

/** Knows threads and principals as far as the log was read. */
class RowMaker {
  readonly #crypto: Crypto;
  /** Posts and comments, and of each the number of the post it hangs below. */
  readonly #items = new NameTable();
  readonly #authors = new Authors();
  readonly #principals = new Map<ObjectName, Did>();

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  bodiless(entry: LogEntry, line: ErasedLine | WithdrawnLine): ArchiveRow {
    const { author, index, kind: verdict, name, parent } = line;
    // Whose signature it had is gone with the body, and may be a delegate's.
    this.#authors.erased(line.remains?.actor ?? (this.#principals.size === 0 ? author : null));
    const root = entry.k === 'Create' && line.remains === null ? this.#addItem(name, parent) : null;
    return {
      ...EMPTY,
      ...headOf(entry, index),
      name,
      ...{ author, principal: author, parent, root, verdict },
      ...(line.remains === null ? {} : this.#left(line.remains)),
      erased_by: 'by' in line ? line.by : null,
    };
  }

  /** Whose act it was and what about: all that it said but for its words. */
  #left(remains: Remains) {
    const { actor, instrument = null, mediaType, object, reason, target = null, type } = remains;
    const named = typeof object === 'string' ? object : null;
    const about = type === 'Update' ? target : named;
    return {
      author: actor,
      principal: (instrument && this.#principals.get(instrument)) ?? actor,
      object_type: typeof object === 'string' ? null : object.type,
      ...{ instrument, object: named, target },
      root: about === null ? null : this.#knownRoot(about as ObjectName),
      media_type: mediaType ?? null,
      reason: reason ?? null,
    };
  }

  body(entry: LogEntry, index: number, bytes: CanonicalBytes): ArchiveRow {
    const activity = JSON.parse(decodeUtf8(bytes)) as Activity;
    const name = nameOf(bytes, this.#crypto);
    const { actor, object } = activity;
    const author = subjectOf(actor);
    const instrument = 'instrument' in activity ? (activity.instrument ?? null) : null;
    const words: Words = typeof object === 'string' ? {} : (object as Words);
    const named = typeof object === 'string' ? object : null;
    const target = 'target' in activity ? (activity.target ?? null) : null;
    return {
      ...EMPTY,
      ...headOf(entry, index),
      ...wordsOf(words),
      ...{ name, actor, author, instrument, target, object: named },
      verdict: 'verified',
      principal: this.#principalOf(activity, name, author, instrument),
      key: activity.proof.verificationMethod,
      published: activity.published,
      root: this.#rootOf(activity, name, words),
      seq: activity.seq ?? null,
      previous: activity.previous ?? null,
      chain: this.#chain(activity, name, author),
      ...spokenWith(activity),
      ...('mediaType' in activity ? { media_type: activity.mediaType ?? null } : {}),
      reason: 'reason' in activity ? (activity.reason ?? null) : null,
    };
  }

  #principalOf(activity: Activity, name: ObjectName, author: Did, instrument: ObjectName | null) {
    if (activity.type === 'Add' && isDelegation(activity)) {
      const reading = readDelegation(activity);
      if (reading.ok) {
        const { delegator, parent } = reading.stated;
        const above = parent === null ? undefined : this.#principals.get(parent);
        this.#principals.set(name, above ?? delegator);
      }
    }
    return (instrument && this.#principals.get(instrument)) ?? author;
  }

  /** The post that an act is about, where it is about one or something below one. */
  #rootOf(activity: Activity, name: ObjectName, { inReplyTo }: Words): ObjectName | null {
    const { object, type } = activity;
    if (type === 'Create') {
      const isItem = object.type === 'Article' || object.type === 'Note';
      return isItem ? this.#addItem(name, inReplyTo ?? null) : null;
    }
    const about = type === 'Update' && 'target' in activity ? activity.target : object;
    return typeof about === 'string' ? this.#knownRoot(about as ObjectName) : null;
  }

  #addItem(name: ObjectName, parent: ObjectName | null): ObjectName | null {
    const above = parent === null ? undefined : this.#items.get(parent);
    this.#items.add(name, above ?? this.#items.size);
    return parent === null || above !== undefined ? this.#knownRoot(name) : null;
  }

  #knownRoot(name: ObjectName): ObjectName | null {
    const root = name.startsWith('ni:') ? this.#items.get(name) : undefined;
    return (root === undefined ? undefined : this.#items.at(root)) ?? null;
  }

  #chain(activity: Activity, name: ObjectName, author: Did): ArchiveRow['chain'] {
    if (activity.seq === undefined) return null;
    const broken = this.#authors.follow(this.#authors.of(author), name, activity);
    if (broken === null) return 'follows';
    return broken.startsWith('gap') ? 'gap' : 'fork';
  }
}

function wordsOf(words: Words) {
  const { content, inReplyTo, mediaType, name, sensitive, tag, type, url } = words;
  return {
    object_type: type ?? null,
    parent: inReplyTo ?? null,
    title: name ?? null,
    content: content ?? (words as { summary?: string }).summary ?? null,
    media_type: mediaType ?? null,
    url: url ?? null,
    tags: (tag ?? []).map((hashtag) => hashtag.name),
    sensitive: sensitive ?? null,
  };
}

/** Words beside the object: of a report or a statement, or else those that a moderator gives. */
function spokenWith(activity: Activity): { readonly content?: string } {
  if ('content' in activity && activity.content !== undefined) return { content: activity.content };
  return 'summary' in activity && activity.summary !== undefined
    ? { content: activity.summary }
    : {};
}

const EMPTY = {
  ...{ erased_by: null, actor: null, author: null, principal: null, key: null, published: null },
  ...{ object_type: null, object: null, target: null, parent: null, root: null, instrument: null },
  ...{ seq: null, previous: null, chain: null, title: null, content: null, media_type: null },
  ...{ url: null, tags: [], sensitive: null, reason: null },
};

function headOf({ k: type, t }: LogEntry, index: number) {
  const milliseconds = String(t % 1000).padStart(3, '0');
  const time = formatDateTime(Math.floor(t / 1000)).replace('Z', `.${milliseconds}Z`);
  return { index, time, t, type };
}

function readEntry(line: Uint8Array): LogEntry {
  const entry = parseEntry(line);
  if (entry === null) throw malformed('a line of entries/ is no entry');
  return entry;
}

function malformed(detail: string): LogError {
  return new LogError('malformed_archive', detail);
}
