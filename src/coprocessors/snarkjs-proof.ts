/** Groth16 proofs as snarkjs writes them (`snarkjs groth16 prove`). */

import type { Curve } from '../curve/curve.ts';
import { type ErrorContext, MixedCurvesError, ProofFormatError } from '../errors.ts';
import type { PointChecks } from '../groth16/point-checks.ts';
import { createProof, type Groth16Proof } from '../groth16/proof.ts';
import { readSnarkjsG1, readSnarkjsG2 } from './affine-json.ts';
import { describe, hasAny, isJsonObject, type JsonObject, ownField } from './json.ts';
import { namedCurve, requireGroth16 } from './snarkjs-key.ts';

/** Whether an object has the fields of a snarkjs Groth16 proof. */
export function looksLikeSnarkjsProof(object: JsonObject): boolean {
  return hasAny(object, ['pi_a', 'pi_b', 'pi_c']);
}

/**
 * Reads {pi_a, pi_b, pi_c, protocol, curve} on the key's curve. Throws UnsupportedProofError for another protocol,
 * {@link MixedCurvesError} where the proof names another curve, and the point errors, infinity included.
 */
export function readSnarkjsProof(
  value: unknown,
  curve: Curve,
  context: ErrorContext = {},
  checks?: PointChecks,
): Groth16Proof {
  const what = 'Proof';
  if (!isJsonObject(value)) {
    throw new ProofFormatError(
      `${what}: expected an object with pi_a, pi_b and pi_c, got ${describe(value)}.`,
      context,
    );
  }
  requireGroth16(value, what, context);
  const named = namedCurve(value, what, context);
  if (named !== undefined && named !== curve) throw new MixedCurvesError(curve.name, named.name, context);
  const at = (field: string): ErrorContext => ({ ...context, field });
  return createProof(
    curve,
    {
      a: readSnarkjsG1(curve, ownField(value, 'pi_a'), `${what}, pi_a`, at('pi_a')),
      b: readSnarkjsG2(curve, ownField(value, 'pi_b'), `${what}, pi_b`, at('pi_b')),
      c: readSnarkjsG1(curve, ownField(value, 'pi_c'), `${what}, pi_c`, at('pi_c')),
    },
    context,
    checks,
  );
}
