/** Keys and witnesses of synthetic circuits as files. */

import { makeDemoProvingKey } from '../../examples/lib/demo-setup.ts';
import { resolveBackend } from '../../src/backend/create-backend.ts';
import { type SyntheticOptions, syntheticCircuit, writeWitness } from '../helpers/synthetic-circuit.ts';

export interface CircuitFiles {
  readonly zkey: Uint8Array;
  readonly wtns: Uint8Array;
  readonly witness: readonly bigint[];
}

export async function circuitFiles(options: SyntheticOptions): Promise<CircuitFiles> {
  const { r1cs, witness } = syntheticCircuit(options);
  const zkey = await makeDemoProvingKey(r1cs, await resolveBackend(options.curve));
  return { zkey, wtns: writeWitness(options.curve, witness), witness };
}
