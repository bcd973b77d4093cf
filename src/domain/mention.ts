// Whom the words of a post or comment mention: `@` and a DID, by a rule of plain ASCII that every engine reads alike.
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Item, WorkingSet } from './working-set.ts';

/** Agents that one post or comment can mention: the first so many, so that words cannot call out to everybody. */
const MAX_MENTIONS = 10;

/** Signs that are looked at: a text of nothing else is not read for long. */
const MAX_LOOKED_AT = 100;

const MARK = '@did:';
/** In front of a mention these make it part of something else: a mail address, a path, a longer word. */
const JOINED = /[A-Za-z0-9.:%@/+-]/;
/** What a DID is made of. */
const RUN = /[A-Za-z0-9._:%-]+/y;
/** At the end they are punctuation. */
const TAIL = '._:%-';

/** The agents mentioned in a text, as subjects, in the order in which they first are, at most `MAX_MENTIONS`. */
export function mentionsIn(text: string): Did[] {
  const found = new Set<Did>();
  let looked = 0;
  for (let at = text.indexOf(MARK); at !== -1; at = text.indexOf(MARK, RUN.lastIndex)) {
    if (looked === MAX_LOOKED_AT) break;
    looked += 1;
    RUN.lastIndex = at + 1;
    const [run = ''] = RUN.exec(text) ?? [];
    RUN.lastIndex = at + 1 + run.length;
    if (at > 0 && JOINED.test(text.charAt(at - 1))) continue;
    const did = parseDid(withoutTail(run));
    if (did !== null) found.add(subjectOf(did));
    if (found.size === MAX_MENTIONS) break;
  }
  return [...found];
}

/** In one pass: a pattern that is anchored at the end begins anew at each character of a long run. */
function withoutTail(run: string): string {
  let end = run.length;
  while (end > 0 && TAIL.includes(run.charAt(end - 1))) end -= 1;
  return run.slice(0, end);
}

/**
 * Has the rows say who is mentioned by the words that `act` has given the item. Who was mentioned before stays told by the
 * act that did it first; nobody is told of own words, or of a reply, which says as much.
 */
export function applyMentions(
  rows: WorkingSet,
  item: Item,
  content: string,
  act: ObjectName,
  before: ReadonlyMap<Did, ObjectName>,
): void {
  const answered = item.parent === null ? undefined : rows.item(item.parent)?.author;
  for (const agent of mentionsIn(content)) {
    if (agent === item.author || agent === answered) continue;
    rows.putMention({ item: item.name, agent, act: before.get(agent) ?? act });
  }
}

/** Nobody is mentioned by words that are gone. Gives who was, and by which act. */
export function dropMentions(rows: WorkingSet, item: ObjectName): ReadonlyMap<Did, ObjectName> {
  const before = new Map(rows.mentions(item).map(({ agent, act }) => [agent, act]));
  for (const agent of before.keys()) rows.dropMention(item, agent);
  return before;
}
