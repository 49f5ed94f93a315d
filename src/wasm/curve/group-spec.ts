import { BLS12_381, BN254, type Curve, type Fp2 } from '../../curve/curve.ts';
import { InternalError } from '../../errors.ts';
import { mod } from '../../field/modular.ts';
import { BLS12_381_FP, BN254_FP, type FieldSpec } from '../field/field-spec.ts';
import { createDecomposition, type Decomposition, shortRelations } from './endomorphism.ts';

/** Coefficients over Fp of a coordinate, lowest first: one for G1, two for G2. */
export type Coefficients = readonly bigint[];

/** The endomorphism ψ of G2: (x, y) → (x̄·x factor, ȳ·y factor), which acts as multiplication by p. */
export interface Frobenius {
  readonly xFactor: Coefficients;
  readonly yFactor: Coefficients;
  /** Four-dimensional decomposition under ψ. */
  readonly decomposition: Decomposition;
}

/**
 * How membership in the subgroup of order r is tested, with u the curve parameter (El Housni, Guillevic, Piellard, "Co-factor
 * clearing and subgroup membership testing on pairing-friendly curves", 2022; Scott, ePrint 2021/1130):
 * `curve` the curve is the group; `phi` φ(P) = −[u²]P; `psiBls` ψ(P) = [u]P; `psiBn` [u+1]P + ψ([u]P) + ψ²([u]P) = ψ³([2u]P).
 */
export type SubgroupTest =
  | { readonly kind: 'curve' }
  | { readonly kind: 'phi' | 'psiBls' | 'psiBn'; readonly parameter: bigint };

/** One group of points on y² = x³ + b: all that the generator needs to know. */
export interface GroupSpec {
  /** Unique short name: the prefix of the exported functions. */
  readonly name: string;
  readonly field: FieldSpec;
  /** Degree of the coordinate field over Fp. */
  readonly degree: 1 | 2;
  readonly order: bigint;
  readonly b: Coefficients;
  readonly generator: { readonly x: Coefficients; readonly y: Coefficients };
  /** φ(x, y) = (β·x, y) acts as multiplication by the decomposition's eigenvalue. */
  readonly beta: bigint;
  readonly decomposition: Decomposition;
  readonly frobenius?: Frobenius;
  readonly subgroup: SubgroupTest;
  /** Flag bits of compressed points, in the first byte; see curve/compressed.ts. */
  readonly flags: {
    readonly mask: number;
    readonly smaller: number;
    readonly larger: number;
    readonly infinity: number;
  };
}

const FLAGS = {
  bn254: { mask: 0xc0, smaller: 0x80, larger: 0xc0, infinity: 0x40 },
  'bls12-381': { mask: 0xe0, smaller: 0x80, larger: 0xa0, infinity: 0xc0 },
} as const;

/** u of p = 36u⁴ + 36u³ + 24u² + 6u + 1. */
const BN_U = 4965661367192848881n;
/** u of r = u⁴ − u² + 1. */
const BLS_U = -0xd201000000010000n;

/** A shortest relation of ψ's eigenvalue μ = p mod r in terms of u (for BN: Galbraith and Scott, 2008). */
const PSI_RELATION: Readonly<Record<Curve['name'], readonly [bigint, bigint, bigint, bigint]>> = {
  bn254: [BN_U + 1n, BN_U, BN_U, -2n * BN_U],
  'bls12-381': [BLS_U, -1n, 0n, 0n],
};

