/**
 * The verifier of scheme `snarkpack`. All pairing equations are summed with random weights of 128 bits, drawn from the
 * transcript after the whole proof was absorbed; Miller loops are merged by G2 argument, and one final exponentiation is
 * compared with one multi-exponentiation in GT. Equations are named as in docs/PROTOCOL.md.
 */

import type { Backend, OperationOptions } from '../../backend/backend.ts';
import { packScalars } from '../../curve/affine.ts';
import { g1ToBytes, g2ToBytes } from '../../curve/points.ts';
import { InternalError, throwIfAborted } from '../../errors.ts';
import { equalBytes, joinBytes } from '../../field/bytes.ts';
import { mod } from '../../field/modular.ts';
import { expandBinaryProduct, powers } from '../../field/polynomial.ts';
import { PairingCheck } from '../../groth16/pairing-check.ts';
import { publicInputSum, readInputs } from '../../groth16/public-input-sums.ts';
import type { VerificationKey } from '../../groth16/verification-key.ts';
import type { VerifierSrs } from '../srs/srs.ts';
import type { Statement } from '../statement.ts';
import type { FiatShamir } from '../transcript.ts';
import { evaluateKeyPolynomials, type KeyPolynomials, keyPolynomials } from './key-polynomials.ts';
import { proofLayout, type Section } from './layout.ts';
import { type ProofElements, readProofElements } from './proof-elements.ts';
import { absorbStatement } from './transcript-schedule.ts';

/** Everything the verifier is given. */
export interface VerifyInput {
  readonly backend: Backend;
  readonly srs: VerifierSrs;
  readonly statement: Statement;
  /** The trusted keys, in the statement's order. */
  readonly keys: readonly VerificationKey[];
  readonly proof: Uint8Array;
  readonly transcript: FiatShamir;
}

interface Challenges {
  readonly r: bigint;
  readonly rho: bigint;
  readonly x: readonly bigint[];
  /** The inverses of x. */
  readonly xInverse: readonly bigint[];
  readonly polynomials: KeyPolynomials;
  readonly z: bigint;
  /** One weight per pairing equation. */
  readonly weights: Readonly<Record<Equation, bigint>>;
}

/** Pairing equations, in the order of their weights. The first has weight 1. */
const EQUATIONS = ['T_AB', 'U_AB', 'T_C', 'U_C', 'Z', 'v1', 'v2', 'w1', 'w2', 'groth16'] as const;
type Equation = (typeof EQUATIONS)[number];

function drawChallenges(input: VerifyInput, layout: ReturnType<typeof proofLayout>): Challenges {
  const { statement, proof, transcript } = input;
  const { order } = statement.curve;
  const absorb = ({ label, offset, length }: Section): void =>
    transcript.absorb(label, proof.subarray(offset, offset + length));
  absorbStatement(transcript, statement);
  absorb(layout.commitments);
  const r = transcript.challenge('r', order);
  absorb(layout.products);
  const rho = transcript.challenge('rho', order);
  const x = layout.rounds.map((round) => {
    absorb(round);
    return transcript.challenge('x', order);
  });
  absorb(layout.folded);
  const z = transcript.challenge('z', order);
  absorb(layout.openings);
  const bound = 1n << 128n;
  const weights = EQUATIONS.map(
    (name, i) => [name, i === 0 ? 1n : transcript.challenge('weight', bound)] as const,
  );
  const polynomials = keyPolynomials(x, r, order);
  return {
    r,
    rho,
    x,
    xInverse: [...polynomials.v].reverse(),
    polynomials,
    z,
    weights: Object.fromEntries(weights) as Record<Equation, bigint>,
  };
}

