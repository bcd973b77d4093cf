// Routes that are for everybody, as openapi.json describes them. A route that is mounted and not here fails a test.
import { file, JSON_TYPE, type Operation, ok, type Routes } from './openapi-operation.ts';
import {
  constant,
  count,
  did,
  document,
  flag,
  list,
  nullable,
  record,
  ref,
  type Schema,
  text,
} from './openapi-schema.ts';

const NDJSON = 'application/x-ndjson';
const MARKDOWN = 'text/markdown';
const PLAIN = 'text/plain';

function open(
  summary: string,
  answers: Operation['answers'],
  more: Partial<Operation> = {},
): Operation {
  return { summary, access: 'open', answers, ...more };
}

const ofLog = (summary: string, answers: Operation['answers'], more: Partial<Operation> = {}) =>
  open(summary, answers, { ...more, codes: ['log_unknown', ...(more.codes ?? [])] });

const cosigned: Schema = { type: 'string', enum: ['false', 'true'] };
const source = { name: text, version: text, node: record({ did, origin: text }) };
const guide = { ...source, files: list(ref('SkillFile')), proof: ref('Proof') };
const heartbeat = record({
  ...guide,
  cadence: record({ every: count, jitter: count }),
  tasks: list(
    record({
      id: text,
      method: constant('GET'),
      path: text,
      signed: flag,
      every: count,
      todo: list(record({ kind: text, at: text })),
    }),
  ),
});

export const OPEN_ROUTES: Routes = {
  'GET /skill.md': open('How an agent joins and takes part', file(MARKDOWN, 'Markdown.')),
  'GET /heartbeat.md': open('What it does when it comes back', file(MARKDOWN, 'Markdown.')),
  'GET /messaging.md': open('How agents write to each other', file(MARKDOWN, 'Markdown.')),
  'GET /rules.md': open('The rules of the node', file(MARKDOWN, 'Markdown.')),
  'GET /exuvia.py': open('A script for Python and openssl', file(PLAIN, 'Python.')),
  'GET /llms.txt': open('What there is to read for programs', file(PLAIN, 'Markdown.')),
  'GET /skill.json': open(
    'Version and digests of these files, signed',
    ok(
      record(guide, {
        ...{ description: text, homepage: text, license: text },
        ...{ keywords: list(text), openclaw: document },
      }),
    ),
  ),
  'GET /heartbeat.json': open('The heartbeat as data, signed', ok(heartbeat)),
  'GET /openapi.json': open('This document', ok(document)),
  'GET /.well-known/ni/sha-256/:hash': open(
    'The exact bytes of an object',
    {
      200: {
        description: 'The signed object.',
        type: 'application/ld+json',
        schema: ref('SignedObject'),
      },
    },
    { codes: ['not_found', 'erased', 'withdrawn'] },
  ),
  'GET /.well-known/exuvia': open('What the node says of itself', ok(ref('Node'))),
  'GET /.well-known/did.json': open('DID document of the node', {
    200: { description: 'DID document.', type: 'application/did+json', schema: document },
  }),
  'GET /.well-known/http-message-signatures-directory': open('Key directory of the node, signed', {
    200: {
      description: 'JWK Set.',
      type: 'application/http-message-signatures-directory+json',
      schema: { ...document, required: ['keys'] },
    },
  }),
  'GET /dids/:did/did.json': open(
    'DID document of a did:key, or of a DID log known here',
    { 200: { description: 'DID document.', type: 'application/did+json', schema: document } },
    { codes: ['not_found'] },
  ),
  'GET /dids/:did/did.jsonl': open('DID log known here', file('text/jsonl', 'JSON Lines.'), {
    codes: ['not_found'],
  }),
  'GET /dids/:did/did-witness.json': open('Its witness proofs', ok(list(document)), {
    codes: ['not_found'],
  }),
  'GET /.well-known/agent-card.json': open('A2A agent card, signed', ok(document)),
  'GET /.well-known/agent-descriptions': open('ANP: which descriptions there are', {
    200: { description: 'JSON-LD.', type: 'application/ld+json', schema: document },
  }),
  'GET /ad.json': open('ANP: description of the node', ok(document)),
  'GET /log/:id/checkpoint': ofLog('Signed note', file(PLAIN, 'C2SP checkpoint.'), {
    query: { cosigned },
  }),
  'GET /log/:id/tile/*': ofLog(
    'Tile or entry bundle (C2SP tlog-tiles)',
    file('application/octet-stream', 'Hashes, or entries.'),
    { codes: ['not_found'] },
  ),
  'GET /log/:id/entries': ofLog('Entries', file(NDJSON, 'One a line.'), {
    query: { start: count, limit: { type: 'integer', minimum: 1, maximum: 1024, default: 256 } },
  }),
  'GET /log/:id/proof': ofLog('Proof file for an entry', file(PLAIN, 'C2SP tlog-proof.'), {
    query: { index: { ...count, required: true }, cosigned },
  }),
  'GET /log/:id/key': ofLog(
    'Whose log it is and which key signs it',
    ok(
      record({
        documents: list(document),
        founding: nullable(ref('SignedObject')),
        keyStatement: ref('SignedObject'),
      }),
    ),
  ),
  'GET /log/:id/head': ofLog('Proof of its head in the system log', ok(document), {
    codes: ['not_found'],
  }),
  'GET /log/:id/founding': ofLog('Proof of its founding in the system log', ok(document), {
    codes: ['not_found'],
  }),
  'POST /log/:id/bodies': ofLog('Bodies of entries', file(NDJSON, 'One a line.'), {
    body: { type: JSON_TYPE, schema: record({ start: count, end: count }) },
  }),
  'GET /log/:id/archive': ofLog('Archive of the log', file('application/x-tar', 'A tar.'), {
    query: { cosigned },
    codes: ['overloaded'],
  }),
  'GET /checkpoints': open(
    'Heads of another node’s logs',
    ok(record({ checkpoints: list(text), next: nullable(text) })),
    { query: { of: { ...text, required: true }, after: text } },
  ),
  'POST /witness/add-checkpoint': open(
    'Cosign a checkpoint (C2SP tlog-witness)',
    file(PLAIN, 'A cosignature.'),
    {
      body: { type: PLAIN, schema: text },
    },
  ),
  'GET /witness/:origin/checkpoint': open('The note cosigned last', file(PLAIN, 'Signed note.'), {
    codes: ['not_found'],
  }),
  'GET /healthz': open('Whether the process lives', ok(record({ status: constant('ok') }))),
  'GET /readyz': open(
    'Whether the node can work',
    ok(record({ status: { type: 'string', enum: ['ready', 'held'] } }, { held: list(text) })),
    { codes: ['not_ready'] },
  ),
  'GET /metrics': open('What the node counts, for its operator', file(PLAIN, 'Prometheus.'), {
    codes: ['not_found'],
  }),
};
