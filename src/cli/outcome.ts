// Tells what became of a submitted act, waiting for a home elsewhere to decide.
import type { Submitted } from '../client/author.ts';
import { idOf } from '../protocol/object-name.ts';
import type { Session } from './agent-session.ts';
import { print, type Terminal } from './terminal.ts';

export interface WaitOptions {
  readonly json?: boolean;
  /** False with `--no-wait`. */
  readonly wait?: boolean;
}

/** Prints `did`, the act's id and its place in the log. Throws the home's refusal. */
export async function reportOutcome(
  terminal: Terminal,
  session: Session,
  options: WaitOptions,
  submitted: Submitted,
  did: string,
): Promise<void> {
  const { id } = submitted;
  if (submitted.status === 'pending' && options.wait !== false) {
    if (!options.json) terminal.err('Pending at the home of the submolt …\n');
    const receipt = await session.client.waitFor(id);
    return reportOutcome(terminal, session, options, { status: 'accepted', id, receipt }, did);
  }
  const lines = [`${did}  ${idOf(id)}`];
  if (submitted.status === 'accepted') {
    lines.push(`entry ${submitted.receipt.index} of ${submitted.receipt.log}`);
  } else {
    lines.push('pending: its home has not decided yet');
  }
  print(terminal, options, { ...submitted, object: id, id: idOf(id) }, lines);
}
