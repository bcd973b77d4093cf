// Whatever two histories of a log there are, evidence of them holds; whatever is made of one history, there is none.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signCheckpoint } from '../../src/log/checkpoint.ts';
import { consistencyProof } from '../../src/log/consistency.ts';
import { verifyEvidence } from '../../src/log/evidence.ts';
import { type EvidenceParts, encodeEvidence } from '../../src/log/evidence-file.ts';
import { inclusionProof } from '../../src/log/inclusion.ts';
import { leafHash } from '../../src/log/merkle.ts';
import { treeRoot } from '../../src/log/subtree.ts';
import { tileHashReader } from '../../src/log/tile.ts';
import { concatBytes, decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import { crypto, SampleLog } from '../sample-log.ts';

const { keyStatement, origin, signer } = SampleLog.ofSystem();
const keys = { keyStatement: JSON.parse(decodeUtf8(keyStatement)) };
const MAX = 20;

/** Leaves of a history that is another one from the entry `fork` on. */
const leavesOf = (fork: number) =>
  Array.from({ length: MAX }, (_, i) => leafHash(utf8(`${i < fork} ${i}`), crypto));

function treeOf(fork: number, size: number) {
  const leaves = leavesOf(fork).slice(0, size);
  const reader = tileHashReader(() => concatBytes(...leaves), size, crypto);
  const root = (of = size) => treeRoot(of, reader, crypto);
  const note = async () => signCheckpoint({ origin, size, root: await root() }, signer, crypto);
  return { leaves, reader, root, note };
}

/** Everything that can be said of two heads of sizes `small` and `large`. */
async function evidence(small: number, large: number, fork: number, index: number) {
  const [one, two] = [treeOf(MAX, small), treeOf(fork, large)];
  const heads = [await one.note(), await two.note()] as const;
  const trueRoot = {
    root: await two.root(small),
    proof: await consistencyProof(small, large, two.reader, crypto),
  };
  const leaves = {
    index,
    hashes: [one.leaves[index], two.leaves[index]] as [Uint8Array, Uint8Array],
    proofs: [
      await inclusionProof(index, small, one.reader, crypto),
      await inclusionProof(index, large, two.reader, crypto),
    ] as const,
  };
  const parts: EvidenceParts[] = [{ origin, keys, heads, leaves }];
  parts.push(small === large ? { origin, keys, heads } : { origin, keys, heads, trueRoot });
  return parts;
}

const holds = async (parts: EvidenceParts) =>
  (await verifyEvidence(encodeEvidence(parts), crypto)).ok;

const scene = fc
  .tuple(fc.integer({ min: 1, max: MAX }), fc.integer({ min: 1, max: MAX }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  .chain(([small, large]) =>
    fc.tuple(
      fc.constant(small),
      fc.constant(large),
      fc.integer({ min: 0, max: small - 1 }),
      fc.integer({ min: 0, max: small - 1 }),
    ),
  );

test('two histories convict, at every place where they differ', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ([small, large, fork, index]) => {
      const [leaf, tree] = await evidence(small, large, fork, index);
      expect(await holds(tree as EvidenceParts)).toBe(true);
      expect(await holds(leaf as EvidenceParts)).toBe(index >= fork);
    }),
    { numRuns: 60 },
  );
});

/** One hash of the proof bent. */
function bent(parts: EvidenceParts, which: number): EvidenceParts {
  const { leaves, trueRoot } = parts;
  const change = (hash: Uint8Array) => hash.with(which % 32, (hash[which % 32] as number) ^ 1);
  const bend = (hashes: readonly Uint8Array[]) =>
    hashes.length === 0
      ? hashes
      : hashes.with(which % hashes.length, change(hashes[which % hashes.length] as Uint8Array));
  if (trueRoot) {
    const { proof, root } = trueRoot;
    return which % 2 === 0
      ? { ...parts, trueRoot: { root: change(root), proof } }
      : { ...parts, trueRoot: { root: change(root), proof: bend(proof) } };
  }
  if (!leaves) return parts;
  const { hashes, proofs } = leaves;
  const [first, second] = proofs;
  return which % 2 === 0
    ? { ...parts, leaves: { ...leaves, hashes: [change(hashes[0]), hashes[1]] } }
    : {
        ...parts,
        leaves: {
          ...leaves,
          hashes: [change(hashes[0]), hashes[1]],
          proofs: [bend(first), second],
        },
      };
}

test('one history convicts nobody, whatever is bent', async () => {
  await fc.assert(
    fc.asyncProperty(scene, fc.nat(1000), async ([small, large, , index], which) => {
      for (const parts of await evidence(small, large, MAX, index)) {
        expect(await holds(parts)).toBe(false);
        expect(await holds(bent(parts, which))).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});
