/**
 * Valid Groth16 statements without circuits. Whoever knows a key's secrets chooses A = a·g and B = b·h and solves the
 * verification equation for C:
 *
 *     C = (a·b − α·β − S·γ)/δ · g,      S = ic_0 + Σ_j input_j·ic_j
 */

import fc from 'fast-check';
import type { Curve } from '../../src/curve/curve.ts';
import { mod, modInverse } from '../../src/field/modular.ts';
import { type BatchMember, createMember, createProof } from '../../src/groth16/proof.ts';
import { createVerificationKey, type VerificationKey } from '../../src/groth16/verification-key.ts';
import { g1Times, g2Times, scalarArbitrary } from './group-elements.ts';

/** Discrete logarithms of a key's points. */
export interface KeySecrets {
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
  /** One more than the key takes inputs. */
  readonly ic: readonly bigint[];
}

/** One proof: its key by position, its inputs, and the logarithms of A and B. */
export interface ProofRecipe {
  readonly key: number;
  readonly inputs: readonly bigint[];
  readonly a: bigint;
  readonly b: bigint;
}

/** A batch as plain numbers, which a failing property can print. */
export interface BatchRecipe {
  readonly keys: readonly KeySecrets[];
  readonly proofs: readonly ProofRecipe[];
}

/** What a batch looks like. */
export interface BatchShape {
  /** Per proof the position of its key. */
  readonly keyOf: readonly number[];
  /** Per key the number of its inputs. */
  readonly inputCounts: readonly number[];
  /** Parts that all keys have in common, as keys of one ceremony have γ. */
  readonly shared?: readonly ('alpha' | 'beta' | 'gamma' | 'delta')[];
  /** Whether inputs are uniform, hence all different, and not often 0, 1 or the largest. */
  readonly uniformInputs?: boolean;
}

/** The key with these secrets. */
export function syntheticKey(curve: Curve, { alpha, beta, gamma, delta, ic }: KeySecrets): VerificationKey {
  return createVerificationKey(curve, {
    alpha: g1Times(curve, alpha),
    beta: g2Times(curve, beta),
    gamma: g2Times(curve, gamma),
    delta: g2Times(curve, delta),
    ic: ic.map((scalar) => g1Times(curve, scalar)),
  });
}

/** Logarithm of the C that completes a proof. */
export function solveC(
  curve: Curve,
  { alpha, beta, gamma, delta, ic }: KeySecrets,
  { inputs, a, b }: ProofRecipe,
): bigint {
  const { order } = curve;
  const s = inputs.reduce((sum, input, j) => sum + input * (ic[j + 1] as bigint), ic[0] as bigint);
  return mod((a * b - alpha * beta - s * gamma) * modInverse(delta, order), order);
}

/** The member a recipe describes. With `c` it carries that multiple of g as C instead of the right one. */
export function syntheticMember(
  curve: Curve,
  key: VerificationKey,
  secrets: KeySecrets,
  recipe: ProofRecipe,
  c: bigint = solveC(curve, secrets, recipe),
): BatchMember {
  const proof = createProof(curve, {
    a: g1Times(curve, recipe.a),
    b: g2Times(curve, recipe.b),
    c: g1Times(curve, c),
  });
  return createMember(key, proof, recipe.inputs, 'synthetic');
}

/** The keys and members of a recipe. */
export function syntheticBatch(
  curve: Curve,
  recipe: BatchRecipe,
): { keys: VerificationKey[]; members: BatchMember[] } {
  const keys = recipe.keys.map((secrets) => syntheticKey(curve, secrets));
  const members = recipe.proofs.map((proof) =>
    syntheticMember(curve, keys[proof.key] as VerificationKey, recipe.keys[proof.key] as KeySecrets, proof),
  );
  return { keys, members };
}

/** Inputs as users have them: often 0, 1 or the largest. */
function inputArbitrary(curve: Curve): fc.Arbitrary<bigint> {
  return fc.bigInt({ min: 0n, max: curve.order - 1n });
}

function secretsArbitrary(curve: Curve, inputs: number): fc.Arbitrary<KeySecrets> {
  const scalar = scalarArbitrary(curve);
  return fc.record({
    alpha: scalar,
    beta: scalar,
    gamma: scalar,
    delta: scalar,
    ic: fc.array(scalar, { minLength: inputs + 1, maxLength: inputs + 1 }),
  });
}

/** Batches of a shape. */
export function batchArbitrary(curve: Curve, shape: BatchShape): fc.Arbitrary<BatchRecipe> {
  const scalar = scalarArbitrary(curve);
  const input = shape.uniformInputs ? scalar : inputArbitrary(curve);
  const keys = fc.tuple(...shape.inputCounts.map((count) => secretsArbitrary(curve, count))).map((drawn) =>
    drawn.map((secrets) => {
      const first = drawn[0] as KeySecrets;
      return { ...secrets, ...Object.fromEntries((shape.shared ?? []).map((part) => [part, first[part]])) };
    }),
  );
  const proofs = fc.tuple(
    ...shape.keyOf.map((key) => {
      const count = shape.inputCounts[key] as number;
      return fc.record({
        key: fc.constant(key),
        inputs: fc.array(input, { minLength: count, maxLength: count }),
        a: scalar,
        b: scalar,
      });
    }),
  );
  return fc.record({ keys, proofs });
}
