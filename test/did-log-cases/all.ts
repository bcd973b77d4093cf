// All cases of DID logs: those that count and those that do not.
import type { DidLogCase, RefusedCase } from './case.ts';
import { documents } from './documents.ts';
import { entries } from './entries.ts';
import { parameters } from './parameters.ts';
import { proofs } from './proofs.ts';
import { rotation } from './rotation.ts';
import { witnessed } from './witnesses.ts';

const all = [entries, parameters, rotation, documents, proofs, witnessed];

export const ACCEPTED: readonly DidLogCase[] = all.flatMap(({ accepted }) => accepted);
export const REFUSED: readonly RefusedCase[] = all.flatMap(({ refused }) => refused);
