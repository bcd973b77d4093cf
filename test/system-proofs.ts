// What a home says of one of its logs in its system log, with the proofs, as an archive brings them.
import { type Checkpoint, parseCheckpoint } from '../src/log/checkpoint.ts';
import type { StatedHead } from '../src/log/head-proof.ts';
import { formatHeads, proveHead, sortHeads } from '../src/log/heads.ts';
import { inclusionProof } from '../src/log/inclusion.ts';
import { Frontier, leafHash } from '../src/log/merkle.ts';
import type { NoteSigner } from '../src/log/note-key.ts';
import { formatProofFile } from '../src/log/proof-file.ts';
import type { SystemEntry } from '../src/log/system-entry.ts';
import { decodeUtf8, toBase64url } from '../src/protocol/bytes.ts';
import { agent, cosign, crypto, SampleLog, START } from './sample-log.ts';

export function headOf(log: SampleLog, size: number): Checkpoint {
  const text = log.checkpoint(size).split('\n\n')[0];
  const parsed = parseCheckpoint(`${text}\n`);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.checkpoint;
}

/** Heads of two logs in a system log of `home` that the witness has cosigned, and the proof of the first of them. */
export async function stateHead(
  head: Checkpoint,
  witness: NoteSigner,
  home = agent('node'),
  authority = 'node.example',
): Promise<StatedHead> {
  const system = new SampleLog(home, authority);
  system.push(system.sign(home, JSON.parse(decodeUtf8(system.keyStatement))).bytes, 'Add');
  const other = { ...head, origin: head.origin.replace(/\/log\/.*/, `/log/${'A'.repeat(43)}`) };
  const sorted = sortHeads([head, other]);
  const content = formatHeads(authority, sorted, crypto);
  const object = { type: 'Document', mediaType: 'text/plain', content };
  const { index } = system.add(home, { type: 'Update', object });
  const nodes = new Map<string, Uint8Array>();
  const frontier = new Frontier(crypto);
  for (const { line } of system.entries) {
    frontier.append(leafHash(line, crypto), (level, i, hash) => nodes.set(`${level}/${i}`, hash));
  }
  const read = (level: number, i: number) => nodes.get(`${level}/${i}`)!;
  const hashes = await inclusionProof(index, system.entries.length, read, crypto);
  const checkpoint = cosign(system.checkpoint(), witness, START + 20);
  const { bytes, line, salt } = system.entries[index]!;
  const proof = await proveHead(sorted, head.origin, crypto);
  return {
    ...proof!,
    head,
    line: decodeUtf8(line),
    object: JSON.parse(decodeUtf8(bytes!)),
    salt: toBase64url(salt!),
    proof: formatProofFile({ extra: null, index, hashes, checkpoint }),
  };
}

/** The entry of a system log that the witness has cosigned, which says what `act` of `log` is. */
export async function placeFounding(
  log: SampleLog,
  witness: NoteSigner,
  act = 0,
  authority = 'node.example',
): Promise<SystemEntry> {
  const home = agent('node');
  const system = new SampleLog(home, authority);
  system.push(system.sign(home, JSON.parse(decodeUtf8(system.keyStatement))).bytes, 'Add');
  const index = system.push(log.entries[act]!.bytes!, 'Create');
  const { bytes, line, salt } = system.entries[index]!;
  const hashes = [leafHash(system.entries[0]!.line, crypto)];
  const checkpoint = cosign(system.checkpoint(), witness, START + 20);
  return {
    line: decodeUtf8(line),
    object: JSON.parse(decodeUtf8(bytes!)),
    salt: toBase64url(salt!),
    proof: formatProofFile({ extra: null, index, hashes, checkpoint }),
  };
}
