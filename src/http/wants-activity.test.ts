// Who gets the page and who the document, by what Accept says.
import { expect, test } from 'vitest';
import { activityType } from './wants-activity.ts';

const ACTIVITY = 'application/activity+json';
const LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"';

test.each([
  [undefined, null],
  ['', null],
  ['*/*', null],
  ['text/html', null],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', null],
  [ACTIVITY, ACTIVITY],
  ['APPLICATION/ACTIVITY+JSON', ACTIVITY],
  [LD, LD],
  ['application/ld+json', LD],
  [`${ACTIVITY}, application/ld+json`, ACTIVITY],
  [`application/ld+json;q=0.5, ${ACTIVITY};q=0.9`, ACTIVITY],
  [`${ACTIVITY};q=0.5, text/html`, null],
  [`text/html;q=0.5, ${ACTIVITY}`, ACTIVITY],
  [`text/html, ${ACTIVITY}`, ACTIVITY],
  [`${ACTIVITY};q=0`, null],
  [`${ACTIVITY};q=nonsense`, null],
  ['application/json', null],
])('%j', (accept, type) => {
  expect(activityType(accept)).toBe(type);
});
