/** Digits of scalars sorted into buckets, kept for the next multiplication by the same scalars. */

import type { PooledBuffer } from './buffer-pool.ts';
import type { GpuDevice } from './device.ts';

/** Entries in the order of their buckets, and where each bucket ends. */
export interface SortedDigits {
  readonly entries: PooledBuffer;
  readonly ends: PooledBuffer;
}

/** What a sort depends on. */
export interface SortKey {
  /** Buffer of the scalars; scalars never change. */
  readonly scalars: PooledBuffer;
  readonly firstScalar: number;
  /** Index of the first point, which the entries contain. */
  readonly firstPoint: number;
  readonly count: number;
  readonly windowBits: number;
  readonly firstWindow: number;
  readonly windowCount: number;
}

interface Held {
  readonly key: SortKey;
  readonly sorted: Promise<SortedDigits>;
  users: number;
  isDropped: boolean;
}

/** Sorts with more bytes of entries than this are not kept. */
const KEEP_BYTES = 2 ** 28;

function isSame(a: SortKey, b: SortKey): boolean {
  return (Object.keys(a) as (keyof SortKey)[]).every((name) => a[name] === b[name]);
}

/**
 * Keeps the last sort, so that sums of different points with the same scalars share it, as those of a Groth16 proof do. What it
 * held is overwritten when it is given back: digits are as secret as scalars.
 */
export class DigitSort {
  readonly #device: GpuDevice;
  #held: Held | undefined;

  constructor(device: GpuDevice) {
    this.#device = device;
  }

  /** Runs `use` on the sort of a key, made by `make` unless it is there. */
  async use<T>(
    key: SortKey,
    make: () => Promise<SortedDigits>,
    use: (sorted: SortedDigits) => Promise<T>,
  ): Promise<T> {
    let held = this.#held;
    if (!held || !isSame(held.key, key)) {
      this.drop();
      held = { key, sorted: make(), users: 0, isDropped: false };
      if (4 * key.count * key.windowCount <= KEEP_BYTES) this.#held = held;
      else held.isDropped = true;
    }
    held.users++;
    try {
      return await use(await held.sorted);
    } catch (error) {
      // What failed may be the sort itself.
      if (this.#held === held) this.drop();
      throw error;
    } finally {
      held.users--;
      this.#releaseUnused(held);
    }
  }

  /** Gives the sort back, now or when its users are done. Of certain scalars, where they are named. */
  drop(scalars?: PooledBuffer): void {
    const held = this.#held;
    if (!held || (scalars && held.key.scalars !== scalars)) return;
    this.#held = undefined;
    held.isDropped = true;
    this.#releaseUnused(held);
  }

  #releaseUnused(held: Held): void {
    if (!held.isDropped || held.users > 0) return;
    void held.sorted.then(
      ({ entries, ends }) => {
        for (const buffer of [entries, ends]) this.#device.releaseSecret(buffer);
      },
      // Whoever waited for it was told.
      () => {},
    );
  }
}
