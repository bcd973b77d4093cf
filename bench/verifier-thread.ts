// One thread of the verifier in use at work: checks one signature over and over until it is told to stop, and says how often.
import { parentPort } from 'node:worker_threads';
import { loadCrypto } from '../src/crypto/platform.ts';

const crypto = await loadCrypto();
const seed = new Uint8Array(32).fill(7);
const message = new Uint8Array(64).fill(1);
const signature = crypto.sign(seed, message);
const publicKey = crypto.publicKeyOf(seed);

/** For so many milliseconds after it was asked; the first ones warm it up and do not count. */
parentPort?.on('message', (milliseconds: number) => {
  const verifyUntil = (end: number): number => {
    let count = 0;
    while (performance.now() < end) {
      for (let i = 0; i < 50; i++) void crypto.verify(publicKey, message, signature);
      count += 50;
    }
    return count;
  };
  verifyUntil(performance.now() + milliseconds / 4);
  const start = performance.now();
  const count = verifyUntil(start + milliseconds);
  parentPort?.postMessage(count / ((performance.now() - start) / 1000));
});
