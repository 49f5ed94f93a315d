import { describe, expect, it } from 'vitest';
import { summarizeReport } from '../../scripts/report-summary.ts';

function file(status: string, statuses: readonly string[], message = ''): object {
  return { name: 'a.test.ts', status, message, assertionResults: statuses.map((each) => ({ status: each })) };
}

describe('summary of a test report', () => {
  it('counts passed, failed and skipped tests over all files', () => {
    const testResults = [
      file('passed', ['passed', 'passed', 'skipped', 'todo']),
      file('failed', ['failed', 'passed']),
    ];
    expect(summarizeReport({ success: false, testResults })).toEqual({
      passed: 3,
      failed: 1,
      skipped: 2,
      problems: ['1 failed'],
    });
  });

  it('finds no problem in a run where all tests passed', () => {
    const report = { success: true, testResults: [file('passed', ['passed', 'skipped'])] };
    expect(summarizeReport(report)).toEqual({ passed: 1, failed: 0, skipped: 1, problems: [] });
  });

  it('counts a file that failed before its tests ran as one failure', () => {
    const report = { success: false, testResults: [file('failed', [], 'cannot find module')] };
    const summary = summarizeReport(report);
    expect(summary.failed).toBe(1);
    expect(summary.problems[0]).toContain('cannot find module');
  });

  it('does not accept a run without tests, or with skipped ones only', () => {
    expect(summarizeReport({ success: true, testResults: [] }).problems).toHaveLength(1);
    expect(
      summarizeReport({ success: true, testResults: [file('passed', ['skipped'])] }).problems,
    ).toHaveLength(1);
  });

  it('does not accept a failed run in which no test failed', () => {
    const report = { success: false, testResults: [file('passed', ['passed'])] };
    expect(summarizeReport(report).problems).toHaveLength(1);
  });

  it('refuses a report of another shape', () => {
    expect(() => summarizeReport({ success: true })).toThrow(/testResults/);
  });
});
