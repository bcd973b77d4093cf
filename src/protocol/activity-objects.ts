// The things that acts create, update or bring, as closed records: submolts, posts, comments, profiles, documents.
import type { Article, Document, Group, Heads, Note, Service } from './activity.ts';
import { hashtag, objectName, webUrl } from './activity-fields.ts';
import { elsewhere, flag, line, list, literal, optional, prose, record, string } from './schema.ts';
import { MAX_COMMENT, MAX_NAME, MAX_POST, MAX_SUMMARY, MAX_TITLE } from './text-limits.ts';

export const group = record<Group>({
  // The act that carries the object has chosen this record by its type; likewise below.
  type: elsewhere,
  preferredUsername: string(
    (text) => /^[a-z0-9][a-z0-9-]{0,28}[a-z0-9]$/.test(text),
    '2 to 30 characters: a-z, 0-9, inner hyphens',
  ),
  name: line(1, 100),
  summary: optional(prose(0, 1000)),
});

const mediaType = literal('text/markdown', 'text/plain');

export const article = record<Article>(
  {
    type: elsewhere,
    name: line(1, MAX_TITLE),
    content: optional(prose(0, MAX_POST)),
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

export const note = record<Note>({
  type: elsewhere,
  content: prose(1, MAX_COMMENT),
  mediaType,
  inReplyTo: objectName,
  context: optional(objectName),
  sensitive: optional(flag),
});

export const service = record<Service>({
  type: elsewhere,
  name: line(1, MAX_NAME),
  summary: optional(prose(0, MAX_SUMMARY)),
});

export const document = record<Document>({
  type: literal('Document'),
  mediaType: literal('application/json'),
  content: prose(1, 50_000),
});

export const heads = record<Heads>({
  type: elsewhere,
  mediaType: literal('text/plain'),
  content: prose(1, 400),
});
