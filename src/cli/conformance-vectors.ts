// The vectors that a run makes its cases from, read from the specification that is shipped with the program.
import { readFileSync } from 'node:fs';
import type { JsonValue } from '../protocol/json.ts';
import type { RequestRefusal } from '../protocol/request-signature.ts';
import type { Field } from './conformance-exchange.ts';

export interface RequestVector {
  readonly id: string;
  readonly comment: string;
  readonly tags: readonly string[];
  readonly input: {
    readonly now: number;
    readonly write: boolean;
    readonly loopback?: boolean;
    readonly scheme: string;
    readonly authority: string;
    readonly method: string;
    readonly target: string;
    readonly headers: readonly Field[];
    readonly body?: string | null;
    readonly documents?: Readonly<Record<string, unknown>>;
  };
  readonly error?: { readonly reason: RequestRefusal };
}

interface VectorKey {
  readonly x: string;
  readonly did: string;
  readonly thumbprint: string;
}

export interface RequestVectors {
  readonly key: VectorKey;
  readonly second_key: VectorKey;
  readonly vectors: readonly RequestVector[];
}

export interface ObjectVector {
  readonly comment: string;
  readonly input: JsonValue;
  readonly error: { readonly reason: string; readonly path: string };
}

/** `error` is the gate's reason; the input is `hex`, or `text` with spaces appended up to `padTo` bytes. */
export interface GateVector {
  readonly comment: string;
  readonly text?: string;
  readonly hex?: string;
  readonly padTo?: number;
  readonly error: string;
}

function read<T>(file: string): T {
  const url = new URL(`../../spec/vectors/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

export function acceptedRequests(): RequestVectors {
  return read('requests/accepted');
}

export function refusedRequests(): RequestVectors {
  return read('requests/refused');
}

export function refusedObjects(): readonly ObjectVector[] {
  return read<{ cases: ObjectVector[] }>('objects/refusals').cases;
}

export function refusedTexts(): readonly GateVector[] {
  return read<{ cases: GateVector[] }>('json-gate/refused').cases;
}
