// Documents as expat reads them: whatever is not well-formed is refused.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Name in Clark notation, attributes, text before the first child, children. */
export type XmlTree = readonly [string, Readonly<Record<string, string>>, string, XmlTree[]];

/** Throws if one of them is not well-formed. */
export function parseXml(documents: readonly string[]): XmlTree[] {
  const input = JSON.stringify(documents);
  const out = execFileSync('python3', [join(import.meta.dirname, 'xml-tree.py')], { input });
  return JSON.parse(out.toString('utf8'));
}
