// Test projects: unit tests beside the source, and whatever boots under test/.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    expect: { requireAssertions: true },
    testTimeout: 30_000,
  },
});
