// admin doctor: rechecks everything a node has stored, and names what is not as it was written.
import type { Command } from 'commander';
import { type Examination, examineFile } from '../commands/examine.ts';
import { describeFault } from '../commands/fault.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { filePathOf } from '../store/open-database.ts';
import { type AdminOptions, adminOptions, configOf } from './operator.ts';
import { startProgress } from './progress.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

export function addDoctor(admin: Command, terminal: Terminal): void {
  adminOptions(admin.command('doctor'))
    .description(
      'recheck everything that is stored, whether or not the node runs; exits 1 if something is wrong',
    )
    .action(async (options: AdminOptions) => {
      const { databaseUrl } = await configOf(terminal, options);
      const path = filePathOf(databaseUrl);
      if (path === null) {
        throw new CommandError('The database is on a server.', {
          remedy: "Copy the server's database file, and set EXUVIA_DB=file:COPY for this command.",
        });
      }
      const progress = startProgress(terminal, 'checking');
      try {
        const found = await examineFile(path, await loadCrypto(), progress.update);
        const ok = found.faults.length === 0;
        print(terminal, options, { ok, ...found }, report(found));
        terminal.exitWith(ok ? 0 : 1);
      } finally {
        progress.stop();
      }
    });
}

function report({ entries, faults, logs, unverified, verified }: Examination): string[] {
  const lines = [
    faults.length === 0 ? 'HEALTHY' : `${faults.length} FAULTS`,
    `  logs        ${logs}, ${entries} entries`,
    `  signatures  ${verified} verified`,
  ];
  if (unverified > 0) {
    lines.push(
      `  by did:web  ${unverified}: all checked but the signature: no document of theirs is kept`,
    );
  }
  for (const one of faults) lines.push(`  ${describeFault(one)}`);
  if (faults.length > 0) {
    lines.push(
      'Derived tables: exuvia admin rebuild. Anything else: restore a backup, then exuvia admin recover.',
    );
  }
  return lines;
}
