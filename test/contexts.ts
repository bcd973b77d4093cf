// Loads JSON-LD contexts from the repository's own copies, and from nowhere else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../src/protocol/json.ts';

const FILES: Readonly<Record<string, string>> = {
  'https://www.w3.org/ns/activitystreams': 'www.w3.org_ns_activitystreams.jsonld',
  'https://w3id.org/security/data-integrity/v1': 'w3id.org_security_data_integrity_v1.jsonld',
  'https://w3id.org/exuvia/v1': 'exuvia-v1.jsonld',
};

export function contextFile(name: string): string {
  return readFileSync(join(import.meta.dirname, '../contexts', name), 'utf8');
}

/** The context document of an IRI, or null: what rdf.ts takes as loader. */
export function loadContext(iri: string): JsonObject | null {
  const file = FILES[iri];
  return file === undefined ? null : JSON.parse(contextFile(file));
}
