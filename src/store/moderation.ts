// Rows of labels and of reports to moderators.
import type { Label, Report } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { hexOf, name, nameOrNull, number, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

type LabelKey = readonly [ObjectName, ObjectName | Did, string];

export function selectLabels(keys: readonly LabelKey[]): Statement {
  return {
    sql: `SELECT s.id, s.hash, l.subject, l.label, o.id, o.hash FROM json_each(?1) AS k
CROSS JOIN objects AS s ON s.hash = unhex(k.value ->> 0)
CROSS JOIN labels AS l ON l.submolt = s.id AND l.subject = k.value ->> 1 AND l.label = k.value ->> 2
LEFT JOIN objects AS o ON o.id = l.act`,
    args: [JSON.stringify(keys.map(([submolt, ...rest]) => [hexOf(submolt), ...rest]))],
  };
}

export function readLabel(row: Row, numbering: Numbering): Label {
  const act = nameOrNull(row, 5);
  const label: Label = {
    submolt: name(row, 1),
    object: text(row, 2) as ObjectName | Did,
    label: text(row, 3),
    act,
  };
  numbering.learnObject(label.submolt, number(row, 0));
  if (act !== null) numbering.learnObject(act, number(row, 4));
  return label;
}

const labelRows = valuesList(
  'INSERT INTO labels (submolt, subject, label, act) VALUES',
  4,
  'ON CONFLICT (submolt, subject, label) DO UPDATE SET act = excluded.act',
);

export function writeLabels(changed: Iterable<Label>, numbering: Numbering): Statement[] {
  return labelRows(
    Array.from(changed, (row) => [
      integer(numbering.object(row.submolt)),
      row.object,
      row.label,
      row.act === null ? null : integer(numbering.object(row.act)),
    ]),
  );
}

const reportRows = valuesList(
  'INSERT INTO reports (act, submolt, reporter, subject, content, created_at) VALUES',
  6,
  'ON CONFLICT (act) DO NOTHING',
);

export function writeReports(added: Iterable<Report>, numbering: Numbering): Statement[] {
  return reportRows(
    Array.from(added, (row) => [
      integer(numbering.object(row.act)),
      integer(numbering.object(row.submolt)),
      integer(numbering.agent(row.reporter)),
      row.object,
      row.content,
      integer(row.createdAt),
    ]),
  );
}

/** A report stays without its words. */
export function blankReport(act: number): Statement {
  return { sql: "UPDATE reports SET content = '' WHERE act = ?", args: [integer(act)] };
}
