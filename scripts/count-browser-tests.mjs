// A reporter for @web/test-runner that writes the counts of its tests to the file in TEST_COUNTS_FILE.
import { writeFileSync } from "node:fs";

/** Reports nothing to the terminal; the runner's default reporter does that. */
export function countBrowserTests() {
  return {
    onTestRunFinished({ sessions }) {
      const file = process.env.TEST_COUNTS_FILE;
      if (!file) return;
      const counts = { passed: 0, failed: 0, skipped: 0 };
      for (const session of sessions) {
        if (session.testResults) addSuite(session.testResults, counts);
        if (session.errors.length > 0) counts.failed += 1;
      }
      writeFileSync(file, JSON.stringify(counts));
    },
  };
}

function addSuite(suite, counts) {
  for (const test of suite.tests) counts[test.skipped ? "skipped" : test.passed ? "passed" : "failed"] += 1;
  for (const inner of suite.suites) addSuite(inner, counts);
}
