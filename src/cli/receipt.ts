// receipt: keeps what a home has given for an act.
import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { ExuviaClient } from '../client/exuvia-client.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { parseNote } from '../log/note.ts';
import { verifyReceipt } from '../log/receipt-verify.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Receipt } from '../protocol/views.ts';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { CommandError, print, type Terminal } from './terminal.ts';
import { faultOf } from './verify-receipt.ts';

interface ReceiptOptions extends AgentOptions {
  readonly out: string;
  /** True for one. */
  readonly waitCosigned?: number | true;
}

/** Milliseconds: a log is cosigned every ten seconds unless its operator has it otherwise. */
const POLL_MS = 1_000;
const PATIENCE_MS = 60_000;

export function addReceipt(program: Command, terminal: Terminal): void {
  agentOptions(program.command('receipt'))
    .description(
      'save the receipt of an act under the newest checkpoint that witnesses have cosigned, or else the newest of all',
    )
    .argument('<id>', 'id of the act')
    .requiredOption('--out <file>', 'where to write it')
    .option(
      '--wait-cosigned [n]',
      'wait up to a minute until so many witnesses have cosigned it (default: 1)',
      readCount,
    )
    .action(async (id: string, options: ReceiptOptions) => {
      const { client } = await openSession(terminal, options);
      const wanted = Number(options.waitCosigned ?? 0);
      const receipt = await receiptOf(client, id, wanted, terminal.now);
      await keepReceipt(terminal, client, receipt, options.out);
      const { index, log } = receipt;
      const witnesses = witnessesOf(receipt);
      print(terminal, options, { file: options.out, receipt, witnesses }, [
        `${options.out}: entry ${index} of ${log}`,
        witnesses.length > 0
          ? `cosigned by ${witnesses.join(', ')}`
          : 'cosigned by nobody yet: with --wait-cosigned it comes with what the witnesses have signed',
        `Next: exuvia verify-receipt ${options.out} --policy FILE`,
      ]);
      if (witnesses.length < wanted) {
        throw new CommandError(
          `${witnesses.length} witnesses have cosigned it within a minute, not ${wanted}.`,
          { remedy: 'The home may ask fewer: its page /federation says whom. Try again later.' },
        );
      }
    });
}

async function receiptOf(
  client: ExuviaClient,
  id: string,
  wanted: number,
  now: () => number,
): Promise<Receipt> {
  for (const end = now() + PATIENCE_MS; ; ) {
    const status = await client.read.status(id);
    if (status.status !== 'accepted') {
      throw new CommandError(`${id} has no receipt: it is ${status.status}.`);
    }
    if (witnessesOf(status.receipt).length >= wanted || now() >= end) return status.receipt;
    await setTimeout(POLL_MS);
  }
}

/** By the names of their keys; nothing is verified of them here. */
function witnessesOf({ checkpoint, log }: Receipt): string[] {
  const note = parseNote(checkpoint);
  const names = note.ok ? note.note.signatures.map(({ name }) => name) : [];
  return [...new Set(names.filter((name) => name !== log))];
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 63) return count;
  throw new InvalidArgumentError('It is a number from 1.');
}

/** Gets the rest of what a receipt needs, checks all of it, and writes it down. */
export async function keepReceipt(
  terminal: Terminal,
  client: ExuviaClient,
  receipt: Receipt,
  file: string,
): Promise<void> {
  const text = await client.read.receiptFile(receipt);
  const crypto = await loadCrypto();
  const report = await verifyReceipt(utf8(text), { crypto, now: terminal.now() });
  if (!report.ok) throw new CommandError(`The receipt does not hold: ${faultOf(report)}`);
  await writeFile(file, text);
}
