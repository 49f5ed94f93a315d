/**
 * Real proofs, keys and reference strings from public projects, kept outside the repository. They are looked for at
 * ../shared/vectors beside the repository, or where SHEAF_VECTORS points.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

type Environment = Readonly<Record<string, string | undefined>>;

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

function vectorsPath(environment: Environment): string {
  return resolve(repositoryRoot, environment.SHEAF_VECTORS || '../shared/vectors');
}

/** The absolute path of the folder of vectors, or undefined where there is none. */
export function vectorsDir(environment: Environment = process.env): string | undefined {
  const path = vectorsPath(environment);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : undefined;
}

/** What becomes of a suite that needs the vectors: it runs, is skipped with a message, or (under CI) fails with it. */
export function vectorsVerdict(
  environment: Environment = process.env,
): { verdict: 'run'; dir: string } | { verdict: 'skip' | 'fail'; message: string } {
  const dir = vectorsDir(environment);
  if (dir !== undefined) return { verdict: 'run', dir };
  const ci = !['', '0', 'false', undefined].includes(environment.CI?.toLowerCase());
  const message = `expected the test vectors in ${vectorsPath(environment)}, found no such folder: set SHEAF_VECTORS to it`;
  return { verdict: ci ? 'fail' : 'skip', message };
}

/**
 * A suite that needs the vectors. `suite` gets their folder; it is not called at all where they are missing: then
 * the suite shows up as one skipped test that says why, and as one failed test where CI is set.
 */
export function describeWithVectors(name: string, suite: (dir: string) => void): void {
  const outcome = vectorsVerdict();
  if (outcome.verdict === 'run') {
    describe(name, () => suite(outcome.dir));
    return;
  }
  if (outcome.verdict === 'skip') console.warn(`Skipped "${name}": ${outcome.message}`);
  describe(name, () => {
    if (outcome.verdict === 'skip') {
      it.skip(outcome.message, () => {});
      return;
    }
    it('finds the test vectors', () => {
      throw new Error(outcome.message);
    });
  });
}
