// Migration 27: comments by how contested they are.
import type { Migration } from './migration.ts';

export const contestedReplies: Migration = {
  version: 27,
  name: 'contested-replies',
  statements: [
    'CREATE INDEX items_replies_contested ON items (parent, min(up, down), object) WHERE parent IS NOT NULL',
  ],
};
