// Ends a test run with one plain line, `N passed, N failed`, and leaves it in a file for CI.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandled.length;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      passed += tests.filter((test) => test.result().state === 'passed').length;
      failed += tests.filter((test) => test.result().state === 'failed').length;
      // A file that does not load, or a hook that fails, has no failed test of its own.
      if (module.state() === 'failed' && !tests.some((t) => t.result().state === 'failed'))
        failed += 1;
    }
    const line = `${passed} passed, ${failed} failed\n`;
    process.stdout.write(line);
    const file = process.env.EXUVIA_TEST_SUMMARY;
    if (file) writeFileSync(file, line);
  }
}
