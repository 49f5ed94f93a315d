/** Reads an environment variable as a whole number of at least `least`; undefined when it is not set. */
function wholeNumber(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`Expected ${name} to be a whole number of at least ${least}, got "${text}".`);
  }
  return value;
}

/** The seed to replay, from SHEAF_FUZZ_SEED; fast-check prints it with every failure. */
export function fuzzSeed(): number | undefined {
  return wholeNumber('SHEAF_FUZZ_SEED', Number.MIN_SAFE_INTEGER);
}

/**
 * How often a property is tried: `fastRuns` in the fast suite, times SHEAF_FUZZ_SCALE in a campaign.
 * For properties too slow for fast-check's own 100 runs: `fc.assert(property, { numRuns: fuzzRuns(10) })`.
 */
export function fuzzRuns(fastRuns: number): number {
  return fastRuns * (wholeNumber('SHEAF_FUZZ_SCALE', 1) ?? 1);
}

/** Whether this is a campaign: what takes minutes and is covered in other ways is left to it. */
export function inCampaign(): boolean {
  return fuzzRuns(1) > 1;
}
