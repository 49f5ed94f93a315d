/** Number-theoretic transforms of vectors on a device. */

import { InternalError } from '../errors.ts';
import { modPow } from '../field/modular.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import { NTT_FLAGS } from './kernels/ntt-pass.ts';
import { type GpuNttPlan, planGpuNtt } from './ntt-plan.ts';
import type { PaceOptions } from './pacer.ts';
import { type GpuScalars, SCALAR_BYTES } from './scalars.ts';
import { allocateSegments, lengthOf, type Segment } from './segments.ts';
import { TwiddleTables } from './twiddles.ts';

/** Which transform. */
export interface GpuNttOptions extends PaceOptions {
  /** Root of unity whose order is the number of values. */
  readonly root: bigint;
  /** s in the points s·root^i. Default 1. */
  readonly shift?: bigint | undefined;
  /** What all values are multiplied by, such as 1/n for an inverse. Default 1. */
  readonly scale?: bigint | undefined;
}

/** Products of a pair of values when two parts are joined. */
const JOIN_PRODUCTS = 2;

function reversed(index: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result = 2 * result + ((index >> i) & 1);
  return result;
}

/** Transforms of one curve's scalars. */
export class GpuNtt {
  readonly #scalars: GpuScalars;
  readonly #tables: TwiddleTables;

  constructor(scalars: GpuScalars) {
    this.#scalars = scalars;
    this.#tables = new TwiddleTables(scalars);
  }

  /** Gives tables back that no transform uses. */
  trim(): void {
    this.#tables.trim();
  }

  /**
   * scale·Σ_i values_i·(shift·root^k)^i for 0 ≤ k < n, in that order. The values, a power of two of them, stay as they are. Rejects with
   * AbortedError or what the device fails with.
   */
  async transform(
    values: readonly Segment[],
    { root, shift = 1n, scale = 1n, signal, onProgress }: GpuNttOptions,
  ): Promise<Segment[]> {
    const { device, curve, tileLog2 } = this.#scalars;
    const { order } = curve;
    const log2 = Math.log2(lengthOf(values));
    if (!Number.isInteger(log2)) throw new InternalError(`A transform of ${lengthOf(values)} values.`);
    const plan = planGpuNtt(log2, Math.floor(device.maxBindingBytes / SCALAR_BYTES), tileLog2);
    const parts = 2 ** plan.partsLog2;
    const [length, power] = [2 ** plan.partLog2, BigInt(parts)];
    const [partRoot, partShift] = [modPow(root, power, order), modPow(shift, power, order)];
    // Steps of like cost: a part, or a level of all parts.
    const steps = parts + plan.partsLog2 * (parts / 2);
    let done = 0;
    const step = (): PaceOptions => {
      const before = done++;
      return { signal, onProgress: (fraction) => onProgress?.((before + fraction) / steps) };
    };
    const [only] = values;
    const isDirect = parts === 1 && values.length === 1 && plan.passes.length > 0;
    const lease = await this.#tables.lease({
      log2: plan.partLog2,
      root: partRoot,
      shift: partShift,
      scale,
    });
    let scratch: PooledBuffer | undefined;
    let out: Segment[] = [];
    try {
      out = allocateSegments(device, parts * length, SCALAR_BYTES, length);
      if (!isDirect && plan.passes.length > 0) scratch = device.allocate(length * SCALAR_BYTES);
      for (let part = 0; part < parts; part++) {
        const target = out[reversed(part, plan.partsLog2)] as Segment;
        let source = only as Segment;
        if (!isDirect) {
          source = scratch ? { buffer: scratch, first: 0, length } : target;
          await this.#scalars.gather(values, parts, part, source, { signal });
        }
        const flags =
          (scale === 1n ? 0 : NTT_FLAGS.scaled) | (scale * partShift === 1n ? NTT_FLAGS.plain : 0);
        await this.#passes(plan, { source, target, table: lease.table, flags }, step());
      }
      for (let level = 0; level < plan.partsLog2; level++) {
        await this.#join(out, { level, plan, root, shift }, step);
      }
      return out;
    } catch (error) {
      this.#scalars.erase(out);
      throw error;
    } finally {
      if (scratch) device.releaseSecret(scratch);
      lease.release();
    }
  }

  /** All passes of one part: as few submissions as the pace allows. */
  async #passes(
    { partLog2, passes, tileLog2, tiles, tileProducts }: GpuNttPlan,
    { source, target, table, flags }: { source: Segment; target: Segment; table: GPUBuffer; flags: number },
    options: PaceOptions,
  ): Promise<void> {
    const kernel = await this.#scalars.kernel('nttPass');
    const { pacer } = this.#scalars;
    await pacer.run(passes.length * tiles, tileProducts, options, (start, units, recording) => {
      for (const [i, { firstLevel, levels }] of passes.entries()) {
        const from = Math.max(start - i * tiles, 0);
        const to = Math.min(start + units - i * tiles, tiles);
        if (from >= to) continue;
        const isFirst = firstLevel === 0;
        recording.dispatch({
          kernel,
          // Later passes read what they write; what is bound as their input is not looked at.
          buffers: [isFirst ? source.buffer.gpu : table, table, target.buffer.gpu],
          parameters: [
            partLog2,
            firstLevel,
            levels,
            tileLog2,
            from,
            to,
            source.first,
            target.first,
            isFirst ? flags : 0,
          ],
          groups: to - from,
        });
      }
    });
  }

  /** Joins transforms of pairs of neighbouring runs of 2^level parts. */
  async #join(
    parts: readonly Segment[],
    { level, plan, root, shift }: { level: number; plan: GpuNttPlan; root: bigint; shift: bigint },
    step: () => PaceOptions,
  ): Promise<void> {
    const scalars = this.#scalars;
    const { device, curve, pacer } = scalars;
    const { order } = curve;
    const [join, powers] = await Promise.all([scalars.kernel('nttJoin'), scalars.kernel('powers')]);
    const { partLog2, partsLog2 } = plan;
    const above = 1n << BigInt(partsLog2 - 1 - level);
    const base = modPow(root, above, order);
    const lowLog2 = partLog2 >> 1;
    const [low, high] = [2 ** lowLog2, 2 ** (partLog2 - lowLog2)];
    const run = 2 ** level;
    const factors = device.allocate((low + high) * SCALAR_BYTES);
    try {
      for (let within = 0; within < run; within++) {
        const start = modPow(shift, above, order) * modPow(base, BigInt(within * 2 ** partLog2), order);
        const recording = device.record();
        const lowPowers = { first: scalars.montgomery(1n), base, count: low };
        const highPowers = {
          first: scalars.montgomery(start),
          base: modPow(base, BigInt(low), order),
          count: high,
        };
        scalars.recordPowers(recording, powers, factors.gpu, 0, lowPowers);
        scalars.recordPowers(recording, powers, factors.gpu, low, highPowers);
        await recording.submit();
        for (let first = within; first < parts.length; first += 2 * run) {
          const [even, odd] = [parts[first], parts[first + run]] as [Segment, Segment];
          await pacer.run(even.length, JOIN_PRODUCTS, step(), (at, count, commands) =>
            commands.dispatchEach(count, {
              kernel: join,
              buffers: [factors.gpu, even.buffer.gpu, odd.buffer.gpu],
              parameters: [at, count, lowLog2],
            }),
          );
        }
      }
    } finally {
      factors.release();
    }
  }
}
