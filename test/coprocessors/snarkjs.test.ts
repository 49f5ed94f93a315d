import { expect, it } from 'vitest';
import { fromSnarkjs } from '../../src/coprocessors/snarkjs.ts';
import { readVerificationKey } from '../../src/coprocessors/verification-keys.ts';
import { BLS12_381, BN254, type Curve } from '../../src/curve/curve.ts';
import {
  FieldElementOutOfRangeError,
  MixedCurvesError,
  PointAtInfinityError,
  PointNotInSubgroupError,
  PointNotOnCurveError,
  ProofFormatError,
  PublicInputCountError,
  ScalarOutOfRangeError,
  UnsupportedProofError,
} from '../../src/errors.ts';
import { equalBytes, isZeroBytes } from '../../src/field/bytes.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import { INFINITY_G1, INFINITY_G2, outsideSubgroup, snarkjsG2 } from './bad-points.ts';
import { copy, inputsOf, type Json, keyOf, proofsOf, readOne, refusal, SETS } from './real-proofs.ts';

const CASES: readonly [string, string, Curve][] = [
  ['BN254', SETS.nebra, BN254],
  ['BLS12-381', SETS.bls, BLS12_381],
];

describeWithVectors('snarkjs', (dir) => {
  const original = (set: string): { proof: Json; publicSignals: Json; verificationKey: Json } => {
    const { proof, public: publicSignals } = proofsOf(dir, set)[0];
    return copy({ proof, publicSignals, verificationKey: keyOf(dir, set) });
  };
  const altered = (set: string, alter: (file: ReturnType<typeof original>) => unknown): Promise<Error> =>
    refusal(() => {
      const file = original(set);
      alter(file);
      return fromSnarkjs(file);
    });

  it('takes decimal strings, 0x strings, integers and two-coordinate points alike', () => {
    const plain = fromSnarkjs(original(SETS.gnarkPlain));
    const file = original(SETS.gnarkPlain);
    const hex = (text: string): string => `0x${BigInt(text).toString(16)}`;
    file.publicSignals = file.publicSignals.map(Number);
    file.proof.pi_a = file.proof.pi_a.slice(0, 2).map(hex);
    file.proof.pi_b = file.proof.pi_b.slice(0, 2).map((pair: string[]) => pair.map(hex));
    file.proof.pi_c[2] = 1;
    const other = fromSnarkjs(file);
    expect(equalBytes(other.inputs, plain.inputs)).toBe(true);
    expect([other.proof.a, other.proof.b, other.proof.c]).toEqual([
      plain.proof.a,
      plain.proof.b,
      plain.proof.c,
    ]);
  });

  it('finds the curve of files that name none', () => {
    for (const [, set, curve] of CASES) {
      const file = original(set);
      delete file.proof.curve;
      delete file.verificationKey.curve;
      expect(fromSnarkjs(file).key.curve).toBe(curve);
    }
  });

  it('reads a proof without an outer object and with foreign fields', async () => {
    const { proof, publicSignals, verificationKey } = original(SETS.nebra);
    const member = await readOne({
      ...proof,
      publicSignals,
      merkleTreeRoot: '1',
      points: ['1'],
      verificationKey,
    });
    expect(inputsOf(member)).toEqual(publicSignals);
  });

  it('allows infinity among the IC points of a key and nowhere else', async () => {
    const { verificationKey } = original(SETS.nebra);
    const key = copy(verificationKey);
    key.IC[2] = INFINITY_G1;
    const { ic, curve } = readVerificationKey(key);
    expect(isZeroBytes(ic.subarray(2 * curve.g1Bytes, 3 * curve.g1Bytes))).toBe(true);
    for (const [field, point] of [
      ['vk_alpha_1', INFINITY_G1],
      ['vk_beta_2', INFINITY_G2],
      ['vk_gamma_2', INFINITY_G2],
      ['vk_delta_2', INFINITY_G2],
    ] as const) {
      const error = await refusal(() => readVerificationKey({ ...verificationKey, [field]: point }));
      expect(error).toBeInstanceOf(PointAtInfinityError);
    }
  });

  it.each(CASES)('refuses bad points on %s', async (_, set, curve) => {
    for (const [field, point] of [
      ['pi_a', INFINITY_G1],
      ['pi_b', INFINITY_G2],
      ['pi_c', INFINITY_G1],
    ] as const) {
      const error = await altered(set, ({ proof }) => {
        proof[field] = point;
      });
      expect(error, field).toBeInstanceOf(PointAtInfinityError);
      expect(error).toMatchObject({ context: { field: field.slice(-1) } });
    }
    const twist = snarkjsG2(outsideSubgroup(curve));
    for (const alter of [
      ({ proof }: Json) => {
        proof.pi_b = twist;
      },
      ({ verificationKey }: Json) => {
        verificationKey.vk_delta_2 = twist;
      },
    ]) {
      expect(await altered(set, alter)).toBeInstanceOf(PointNotInSubgroupError);
    }
    const offCurve = await altered(set, ({ proof }) => {
      proof.pi_c[1] = `${BigInt(proof.pi_c[1]) ^ 1n}`;
    });
    expect(offCurve).toBeInstanceOf(PointNotOnCurveError);
    const swapped = await altered(set, ({ proof }) => {
      proof.pi_b = proof.pi_b.slice(0, 2).map((pair: string[]) => [...pair].reverse());
    });
    expect(swapped).toBeInstanceOf(PointNotOnCurveError);
    const unreduced = await altered(set, ({ proof }) => {
      proof.pi_a[0] = `${BigInt(proof.pi_a[0]) + curve.modulus}`;
    });
    expect(unreduced).toBeInstanceOf(FieldElementOutOfRangeError);
    const origin = await altered(set, ({ proof }) => {
      proof.pi_a = ['0', '0', '1'];
    });
    expect(origin).toBeInstanceOf(PointNotOnCurveError);
  });

  it('refuses a G1 point of BLS12-381 outside the subgroup', async () => {
    const { Fp } = BLS12_381.fields;
    const points = [4n, 5n, 6n, 7n, 8n].flatMap((x) => {
      try {
        return [{ x, y: Fp.sqrt(Fp.add(Fp.mul(Fp.sqr(x), x), BLS12_381.g1.CURVE().b)) }];
      } catch {
        return [];
      }
    });
    const outside = points.find((point) => !BLS12_381.g1.fromAffine(point).isTorsionFree());
    const error = await altered(SETS.bls, ({ proof }) => {
      proof.pi_a = [`${outside?.x}`, `${outside?.y}`, '1'];
    });
    expect(error).toBeInstanceOf(PointNotInSubgroupError);
  });

  it('refuses third coordinates that are neither 1 nor 0', async () => {
    for (const alter of [
      ({ proof }: Json) => {
        proof.pi_a[2] = '2';
      },
      ({ proof }: Json) => {
        proof.pi_b[2] = ['1', '1'];
      },
    ]) {
      const error = await altered(SETS.nebra, alter);
      expect(error).toBeInstanceOf(ProofFormatError);
      expect(error.message).toMatch(/affine/);
    }
  });

  it.each(CASES)('refuses inputs that are not reduced, missing or too many on %s', async (_, set, curve) => {
    const aliased = await altered(set, ({ publicSignals }) => {
      publicSignals[0] = `${BigInt(publicSignals[0]) + curve.order}`;
    });
    expect(aliased).toBeInstanceOf(ScalarOutOfRangeError);
    for (const alter of [
      ({ publicSignals }: Json) => publicSignals.pop(),
      ({ publicSignals }: Json) => publicSignals.push('0'),
      (file: Json) => {
        file.publicSignals = [];
      },
    ]) {
      expect(await altered(set, alter)).toBeInstanceOf(PublicInputCountError);
    }
  });

  it('takes a circuit without inputs, and refuses to take missing inputs for none', async () => {
    const { proof, verificationKey } = original(SETS.blsNoInputs);
    expect((await readOne({ proof, public: [], verificationKey })).inputs).toHaveLength(0);
    const error = await refusal(() => readOne({ proof, verificationKey }));
    expect(error).toBeInstanceOf(ProofFormatError);
    expect(error.message).toMatch(/no public inputs/);
  });

  it.each(['plonk', 'fflonk', 'groth'])('refuses %s by name, in proof and key', async (protocol) => {
    for (const part of ['proof', 'verificationKey'] as const) {
      const error = await altered(SETS.nebra, (file) => {
        file[part].protocol = protocol;
      });
      expect(error).toBeInstanceOf(UnsupportedProofError);
      expect(error.message).toContain(`"${protocol}"`);
    }
    const proof = { A: ['1', '2', '1'], Z: ['1', '2', '1'], eval_a: '1', protocol, curve: 'bn128' };
    const { verificationKey } = original(SETS.nebra);
    const error = await refusal(() => readOne({ proof, public: ['1'], verificationKey }));
    expect(error).toBeInstanceOf(UnsupportedProofError);
  });

  it('refuses keys whose count of inputs contradicts itself', async () => {
    const error = await altered(SETS.nebra, ({ verificationKey }) => {
      verificationKey.nPublic += 1;
    });
    expect(error).toBeInstanceOf(PublicInputCountError);
  });

  it('refuses proof and key on different curves', async () => {
    const error = await altered(SETS.nebra, (file) => {
      file.verificationKey = keyOf(dir, SETS.bls);
    });
    expect(error).toBeInstanceOf(MixedCurvesError);
    const unknown = await altered(SETS.nebra, ({ proof }) => {
      proof.curve = 'bls12377';
    });
    expect(unknown).toBeInstanceOf(UnsupportedProofError);
  });

  it('refuses proofs without a key, and two lists of inputs that differ', async () => {
    const { proof, publicSignals, verificationKey } = original(SETS.nebra);
    expect((await refusal(() => readOne({ proof, publicSignals }))).message).toMatch(/no verification key/);
    const two = { proof, publicSignals, public: [...publicSignals].reverse(), verificationKey };
    expect((await refusal(() => readOne(two))).message).toMatch(/mean the same/);
  });
});
