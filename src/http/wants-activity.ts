// Which of two forms of one address a reader wants: the page for people, or the document for ActivityPub software.

const LD_JSON = 'application/ld+json';
const ACTIVITY_JSON = 'application/activity+json';
const AS_PROFILE = 'https://www.w3.org/ns/activitystreams';

/**
 * The media type to answer with, or null for the page. Only who names one of the two types gets the document, and not where it
 * says that it likes HTML better.
 */
export function activityType(accept: string | undefined): string | null {
  if (accept === undefined) return null;
  let best: { readonly type: string; readonly q: number } | null = null;
  let html = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const q = qualityOf(parameters);
    const essence = type.toLowerCase();
    if (essence === 'text/html' || essence === 'application/xhtml+xml') html = Math.max(html, q);
    if (essence !== LD_JSON && essence !== ACTIVITY_JSON) continue;
    if (q > (best?.q ?? 0)) best = { type: essence, q };
  }
  if (best === null || best.q < html) return null;
  return best.type === LD_JSON ? `${LD_JSON}; profile="${AS_PROFILE}"` : ACTIVITY_JSON;
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => /^q=/i.test(parameter));
  const q = given === undefined ? 1 : Number(given.slice(2));
  return q >= 0 && q <= 1 ? q : 0;
}
