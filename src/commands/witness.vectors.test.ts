// The requests of the reference vectors, in their order, each with the answer that other witnesses give.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crypto, identityOf, Sandbox } from '../../test/sandbox.ts';
import { vectorPath } from '../../test/vectors.ts';
import { befriend, witnessOf } from '../../test/witness-scene.ts';
import { emptyRoot } from '../log/merkle.ts';
import { fromHex, utf8 } from '../protocol/bytes.ts';
import { insertReplica } from '../store/write-peers.ts';
import type { Witness, WitnessAnswer } from './witness.ts';

interface Vectors {
  readonly origin: string;
  readonly logPublicKeyHex: string;
  readonly cases: readonly {
    readonly name: string;
    readonly body: string;
    readonly want: string;
  }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(vectorPath('tlog', 'add-checkpoint.json'), 'utf8'),
);

const STATUS = {
  cosignature_malformed: 'BadRequest',
  old_size_beyond: 'BadRequest',
  origin_unknown: 'NotFound',
  log_signature_refused: 'Forbidden',
  not_consistent: 'UnprocessableEntity',
  cosigned_too_often: 'TooManyRequests',
  log_held: 'ServiceUnavailable',
} as const;

function statusOf(answer: WitnessAnswer): string {
  if (answer.kind === 'refused') return STATUS[answer.code];
  return answer.kind === 'cosigned' ? 'OK' : 'Conflict';
}

let node: Sandbox;
let witness: Witness;
beforeAll(async () => {
  node = await Sandbox.open('w');
  witness = witnessOf(node);
  await befriend(node, 'peer');
  const { did } = identityOf('peer');
  const { origin, logPublicKeyHex } = vectors;
  const replica = { origin, peer: did, submolt: null, emptyRoot: emptyRoot(crypto) };
  await node.db.batch('write', [
    ...insertReplica(replica, 0),
    {
      sql: 'UPDATE logs SET log_key = ? WHERE origin = ?',
      args: [fromHex(logPublicKeyHex), origin],
    },
  ]);
});
afterAll(() => node.close());

test.each(vectors.cases)('$name: $want', async ({ body, want }) => {
  expect(statusOf(await witness.addCheckpoint(utf8(body)))).toBe(want);
});

test('all of them are there', () => {
  expect(vectors.cases.length).toBe(11);
});