/** Σ_i s_i·(product of 1/x over the set bits of i): the vector s folded to one scalar. */
function foldedScalar(
  statement: Statement,
  { rho, polynomials }: Challenges,
  rPowers: readonly bigint[],
): bigint {
  const { order } = statement.curve;
  const rhoPowers = powers(rho, statement.keys.length, order);
  const coefficients = expandBinaryProduct(polynomials.v, order);
  const sums = rhoPowers.map(() => 0n);
  for (const [i, k] of statement.keyOf.entries()) {
    sums[k] = (sums[k] as bigint) + (rPowers[i] as bigint) * (coefficients[i] as bigint);
  }
  return sums.reduce((sum, own, k) => (sum + (own % order) * (rhoPowers[k] as bigint)) % order, 0n);
}

/** Q' = s_final·C, the one equation in G1: Q' − s_final·C as one MSM must be infinity. */
async function checkQ(
  input: VerifyInput,
  challenges: Challenges,
  element: (name: string) => Uint8Array,
  sFinal: bigint,
): Promise<boolean> {
  const { backend, statement } = input;
  const { order } = statement.curve;
  const points: Uint8Array[] = [];
  const scalars: bigint[] = [];
  const rhoPowers = powers(challenges.rho, statement.keys.length, order);
  for (const [k, weight] of rhoPowers.entries()) {
    points.push(element(`Q_${k}`));
    scalars.push(weight);
  }
  for (const [j, x] of challenges.x.entries()) {
    points.push(element(`Q_L, round ${j + 1}`), element(`Q_R, round ${j + 1}`));
    scalars.push(x, challenges.xInverse[j] as bigint);
  }
  points.push(element('C'));
  scalars.push(mod(-sFinal, order));
  const bases = await backend.uploadG1(joinBytes(points));
  const weights = await backend.uploadFr(packScalars(statement.curve, scalars));
  const sum = await backend.msmG1(bases, weights);
  bases.dispose();
  weights.dispose();
  return sum.every((byte) => byte === 0);
}

/** The left-hand sides: Σ of weighted T'_AB, U'_AB, T'_C, U'_C, Z' and −Z, as one multi-exponentiation in GT. */
async function gtSide(
  input: VerifyInput,
  { x, xInverse, weights }: Challenges,
  element: (name: string) => Uint8Array,
  options: OperationOptions,
): Promise<Uint8Array> {
  const { backend, statement } = input;
  const { curve } = statement;
  const { order } = curve;
  const bases: Uint8Array[] = [];
  const exponents: bigint[] = [];
  for (const name of ['T_AB', 'U_AB', 'T_C', 'U_C', 'Z'] as const) {
    const weight = weights[name];
    bases.push(element(name));
    exponents.push(name === 'Z' ? mod(weight - weights.groth16, order) : weight);
    for (const [j, challenge] of x.entries()) {
      bases.push(element(`${name}_L, round ${j + 1}`), element(`${name}_R, round ${j + 1}`));
      exponents.push((weight * challenge) % order, (weight * (xInverse[j] as bigint)) % order);
    }
  }
  return backend.gtMultiExp(joinBytes(bases), packScalars(curve, exponents), options);
}

/** Adds the sums over the proofs of each key: e(R_k·α_k, β_k) + e(Σ r^i·S_i, γ_k) + e(Q_k, δ_k), weighted by −c. */
async function addGroth16Terms(
  check: PairingCheck,
  input: VerifyInput,
  rPowers: readonly bigint[],
  weight: bigint,
  element: (name: string) => Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { backend, statement, keys } = input;
  for (const [k, key] of keys.entries()) {
    const members = statement.keyOf.flatMap((own, i) => (own === k ? [i] : []));
    const weights = members.map((i) => rPowers[i] as bigint);
    const total = weights.reduce((sum, w) => sum + w, 0n);
    const inputs = members.map((i) => readInputs(statement.inputs[i] as Uint8Array));
    check.add(key.alpha, key.beta, -weight * mod(total, statement.curve.order));
    check.add(await publicInputSum(backend, key, inputs, weights, { signal }), key.gamma, -weight);
    check.add(element(`Q_${k}`), key.delta, -weight);
  }
}

