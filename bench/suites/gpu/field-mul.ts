/** Products in the base field, each form of the multiplier: chains of dependent products, one a thread, in many threads. */

import { BLS12_381, BN254, type Curve } from '../../../src/curve/curve.ts';
import { writeBigintLE } from '../../../src/field/bytes.ts';
import { modPow } from '../../../src/field/modular.ts';
import { randomScalar } from '../../../src/field/random.ts';
import type { PooledBuffer } from '../../../src/gpu/buffer-pool.ts';
import type { GpuDevice } from '../../../src/gpu/device.ts';
import { productChain } from '../../../src/gpu/kernels/product-chain.ts';
import { MULTIPLIERS, type MultiplierName } from '../../../src/gpu/shader/field.ts';
import { baseField, fromMontgomery, toMontgomery } from '../../../src/gpu/shader/field-spec.ts';
import type { Case } from '../../lib/measure.ts';
import type { Operation } from '../../lib/operation.ts';
import type { Row } from '../../lib/report.ts';
import { extraRow, type Hall, openDevice } from './stage.ts';

/** Different factors; threads take them in turn. */
const FACTORS = 64;
/** Products of a chain. On hardware a run then takes some tens of milliseconds. */
const ROUNDS = 1024;
const ROUNDS_QUICK = 16;

/** Random values of the field as stored, and those of their powers that chains give. */
class Chains {
  readonly start: Uint8Array;
  readonly #expected: Uint8Array;

  constructor(curve: Curve, threads: number, rounds: number) {
    const field = baseField(curve);
    const size = curve.fpBytes;
    this.start = new Uint8Array(threads * size);
    this.#expected = new Uint8Array(FACTORS * size);
    for (let i = 0; i < FACTORS; i++) {
      const value = randomScalar(curve.modulus);
      const power = modPow(fromMontgomery(field, value), BigInt(rounds + 1), curve.modulus);
      writeBigintLE(toMontgomery(field, power), this.#expected, i * size, size);
      for (let thread = i; thread < threads; thread += FACTORS) {
        writeBigintLE(value, this.start, thread * size, size);
      }
    }
  }

  /** Whether every thread has its power. */
  isRight(bytes: Uint8Array): boolean {
    const period = this.#expected.length;
    return bytes.every((byte, i) => byte === this.#expected[i % period]);
  }
}

function chainCase(
  device: GpuDevice,
  curve: Curve,
  multiplier: MultiplierName,
  n: number,
  rounds: number,
  rows: Row[],
): Case & { readonly buffer: PooledBuffer } {
  const threads = n / rounds;
  const buffer = device.allocate(threads * curve.fpBytes);
  const run = async (): Promise<undefined> => {
    const kernel = await device.compile(productChain(curve, multiplier));
    const recording = device.record();
    recording.dispatchEach(threads, { kernel, buffers: [buffer.gpu], parameters: [threads, rounds] });
    await recording.submit();
    await device.settled();
    return undefined;
  };
  return {
    op: 'field-mul',
    curve: curve.name,
    n,
    backend: 'webgpu',
    form: multiplier,
    threads: 1,
    buffer,
    check: async () => {
      const chains = new Chains(curve, threads, rounds);
      await device.write(buffer.gpu, chains.start);
      const started = performance.now();
      await run();
      const cold = performance.now() - started;
      rows.push({ ...extraRow('field-mul', curve, n, false, [cold]), form: multiplier });
      return chains.isRight(await device.download(buffer.gpu, 0, threads * curve.fpBytes));
    },
    run,
  };
}

/** `n` is the number of products in all. */
export function fieldMulOperation(sizes: readonly number[], { isQuick }: Hall): Operation {
  const curves = isQuick ? [BN254] : [BN254, BLS12_381];
  return {
    name: 'field-mul',
    sizes,
    prepare: async () => {
      const device = await openDevice();
      let buffers: PooledBuffer[] = [];
      let rows: Row[] = [];
      const letGo = (): void => {
        for (const buffer of buffers) buffer.release();
        buffers = [];
      };
      return {
        cases: (n) => {
          letGo();
          const rounds = Math.min(isQuick ? ROUNDS_QUICK : ROUNDS, n);
          const whole = Math.max(1, Math.floor(n / rounds)) * rounds;
          const cases = curves.flatMap((curve) =>
            MULTIPLIERS.map((multiplier) => chainCase(device, curve, multiplier, whole, rounds, rows)),
          );
          buffers = cases.map(({ buffer }) => buffer);
          return cases;
        },
        rows: () => {
          const own = rows;
          rows = [];
          return own;
        },
        release: () => {
          letGo();
          device.dispose();
        },
      };
    },
  };
}
