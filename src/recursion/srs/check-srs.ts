/** Consistency of reference strings, by pairings. */

import type { Backend, OperationOptions } from '../../backend/backend.ts';
import { packScalars } from '../../curve/affine.ts';
import { decompressG1, decompressG2 } from '../../curve/compressed.ts';
import type { Curve } from '../../curve/curve.ts';
import { gtFromBytes } from '../../curve/gt.ts';
import { g1FromBytes, g1ToBytes, g2ToBytes } from '../../curve/points.ts';
import { SrsError } from '../../errors.ts';
import { concatBytes, equalBytes, isZeroBytes } from '../../field/bytes.ts';
import { bytesOfHex } from '../../field/hex.ts';
import { randomWeight } from '../../field/random.ts';
import { PairingCheck } from '../../groth16/pairing-check.ts';
import type { PowersOfTau, VerifierSrs } from './srs.ts';

async function isOne(check: PairingCheck, curve: Curve): Promise<boolean> {
  return curve.fields.Fp12.eql(gtFromBytes(curve, await check.finish()), curve.fields.Fp12.ONE);
}

function generators(curve: Curve): { g: Uint8Array; h: Uint8Array } {
  return { g: g1ToBytes(curve, curve.g1.BASE), h: g2ToBytes(curve, curve.g2.BASE) };
}

function noInfinity(bytes: Uint8Array, size: number, what: string): void {
  for (let i = 0; i < bytes.length; i += size) {
    if (isZeroBytes(bytes.subarray(i, i + size))) {
      throw new SrsError(
        `${what}: power ${i / size} is the point at infinity; the file is corrupt or not a powers-of-tau file.`,
      );
    }
  }
}

/** Refuses τ = ±1, whose "secret" is known: a freshly made ptau without contributions has it. */
function refuseTrivialTau(curve: Curve, tauG1: Uint8Array, what: string): void {
  const point = g1FromBytes(curve, tauG1);
  if (point.equals(curve.g1.BASE) || point.negate().equals(curve.g1.BASE)) {
    throw new SrsError(
      `${what}: τ is ±1. The file has no contribution yet, so its secret is known to all; use a finished ceremony.`,
    );
  }
}

/** Refuses two strings with τ₁ = ±τ₂, with which the commitments do not bind. */
export function refuseEqualTaus(curve: Curve, tau1G1: Uint8Array, tau2G1: Uint8Array): void {
  const [first, second] = [g1FromBytes(curve, tau1G1), g1FromBytes(curve, tau2G1)];
  if (first.equals(second) || first.equals(second.negate())) {
    throw new SrsError(
      'Both strings have the same τ: the two files are from one ceremony (every powersOfTau28_hez_final_NN.ptau is). Import a file of another ceremony, or add a contribution to the second string.',
      { reason: 'equal-tau' },
    );
  }
}

/**
 * Checks one string: standard generators first, every power on its curve, in its subgroup and not infinity, and all of
 * them powers of one τ, in both groups, by one random linear combination and pairing check per group.
 * Throws {@link SrsError} or the point errors, naming the first bad power.
 */
