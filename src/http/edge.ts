// What every request carries through the edge, and everything the edge is handed.
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { VerifiedCaller } from './authenticate.ts';
import type { SignatureOutcome } from './metrics.ts';
import type { Code } from './problem.ts';

/** Hono's environment here: the raw Node request beside what `authenticate` found out. */
export interface Edge {
  Bindings: HttpBindings;
  Variables: {
    /** Null where a route is open and the request is unsigned. */
    caller: VerifiedCaller | null;
    /** The whole body, its digest checked. Empty where there is none. */
    body: Uint8Array;
    /** Makes a nonce for whoever is asked to sign; absent before `authenticate`. */
    freshNonce: (() => string) | undefined;
    /** What `authenticate` found; absent before it. */
    signature: SignatureOutcome | undefined;
    /** The problem that the request was answered with. */
    refusal: Code | undefined;
  };
}

export type EdgeContext = Context<Edge>;
export type EdgeApp = Hono<Edge>;
