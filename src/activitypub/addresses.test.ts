// Addresses lead to agents and back, and no two things have one name.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Did, didKeyOf, parseDid, subjectOf } from '../protocol/did.ts';
import {
  accountName,
  agentSegment,
  isSlug,
  parseAccountName,
  parseAgentSegment,
} from './addresses.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
const host = fc
  .tuple(label, fc.constantFrom('example', 'test', 'co.uk'))
  .map((parts) => parts.join('.'));
const segment = fc.stringMatching(/^[A-Za-z0-9._-]{1,8}$/);
const web = fc
  .tuple(host, fc.option(fc.integer({ min: 1, max: 65_535 })), fc.array(segment, { maxLength: 3 }))
  .map(([name, port, path]) =>
    ['did:web', port === null ? name : `${name}%3A${port}`, ...path].join(':'),
  )
  .map((text) => parseDid(text))
  .filter((did) => did !== null);
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => didKeyOf(bytes));
const agents = fc.oneof(web, key);

describe('agents', () => {
  test('are found by their segments and their accounts', () => {
    fc.assert(
      fc.property(agents, (did: Did) => {
        expect(parseAgentSegment(agentSegment(did).replaceAll('%25', '%'))).toBe(subjectOf(did));
        const account = accountName(did);
        if (account !== null) expect(parseAccountName(account)).toBe(subjectOf(did));
      }),
    );
  });

  test('never have the name of a submolt', () => {
    fc.assert(
      fc.property(agents, (did: Did) => {
        expect(isSlug(accountName(did) ?? 'none!')).toBe(false);
      }),
    );
  });

  test('of any text are found under one name at most', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z._:%-]{0,20}$/)), (text) => {
        const found = parseAccountName(text);
        expect(found === null || accountName(found) === text).toBe(true);
      }),
    );
  });
});
