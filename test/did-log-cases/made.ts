// A DID from its first version to its last, as its maker makes it: what goes in, what comes out.
import { toHex } from '../../src/protocol/bytes.ts';
import { documentOfDidLog } from '../../src/protocol/did-log-document.ts';
import {
  appendToDidLog,
  createDidLog,
  type DidLogChange,
  HOSTED_PATH,
  type NewDidLog,
} from '../../src/protocol/did-log-maker.ts';
import type { MadeDidLog } from '../../src/protocol/did-log-publish.ts';
import { crypto, promise, START, seed } from '../did-log-forge.ts';

type Input = Omit<DidLogChange, 'path'> & Partial<Pick<NewDidLog, 'host' | 'path'>>;

const host = 'node.example';
const steps: readonly (readonly [comment: string, input: Input])[] = [
  [
    'a new DID, hosted by a node',
    {
      host,
      path: HOSTED_PATH,
      updateSeed: seed(1),
      signingKeys: [crypto.publicKeyOf(seed(21))],
      nextKeyHashes: [promise(2), promise(9)],
      now: START,
    },
  ],
  [
    'a rotation, by the next key; objects are signed by another key from now on',
    {
      updateSeed: seed(2),
      signingKeys: [crypto.publicKeyOf(seed(22))],
      nextKeyHashes: [promise(3), promise(9)],
      now: START + 86_400_000,
    },
  ],
  [
    'a recovery, by the key for recovery, which promises two new keys',
    {
      updateSeed: seed(9),
      signingKeys: [crypto.publicKeyOf(seed(23))],
      nextKeyHashes: [promise(4), promise(10)],
      now: START + 2 * 86_400_000,
    },
  ],
  [
    'a move to another node',
    {
      host: 'localhost%3A8080',
      path: HOSTED_PATH,
      updateSeed: seed(4),
      nextKeyHashes: [promise(5), promise(10)],
      now: START + 3 * 86_400_000,
    },
  ],
  [
    'the end, in the same second',
    { updateSeed: seed(5), deactivate: true, now: START + 3 * 86_400_000 },
  ],
];

/** Bytes in hex, for a file. */
function written({ updateSeed, signingKeys, ...rest }: Input) {
  const keys = signingKeys && { signingKeys: signingKeys.map(toHex) };
  return { updateSeed: toHex(updateSeed), ...keys, ...rest };
}

/** One case for each step; each adds one line to the log of those before. */
export function madeCases() {
  let made: MadeDidLog = { text: '', log: null as never };
  return steps.map(([comment, input]) => {
    const { text } = made;
    made =
      text === ''
        ? createDidLog(input as NewDidLog, crypto)
        : appendToDidLog(text, input as DidLogChange, crypto);
    const { did, versions } = made.log;
    return {
      comment,
      input: written(input),
      expected: {
        line: made.text.slice(text.length),
        did,
        versionId: versions.at(-1)?.versionId,
        served: documentOfDidLog(made.log, crypto),
      },
    };
  });
}
