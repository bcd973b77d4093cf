// One route as openapi.json describes it, and how such a description is written down.
import type { JsonObject } from '../protocol/json.ts';
import type { Reads } from './demand.ts';
import type { Schema } from './openapi-schema.ts';
import { type Code, PROBLEMS } from './problem.ts';

interface Answer {
  readonly description: string;
  readonly type?: string;
  readonly schema?: Schema;
}

export interface Operation {
  readonly summary: string;
  /**
   * `open` to everybody; `read` signed unless the operator has opened reads; `caller` signed in any case, since the answer
   * is somebody's; `write` signed with a nonce.
   */
  readonly access: 'open' | 'read' | 'caller' | 'write';
  /** By name; one is required if its schema says `required: true`. */
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: { readonly type: string; readonly schema: Schema };
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Refusals of this route's own, beside those that any request may meet. */
  readonly codes?: readonly Code[];
}

/** By method and path, as `mount` has them: `GET /api/v1/posts/:id`. */
export type Routes = Readonly<Record<string, Operation>>;

/** What any request may be refused for. */
const ALWAYS: readonly Code[] = [
  'malformed_http',
  'bad_parameter',
  'signature_malformed',
  'bad_signature',
  'method_not_allowed',
  'request_timeout',
  'misdirected',
  'rate_limited',
  'header_too_large',
  'internal',
  'storage_unavailable',
];
const WITH_BODY: readonly Code[] = [
  'too_large',
  'unsupported_media_type',
  'invalid_json',
  'replayed',
];

export const JSON_TYPE = 'application/json';

/** A good answer in JSON. */
export function ok(schema: Schema, description = 'As asked.'): Operation['answers'] {
  return { 200: { description, type: JSON_TYPE, schema } };
}

/** A good answer of another type. */
export function file(type: string, description: string): Operation['answers'] {
  const binary = type.startsWith('text/') ? {} : { contentMediaType: type };
  return { 200: { description, type, schema: { type: 'string', ...binary } } };
}

/** `/posts/:id` as OpenAPI writes it; what a tile's path ends with is several segments. */
export function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}');
}

export function describeOperation(route: string, operation: Operation, reads: Reads): JsonObject {
  const [method = '', path = ''] = route.split(' ');
  const { access, answers, body, codes = [], query = {}, summary } = operation;
  const signature = { messageSignature: [] };
  const open = access === 'open' || (access === 'read' && reads === 'public');
  const named = [...templateOf(path).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameters = [
    ...named.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(query).map(([name, { required = false, ...schema }]) => ({
      ...{ name, in: 'query', required, schema },
    })),
  ];
  return {
    operationId: idOf(method, path),
    summary,
    tags: [tagOf(path)],
    security: open ? [{}, signature] : [signature],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { [body.type]: { schema: body.schema } } },
    }),
    responses: { ...good(answers), ...refusals([...ALWAYS, ...(body ? WITH_BODY : []), ...codes]) },
    ...(codes.length > 0 && { 'x-codes': [...codes] }),
  } as JsonObject;
}

function good(answers: Operation['answers']): JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, type }]) => [
      status,
      { description, ...(type && schema && { content: { [type]: { schema } } }) },
    ]),
  );
}

function refusals(codes: readonly Code[]): JsonObject {
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
  );
}

function idOf(method: string, path: string): string {
  const words = path.replace('/api/v1', '').split(/[^A-Za-z0-9]+/);
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return method.toLowerCase() + words.map(capital).join('');
}

function tagOf(path: string): string {
  if (path.startsWith('/api/v1/')) return path.split('/')[3] ?? '';
  if (path.startsWith('/log/') || path.startsWith('/witness/') || path === '/checkpoints')
    return 'logs';
  return 'open';
}
