/**
 * Checks the import direction of src/ by the rules of .dependency-cruiser.cjs and fails when one is broken, or when
 * no module was read at all (dependency-cruiser passes in silence on a tree that its parser cannot read).
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

/** One forbidden import: the rule it breaks and the two modules, as paths relative to the root that was read. */
interface ImportViolation {
  readonly rule: string;
  readonly comment: string;
  readonly from: string;
  readonly to: string;
  /** The modules of a cycle in their order, back to `from`; empty for other rules. */
  readonly cycle: readonly string[];
}

interface ImportReport {
  /** The TypeScript files under src/ whose imports were read. */
  readonly modulesRead: readonly string[];
  /** The TypeScript files under src/ that were not read although they are there. */
  readonly modulesMissed: readonly string[];
  /** Imports found in all modules, those of packages included. */
  readonly importCount: number;
  readonly violations: readonly ImportViolation[];
}

const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

function typescriptFilesUnder(root: string): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** Reads every module under `root`/src and holds its imports against the rules of this repository. */
export async function checkImports(root: string): Promise<ImportReport> {
  const options = await extractDepcruiseOptions(join(repositoryRoot, '.dependency-cruiser.cjs'));
  const comments = new Map(options.ruleSet?.forbidden?.map((rule) => [rule.name, rule.comment]));
  const { output } = await cruise(['src'], { ...options, baseDir: root, validate: true });
  if (typeof output === 'string') {
    throw new Error(`dependency-cruiser answered with text where its result object was expected:\n${output}`);
  }
  const sources = output.modules.filter((module) => module.source.startsWith('src/'));
  const read = new Set(sources.map((module) => module.source));
  return {
    modulesRead: [...read].sort(),
    modulesMissed: typescriptFilesUnder(root).filter((file) => !read.has(file)),
    importCount: sources.reduce((count, module) => count + module.dependencies.length, 0),
    violations: output.summary.violations.map(({ rule, from, to, cycle }) => ({
      rule: rule.name,
      comment: comments.get(rule.name) ?? '',
      from,
      to,
      cycle: (cycle ?? []).map((step) => step.name),
    })),
  };
}

/** Everything that makes the check fail, in words; empty when the imports are in order. */
export function importProblems(report: ImportReport): string[] {
  const problems = report.violations.map(
    ({ rule, comment, from, to, cycle }) =>
      `${rule}: ${[from, ...(cycle.length > 0 ? cycle : [to])].join(' → ')}\n  ${comment}`,
  );
  if (report.modulesMissed.length > 0) {
    problems.push(`Not read, so not checked: ${report.modulesMissed.join(', ')}`);
  }
  if (report.modulesRead.length === 0 || report.importCount === 0) {
    problems.push('Expected modules with imports under src/, found none: nothing was checked.');
  }
  return problems;
}

async function main(): Promise<number> {
  const report = await checkImports(repositoryRoot);
  const problems = importProblems(report);
  for (const problem of problems) console.error(problem);
  console.log(
    `${report.modulesRead.length} modules with ${report.importCount} imports read, ` +
      `${report.violations.length} in the wrong direction`,
  );
  return problems.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main();
}
