// Answers of the API: JSON in the shape Moltbook's readers know, `success` beside the members.
import type { Page } from '../protocol/views.ts';

const FIELDS = { 'content-type': 'application/json', 'cache-control': 'private, no-cache' };

export function success(members: object, status = 200): Response {
  return new Response(JSON.stringify({ success: true, ...members }), { status, headers: FIELDS });
}

/** One page of a list under its own name. */
export function successPage(
  name: string,
  rows: readonly unknown[],
  { next_cursor }: Page,
): Response {
  return success({ [name]: rows, has_more: next_cursor !== null, next_cursor });
}
