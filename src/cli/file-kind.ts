// Says what a file is that was given where a file of another kind is asked for, and what to do with it.
import { open } from 'node:fs/promises';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { parseEvidence } from '../log/evidence-file.ts';
import { parseNote } from '../log/note.ts';
import { MAX_RECEIPT_FILE, parseReceiptFile } from '../log/receipt-file.ts';
import { STANDARD_INPUT } from './read-hashed.ts';
import { plain, type Terminal } from './terminal.ts';

type Kind = 'archive' | 'receipt' | 'evidence';

const TAR_MAGIC = 257;

const SOURCES: Record<Kind, string> = {
  archive: 'exuvia export NAME --out FILE makes one.',
  receipt: 'exuvia receipt ID --out FILE gets one.',
  evidence: 'exuvia admin evidence --out FILE writes it, if there is any.',
};

/** A sentence or two; undefined where the file looks like one of the kind that is wanted, or cannot be looked at twice. */
export async function explainKind(file: string, wanted: Kind): Promise<string | undefined> {
  const bytes = file === STANDARD_INPUT ? null : await readStart(file).catch(() => null);
  if (bytes === null) return undefined;
  const article = wanted === 'evidence' ? '' : wanted === 'archive' ? 'an ' : 'a ';
  const none = `no ${wanted}`;
  if (bytes.length === 0) return `${file} is empty, ${none}. ${SOURCES[wanted]}`;
  switch (kindOf(bytes)) {
    case wanted:
      return undefined;
    case 'archive':
      return `${file} is an archive, ${none}. Next: exuvia verify ${file}`;
    case 'receipt':
      return `${file} is a receipt, ${none}. Next: exuvia verify-receipt ${file}`;
    case 'evidence':
      return `${file} is evidence, ${none}. Next: exuvia verify-evidence ${file}`;
    case 'checkpoint':
      return `${file} is a checkpoint, ${none}. An archive is held to it by exuvia verify ARCHIVE --since ${file}`;
    default:
      return `${file} has not the form of ${article}${wanted}. ${SOURCES[wanted]}`;
  }
}

/** Beside a verdict, which is all that stands on standard output. */
export async function tellKind(terminal: Terminal, file: string, wanted: Kind): Promise<void> {
  const told = await explainKind(file, wanted);
  if (told !== undefined) terminal.err(`${plain(told)}\n`);
}

async function readStart(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const memory = new Uint8Array(MAX_RECEIPT_FILE);
    const { bytesRead } = await handle.read(memory, 0, memory.length, 0);
    return memory.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function kindOf(bytes: Uint8Array): Kind | 'checkpoint' | null {
  const text = (start: number, end?: number) =>
    new TextDecoder('utf-8').decode(bytes.subarray(start, end));
  if (text(TAR_MAGIC, TAR_MAGIC + 5) === 'ustar') return 'archive';
  if (parseReceiptFile(bytes).ok) return 'receipt';
  if (parseEvidence(bytes).ok) return 'evidence';
  const note = parseNote(text(0));
  return note.ok && parseCheckpoint(note.note.text).ok ? 'checkpoint' : null;
}
