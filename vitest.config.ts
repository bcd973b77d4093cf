// Unit tests beside the source, whatever boots under test/; reference vectors are needed in CI.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

const vectors = process.env.EXUVIA_VECTORS ?? join(import.meta.dirname, '..', 'shared', 'vectors');
const vectorsNeeded = existsSync(vectors) || Boolean(process.env.CI);
if (!vectorsNeeded) {
  console.warn(`Reference vectors not found: *.vectors.test.ts are left out (EXUVIA_VECTORS).`);
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(vectorsNeeded ? [] : ['**/*.vectors.test.ts'])],
    expect: { requireAssertions: true },
    reporters: ['default', './test/summary-reporter.ts'],
    testTimeout: 30_000,
  },
});
