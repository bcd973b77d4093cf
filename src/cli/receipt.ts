// receipt: keeps what a home has given for an act.
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ExuviaClient } from '../client/exuvia-client.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { verifyReceipt } from '../log/receipt-verify.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Receipt } from '../protocol/views.ts';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { CommandError, print, type Terminal } from './terminal.ts';
import { mayBeWritten } from './verify-inputs.ts';
import { faultOf } from './verify-receipt.ts';
import { pollUntil, readCount, tooFew, witnessesOf } from './wait-cosigned.ts';

interface ReceiptOptions extends AgentOptions {
  readonly out: string;
  /** True for one. */
  readonly waitCosigned?: number | true;
}

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
      await mayBeWritten(options.out);
      const { client } = await openSession(terminal, options);
      const wanted = Number(options.waitCosigned ?? 0);
      const receipt = await pollUntil(
        () => receiptOf(client, id),
        ({ checkpoint, log }) => witnessesOf(checkpoint, log).length >= wanted,
        terminal.now,
      );
      await keepReceipt(terminal, client, receipt, options.out);
      const { checkpoint, index, log } = receipt;
      const witnesses = witnessesOf(checkpoint, log);
      print(terminal, options, { file: options.out, receipt, witnesses }, [
        `${options.out}: entry ${index} of ${log}`,
        witnesses.length > 0
          ? `cosigned by ${witnesses.join(', ')}`
          : 'cosigned by nobody yet: with --wait-cosigned it comes with what the witnesses have signed',
        `Next: exuvia verify-receipt ${options.out} --policy FILE`,
      ]);
      if (witnesses.length < wanted) throw tooFew(witnesses.length, wanted);
    });
}

const REMEDIES = {
  pending: 'The home of the submolt has not answered yet. Try again later.',
  refused: 'Nothing was logged. Do what the refusal asks for, and sign anew.',
  withdrawn: 'This node has dropped its copy; ask the home of the submolt: --node URL.',
  erased: 'Its words are gone, and the salt with them. A receipt that was kept before is good.',
  unknown: 'Ask the node where it was written, or the home of its submolt: --node URL.',
} as const;

async function receiptOf(client: ExuviaClient, id: string): Promise<Receipt> {
  const status = await client.read.status(id);
  if (status.status === 'accepted') return status.receipt;
  const remedy = REMEDIES[status.status];
  const why = status.status === 'refused' ? `, ${status.code}: ${status.detail}` : '';
  throw new CommandError(`${id} has no receipt: it is ${status.status}${why}.`, { remedy });
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
