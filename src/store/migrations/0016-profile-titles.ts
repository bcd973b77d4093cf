// Migration 16: agents are found by what they call themselves.
import type { Migration } from './migration.ts';

export const profileTitles: Migration = {
  version: 16,
  name: 'profile-titles',
  statements: ['CREATE INDEX profiles_title ON profiles (title)'],
};
