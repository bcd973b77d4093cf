// verify-receipt: checks what a home has given for an act without anybody's help.
import type { Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import type { HonouredReceipt } from '../log/archive-receipts.ts';
import { MAX_RECEIPT_FILE, parseReceiptFile } from '../log/receipt-file.ts';
import {
  type ReceiptReport,
  type VerifyReceiptOptions,
  verifyReceipt,
} from '../log/receipt-verify.ts';
import { idOf } from '../protocol/object-name.ts';
import { explainKind, tellKind } from './file-kind.ts';
import { CommandError, print, type Terminal } from './terminal.ts';
import { readPolicy, readSmall } from './verify-inputs.ts';
import { WHO_IS_ASKED } from './wait-cosigned.ts';

interface VerifyOptions {
  readonly object?: string;
  readonly policy?: string;
  readonly allowUnwitnessed?: boolean;
  readonly json?: boolean;
}

export function addVerifyReceipt(program: Command, terminal: Terminal): void {
  program
    .command('verify-receipt')
    .description('check a receipt offline; the exit code says what failed (spec/archive.md)')
    .argument('<file>', 'the receipt; - for standard input')
    .option('--object <file>', 'the signed object, in place of the one in the receipt')
    .option('--policy <file>', 'your own trust policy (C2SP tlog-policy)')
    .option('--allow-unwitnessed', 'do not fail when the quorum is not met')
    .option('--json', 'print the report as JSON')
    .action(async (file: string, options: VerifyOptions) => {
      const crypto = await loadCrypto();
      const bytes = await readSmall(file, MAX_RECEIPT_FILE);
      const report = await verifyReceipt(bytes, {
        crypto,
        now: terminal.now(),
        ...(await readPolicy(options.policy, crypto)),
        ...(await readObject(options.object)),
        allowUnwitnessed: options.allowUnwitnessed ?? false,
      });
      print(terminal, options, report, reportLines(report, options));
      if (report.id === null) await tellKind(terminal, file, 'receipt');
      terminal.exitWith(report.code);
    });
}

/** A receipt to hold an archive to. One that does not hold by itself says nothing about anybody. */
export async function readHonouredReceipt(
  file: string,
  options: Omit<VerifyReceiptOptions, 'object' | 'allowUnwitnessed'>,
): Promise<HonouredReceipt> {
  const bytes = await readSmall(file, MAX_RECEIPT_FILE);
  const report = await verifyReceipt(bytes, { ...options, allowUnwitnessed: true });
  const parsed = parseReceiptFile(bytes);
  if (report.ok && parsed.ok) return parsed.file.receipt;
  throw new CommandError(`${file} does not hold by itself: ${faultOf(report)}`, {
    exitCode: 2,
    remedy:
      (await explainKind(file, 'receipt')) ??
      `exuvia verify-receipt ${file}${options.policy === undefined ? '' : ' with the same --policy'} says more.`,
  });
}

async function readObject(file: string | undefined): Promise<{ object?: Uint8Array }> {
  return file === undefined ? {} : { object: await readSmall(file, MAX_RECEIPT_FILE) };
}

/** What the verdict is for, in words. */
export function faultOf({ code, findings }: ReceiptReport): string {
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
    WHO_IS_ASKED,
  ];
}
