/** The example circuits by name. */

import type { Instance } from './instance.ts';
import { medianInstances } from './oracle-median.ts';
import { storageInstances } from './storage-proof.ts';
import { vrfInstances } from './vrf.ts';

/** A circuit that the examples prove. */
export interface ExampleCircuit {
  /** File name in circuits/ without its ending, and the folder of its proofs. */
  name: 'storage-proof' | 'oracle-median' | 'vrf';
  /** What a proof says, in one sentence. */
  statement: string;
  /** Fresh random instances. */
  instances(count: number): Instance[];
}

export const storageProof: ExampleCircuit = {
  name: 'storage-proof',
  statement: 'Four observations in a contract storage under a state root have this time-weighted average.',
  instances: storageInstances,
};

export const oracleMedian: ExampleCircuit = {
  name: 'oracle-median',
  statement: 'Three reporters of a set each signed a price for this round, and this is their median.',
  instances: medianInstances,
};

export const vrf: ExampleCircuit = {
  name: 'vrf',
  statement: 'This is the one random value that this key yields for this request.',
  instances: vrfInstances,
};
