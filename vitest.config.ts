// Unit tests beside the source, whatever boots under test/.
import { configDefaults, defineConfig } from 'vitest/config';
import { leftOutHere } from './test/machine.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...leftOutHere()],
    expect: { requireAssertions: true },
    reporters: ['default', './test/summary-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests wait for processes and timers more than they compute.
    maxWorkers: '100%',
  },
});
