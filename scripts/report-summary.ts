/**
 * Turns vitest's JSON report into one line, `N passed, N failed, N skipped`, and into an exit code:
 * 0 only when at least one test ran and nothing failed.
 *
 * Usage: node --import tsx scripts/report-summary.ts [reports/vitest.json]
 */
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';

const reportSchema = v.object({
  success: v.boolean(),
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      message: v.optional(v.string(), ''),
      assertionResults: v.array(v.object({ status: v.string() })),
    }),
  ),
});

interface TestSummary {
  readonly passed: number;
  /** Failed tests, and one for each file that failed outside of its tests (it could not be loaded, a hook threw). */
  readonly failed: number;
  readonly skipped: number;
  /** Why the run as a whole does not count as passed; empty when it does. */
  readonly problems: readonly string[];
}

/** Counts the tests of a parsed vitest JSON report; throws when it has not that report's shape. */
export function summarizeReport(report: unknown): TestSummary {
  const { success, testResults } = v.parse(reportSchema, report);
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const problems: string[] = [];
  for (const file of testResults) {
    const statuses = file.assertionResults.map((assertion) => assertion.status);
    const failedHere = statuses.filter((status) => status === 'failed').length;
    const passedHere = statuses.filter((status) => status === 'passed').length;
    passed += passedHere;
    failed += failedHere;
    skipped += statuses.length - failedHere - passedHere;
    if (file.status === 'failed' && failedHere === 0) {
      failed += 1;
      problems.push(`${file.name} failed outside of its tests: ${file.message}`);
    }
  }
  if (failed > 0) problems.push(`${failed} failed`);
  if (passed + failed === 0) problems.push('Expected tests to run, none did.');
  if (!success && failed === 0)
    problems.push('The test runner reports a failed run although no test failed.');
  return { passed, failed, skipped, problems };
}

function main(path: string): number {
  if (!existsSync(path)) {
    console.error(
      `Expected a vitest JSON report at ${path}, found none: the tests did not run to their end.`,
    );
    console.log('0 passed, 0 failed, 0 skipped');
    return 1;
  }
  const { passed, failed, skipped, problems } = summarizeReport(JSON.parse(readFileSync(path, 'utf8')));
  for (const problem of problems) console.error(problem);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return problems.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = main(process.argv[2] ?? 'reports/vitest.json');
}