/** Refuses keys that are not the statement's; callers select them by digest, so this cannot happen through `verify`. */
function assertKeys({ statement, keys }: VerifyInput): void {
  const same =
    keys.length === statement.keys.length &&
    keys.every((key, k) => {
      const expected = statement.keys[k];
      return expected && equalBytes(key.digest, expected.digest) && key.inputCount === expected.inputCount;
    });
  if (!same) throw new InternalError('The keys given to the verifier are not those of the statement.');
}

/**
 * Whether the proof is true for the statement. `false` for a well-formed proof that is not; throws EncodingError, the
 * point errors or GtNotInSubgroupError for bytes that are no proof.
 */
export async function verifySnarkpack(input: VerifyInput, options: OperationOptions = {}): Promise<boolean> {
  const { backend, statement, srs, proof } = input;
  const { curve, capacity, keys } = statement;
  const { order } = curve;
  const { signal } = options;
  assertKeys(input);
  const layout = proofLayout(curve, Math.log2(capacity), keys.length);
  const elements: ProofElements = await readProofElements(backend, layout, proof, {
    signal,
    onProgress: (fraction) => options.onProgress?.(0.4 * fraction),
  });
  const element = (name: string): Uint8Array => {
    const bytes = elements.get(name);
    if (!bytes) throw new InternalError(`Element ${name} is not in the layout.`);
    return bytes;
  };
  const challenges = drawChallenges(input, layout);
  const { r, z, weights, polynomials } = challenges;
  const rPowers = powers(r, statement.keyOf.length, order);

  if (!(await checkQ(input, challenges, element, foldedScalar(statement, challenges, rPowers)))) return false;
  options.onProgress?.(0.5);

  const g = g1ToBytes(curve, curve.g1.BASE);
  const h = g2ToBytes(curve, curve.g2.BASE);
  const evaluation = evaluateKeyPolynomials(polynomials, capacity, z, order);
  const check = new PairingCheck(backend);

  // T'_AB = e(A, v1) + e(w1, B); U'_AB the same with v2, w2; T'_C = e(C, v1); U'_C = e(C, v2); Z' = e(A, B).
  check.add(element('A'), element('v1'), weights.T_AB);
  check.add(element('A'), element('v2'), weights.U_AB);
  check.add(element('C'), element('v1'), weights.T_C);
  check.add(element('C'), element('v2'), weights.U_C);
  check.add(element('w1'), element('B'), weights.T_AB);
  check.add(element('w2'), element('B'), weights.U_AB);
  check.add(element('A'), element('B'), weights.Z);

  // e(g, v − f_v(z)·h) = e(τg − z·g, π_v), for both strings.
  for (const [v, pi, tau, c] of [
    ['v1', 'pi_v1', srs.tau1G1, weights.v1],
    ['v2', 'pi_v2', srs.tau2G1, weights.v2],
  ] as const) {
    check.add(g, element(v), c);
    check.add(g, h, -c * evaluation.v);
    check.add(tau, element(pi), -c);
    check.add(g, element(pi), c * z);
  }

  // e(w − f_w(z)·g, h) = e(π_w, τh − z·h), for both strings.
  for (const [w, pi, tau, c] of [
    ['w1', 'pi_w1', srs.tau1G2, weights.w1],
    ['w2', 'pi_w2', srs.tau2G2, weights.w2],
  ] as const) {
    check.add(element(w), h, c);
    check.add(g, h, -c * evaluation.w);
    check.add(element(pi), tau, -c);
    check.add(element(pi), h, c * z);
  }

  // Z = Σ_k [ e(R_k·α_k, β_k) + e(Σ r^i·S_i, γ_k) + e(Q_k, δ_k) ].
  await addGroth16Terms(check, input, rPowers, weights.groth16, element, signal);
  throwIfAborted(signal);
  const right = await check.finish({ signal });
  options.onProgress?.(0.7);
  const left = await gtSide(input, challenges, element, { signal });
  options.onProgress?.(1);
  return equalBytes(left, right);
}
