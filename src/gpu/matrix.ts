/** Sparse matrices on a device, and their products with vectors. */

import { throwIfAborted } from '../errors.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import { layOutMatrix, type MatrixEntries, type SliceLevel } from './matrix-layout.ts';
import type { PaceOptions } from './pacer.ts';
import { type GpuScalars, SCALAR_BYTES } from './scalars.ts';
import { assertBindable, lengthOf, type Segment } from './segments.ts';

/** See {@link GpuMatrix.upload}. */
export class GpuMatrix {
  readonly #scalars: GpuScalars;
  readonly #rows: number;
  readonly #places: number;
  readonly #entryCount: number;
  readonly #levels: readonly SliceLevel[];
  /** Entries, slices, values in Montgomery form. */
  readonly #buffers: readonly PooledBuffer[];

  private constructor(
    scalars: GpuScalars,
    shape: { rows: number; places: number; entryCount: number; levels: readonly SliceLevel[] },
    buffers: readonly PooledBuffer[],
  ) {
    this.#scalars = scalars;
    this.#rows = shape.rows;
    this.#places = shape.places;
    this.#entryCount = shape.entryCount;
    this.#levels = shape.levels;
    this.#buffers = buffers;
  }

  /**
   * Puts a matrix on the device; the values, of which it takes a copy, are there already. Entries must be inside. Throws GpuLimitError
   * where it has more of anything than a binding sees.
   */
  static async upload(
    scalars: GpuScalars,
    matrix: MatrixEntries,
    values: readonly Segment[],
    options: PaceOptions = {},
  ): Promise<GpuMatrix> {
    const { device } = scalars;
    throwIfAborted(options.signal);
    const { entries, slices, levels, places } = layOutMatrix(matrix);
    const valueCount = lengthOf(values);
    for (const bytes of [
      entries.byteLength,
      slices.byteLength,
      places * SCALAR_BYTES,
      valueCount * SCALAR_BYTES,
    ])
      assertBindable(device, bytes);
    const buffers: PooledBuffer[] = [];
    try {
      for (const words of [entries, slices]) buffers.push(await device.upload(new Uint8Array(words.buffer)));
      const [own] = await scalars.scale(values, scalars.montgomery(1n), options);
      buffers.push(own?.buffer ?? device.allocate(0));
    } catch (error) {
      for (const buffer of buffers) buffer.release();
      throw error;
    }
    const shape = { rows: matrix.rows, places, entryCount: entries.length / 2, levels };
    return new GpuMatrix(scalars, shape, buffers);
  }

  /** matrix·vector. The vector must lie in one buffer, or be short enough for one: GpuLimitError otherwise. */
  async multiply(vector: readonly Segment[], options: PaceOptions = {}): Promise<Segment[]> {
    const { device, pacer } = this.#scalars;
    const [rows, add] = await Promise.all([
      this.#scalars.kernel('matrixRows'),
      this.#scalars.kernel('matrixSums'),
    ]);
    const [entries, slices, values] = this.#buffers as [PooledBuffer, PooledBuffer, PooledBuffer];
    const taken: PooledBuffer[] = [];
    const sums = device.allocate(this.#places * SCALAR_BYTES);
    const out = [{ buffer: sums, first: 0, length: this.#rows }];
    try {
      const [whole] = vector.length > 1 ? [await this.#inOneBuffer(vector, taken, options)] : vector;
      const clearing = device.record();
      clearing.clear(sums.gpu, this.#places * SCALAR_BYTES);
      await clearing.submit();
      const [first, ...further] = this.#levels;
      const perSlice = Math.max(1, this.#entryCount / Math.max(1, first?.count ?? 0));
      await pacer.run(whole ? (first?.count ?? 0) : 0, perSlice, options, (start, count, recording) => {
        if (!whole) return;
        recording.dispatchEach(count, {
          kernel: rows,
          buffers: [entries, slices, values, whole.buffer, sums].map(({ gpu }) => gpu),
          parameters: [start, count, whole.first],
        });
      });
      const recording = device.record();
      for (const level of further) {
        recording.dispatchEach(level.count, {
          kernel: add,
          buffers: [slices.gpu, sums.gpu],
          parameters: [level.first, level.count, 0],
        });
      }
      if (further.length > 0) await recording.submit();
      return out;
    } catch (error) {
      this.#scalars.erase(out);
      throw error;
    } finally {
      for (const buffer of taken) device.releaseSecret(buffer);
    }
  }

  async #inOneBuffer(
    vector: readonly Segment[],
    taken: PooledBuffer[],
    { signal }: PaceOptions,
  ): Promise<Segment> {
    const { device } = this.#scalars;
    const length = lengthOf(vector);
    assertBindable(device, length * SCALAR_BYTES);
    const buffer = device.allocate(length * SCALAR_BYTES);
    taken.push(buffer);
    const whole = { buffer, first: 0, length };
    await this.#scalars.gather(vector, 1, 0, whole, { signal });
    return whole;
  }

  /** Gives the storage back. */
  release(): void {
    for (const buffer of this.#buffers) buffer.release();
  }
}
