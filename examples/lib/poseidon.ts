/** Poseidon as circuits/lib/poseidon.circom computes it, by an independent implementation. */

import { grainGenConstants, poseidon } from '@noble/curves/abstract/poseidon.js';
import { Fp } from './curve.ts';

const PARAMETERS = { Fp, t: 5, roundsFull: 8, roundsPartial: 60, sboxPower: 5 } as const;

/**
 * Round constants (68 rounds of 5) and the 5×5 matrix, from the Grain LFSR that Poseidon's authors prescribe
 * (ePrint 2019/458, appendix E): nothing in them was chosen here.
 */
export const poseidonConstants: ReturnType<typeof grainGenConstants> = grainGenConstants(PARAMETERS);

const permute = poseidon({ ...PARAMETERS, ...poseidonConstants });

/** What a hash is for: the permutation's capacity word. circuits/lib/domains.circom has the same list. */
export const DOMAIN = {
  account: 1n,
  page: 2n,
  node: 3n,
  reporters: 4n,
  feed: 5n,
  challenge: 6n,
  vrfInput: 7n,
  vrfOutput: 8n,
} as const;

/** Four field elements that one hash takes. */
export type Quad = readonly [bigint, bigint, bigint, bigint];

/** Poseidon of four canonical field elements. Domain 0 is the hash known elsewhere as "poseidon(4)". */
export function poseidon4(domain: bigint, inputs: Quad): bigint {
  return permute([domain, ...inputs])[0] as bigint;
}
