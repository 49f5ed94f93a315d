import { afterEach, describe, expect, it, vi } from 'vitest';
import { CURVES } from '../../src/curve/curve.ts';
import { AbortedError, GpuLimitError } from '../../src/errors.ts';
import { mod } from '../../src/field/modular.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import { GpuMatrix } from '../../src/gpu/matrix.ts';
import { layOutMatrix, type MatrixEntries } from '../../src/gpu/matrix-layout.ts';
import { SCALAR_BYTES } from '../../src/gpu/scalars.ts';
import { MULTIPLIERS } from '../../src/gpu/shader/field.ts';
import { drawShared } from '../helpers/seeded.ts';
import { release, ScalarCase, scalarsWithEdges } from './scalar-case.ts';
import { useDevice } from './test-device.ts';

const device = useDevice();
afterEach(() => vi.restoreAllMocks());

const [COLUMNS, VALUES] = [300, 40];

/** Entries of rows of these lengths, in an order that is not that of the rows. */
function matrixOf(lengths: readonly number[]): MatrixEntries {
  const places = lengths.flatMap((length, row) => Array.from({ length }, (_, i) => [row, i] as const));
  const mixed = places.map((_, i) => places[(i * 7919) % places.length] as readonly [number, number]);
  const whole = new Set(mixed.map((place) => place.join())).size === places.length ? mixed : places;
  return {
    rows: lengths.length,
    rowIndices: Uint32Array.from(whole, ([row]) => row),
    columnIndices: Uint32Array.from(whole, ([row, i]) => (row * 31 + i * 17) % COLUMNS),
    valueIndices: Uint32Array.from(whole, ([row, i]) => (row + i * 3) % VALUES),
  };
}

describe('the layout of a sparse matrix', () => {
  it('has every entry in one slice, slices of like length side by side, and sums of every long row', () => {
    const lengths = [0, 1, 16, 17, 32, 33, 5000, 0, 3, 256, 257];
    const matrix = matrixOf(lengths);
    const { entries, slices, levels, places } = layOutMatrix(matrix);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    expect(entries).toHaveLength(2 * total);
    // What a place is the sum of: numbers of entries by row.
    const sums = new Map<number, number>();
    const seen = new Set<number>();
    for (const [i, { first, count }] of levels.entries()) {
      let last = Number.POSITIVE_INFINITY;
      for (let slice = first; slice < first + count; slice++) {
        const [start = 0, length = 0, target = 0] = slices.subarray(3 * slice, 3 * slice + 3);
        expect(length).toBeLessThanOrEqual(last);
        expect(length).toBeLessThanOrEqual(16);
        expect(target).toBeLessThan(places);
        expect(sums.has(target)).toBe(false);
        last = length;
        let sum = 0;
        for (let k = start; k < start + length; k++) {
          if (i === 0) expect(seen.size).toBe(seen.add(k).size - 1);
          sum += i === 0 ? 1 : (sums.get(k) as number);
        }
        sums.set(target, sum);
      }
    }
    expect(seen.size).toBe(total);
    expect(lengths.map((_, row) => sums.get(row) ?? 0)).toEqual(lengths);
  });
});

describe.each(CURVES)('sparse matrices on the GPU, $name', (curve) => {
  const { order } = curve;
  const drawn = drawShared(scalarsWithEdges(curve, COLUMNS + VALUES));
  const [vector, values] = [drawn.slice(0, COLUMNS), drawn.slice(-VALUES)];

  const expected = (matrix: MatrixEntries): bigint[] => {
    const out = new Array<bigint>(matrix.rows).fill(0n);
    matrix.rowIndices.forEach((row, i) => {
      const value = values[matrix.valueIndices[i] as number] as bigint;
      const by = vector[matrix.columnIndices[i] as number] as bigint;
      out[row] = mod((out[row] as bigint) + value * by, order);
    });
    return out;
  };
  const multiply = async (own: ScalarCase, matrix: MatrixEntries): Promise<bigint[]> => {
    const on = await own.upload(values);
    const laid = await GpuMatrix.upload(own.scalars, matrix, on);
    release(on);
    try {
      return await own.run([vector], (by) => laid.multiply(by));
    } finally {
      laid.release();
    }
  };

  it.each(MULTIPLIERS)('with the multiplier %s', async (multiplier) => {
    const matrix = matrixOf(Array.from({ length: 300 }, (_, row) => (row * row) % 21));
    const own = new ScalarCase(device(), curve, multiplier);
    expect(await multiply(own, matrix)).toEqual(expected(matrix));
  });

  it('with rows of all lengths, long ones and none', async () => {
    const own = new ScalarCase(device(), curve);
    for (const lengths of [[], [0], [1], [0, 0, 3], [5000, 0, 1, 15, 16, 17, 255, 256, 257]]) {
      const matrix = matrixOf(lengths);
      expect(await multiply(own, matrix)).toEqual(expected(matrix));
    }
  });

  it('take vectors in several buffers, and refuse what no binding sees', async () => {
    const own = new ScalarCase(device(), curve);
    const matrix = matrixOf([3, 40, 0, 2]);
    const on = await own.upload(values);
    const laid = await GpuMatrix.upload(own.scalars, matrix, on);
    const [head, tail] = [await own.upload(vector.slice(0, 101)), await own.upload(vector.slice(101))];
    expect(await own.take(await laid.multiply([...head, ...tail]))).toEqual(expected(matrix));
    await expect(laid.multiply(head, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortedError);
    vi.spyOn(GpuDevice.prototype, 'maxBindingBytes', 'get').mockReturnValue((VALUES - 1) * SCALAR_BYTES);
    await expect(laid.multiply([...head, ...tail])).rejects.toBeInstanceOf(GpuLimitError);
    await expect(GpuMatrix.upload(own.scalars, matrix, on)).rejects.toBeInstanceOf(GpuLimitError);
    laid.release();
    for (const segments of [on, head, tail]) release(segments);
  });
});
