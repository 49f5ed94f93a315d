/** Cuts work into submissions short enough for watchdogs, and between them lets the caller see progress and cancel. */

import { throwIfAborted } from '../errors.ts';
import type { GpuDevice } from './device.ts';
import type { Recording } from './recording.ts';

/** What a submission should take. Browsers' watchdogs bite at about two seconds. */
const TARGET_MS = 150;
/** Products of the first submission, before the device's speed is known: a tenth of a second on slow hardware. */
const FIRST_PRODUCTS = 2 ** 26;
const FIRST_PRODUCTS_SOFTWARE = 2 ** 19;
/** A measured speed changes the next submission by at most this factor: one slow submission is often an accident. */
const MAX_CHANGE = 4;

/** What a long operation may be told. */
export interface PaceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Learns how many products a submission may have on one device. */
export class Pacer {
  readonly #device: GpuDevice;
  #products: number;

  constructor(device: GpuDevice) {
    this.#device = device;
    this.#products = device.adapter.isSoftware ? FIRST_PRODUCTS_SOFTWARE : FIRST_PRODUCTS;
  }

  /**
   * Does `count` units of work of `products` each, in order: `record(first, units, recording)` adds commands for some of them.
   * `onUnits` is told how many are done. Rejects with AbortedError or what a submission rejects with.
   */
  async run(
    count: number,
    products: number,
    options: PaceOptions,
    record: (first: number, units: number, recording: Recording) => void,
  ): Promise<void> {
    for (let first = 0; first < count; ) {
      throwIfAborted(options.signal);
      const units = Math.min(count - first, Math.max(1, Math.floor(this.#products / products)));
      const recording = this.#device.record();
      record(first, units, recording);
      const started = performance.now();
      await recording.submit();
      first += units;
      // The last submission need not be waited for: whoever reads its results waits.
      if (first < count) {
        await this.#device.settled();
        this.#learn(units * products, performance.now() - started);
        options.onProgress?.(first / count);
      }
    }
    throwIfAborted(options.signal);
    options.onProgress?.(1);
  }

  #learn(products: number, milliseconds: number): void {
    const wanted = (products * TARGET_MS) / Math.max(milliseconds, 1);
    this.#products = Math.min(MAX_CHANGE * this.#products, Math.max(this.#products / MAX_CHANGE, wanted));
  }
}
