// The values that members of signed objects take: names, DIDs, instants, labels, links, hashtags.
import type { DateTime, Hashtag, LabelIri } from './activity.ts';
import { PUBLIC_AUDIENCE } from './contexts.ts';
import { parseDateTime } from './date-time.ts';
import { type Did, parseDid } from './did.ts';
import { LABEL_BASE, parseLabel } from './labels.ts';
import { type ObjectName, parseObjectName } from './object-name.ts';
import { type Check, list, literal, record, string } from './schema.ts';

const NAME = 'the ni:///sha-256;… name of a signed object';
const DID = 'a did:key (Ed25519) or did:web';
const LABEL = `a label IRI, ${LABEL_BASE} and a lower-case name`;

const isName = (text: string) => parseObjectName(text) !== null;
const isDid = (text: string) => parseDid(text) !== null;
const isLabel = (text: string) => parseLabel(text) !== null;

export const objectName = string<ObjectName>(isName, `must be ${NAME}`);
export const did = string<Did>(isDid, `must be ${DID}`);
export const objectNameOrDid = string<ObjectName | Did>(
  (text) => isName(text) || isDid(text),
  `must be ${NAME}, or ${DID}`,
);
export const label = string<LabelIri>(isLabel, `must be ${LABEL}`);
export const labelOrObjectName = string<LabelIri | ObjectName>(
  (text) => isLabel(text) || isName(text),
  `must be ${LABEL}, or ${NAME}`,
);
export const dateTime = string<DateTime>(
  (text) => parseDateTime(text) !== null,
  'must be a real instant as YYYY-MM-DDTHH:MM:SSZ, without fraction or offset',
);
export const publicAudience: Check<readonly string[]> = list(literal(PUBLIC_AUDIENCE), 1, 1);

// RFC 3987 and N-Quads IRIREF: a character outside could end the IRI early when written as RDF.
const IRI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\s<>"{}|\\^`]+$/u;

/** An absolute IRI of at most 200 UTF-16 code units. */
export const reasonIri = string<string>(
  (text) => text.length <= 200 && IRI.test(text),
  'must be an absolute IRI of at most 200 characters',
);

/** A link for people to open: http or https, at most 2,048 UTF-16 code units, no credentials. */
export const webUrl = string<string>(
  (text) =>
    text.length <= 2048 &&
    IRI.test(text) &&
    // The authority is read before any parser mends it; `user@` could hide the host a reader will reach.
    /^https?:\/\/[^/?#@]+(?:[/?#]|$)/i.test(text) &&
    URL.canParse(text),
  'must be an absolute http(s) URL of at most 2048 characters, without credentials, other characters percent-encoded',
);

export const hashtag: Check<Hashtag> = record<Hashtag>({
  type: literal('Hashtag'),
  name: string(
    (text) => /^#[\p{L}\p{M}\p{N}_]+$/u.test(text) && text.length <= 65,
    'must be # and 1 to 64 letters, digits or underscores',
  ),
});
