/**
 * Products in the base field, one thread: a chain in which each waits for the one before, and independent ones over arrays in
 * the first-level cache. Ours and ffjavascript's loops are inside WebAssembly (ffjavascript's calls its own `f1m_mul` from a
 * function added to its module, as its curve arithmetic does); noble's is in JavaScript. Our kernels work on two lanes: the
 * chain is two chains side by side, as in every kernel built on them, and the time is per product.
 */

import { BLS12_381, BN254, type Curve } from '../../../src/curve/curve.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../../src/field/bytes.ts';
import { mod, modPow } from '../../../src/field/modular.ts';
import { randomScalar } from '../../../src/field/random.ts';
import { BLS12_381_FP, BN254_FP, chooseForm, type FormName } from '../../../src/wasm/field/index.ts';
import { FieldKernel, type ProductLoop } from '../../lib/field-kernel.ts';
import type { Case } from '../../lib/measure.ts';
import type { Operation } from '../../lib/operation.ts';
import { type FfCurve, FfProducts } from '../../peers/ffjavascript.ts';
import { type Contestants, formsHere } from './contestants.ts';

/** Products a case: a million, so that its milliseconds are nanoseconds a product. */
const PRODUCTS = 1_000_000;
/** Length of the arrays of independent factors: three of them fit 32 KiB in every form. Divides PRODUCTS. */
const FACTORS = 80;

/** Random factors. */
interface Factors {
  readonly curve: Curve;
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
}

function randomFactors(curve: Curve): Factors {
  const values = (): bigint[] => Array.from({ length: FACTORS }, () => randomScalar(curve.modulus));
  return { curve, a: values(), b: values() };
}

/** One multiplier: its two loops, and how many chains run side by side in the first. */
interface Multiplier {
  readonly who: Pick<Case, 'backend' | 'form' | 'against'>;
  readonly chains: number;
  readonly chain: ProductLoop;
  readonly each: ProductLoop;
}

/** The cases of a multiplier; each multiplies PRODUCTS times. */
function cases({ curve, a, b }: Factors, { who, chains, chain, each }: Multiplier): Case[] {
  const p = curve.modulus;
  const power = mod((a[0] as bigint) * modPow(b[0] as bigint, BigInt(PRODUCTS / chains), p), p);
  const loopCase = (op: string, loop: ProductLoop, expected: readonly bigint[]): Case => ({
    ...who,
    op,
    curve: curve.name,
    n: PRODUCTS,
    threads: 1,
    check: async () => {
      loop.run();
      const results = await loop.read();
      return results.length === expected.length && results.every((value, i) => value === expected[i]);
    },
    run: async () => {
      loop.run();
      return undefined;
    },
  });
  return [
    loopCase(
      'field-mul chain',
      chain,
      Array.from({ length: chains }, () => power),
    ),
    loopCase(
      'field-mul independent',
      each,
      a.map((value, i) => mod(value * (b[i] as bigint), p)),
    ),
  ];
}

function ownMultiplier({ curve, a, b }: Factors, form: FormName): Multiplier {
  const kernel = new FieldKernel(curve === BN254 ? BN254_FP : BLS12_381_FP, form);
  return {
    who: { backend: 'wasm', form, against: 'ffjavascript' },
    chains: 2,
    chain: kernel.chain(a[0] as bigint, b[0] as bigint, PRODUCTS),
    each: kernel.each(a, b, PRODUCTS),
  };
}

async function ffjavascriptMultiplier({ curve, a, b }: Factors, peer: FfCurve): Promise<Multiplier> {
  const size = curve.fpBytes;
  const products = new FfProducts(peer);
  const encode = (values: readonly bigint[]): Promise<Uint8Array> => {
    const bytes = new Uint8Array(values.length * size);
    values.forEach((value, i) => {
      writeBigintLE(value, bytes, i * size, size);
    });
    return peer.F1.batchToMontgomery(bytes);
  };
  const decode = async (montgomery: Uint8Array): Promise<bigint[]> => {
    const bytes = await peer.F1.batchFromMontgomery(montgomery);
    return Array.from({ length: bytes.length / size }, (_, i) =>
      bigintFromBytesLE(bytes.subarray(i * size, (i + 1) * size)),
    );
  };
  const [left, right] = [await encode(a), await encode(b)];
  const loop = (multiply: () => Uint8Array): ProductLoop => {
    let result = new Uint8Array();
    return {
      run: () => {
        result = multiply().slice();
      },
      read: () => decode(result),
    };
  };
  return {
    who: { backend: 'ffjavascript' },
    chains: 1,
    chain: loop(() => products.chain(left.slice(0, size), right.slice(0, size), PRODUCTS)),
    each: loop(() => products.each(left, right, PRODUCTS / FACTORS)),
  };
}

function nobleMultiplier({ curve, a, b }: Factors): Multiplier {
  const { Fp } = curve.fields;
  let power = 0n;
  const products: bigint[] = [];
  return {
    who: { backend: 'noble' },
    chains: 1,
    chain: {
      run: () => {
        const factor = b[0] as bigint;
        power = a[0] as bigint;
        for (let i = 0; i < PRODUCTS; i++) power = Fp.mul(power, factor);
      },
      read: () => [power],
    },
    each: {
      run: () => {
        for (let done = 0; done < PRODUCTS; done += FACTORS) {
          for (let i = 0; i < FACTORS; i++) products[i] = Fp.mul(a[i] as bigint, b[i] as bigint);
        }
      },
      read: () => products,
    },
  };
}

/** Products in the base field of both curves. */
export function fieldMulOperation({ ffjavascript }: Contestants): Operation {
  return {
    name: 'field-mul',
    sizes: [PRODUCTS],
    prepare: async () => {
      const [bn254, bls] = [randomFactors(BN254), randomFactors(BLS12_381)];
      const peer = ffjavascript.find(({ threads }) => threads === 1)?.curve as FfCurve;
      const multipliers = [
        ...formsHere().map((form) => ownMultiplier(bn254, form)),
        await ffjavascriptMultiplier(bn254, peer),
        nobleMultiplier(bn254),
      ].map((multiplier) => cases(bn254, multiplier));
      const others = [...multipliers, cases(bls, ownMultiplier(bls, chooseForm()))];
      return { cases: () => [0, 1].flatMap((loop) => others.map((pair) => pair[loop] as Case)) };
    },
  };
}