/** Four relations: the first and its multiples by μ, which has μ⁴ = μ² − 1 as embedding degree 12 demands. */
function psiRelations(curve: Curve): readonly (readonly bigint[])[] {
  let [a, b, c, d] = PSI_RELATION[curve.name];
  return [0, 1, 2, 3].map(() => {
    const row = [a, b, c, d];
    [a, b, c, d] = [-d, a, b + d, c];
    return row;
  });
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, mod(base, modulus)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** A primitive cube root of unity. */
function cubeRoot(modulus: bigint): bigint {
  for (let base = 2n; ; base++) {
    const root = power(base, (modulus - 1n) / 3n, modulus);
    if (root !== 1n) return root;
  }
}

const toCoefficients = ({ c0, c1 }: Fp2): Coefficients => [c0, c1];

/** The cube root β of 1 in Fp for which (β·x, y) = λ·(x, y); `scaledX` is the x of λ·(x, y). */
function matchingBeta(modulus: bigint, x: Coefficients, scaledX: Coefficients): bigint {
  const root = cubeRoot(modulus);
  const beta = [root, mod(root * root, modulus)].find((candidate) =>
    x.every((coefficient, i) => mod(candidate * coefficient, modulus) === scaledX[i]),
  );
  if (beta === undefined) throw new InternalError('No cube root of unity matches the eigenvalue of φ.');
  return beta;
}

/** λ with λ² + λ + 1 ≡ 0 mod r: on BLS curves −u², which the subgroup test needs; else any. */
function phiEigenvalue(curve: Curve): bigint {
  return curve.g1IsWholeCurve ? cubeRoot(curve.order) : mod(-BLS_U * BLS_U, curve.order);
}

function g1Spec(curve: Curve, name: string, field: FieldSpec): GroupSpec {
  const { BASE } = curve.g1;
  const lambda = phiEigenvalue(curve);
  const [{ x, y }, scaled] = [BASE.toAffine(), BASE.multiplyUnsafe(lambda).toAffine()];
  return {
    name,
    field,
    degree: 1,
    order: curve.order,
    b: [curve.g1.CURVE().b],
    generator: { x: [x], y: [y] },
    beta: matchingBeta(curve.modulus, [x], [scaled.x]),
    decomposition: createDecomposition(curve.order, lambda, shortRelations(curve.order, lambda)),
    subgroup: curve.g1IsWholeCurve ? { kind: 'curve' } : { kind: 'phi', parameter: BLS_U },
    flags: FLAGS[curve.name],
  };
}

function g2Spec(curve: Curve, name: string, field: FieldSpec): GroupSpec {
  const { BASE } = curve.g2;
  const { Fp2 } = curve.fields;
  const lambda = phiEigenvalue(curve);
  const [{ x, y }, scaled] = [BASE.toAffine(), BASE.multiplyUnsafe(lambda).toAffine()];
  const isBn = curve.name === 'bn254';
  const image = BASE.multiplyUnsafe(mod(curve.modulus, curve.order)).toAffine();
  const conjugate = (a: Fp2): Fp2 => Fp2.create({ c0: a.c0, c1: mod(-a.c1, curve.modulus) });
  return {
    name,
    field,
    degree: 2,
    order: curve.order,
    b: toCoefficients(curve.g2.CURVE().b),
    generator: { x: toCoefficients(x), y: toCoefficients(y) },
    beta: matchingBeta(curve.modulus, toCoefficients(x), toCoefficients(scaled.x)),
    decomposition: createDecomposition(curve.order, lambda, shortRelations(curve.order, lambda)),
    frobenius: {
      ...frobeniusFactors(curve, Fp2.div(image.x, conjugate(x)), Fp2.div(image.y, conjugate(y))),
      decomposition: createDecomposition(curve.order, mod(curve.modulus, curve.order), psiRelations(curve)),
    },
    subgroup: { kind: isBn ? 'psiBn' : 'psiBls', parameter: isBn ? BN_U : BLS_U },
    flags: FLAGS[curve.name],
  };
}

/** ψ's factors are ξ^((p−1)/3) and ξ^((p−1)/2), or their inverses on an M-twist: what the generator's image must show. */
function frobeniusFactors(curve: Curve, x: Fp2, y: Fp2): { xFactor: Coefficients; yFactor: Coefficients } {
  const { Fp2 } = curve.fields;
  const xi = curve.name === 'bn254' ? Fp2.NONRESIDUE : Fp2.inv(Fp2.NONRESIDUE);
  const expected = [Fp2.pow(xi, (curve.modulus - 1n) / 3n), Fp2.pow(xi, (curve.modulus - 1n) / 2n)] as const;
  if (!Fp2.eql(expected[0], x) || !Fp2.eql(expected[1], y)) {
    throw new InternalError(`The Frobenius of ${curve.name} does not act on G2 as multiplication by p.`);
  }
  return { xFactor: toCoefficients(x), yFactor: toCoefficients(y) };
}

const SPECS = new Map<string, GroupSpec>();

/** G1 or G2 of a curve, derived once from its reference arithmetic. */
export function groupSpec(curve: Curve, group: 'g1' | 'g2'): GroupSpec {
  const name = `${curve === BN254 ? 'bn254' : 'bls12381'}${group.toUpperCase()}`;
  let spec = SPECS.get(name);
  if (!spec) {
    const field = curve === BLS12_381 ? BLS12_381_FP : BN254_FP;
    spec = group === 'g1' ? g1Spec(curve, name, field) : g2Spec(curve, name, field);
    SPECS.set(name, spec);
  }
  return spec;
}
