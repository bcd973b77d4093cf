// Tells what became of a submitted act, waiting for a home elsewhere to decide.
import type { Command } from 'commander';
import type { Submitted } from '../client/author.ts';
import { idOf } from '../protocol/object-name.ts';
import type { Session } from './agent-session.ts';
import { keepReceipt } from './receipt.ts';
import { print, type Terminal } from './terminal.ts';

export interface WaitOptions {
  readonly json?: boolean;
  /** False with `--no-wait`. */
  readonly wait?: boolean;
  /** File to keep the receipt in. */
  readonly receipt?: string;
}

/** Adds the options that every act has whose home may be elsewhere. */
export function outcomeOptions(command: Command): Command {
  return command
    .option('--no-wait', 'do not wait for a home elsewhere to decide')
    .option('--receipt <file>', 'keep the receipt, to be checked with verify-receipt');
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
    const { receipt } = submitted;
    lines.push(`entry ${receipt.index} of ${receipt.log}`);
    if (options.receipt !== undefined) {
      await keepReceipt(terminal, session.client, receipt, options.receipt);
      lines.push(
        `receipt in ${options.receipt}; no witness has seen it yet. Later: exuvia receipt ${idOf(id)} --out ${options.receipt} --wait-cosigned`,
      );
    }
  } else {
    lines.push('pending: its home has not decided yet');
    if (options.receipt !== undefined) {
      lines.push(`no receipt yet; later: exuvia receipt ${idOf(id)} --out ${options.receipt}`);
    }
  }
  print(terminal, options, { ...submitted, object: id, id: idOf(id) }, lines);
}
