// Request signatures written out by hand, as RFC 9421 §2.5 spells them: nothing here is the code that they test.
import { toBase64, utf8 } from '../../src/protocol/bytes.ts';
import { jwkThumbprint } from '../../src/protocol/thumbprint.ts';
import { type Agent, crypto } from '../sandbox.ts';

/** A line of the base: identifier and value. */
export type Line = readonly [identifier: string, value: string];

export interface HandWritten {
  readonly by: Agent;
  readonly covers: readonly Line[];
  /** Seconds since the epoch. */
  readonly created: number;
  /** A minute after `created` unless told. */
  readonly expires?: number;
  readonly label?: string;
  readonly tag?: string;
  /** Null for none. */
  readonly nonce?: string | null;
  /** Further parameters, as they stand in the base. */
  readonly more?: string;
}

export interface Signed {
  /** The member of Signature-Input, as it stands in the base. */
  readonly input: string;
  /** The member of Signature. */
  readonly signature: string;
  /** The value of that member. */
  readonly bytes: string;
}

export function signByHand({ by, covers, created, label = 'sig1', ...rest }: HandWritten): Signed {
  const { tag = 'web-bot-auth', nonce = null, more = '', expires = created + 60 } = rest;
  const keyid = jwkThumbprint(crypto.publicKeyOf(by.seed), crypto);
  const times = `;created=${created};expires=${expires}`;
  const parameters = `${times};keyid="${keyid}"${nonce === null ? '' : `;nonce="${nonce}"`};tag="${tag}"`;
  const list = `(${covers.map(([name]) => name).join(' ')})${parameters}${more}`;
  const base = [...covers, ['"@signature-params"', list]].map((line) => line.join(': ')).join('\n');
  const bytes = `:${toBase64(crypto.sign(by.seed, utf8(base)))}:`;
  return { input: `${label}=${list}`, signature: `${label}=${bytes}`, bytes };
}
