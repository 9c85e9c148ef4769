// `npm test`: installs what the tests need, checks the code, runs every runner and counts every test.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "./debian-packages.mjs";

const folder = mkdtempSync(join(tmpdir(), "pat-push-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };

function run(title, command, args, env = {}) {
  console.log(`\n== ${title}`);
  return spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } }).status === 0;
}

/** A runner writes its counts to a file. One that fails without a failed test (a file that does not load) counts as one. */
function count(ok, read) {
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = read();
  } catch (error) {
    console.error(`No counts: ${error.message}`);
  }
  if (!ok && counts.failed === 0) counts.failed = 1;
  if (ok && counts.passed === 0) counts.failed += 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
}

try {
  ensureDebianPackages();

  const checked = run("Format, lint, types, dead code", "npm", ["run", "--silent", "check"]);
  if (!checked) total.failed += 1;

  const nodeCounts = join(folder, "vitest.json");
  const nodeOk = run("Tests in Node", "vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${nodeCounts}`,
  ]);
  count(nodeOk, () => {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(nodeCounts, "utf8"),
    );
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  });

  const browserCounts = join(folder, "wtr.json");
  const browserOk = run("Tests in the browser", "wtr", [], { TEST_COUNTS_FILE: browserCounts });
  count(browserOk, () => JSON.parse(readFileSync(browserCounts, "utf8")));
} catch (error) {
  console.error(`\n${error.message}`);
  total.failed += 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

console.log(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
);
process.exitCode = total.failed === 0 ? 0 : 1;
