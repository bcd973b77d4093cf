// Migration 23: whom an act has brought a notice, for readers of the stream.
import type { Migration } from './migration.ts';

export const noticesByAct: Migration = {
  version: 23,
  name: 'notices-by-act',
  statements: ['CREATE INDEX notices_act ON notices (act)'],
};
