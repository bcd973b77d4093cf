// Runs spec/vectors/delegation: capabilities that are read or refused, and what chains of them let be done.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StatedDelegations } from '../../src/log/stated-delegations.ts';
import { StatedIdentities } from '../../src/log/stated-identities.ts';
import type { Activity, Add } from '../../src/protocol/activity.ts';
import { type Capability, readCapability, writeCapability } from '../../src/protocol/capability.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';

const read = (file: string) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../spec/vectors/delegation', file), 'utf8'),
  );

describe('capabilities.json', () => {
  const { accepted, refused } = read('capabilities.json') as {
    accepted: { comment: string; content: string; capability: Capability }[];
    refused: { comment: string; content: string }[];
  };
  test.each(accepted)('$comment', ({ capability, content }) => {
    expect(readCapability(content)).toEqual({ ok: true, capability });
    expect(writeCapability(capability)).toBe(content);
  });
  test.each(refused)('refused: $comment', ({ content }) => {
    expect(readCapability(content).ok).toBe(false);
  });
});

interface Case {
  readonly comment: string;
  readonly statements: readonly (Add & { readonly name: ObjectName })[];
  readonly act: Activity & {
    readonly instrument: ObjectName;
    readonly submolt: ObjectName;
    readonly at: string;
    readonly undone?: Activity['type'];
  };
  readonly expected: { readonly counts: readonly boolean[]; readonly principal: string | null };
}

describe('chains.json', () => {
  const { cases } = read('chains.json') as { cases: Case[] };
  test.each(cases)('$comment', ({ act, expected, statements }) => {
    const stated = new StatedDelegations(new StatedIdentities());
    const counts = statements.map(
      ({ name, ...statement }) => stated.state(name, statement) === null,
    );
    const { at, instrument, submolt, undone } = act;
    const use = { submolt, t: Date.parse(at) };
    const verdict = stated.invoke(instrument, act, undone === undefined ? use : { ...use, undone });
    expect({ counts, principal: verdict.ok ? verdict.principal : null }).toEqual(expected);
  });
});
