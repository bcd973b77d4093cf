// receipt, verify-receipt: keeps what a home has given for an act, and checks it without anybody's help.
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ExuviaClient } from '../client/exuvia-client.ts';
import { loadCrypto } from '../crypto/platform.ts';
import type { HonouredReceipt } from '../log/archive-receipts.ts';
import { parseReceiptFile } from '../log/receipt-file.ts';
import {
  type ReceiptReport,
  type VerifyReceiptOptions,
  verifyReceipt,
} from '../log/receipt-verify.ts';
import { utf8 } from '../protocol/bytes.ts';
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

export function addReceipt(program: Command, terminal: Terminal): void {
  agentOptions(program.command('receipt'))
    .description('save the receipt of an act under the newest checkpoint of its log')
    .argument('<id>', 'id of the act')
    .requiredOption('--out <file>', 'where to write it')
    .action(async (id: string, options: AgentOptions & { out: string }) => {
      const { client } = await openSession(terminal, options);
      const status = await client.read.status(id);
      if (status.status !== 'accepted') {
        throw new CommandError(`${id} has no receipt: it is ${status.status}.`);
      }
      await keepReceipt(terminal, client, status.receipt, options.out);
      const { index, log } = status.receipt;
      print(terminal, options, { file: options.out, receipt: status.receipt }, [
        `${options.out}: entry ${index} of ${log}`,
        `Next: exuvia verify-receipt ${options.out}`,
      ]);
    });
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
  ];
}
