// The bundled JSON-LD contexts that signed objects name, read from their files; nothing is ever fetched.
import { readFile } from 'node:fs/promises';
import {
  ACTIVITYSTREAMS_CONTEXT,
  DATA_INTEGRITY_CONTEXT,
  EXUVIA_CONTEXT,
} from './protocol/contexts.ts';

export interface ContextFile {
  readonly iri: string;
  readonly bytes: Uint8Array;
}

const FILES = [
  [ACTIVITYSTREAMS_CONTEXT, 'www.w3.org_ns_activitystreams.jsonld'],
  [DATA_INTEGRITY_CONTEXT, 'w3id.org_security_data_integrity_v1.jsonld'],
  [EXUVIA_CONTEXT, 'exuvia-v1.jsonld'],
] as const;

/** The files as they are; `contexts/` stands beside both `src/` and `dist/`. */
export function readContextFiles(): Promise<ContextFile[]> {
  return Promise.all(
    FILES.map(async ([iri, file]) => ({
      iri,
      bytes: new Uint8Array(await readFile(new URL(`../contexts/${file}`, import.meta.url))),
    })),
  );
}
