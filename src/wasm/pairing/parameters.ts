import type { Curve, CurveName } from '../../curve/curve.ts';

/** What distinguishes the pairings of the two curves beyond their towers. */
export interface PairingParameters {
  /** |u| for the curve parameter u. */
  readonly parameter: bigint;
  /** Whether u < 0. */
  readonly negative: boolean;
  /** Scalar of the optimal ate Miller loop: 6u + 2 on BN, |u| on BLS. */
  readonly loop: bigint;
  /** Whether the loop ends with the lines through ψ(Q) and −ψ²(Q), as BN needs. */
  readonly frobeniusLines: boolean;
  /**
   * Power of w, besides w³, in a normalised line 1 + a·w^i + b·w³: 1 on the D-twist of BN254, 5 on the M-twist of BLS12-381,
   * where the powers are −1 and −3 and their ξ is divided off in the coefficients.
   */
  readonly linePower: 1 | 5;
}

const BN254_U = 4965661367192848881n;
const BLS12_381_U = 0xd201000000010000n;

const PARAMETERS: Readonly<Record<CurveName, PairingParameters>> = {
  bn254: {
    parameter: BN254_U,
    negative: false,
    loop: 6n * BN254_U + 2n,
    frobeniusLines: true,
    linePower: 1,
  },
  'bls12-381': {
    parameter: BLS12_381_U,
    negative: true,
    loop: BLS12_381_U,
    frobeniusLines: false,
    linePower: 5,
  },
};

/** The parameters of a curve's pairing. */
export function pairingParameters(curve: Curve): PairingParameters {
  return PARAMETERS[curve.name];
}

/** What a step of the Miller loop does to the moving point T. */
export type PointStep = 'double' | 'addQ' | 'subtractQ' | 'addPsi' | 'subtractPsi2';

/** One line of the Miller loop. */
export interface MillerStep {
  readonly point: PointStep;
  /** Whether the accumulator is squared before the line is multiplied in. The first line needs none: it meets a 1. */
  readonly squares: boolean;
}

/** The lines of a curve's Miller loop in order: a doubling per digit of the loop's non-adjacent form, an addition per ±1. */
export function millerSteps(curve: Curve): readonly MillerStep[] {
  const { loop, frobeniusLines } = pairingParameters(curve);
  const digits: number[] = [];
  for (let rest = loop; rest > 1n; rest >>= 1n) {
    const digit = rest & 1n ? Number(BigInt.asIntN(2, rest)) : 0;
    digits.unshift(digit);
    rest -= BigInt(digit);
  }
  const steps: MillerStep[] = [];
  for (const digit of digits) {
    steps.push({ point: 'double', squares: steps.length > 0 });
    if (digit !== 0) steps.push({ point: digit > 0 ? 'addQ' : 'subtractQ', squares: false });
  }
  if (frobeniusLines) {
    steps.push({ point: 'addPsi', squares: false }, { point: 'subtractPsi2', squares: false });
  }
  return steps;
}
