// Whether the record of a missing body can be one of its entry: who wrote a post, or what remains of another act.
import type { ObjectName } from '../protocol/object-name.ts';
import type { FindingName } from './archive-findings.ts';
import type { ErasedLine, WithdrawnLine } from './archive-format.ts';
import type { EntryKind } from './entry.ts';

/** Null if it can; `submolt` is null for a system log, where foundings are only repeated. */
export function faultOfRecord(
  kind: EntryKind,
  { author, remains }: ErasedLine | WithdrawnLine,
  submolt: ObjectName | null,
): readonly [FindingName, string] | null {
  if ((author !== null) !== (kind === 'Create' && remains === null)) {
    return ['malformed', 'an erased post or comment has its author, and nothing else has'];
  }
  if (remains === null) return null;
  const founds = remains.type === 'Create' && submolt !== null;
  if (remains.type !== kind || founds) {
    return ['malformed', `what remains of a ${kind} is a ${remains.type}`];
  }
  return (remains.audience ?? null) === submolt
    ? null
    : ['badObject', 'what remains of the act is addressed to another log'];
}
