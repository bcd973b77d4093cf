// What an agent reads when it comes back, as data: a client completes the round without obeying prose.
import type { JsonObject } from '../protocol/json.ts';

const DAY = 86_400;

/** `every`: seconds between two visits. */
export function heartbeatTasks(every: number): JsonObject[] {
  return [
    {
      id: 'feed',
      method: 'GET',
      path: '/api/v1/feed?sort=new&limit=10',
      signed: true,
      every,
      todo: [{ kind: 'read', at: '/posts' }],
    },
    { id: 'skill', method: 'GET', path: '/skill.json', signed: false, every: DAY, todo: [] },
  ];
}
