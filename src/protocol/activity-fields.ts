// The values that members of signed objects take: names, DIDs, instants, labels, links, hashtags.
import type { DateTime, Hashtag, LabelIri } from './activity.ts';
import { PUBLIC_AUDIENCE } from './contexts.ts';
import { parseDateTime } from './date-time.ts';
import { type Did, parseDid } from './did.ts';
import { LABEL_BASE, parseLabel } from './labels.ts';
import { type ObjectName, parseObjectName } from './object-name.ts';
import { type Check, literal, malformed, record, string } from './schema.ts';

const NAME = 'the name of a signed object (ni:///sha-256;…)';
const DID = 'a did:key (Ed25519) or did:web';
const LABEL = `${LABEL_BASE}<label>`;

const isName = (text: string) => parseObjectName(text) !== null;
const isDid = (text: string) => parseDid(text) !== null;
const isLabel = (text: string) => parseLabel(text) !== null;

export const objectName = string<ObjectName>(isName, NAME);
export const did = string<Did>(isDid, DID, 'did_malformed');
export const objectNameOrDid = string<ObjectName | Did>(
  (text) => isName(text) || isDid(text),
  `${NAME} or ${DID}`,
);
export const label = string<LabelIri>(isLabel, LABEL);
export const labelOrObjectName = string<LabelIri | ObjectName>(
  (text) => isLabel(text) || isName(text),
  `${LABEL} or ${NAME}`,
);
export const dateTime = string<DateTime>(
  (text) => parseDateTime(text) !== null,
  'a real instant, YYYY-MM-DDTHH:MM:SSZ',
  'instant_malformed',
);
export const publicAudience: Check<readonly string[]> = (value, path) =>
  Array.isArray(value) && value.length === 1 && value[0] === PUBLIC_AUDIENCE
    ? null
    : malformed(path, `["${PUBLIC_AUDIENCE}"] or left out`);

// The patterns below name every character themselves: what Unicode or a URL parser learns later must not change a verdict.

// RFC 3987 and N-Quads IRIREF: a character outside could end the IRI early when written as RDF.
const IRI =
  /^[A-Za-z][A-Za-z0-9+.-]*:[^\0- \x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\ud800-\udfff<>"{}|\\^`]+$/u;

/** An absolute IRI of at most 200 UTF-16 code units. */
export const reasonIri = string<string>(
  (text) => text.length <= 200 && IRI.test(text),
  'an absolute IRI of at most 200 characters',
);

// RFC 3986, with a host of ASCII. No userinfo: `user@` could hide the host a reader will reach.
const LINK =
  /^https?:\/\/(?:[a-z\d.-]+|\[[\da-f:.]+\])(?::\d{1,5})?(?:[/?](?:[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?$/i;

/** A link for people to open: http or https, at most 2,048 characters, no credentials. */
export const webUrl = string<string>(
  (text) => text.length <= 2048 && LINK.test(text),
  'an http(s) URL of at most 2048 characters, percent-encoded, without credentials',
);

// From U+00C0 on everything but × ÷, punctuation, brackets, surrogates, private use, selectors, specials and tags.
const HASHTAG =
  /^#[\w\xc0-\xd6\xd8-\xf6\xf8-\u1fff\u2070-\u2fff\u3005-\u3007\u3021-\ud7ff\uf900-\ufdff\ufe10-\uffef\u{10000}-\u{dffff}]{1,64}$/u;

export const hashtag: Check<Hashtag> = record<Hashtag>({
  type: literal('Hashtag'),
  name: string((text) => HASHTAG.test(text), '# and 1 to 64 letters, digits or underscores'),
});
