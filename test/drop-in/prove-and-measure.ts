/**
 * A process that proves from files and tells its peak memory: `node --import tsx prove-and-measure.ts KEY WITNESS VERIFICATION_KEY`
 * prints {@link Measured} in JSON. Started by peak-memory.test.ts.
 */

import { readFileSync } from 'node:fs';
import { groth16 } from '../../src/index.ts';

/** What the process prints. */
export interface Measured {
  /** Largest resident set while proving, verification of the result included. */
  readonly peakBytes: number;
  readonly valid: boolean;
}

const [zkey = '', wtns = '', verificationKey = ''] = process.argv.slice(2);
const { proof, publicSignals } = await groth16.prove(zkey, wtns);
const peakBytes = process.resourceUsage().maxRSS * 1024;
const key = JSON.parse(readFileSync(verificationKey, 'utf8')) as object;
const outcome: Measured = { peakBytes, valid: await groth16.verify(key, publicSignals, proof) };
process.stdout.write(JSON.stringify(outcome));
