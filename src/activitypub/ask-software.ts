// What software another host runs, by its NodeInfo: some of it shows nothing unless it is told in its own way.
import { fetchOnce } from '../net/fetch-once.ts';
import { isObject } from '../protocol/json.ts';
import type { ActivityPubContext } from './context.ts';

/** Software without groups: of an announced act it shows nothing, of an announced post the post. */
const WITHOUT_GROUPS = new Set([
  'akkoma',
  'firefish',
  'gotosocial',
  'hometown',
  'iceshrimp',
  'iceshrimp.net',
  'mastodon',
  'misskey',
  'pixelfed',
  'pleroma',
  'sharkey',
]);

export function showsPostsAlone(software: string | null): boolean {
  return WITHOUT_GROUPS.has(software ?? '');
}

/** Software that takes an unknown act for a fault. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  mitra: ['Create', 'Update', 'Delete'],
};

/** Whether there is any use in telling it of acts of that type. */
export function understands(software: string | null, type: string): boolean {
  return TAKES[software ?? '']?.includes(type) ?? true;
}

/** Its name in lower case; empty if the host does not say. Never throws. */
export async function askSoftware(
  { fetch }: Pick<ActivityPubContext, 'fetch'>,
  inbox: string,
): Promise<string> {
  const { origin } = new URL(inbox);
  const links = await readJson(fetch, `${origin}/.well-known/nodeinfo`);
  const list: unknown[] = isObject(links) && Array.isArray(links.links) ? links.links : [];
  const href = list
    .map((link) => (isObject(link) ? link.href : null))
    .find((value) => typeof value === 'string' && value.startsWith(`${origin}/`));
  if (typeof href !== 'string') return '';
  const info = await readJson(fetch, href);
  const software = isObject(info) && isObject(info.software) ? info.software.name : null;
  return typeof software === 'string' ? software.toLowerCase().slice(0, 64) : '';
}

async function readJson(fetch: ActivityPubContext['fetch'], url: string): Promise<unknown> {
  const fetched = await fetchOnce(fetch, url, 'application/json');
  if (!fetched.ok) return null;
  try {
    return JSON.parse(new TextDecoder().decode(fetched.response.body));
  } catch {
    return null;
  }
}
