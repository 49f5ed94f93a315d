/** Twiddle tables of transforms: made on the device, kept there for the next transform of the same kind. */

import { modPow } from '../field/modular.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { GpuScalars } from './scalars.ts';
import { assertBindable } from './segments.ts';

/** Bytes of tables that are kept when no transform uses them: two of the largest transforms. */
const KEEP_BYTES = 2 ** 30;
/** Levels up to this many twiddles are made by one submission. */
const TOGETHER = 2 ** 14;

/** What a table depends on. */
export interface TwiddleKind {
  /** log2 of the number of values. */
  readonly log2: number;
  /** Root of unity of that order. */
  readonly root: bigint;
  /** s of the points s·root^i. */
  readonly shift: bigint;
  /** What all values are multiplied by. */
  readonly scale: bigint;
}

/** A table in use. */
export interface TwiddleLease {
  readonly table: GPUBuffer;
  release(): void;
}

interface Entry {
  readonly buffer: Promise<PooledBuffer>;
  readonly bytes: number;
  users: number;
}

/**
 * Tables of one curve's scalars. Twiddle j of level s, which joins transforms of 2^s values, stands at 2^s + j: it is s_s·w^j for the root
 * w of order 2^(s + 1) and s_s = shift^(n/2^(s + 1)), so that a coset costs nothing. The one of level 0 and element 0, which even places
 * of that level are multiplied by, take the scale.
 */
export class TwiddleTables {
  readonly #scalars: GpuScalars;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();

  constructor(scalars: GpuScalars) {
    this.#scalars = scalars;
  }

  /** A table, made now where there is none. Rejects with what making it rejects with. */
  async lease(kind: TwiddleKind): Promise<TwiddleLease> {
    const key = [kind.log2, kind.root, kind.shift, kind.scale].join(' ');
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { buffer: this.#make(kind), bytes: this.#bytes(kind), users: 0 };
      // Whoever waits for it is told; nobody else must be.
      entry.buffer.catch(() => {});
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const own = entry;
    own.users++;
    const release = (): void => {
      own.users--;
      this.#trim(KEEP_BYTES);
    };
    try {
      return { table: (await own.buffer).gpu, release };
    } catch (error) {
      if (this.#entries.get(key) === own) this.#entries.delete(key);
      throw error;
    }
  }

  /** Gives all tables back that no transform uses. */
  trim(): void {
    this.#trim(0);
  }

  #trim(keepBytes: number): void {
    let bytes = 0;
    for (const entry of this.#entries.values()) bytes += entry.bytes;
    for (const [key, entry] of this.#entries) {
      if (bytes <= keepBytes) return;
      if (entry.users > 0) continue;
      this.#entries.delete(key);
      bytes -= entry.bytes;
      void entry.buffer.then((buffer) => buffer.release());
    }
  }

  #bytes({ log2 }: TwiddleKind): number {
    return 2 ** log2 * this.#scalars.curve.frBytes;
  }

  async #make(kind: TwiddleKind): Promise<PooledBuffer> {
    const scalars = this.#scalars;
    const { device, curve } = scalars;
    const { order } = curve;
    const { log2, root, shift, scale } = kind;
    assertBindable(device, this.#bytes(kind));
    const buffer = device.allocate(this.#bytes(kind));
    try {
      const kernel = await scalars.kernel('powers');
      const together = device.record();
      const first = scalars.montgomery(scale);
      scalars.recordPowers(together, kernel, buffer.gpu, 0, { first, base: 1n, count: 1 });
      const rest: { first: bigint; base: bigint; count: number }[] = [];
      for (let level = 0; level < log2; level++) {
        const above = 1n << BigInt(log2 - 1 - level);
        const start = modPow(shift, above, order) * (level === 0 ? scale : 1n);
        const powers = {
          first: scalars.montgomery(start),
          base: modPow(root, above, order),
          count: 2 ** level,
        };
        if (powers.count <= TOGETHER) {
          scalars.recordPowers(together, kernel, buffer.gpu, powers.count, powers);
        } else rest.push(powers);
      }
      await together.submit();
      for (const powers of rest) {
        const { count } = powers;
        await scalars.fillPowers([{ buffer, first: count, length: count }], powers);
      }
      return buffer;
    } catch (error) {
      buffer.release();
      throw error;
    }
  }
}
