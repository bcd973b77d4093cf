// JSON-LD off the signature path: which terms of a document mean nothing, and its N-Quads.
import jsonld from 'jsonld';
import { ProtocolError } from './error.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** Gives the context document of an IRI from pinned copies, or null; it never fetches. */
export type ContextLoader = (iri: string) => JsonObject | null;

/** The part of jsonld's `eventHandler` argument that is read here; @types/jsonld does not have it. */
interface Warning {
  readonly event: { readonly details: Readonly<Record<string, unknown>> };
}

// A blank node label, or anything without a scheme: no reader elsewhere knows what is meant.
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * Every property, type and `@id` of a document that expands to no absolute IRI, sorted; an empty list
 * means that all of it is defined. The ingest gate for foreign shapes: jsonld's safe mode alone passes
 * undefined terms here, because the ActivityStreams context maps them to blank nodes (`"@vocab": "_:"`).
 * Throws ProtocolError `unknown_context` if a context is not pinned, `malformed` if this is no JSON-LD.
 */
export async function undefinedTerms(
  document: JsonObject,
  loader: ContextLoader,
): Promise<string[]> {
  const found = new Set<string>();
  const eventHandler = ({ event }: Warning): void => {
    // What expansion drops is as undefined as what it keeps under a blank node.
    const { property, id, type, value } = event.details;
    const term = property ?? id ?? type ?? value;
    if (typeof term !== 'object') found.add(String(term));
  };
  const expanded = await withPinned(loader, (documentLoader) =>
    jsonld.expand(structuredClone(document), { documentLoader, eventHandler, base: '' } as object),
  );
  collect(expanded as unknown as JsonValue, found);
  return [...found].sort();
}

/**
 * The document as N-Quads (RDF 1.1), nothing dropped: throws ProtocolError `malformed` if a term is
 * undefined, `unknown_context` if a context is not pinned. An export, never what a signature is over.
 */
export async function toNQuads(document: JsonObject, loader: ContextLoader): Promise<string> {
  const quads = await withPinned(loader, (documentLoader) =>
    jsonld.toRDF(structuredClone(document), {
      documentLoader,
      safe: true,
      base: '',
      format: 'application/n-quads',
    } as object),
  );
  return quads as unknown as string;
}

type DocumentLoader = (iri: string) => Promise<{
  readonly documentUrl: string;
  readonly document: JsonObject;
}>;

/** Runs one jsonld operation with the pinned loader and names its failures. */
async function withPinned<T>(
  loader: ContextLoader,
  operation: (documentLoader: DocumentLoader) => Promise<T>,
): Promise<T> {
  const unknown: string[] = [];
  const documentLoader: DocumentLoader = async (iri) => {
    const document = loader(iri);
    if (document !== null) return { documentUrl: iri, document };
    unknown.push(iri);
    throw new ProtocolError('unknown_context', `no pinned copy of the context ${iri}`);
  };
  try {
    return await operation(documentLoader);
  } catch (cause) {
    if (unknown.length > 0) {
      throw new ProtocolError('unknown_context', `no pinned copy of ${unknown[0]}`, { cause });
    }
    throw new ProtocolError('malformed', 'the document is not safe JSON-LD', { cause });
  }
}

/** Walks an expanded document: keys are IRIs or keywords, `@id` is a string, `@type` one or a list. */
function collect(value: JsonValue, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const entry of value) collect(entry, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === '@value') continue;
    if (key === '@id' || key === '@type') {
      for (const iri of Array.isArray(member) ? member : [member]) {
        if (typeof iri !== 'string' || !isDefined(iri)) found.add(String(iri));
      }
      continue;
    }
    if (!key.startsWith('@') && !isDefined(key)) found.add(key);
    collect(member, found);
  }
}

function isDefined(iri: string): boolean {
  return ABSOLUTE.test(iri) || iri === '@json';
}