export async function checkPowers(
  backend: Backend,
  powers: PowersOfTau,
  what: string,
  options: OperationOptions = {},
): Promise<void> {
  const { curve } = backend;
  const { g1Bytes, g2Bytes } = curve;
  const { signal } = options;
  const { g, h } = generators(curve);
  if (!equalBytes(powers.g1.subarray(0, g1Bytes), g) || !equalBytes(powers.g2.subarray(0, g2Bytes), h)) {
    throw new SrsError(`${what}: power 0 is not the standard generator of ${curve.name}.`);
  }
  noInfinity(powers.g1, g1Bytes, `${what}, G1`);
  noInfinity(powers.g2, g2Bytes, `${what}, G2`);
  const tauG1 = powers.g1.subarray(g1Bytes, 2 * g1Bytes);
  const tauG2 = powers.g2.subarray(g2Bytes, 2 * g2Bytes);
  refuseTrivialTau(curve, tauG1, what);
  await backend.checkG1(powers.g1, { signal });
  await backend.checkG2(powers.g2, options);

  const g1Count = powers.g1.length / g1Bytes;
  const g2Count = powers.g2.length / g2Bytes;
  const weights = (count: number): Uint8Array =>
    packScalars(curve, Array.from({ length: count }, randomWeight));
  const g1 = await backend.uploadG1(powers.g1);
  const g1Weights = await backend.uploadFr(weights(g1Count - 1));
  const inG1 = new PairingCheck(backend);
  inG1.add(await backend.msmG1(g1.slice(1, g1Count), g1Weights, { signal }), h, 1n);
  inG1.add(await backend.msmG1(g1.slice(0, g1Count - 1), g1Weights, { signal }), tauG2, -1n);
  if (!(await isOne(inG1, curve)))
    throw new SrsError(`${what}: the G1 points are not consecutive powers of one τ.`);

  const g2 = await backend.uploadG2(powers.g2);
  const g2Weights = await backend.uploadFr(weights(g2Count - 1));
  const inG2 = new PairingCheck(backend);
  inG2.add(g, await backend.msmG2(g2.slice(1, g2Count), g2Weights, { signal }), 1n);
  inG2.add(tauG1, await backend.msmG2(g2.slice(0, g2Count - 1), g2Weights, { signal }), -1n);
  if (!(await isOne(inG2, curve))) {
    throw new SrsError(`${what}: the G2 points are not consecutive powers of the G1 points' τ.`);
  }
  for (const vector of [g1, g2, g1Weights, g2Weights]) vector.dispose();
}

/**
 * Checks what a verifier relies on: its four points in their groups, not trivial, e(τ_i·g, h) = e(g, τ_i·h) for both
 * strings, different τ, and a chain of contributions that ends at τ₂. Throws {@link SrsError} or the point errors.
 */
export async function checkVerifierSrs(backend: Backend, srs: VerifierSrs): Promise<void> {
  const { curve } = backend;
  const { g, h } = generators(curve);
  const g1 = concatBytes(srs.tau1G1, srs.tau2G1);
  const g2 = concatBytes(srs.tau1G2, srs.tau2G2);
  noInfinity(g1, curve.g1Bytes, 'Reference string, G1');
  noInfinity(g2, curve.g2Bytes, 'Reference string, G2');
  await backend.checkG1(g1);
  await backend.checkG2(g2);
  refuseTrivialTau(curve, srs.tau1G1, 'First string');
  refuseTrivialTau(curve, srs.tau2G1, 'Second string');
  refuseEqualTaus(curve, srs.tau1G1, srs.tau2G1);
  const check = new PairingCheck(backend);
  const weight = randomWeight();
  check.add(srs.tau1G1, h, 1n);
  check.add(g, srs.tau1G2, -1n);
  check.add(srs.tau2G1, h, weight);
  check.add(g, srs.tau2G2, -weight);
  const copied = srs.provenance.strings[1].kind === 'copy-of-first';
  if (copied && srs.provenance.contributions.length === 0) {
    throw new SrsError(
      'The second string is a copy of the first and has no contribution that sets it apart.',
    );
  }
  let previous: Uint8Array | undefined = copied ? srs.tau1G1 : undefined;
  for (const [i, { before, after, factorG2 }] of srs.provenance.contributions.entries()) {
    const context = { field: `contribution ${i}` };
    const points = {
      before: g1ToBytes(curve, decompressG1(curve, bytesOfHex(before, context), 'before', context)),
      after: g1ToBytes(curve, decompressG1(curve, bytesOfHex(after, context), 'after', context)),
      factor: g2ToBytes(curve, decompressG2(curve, bytesOfHex(factorG2, context), 'factor', context)),
    };
    if (previous && !equalBytes(previous, points.before)) {
      throw new SrsError(`Contribution ${i} does not start where the string before it ended.`, context);
    }
    const contributionWeight = randomWeight();
    check.add(points.after, h, contributionWeight);
    check.add(points.before, points.factor, -contributionWeight);
    previous = points.after;
  }
  if (previous && !equalBytes(previous, srs.tau2G1)) {
    throw new SrsError('The last contribution does not end at the second string of this file.');
  }
  if (!(await isOne(check, curve))) {
    throw new SrsError(
      'The points of the reference string contradict each other; the file is corrupt or forged.',
    );
  }
}
