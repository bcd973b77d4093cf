// export: takes a whole submolt home as an archive.
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { addPieces, isPiece } from '../log/archive-pieces.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { idOf, nameFromId, parseObjectName } from '../protocol/object-name.ts';
import { type AgentOptions, agentOptions, nodeUrl, openSession } from './agent-session.ts';
import { startProgress } from './progress.ts';
import { readNode } from './read-node.ts';
import { CommandError, print, type Terminal, wrongCall } from './terminal.ts';
import { tellVerdict } from './verdict.ts';
import { verifyFile } from './verify-file.ts';
import { mayBeWritten, mustExist, readPolicy, readSince } from './verify-inputs.ts';
import { readCount, waitForLog } from './wait-cosigned.ts';

interface ExportOptions extends AgentOptions {
  readonly out: string;
  readonly since?: string;
  readonly policy?: string;
  /** True for one. */
  readonly waitCosigned?: number | true;
  /** Files to put into the archive. */
  readonly with?: readonly string[];
}

export function addExport(program: Command, terminal: Terminal): void {
  agentOptions(program.command('export'))
    .description('save a submolt as an archive that anyone can verify offline')
    .argument('<submolt>', 'name, name@host or id; system for the log of the node itself')
    .requiredOption('--out <file>', 'where to write it')
    .option('--since <file>', 'an older archive or checkpoint: check that the new one extends it')
    .option('--policy <file>', 'with --since: your own trust policy')
    .option(
      '--wait-cosigned [n]',
      'wait up to a minute until so many witnesses have cosigned what there is (default: 1)',
      readCount,
    )
    .option('--with <files...>', 'evidence and receipts to put into the archive')
    .action(async (submolt: string, options: ExportOptions) => {
      if (options.since !== undefined && resolve(options.since) === resolve(options.out)) {
        throw wrongCall('--out would overwrite the archive that --since names.');
      }
      if (options.policy !== undefined && options.since === undefined) {
        throw wrongCall('--policy is for --since; exuvia verify takes one as well.');
      }
      // All that can be wrong is known before anything is fetched.
      const crypto = await loadCrypto();
      await mayBeWritten(options.out);
      await readPolicy(options.policy, crypto);
      await readSince(options.since, crypto);
      const pieces = await readPieces(options.with ?? []);
      const id = await logId(terminal, submolt, options);
      const log = `${nodeUrl(terminal, options)}/log/${id}`;
      const wanted = Number(options.waitCosigned ?? 0);
      if (wanted > 0) await waitForLog(log, wanted, terminal.now);
      const url = `${log}/archive${wanted > 0 ? '?cosigned=true' : ''}`;
      const bytes = await download(terminal, url, options.out, pieces);
      if (options.since !== undefined) {
        const report = await verifyFile(terminal, options.out, options, crypto);
        await tellVerdict(terminal, options.out, options, report);
        return;
      }
      print(terminal, options, { file: options.out, bytes }, [
        `${options.out}: ${bytes} bytes`,
        `Next: exuvia verify ${options.out}`,
      ]);
    });
}

/** An id, the object's name and `system` need no key; what it is called is looked up by a signed read. */
async function logId(terminal: Terminal, ref: string, options: AgentOptions): Promise<string> {
  if (ref === 'system') return ref;
  const name = parseObjectName(ref) ?? nameFromId(ref);
  if (name !== null) return idOf(name);
  const { client } = await openSession(terminal, options);
  return (await client.read.submolt(ref)).id;
}

async function readPieces(files: readonly string[]): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for (const file of files) {
    await mustExist(file);
    const bytes = new Uint8Array(await readFile(file));
    if (!isPiece(bytes)) throw wrongCall(`${file} is neither evidence nor a receipt.`);
    pieces.push(bytes);
  }
  return pieces;
}

/** Two blocks of zeros, with which every tar ends. */
const TAR_END = 1024;

function brokenOff(url: string, bytes: number): CommandError {
  return new CommandError(`${url} gave no whole archive but ${bytes} bytes; nothing was kept.`);
}

/** Writes beside the target and renames, so that a broken download never looks like an archive. */
async function download(
  terminal: Terminal,
  url: string,
  out: string,
  pieces: readonly Uint8Array[],
): Promise<number> {
  const { body } = await readNode(url);
  const progress = startProgress(terminal, 'exporting (kB)');
  const partial = `${out}.part`;
  let bytes = 0;
  let end = Buffer.alloc(0);
  try {
    const counted = Readable.fromWeb(body as ReadableStream).on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      end = Buffer.concat([end, chunk.subarray(-TAR_END)]).subarray(-TAR_END);
      progress.update(Math.ceil(bytes / 1000), Math.ceil(bytes / 1000));
    });
    const file = createWriteStream(partial, { flush: true });
    if (pieces.length === 0) await pipeline(counted, file);
    else {
      const createdAt = formatDateTime(Math.floor(terminal.now() / 1000));
      await pipeline(addPieces(counted, pieces, createdAt, await loadCrypto()), file);
    }
    // Not every connection tells its end from a break.
    if (end.length < TAR_END || end.some((byte) => byte !== 0)) throw brokenOff(url, bytes);
    await rename(partial, out);
  } catch (error) {
    await rm(partial, { force: true });
    // What fetch says of a connection that is cut.
    throw error instanceof TypeError ? brokenOff(url, bytes) : error;
  } finally {
    progress.stop();
  }
  return bytes;
}
