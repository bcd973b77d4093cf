// The shape of an AgentOwnershipCredential (VCDM 2.0): who says that an agent is theirs, from when until when.
import { dateTime } from './activity-fields.ts';
import { MAX_STATUS_ENTRIES } from './bitstring.ts';
import { type Check, literal, malformed, optional, record, string } from './schema.ts';
import { isLoopbackHost } from './signature-agent.ts';

export const CREDENTIALS_CONTEXT = 'https://www.w3.org/ns/credentials/v2';
export const OWNERSHIP_CONTEXT = 'https://w3id.org/exuvia/ownership/v1';
const CONTEXT = [CREDENTIALS_CONTEXT, OWNERSHIP_CONTEXT];
const TYPE = ['VerifiableCredential', 'AgentOwnershipCredential'];

/** What an owner is to the agent: it acts for them, they run it, they made it. */
export const OWNERSHIP_ROLES = ['principal', 'operator', 'creator'] as const;
export type OwnershipRole = (typeof OWNERSHIP_ROLES)[number];

/** Seconds between `validFrom` and `validUntil`, at most: a leap year. */
export const MAX_OWNERSHIP = 366 * 86_400;
/** Characters of the text that secures it, in either form. */
export const MAX_OWNER_CREDENTIAL = 16_384;
/** The same of a status list. */
export const MAX_STATUS_LIST = 262_144;
const MAX_URL = 2048;
const MAX_ID = 512;

/** Bitstring Status List §2.1. A type, not an interface, so that it is a JsonObject; likewise below. */
export type StatusEntry = {
  id?: string;
  type: 'BitstringStatusListEntry';
  statusPurpose: 'revocation';
  statusListIndex: string;
  statusListCredential: string;
};

export type OwnerCredential = {
  '@context': string[];
  type: string[];
  issuer: string;
  validFrom: string;
  validUntil: string;
  credentialSubject: { id: string; ownershipRole?: OwnershipRole };
  credentialStatus?: StatusEntry;
};

/** Whether a status list can be had there: https, or http on loopback, as URL parsers spell it. */
export function isStatusListUrl(text: string): boolean {
  const url = text.length <= MAX_URL ? URL.parse(text) : null;
  if (url === null || url.href !== text || url.username !== '' || url.password !== '') return false;
  if (text.includes('#')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** A list of exactly these strings in this order. */
export function exactly(values: readonly string[]): Check<string[]> {
  return (value, path) =>
    Array.isArray(value) &&
    value.length === values.length &&
    values.every((each, index) => value[index] === each)
      ? null
      : malformed(path, JSON.stringify(values));
}

export const issuerId = string((text) => text.length <= MAX_ID, `at most ${MAX_ID} characters`);
export const listUrl = string(isStatusListUrl, 'an https URL without fragment or credentials');

const checkStatus = record<StatusEntry>(
  {
    id: optional(string((text) => text.length <= MAX_URL, `at most ${MAX_URL} characters`)),
    type: literal('BitstringStatusListEntry'),
    statusPurpose: literal('revocation'),
    statusListIndex: string(
      (text) => /^(?:0|[1-9][0-9]{0,6})$/.test(text) && Number(text) < MAX_STATUS_ENTRIES,
      `a number below ${MAX_STATUS_ENTRIES} in digits`,
    ),
    statusListCredential: listUrl,
  },
  ({ id, statusListCredential }) =>
    id === statusListCredential ? ['id', 'another URL than that of the list'] : undefined,
);

/** Exactly these members: what is not known here may limit or take back what the others say. */
export const checkOwnerCredential = record<OwnerCredential>({
  '@context': exactly(CONTEXT),
  type: exactly(TYPE),
  issuer: issuerId,
  validFrom: dateTime,
  validUntil: dateTime,
  credentialSubject: record<OwnerCredential['credentialSubject']>({
    id: string((text) => text.length <= MAX_ID, `at most ${MAX_ID} characters`),
    ownershipRole: optional(literal(...OWNERSHIP_ROLES)),
  }),
  credentialStatus: optional(checkStatus),
});

/** The credential that says so, unsecured. Instants as `formatDateTime` writes them. */
export function draftOwnerCredential(
  says: Pick<OwnerCredential, 'issuer' | 'validFrom' | 'validUntil'> & {
    readonly agent: string;
    readonly role?: OwnershipRole;
    readonly status?: { readonly list: string; readonly index: number };
  },
): OwnerCredential {
  const { issuer, validFrom, validUntil, agent, role, status } = says;
  return {
    '@context': [...CONTEXT],
    type: [...TYPE],
    issuer,
    validFrom,
    validUntil,
    credentialSubject: { id: agent, ...(role !== undefined && { ownershipRole: role }) },
    ...(status !== undefined && {
      credentialStatus: {
        id: `${status.list}#${status.index}`,
        type: 'BitstringStatusListEntry',
        statusPurpose: 'revocation',
        statusListIndex: String(status.index),
        statusListCredential: status.list,
      },
    }),
  };
}
