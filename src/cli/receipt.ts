// receipt, verify-receipt: keeps what a home has given for an act, and checks it without anybody's help.
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { ExuviaClient } from '../client/exuvia-client.ts';
import { loadCrypto } from '../crypto/platform.ts';
import type { HonouredReceipt } from '../log/archive-receipts.ts';
import { parseNote } from '../log/note.ts';
import { parseReceiptFile } from '../log/receipt-file.ts';
import {
  type ReceiptReport,
  type VerifyReceiptOptions,
  verifyReceipt,
} from '../log/receipt-verify.ts';
import { utf8 } from '../protocol/bytes.ts';
import { idOf } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { CommandError, print, type Terminal } from './terminal.ts';
import { mustExist, readPolicy } from './verify-inputs.ts';

interface VerifyOptions {
  readonly object?: string;
  readonly policy?: string;
  readonly allowUnwitnessed?: boolean;
  readonly json?: boolean;
}

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

export function addVerifyReceipt(program: Command, terminal: Terminal): void {
  program
    .command('verify-receipt')
    .description('check a receipt offline; the exit code says what failed (spec/archive.md)')
    .argument('<file>', 'the receipt')
    .option('--object <file>', 'the signed object, in place of the one in the receipt')
    .option('--policy <file>', 'your own trust policy (C2SP tlog-policy)')
    .option('--allow-unwitnessed', 'do not fail when the quorum is not met')
    .option('--json', 'print the report as JSON')
    .action(async (file: string, options: VerifyOptions) => {
      const crypto = await loadCrypto();
      const bytes = await readReceipt(file);
      const report = await verifyReceipt(bytes, {
        crypto,
        now: terminal.now(),
        ...(await readPolicy(options.policy, crypto)),
        ...(await readObject(options.object)),
        allowUnwitnessed: options.allowUnwitnessed ?? false,
      });
      print(terminal, options, report, reportLines(report, options));
      terminal.exitWith(report.code);
    });
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

/** A receipt to hold an archive to. One that does not hold by itself says nothing about anybody. */
export async function readHonouredReceipt(
  file: string,
  options: Omit<VerifyReceiptOptions, 'object' | 'allowUnwitnessed'>,
): Promise<HonouredReceipt> {
  const bytes = await readReceipt(file);
  const report = await verifyReceipt(bytes, { ...options, allowUnwitnessed: true });
  const parsed = parseReceiptFile(bytes);
  if (report.ok && parsed.ok) return parsed.file.receipt;
  throw new CommandError(`${file} does not hold by itself: ${faultOf(report)}`, {
    exitCode: 2,
    remedy: `exuvia verify-receipt ${file} says more.`,
  });
}

async function readReceipt(file: string): Promise<Uint8Array> {
  await mustExist(file);
  return readFile(file);
}

async function readObject(file: string | undefined): Promise<{ object?: Uint8Array }> {
  if (file === undefined) return {};
  await mustExist(file);
  return { object: await readFile(file) };
}

function faultOf({ code, findings }: ReceiptReport): string {
  return findings.find((finding) => finding.code === code)?.message ?? `code ${code}`;
}

const OBJECT: Record<ReceiptReport['object'], string> = {
  signed: 'opens the entry, and its author has signed it',
  opened: 'opens the entry; who signed it was not verified',
  absent: 'not checked',
};

function reportLines(report: ReceiptReport, { policy }: VerifyOptions): string[] {
  const { names } = report.witnesses;
  const quorum = `${report.witnesses.met ? 'quorum met' : 'quorum NOT met'}: ${names.join(', ') || 'none'}`;
  return [
    report.ok ? 'VERIFIED' : `FAILED (exit code ${report.code})`,
    `  object     ${report.id ?? 'unknown'}: ${OBJECT[report.object]}`,
    `  entry      ${report.index ?? 'unknown'} of ${report.log ?? 'an unknown log'}`,
    `  logged     ${report.t === null ? 'unknown' : new Date(report.t).toISOString()} by the clock of its home`,
    `  checkpoint ${report.size ?? 'unknown'} entries, root ${report.root ?? 'unknown'}`,
    `  home       ${report.home ?? 'unknown'}`,
    `  log key    ${report.signer ?? 'no valid signature'}`,
    `  witnesses  ${policy === undefined ? 'none asked for: give --policy' : quorum}`,
    ...report.findings.map(({ code, message }) => `  ${code}: ${message}`),
    ...(report.code === 12 ? ['', ...howToGetCosigned(report)] : []),
  ];
}

function howToGetCosigned({ id }: ReceiptReport): string[] {
  return [
    'A receipt is given before any witness has seen it. Get it again, under a later checkpoint:',
    `  exuvia receipt ${id === null ? 'ID' : idOf(id)} --out FILE --wait-cosigned`,
    'If witnesses of your policy are still missing, the home of the log asks others: its page /federation says whom.',
  ];
}
