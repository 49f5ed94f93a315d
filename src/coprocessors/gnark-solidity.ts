/**
 * Verification keys as constants of gnark's Solidity verifier (BN254): ALPHA_X, BETA_NEG_X_0, …, CONSTANT_X, PUB_0_X, ….
 * The contract stores β, γ and δ negated, so that the pairing check needs no negation; `_0` is the real part.
 */

import { packG1, packG2 } from '../curve/affine.ts';
import { BN254 } from '../curve/curve.ts';
import { type ErrorContext, ProofFormatError } from '../errors.ts';
import { createVerificationKey, type VerificationKey } from '../groth16/verification-key.ts';
import { refuseCommitments } from './gnark-json.ts';

const CONSTANT = /\buint256\s+constant\s+([A-Z][A-Z0-9_]*)\s*=\s*(0x[0-9a-fA-F]+|[0-9]+)\s*;/g;
/** More than any contract under the size limit of the chain can hold. */
const MAX_INPUTS = 4096;

/** Whether a text is the source of a gnark Solidity verifier. */
export function looksLikeGnarkSolidity(text: string): boolean {
  return /\bconstant\s+BETA_NEG_X_0\b/.test(text);
}

/** Reads the key out of the contract's source. Throws {@link ProofFormatError} when a constant is missing. */
export function readGnarkSolidityKey(source: string, context: ErrorContext = {}): VerificationKey {
  const what = 'gnark Solidity verifier';
  const constants = new Map<string, bigint>();
  for (const [, name, value] of source.matchAll(CONSTANT))
    constants.set(name as string, BigInt(value as string));
  for (const name of constants.keys()) {
    if (name.startsWith('PEDERSEN_')) refuseCommitments(what, name, context);
  }
  const constant = (name: string): bigint => {
    const value = constants.get(name);
    if (value === undefined) {
      throw new ProofFormatError(`${what}: expected a constant ${name} and found none.`, {
        ...context,
        field: name,
      });
    }
    return value;
  };
  const g1 = (name: string): Uint8Array =>
    packG1(BN254, constant(`${name}_X`), constant(`${name}_Y`), `${what}, ${name}`, {
      ...context,
      field: name,
    });
  const negatedG2 = (name: string): Uint8Array => {
    const x = { c0: constant(`${name}_NEG_X_0`), c1: constant(`${name}_NEG_X_1`) };
    const y = { c0: constant(`${name}_NEG_Y_0`), c1: constant(`${name}_NEG_Y_1`) };
    const at = { ...context, field: `${name}_NEG` };
    packG2(BN254, x, y, `${what}, ${name}_NEG`, at); // refuses coordinates that are not reduced, which negation would hide
    return packG2(BN254, x, BN254.fields.Fp2.neg(y), `${what}, ${name}`, at);
  };
  const ic = [g1('CONSTANT')];
  while (constants.has(`PUB_${ic.length - 1}_X`) && ic.length <= MAX_INPUTS)
    ic.push(g1(`PUB_${ic.length - 1}`));
  return createVerificationKey(
    BN254,
    { alpha: g1('ALPHA'), beta: negatedG2('BETA'), gamma: negatedG2('GAMMA'), delta: negatedG2('DELTA'), ic },
    context,
  );
}
