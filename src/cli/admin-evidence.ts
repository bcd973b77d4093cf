// admin evidence: logs that have shown two histories, and what is to become of them; verify-evidence checks such a file offline.
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { type EvidenceVerdict, verifyEvidence } from '../log/evidence.ts';
import { toBase64, utf8 } from '../protocol/bytes.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject, parseIJson } from '../protocol/json.ts';
import { EVIDENCE } from '../protocol/labels.ts';
import { tellKind } from './file-kind.ts';
import { type AdminOptions, adminOptions, operator } from './operator.ts';
import { CommandError, print, type Terminal, wrongCall } from './terminal.ts';
import { readSmall } from './verify-inputs.ts';

interface Evidence {
  readonly id: number;
  readonly log: string;
  readonly home: string | null;
  readonly found_at: string;
  readonly decision: string | null;
  readonly further: number;
  readonly newest_at: string | null;
  readonly file: JsonObject;
}

const PATH = '/federation/evidence';
/** Bytes: a statement carries the file as a string, in which quotes are escaped. */
const MAX_STATEMENT = 1024 * 1024;
const CONSEQUENCES = {
  keep: (log: string) => [
    `Kept: the replica of ${log} goes on with the history it has.`,
    'Further heads of the other one are counted; a third one stops it again.',
    'The evidence stays in the system log for everybody to see.',
  ],
  drop: (log: string, home: string) => [
    `Dropped: nothing more is taken from ${home} or sent to it; it follows nothing here any more.`,
    `What this node has of ${log} and its other logs stays readable. What waited for that node is refused.`,
    'To take it back: exuvia admin evidence keep, with the same number.',
  ],
};
/** It is against this node itself, which signs no more of the log in either case. */
const OWN = (log: string) => [
  `Noted. ${log} is a log of this node: somebody else has signed with its key, or a copy of the node has run.`,
  'The log is held: exuvia admin recover says what can be done. The evidence stays for everybody to see.',
];

export function addEvidence(admin: Command, terminal: Terminal): void {
  const evidence = adminOptions(admin.command('evidence'))
    .description('list logs that have shown two histories, with the proof of it')
    .option('--out <file>', 'write a proof to a file, for exuvia verify-evidence')
    .option('--id <number>', 'with --out: which one; the newest unless told')
    .action(async (options: AdminOptions & { out?: string; id?: string }) => {
      const { json } = await operator(terminal, options);
      const { value } = await json<{ evidence: Evidence[] }>({ method: 'GET', path: PATH });
      const { id, out } = options;
      const wanted = value.evidence.find((one) => id === undefined || String(one.id) === id);
      if (out !== undefined) {
        if (wanted === undefined) throw new CommandError('There is no such evidence.');
        await writeFile(out, canonicalize(wanted.file));
      }
      const lines = value.evidence.flatMap(describe);
      print(
        terminal,
        options,
        value,
        lines.length > 0 ? lines : ['No log has shown two histories.'],
      );
    });
  for (const decision of ['keep', 'drop'] as const) {
    adminOptions(evidence.command(decision))
      .description(
        decision === 'keep'
          ? 'go on with the history that is here'
          : 'end the exchange with the home of the log',
      )
      .argument('<id>', 'number of the evidence')
      .action(async (text: string, _: unknown, command: Command) => {
        // --data and --json may stand before or after the name of the subcommand.
        const options: AdminOptions = command.optsWithGlobals();
        if (!/^[0-9]{1,9}$/.test(text)) throw wrongCall(`${text} is no number of evidence.`);
        const { json } = await operator(terminal, options);
        const body = utf8(JSON.stringify({ id: Number(text), decision }));
        const { value } = await json<{ log: string; home: string | null }>({
          method: 'POST',
          path: PATH,
          body,
        });
        const { home, log } = value;
        const lines = home === null ? OWN(log) : CONSEQUENCES[decision](log, home);
        print(terminal, options, value, lines);
      });
  }
}

function describe({ decision, found_at, further, home, id, log, newest_at }: Evidence): string[] {
  return [
    `${id}  ${log}`,
    `   home      ${home ?? 'this node'}`,
    `   found     ${found_at}`,
    decision === null && home === null
      ? `   decision  none yet: look for a copy of this node. exuvia admin evidence keep ${id} when that is settled`
      : decision === null
        ? `   decision  none yet: nothing more is taken of this log. exuvia admin evidence keep ${id}, or drop ${id}`
        : `   decision  ${decision}`,
    ...(further > 0
      ? [`   since     the other history runs on: ${further} more heads, last ${newest_at}`]
      : []),
  ];
}

export function addVerifyEvidence(program: Command, terminal: Terminal): void {
  program
    .command('verify-evidence')
    .description(
      'check offline that a log has signed two heads that cannot both be true; exits 1 if not',
    )
    .argument('<file>', 'the evidence; - for standard input')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const bytes = await readSmall(file, MAX_STATEMENT);
      const verdict = await verifyEvidence(fileIn(bytes), await loadCrypto());
      print(terminal, options, summary(verdict), report(verdict));
      if (!verdict.ok && verdict.reason === 'malformed') {
        await tellKind(terminal, file, 'evidence');
      }
      terminal.exitWith(verdict.ok ? 0 : 1);
    });
}

/** A node's statement of evidence carries the file as its content. */
function fileIn(bytes: Uint8Array): Uint8Array {
  const parsed = parseIJson(bytes);
  const value = parsed.ok && isObject(parsed.value) ? parsed.value : {};
  const stated = value.target === EVIDENCE && typeof value.content === 'string';
  return stated ? utf8(value.content as string) : bytes;
}

function summary(verdict: EvidenceVerdict) {
  if (!verdict.ok) return verdict;
  const heads = verdict.heads.map(({ root, size }) => ({ size, root: toBase64(root) }));
  return { ...verdict, heads };
}

type Proven = Extract<EvidenceVerdict, { ok: true }>;

const WHY: Record<Proven['why'], string> = {
  roots: 'two roots are signed for one size',
  consistency: 'the larger head does not go on from the smaller, as the proof in the file shows',
  leaf: 'each has another entry at one and the same place, as the proofs in the file show',
};

const KEY_FROM: Record<Proven['keyFrom'], string> = {
  did: 'stated by the home, whose DID is its key',
  document:
    'stated by the home, under the DID document in the file: compare that with the one at its host',
  reader: 'named by the file and stated by nobody in it',
};

const REPLACED =
  'the home has replaced the key of a head since: whoever has stolen it can have made that head';

function report(verdict: EvidenceVerdict): string[] {
  if (!verdict.ok) return [`PROVES NOTHING: ${verdict.detail} (${verdict.reason})`];
  const { heads, home, keyFrom, origin, replacedKey, signers, why } = verdict;
  return [
    'PROVEN: this log has shown two histories',
    `  log   ${origin}`,
    `  home  ${home ?? 'not named: whose key this is, is for you to know'}`,
    ...heads.flatMap(({ root, size }, i) => [
      `  head  ${size} entries, root ${toBase64(root)}`,
      `        signed with ${signers[i]}`,
    ]),
    `  why   ${WHY[why]}`,
    `  key   ${KEY_FROM[keyFrom]}`,
    ...(replacedKey ? [`  but   ${REPLACED}`] : []),
  ];
}
