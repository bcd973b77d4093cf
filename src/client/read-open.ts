// What anybody may read of a node without a signature: pages, archives, health, as the response it gives.

/** Follows no redirect: what is asked of one node is answered by that node. Rejects when it cannot be reached. */
export function readOpen(url: string): Promise<Response> {
  return fetch(url, { redirect: 'error' });
}
