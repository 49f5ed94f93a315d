import { BLS12_381, BN254, type Curve, type Fp2 } from '../../curve/curve.ts';
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

/** λ with λ² + λ + 1 ≡ 0 mod r: on BLS curves −u², which the subgroup test needs; else any. */
function phiEigenvalue(curve: Curve): bigint {
  return curve.g1IsWholeCurve ? cubeRoot(curve.order) : mod(-BLS_U * BLS_U, curve.order);
}

const phiDecompositions = new Map<Curve, Decomposition>();

/** Two-dimensional decomposition under φ, one for both groups. */
function phiDecomposition(curve: Curve): Decomposition {
  let decomposition = phiDecompositions.get(curve);
  if (!decomposition) {
    const lambda = phiEigenvalue(curve);
    decomposition = createDecomposition(curve.order, lambda, shortRelations(curve.order, lambda));
    phiDecompositions.set(curve, decomposition);
  }
  return decomposition;
}

/** How the endomorphisms act on coordinates. */
interface Factors {
  /** β of φ on G1 and on G2. */
  readonly beta: { readonly g1: bigint; readonly g2: bigint };
  /** ψ's factors: ξ^((p−1)/3) and ξ^((p−1)/2), or their inverses on an M-twist. */
  readonly xFactor: Coefficients;
  readonly yFactor: Coefficients;
}

/** Derived from multiples of the generators, which would take a process's start some 100 ms; a test derives them anew. */
const FACTORS: Readonly<Record<Curve['name'], Factors>> = {
  bn254: {
    beta: {
      g1: 0x59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffen,
      g2: 0x30644e72e131a0295e6dd9e7e0acccb0c28f069fbb966e3de4bd44e5607cfd48n,
    },
    xFactor: [
      0x2fb347984f7911f74c0bec3cf559b143b78cc310c2c3330c99e39557176f553dn,
      0x16c9e55061ebae204ba4cc8bd75a079432ae2a1d0b7c9dce1665d51c640fcba2n,
    ],
    yFactor: [
      0x63cf305489af5dcdc5ec698b6e2f9b9dbaae0eda9c95998dc54014671a0135an,
      0x7c03cbcac41049a0704b5a7ec796f2b21807dc98fa25bd282d37f632623b0e3n,
    ],
  },
  'bls12-381': {
    beta: {
      g1: 0x5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffen,
      g2: 0x1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaacn,
    },
    xFactor: [
      0n,
      0x1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaadn,
    ],
    yFactor: [
      0x135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2n,
      0x6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09n,
    ],
  },
};

function g1Spec(curve: Curve, name: string, field: FieldSpec): GroupSpec {
  const { x, y } = curve.g1.BASE.toAffine();
  return {
    name,
    field,
    degree: 1,
    order: curve.order,
    b: [curve.g1.CURVE().b],
    generator: { x: [x], y: [y] },
    beta: FACTORS[curve.name].beta.g1,
    decomposition: phiDecomposition(curve),
    subgroup: curve.g1IsWholeCurve ? { kind: 'curve' } : { kind: 'phi', parameter: BLS_U },
    flags: FLAGS[curve.name],
  };
}

function g2Spec(curve: Curve, name: string, field: FieldSpec): GroupSpec {
  const { x, y } = curve.g2.BASE.toAffine();
  const isBn = curve.name === 'bn254';
  const { beta, xFactor, yFactor } = FACTORS[curve.name];
  return {
    name,
    field,
    degree: 2,
    order: curve.order,
    b: toCoefficients(curve.g2.CURVE().b),
    generator: { x: toCoefficients(x), y: toCoefficients(y) },
    beta: beta.g2,
    decomposition: phiDecomposition(curve),
    frobenius: {
      xFactor,
      yFactor,
      decomposition: createDecomposition(curve.order, mod(curve.modulus, curve.order), psiRelations(curve)),
    },
    subgroup: { kind: isBn ? 'psiBn' : 'psiBls', parameter: isBn ? BN_U : BLS_U },
    flags: FLAGS[curve.name],
  };
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
