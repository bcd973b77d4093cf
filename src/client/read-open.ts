// What anybody may read of a node without a signature: pages, archives, health, as the response it gives.

/** Follows no redirect: what is asked of one node is answered by that node. Rejects when it cannot be reached. */
export function readOpen(url: string): Promise<Response> {
  return fetch(url, { redirect: 'error' });
}

/** The beginning of an answer as text, at most so many bytes: nobody is told how much a refusal may have. */
export async function readBeginning(response: Response, most = 65_536): Promise<string> {
  const decoder = new TextDecoder();
  let [text, left] = ['', most];
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    // Leaving the loop lets go of the connection.
    if (left <= 0) break;
  }
  return text;
}
