/** Randomness of slow tests: always from fast-check, always with a seed that a failure shows. */

import fc from 'fast-check';
import { beforeEach } from 'vitest';
import { fuzzRuns, fuzzSeed } from './fuzz.ts';

const seed = fuzzSeed() ?? Math.floor(Math.random() * 2 ** 31);

/**
 * One value for all tests of the file or suite that calls this while it is being collected. When one of them fails, the
 * seed is printed.
 */
export function drawShared<T>(arbitrary: fc.Arbitrary<T>): T {
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      console.error(`The shared fixture was drawn with seed ${seed}; replay with SHEAF_FUZZ_SEED=${seed}.`);
    });
  });
  return drawWith(arbitrary, seed);
}

/** One value for a known seed. */
export function drawWith<T>(arbitrary: fc.Arbitrary<T>, ownSeed: number): T {
  return fc.sample(arbitrary, { seed: ownSeed, numRuns: 1 })[0] as T;
}

/** A property whose runs take long: few of them, and none to shrink a counterexample (the seed replays it). */
export function forAll<T>(
  arbitrary: fc.Arbitrary<T>,
  fastRuns: number,
  predicate: (value: T) => Promise<void>,
): Promise<void> {
  return fc.assert(fc.asyncProperty(arbitrary, predicate), {
    numRuns: fuzzRuns(fastRuns),
    endOnFailure: true,
  });
}
