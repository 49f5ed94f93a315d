/** Products of sparse matrices with vectors, against the definition. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrMatrix, SparseMatrix } from '../../../src/backend/backend.ts';
import { AbortedError } from '../../../src/errors.ts';
import { mod } from '../../../src/field/modular.ts';
import { powers } from '../../../src/field/polynomial.ts';
import { slow } from '../../curve/arbitraries.ts';
import { expectRefusal, type Fixture, scalarList, scalarsOf, uploadScalars } from './fixture.ts';

/** An entry: row, column, index of the value. */
type Entry = readonly [number, number, number];

function matrixOf(rows: number, columns: number, entries: readonly Entry[]): SparseMatrix {
  const part = (which: 0 | 1 | 2): Uint32Array => Uint32Array.from(entries, (entry) => entry[which]);
  return { rows, columns, rowIndices: part(0), columnIndices: part(1), valueIndices: part(2) };
}

export function matrixContract(fixture: Fixture): void {
  const { curve, backend } = fixture;
  const { order } = curve;

  const upload = async (
    rows: number,
    columns: number,
    entries: readonly Entry[],
    values: readonly bigint[],
  ): Promise<FrMatrix> => {
    const vector = await uploadScalars(fixture, values);
    const matrix = await backend().uploadMatrix(matrixOf(rows, columns, entries), vector);
    vector.dispose();
    return matrix;
  };
  const multiply = async (matrix: FrMatrix, by: readonly bigint[]): Promise<bigint[]> => {
    const vector = await uploadScalars(fixture, by);
    const product = await backend().mulMatrix(matrix, vector);
    expect(product.length).toBe(matrix.rows);
    const out = scalarsOf(await backend().read(product));
    vector.dispose();
    product.dispose();
    return out;
  };
  const expected = (
    rows: number,
    entries: readonly Entry[],
    values: readonly bigint[],
    by: readonly bigint[],
  ): bigint[] => {
    const out = new Array<bigint>(rows).fill(0n);
    for (const [row, column, value] of entries) {
      out[row] = mod((out[row] as bigint) + (values[value] as bigint) * (by[column] as bigint), order);
    }
    return out;
  };

  describe('sparse matrices', () => {
    it.each([
      [1, 1, 1],
      [1, 7, 30],
      [2, 3, 0],
      [5, 4, 9],
      [16, 1, 40],
      [33, 65, 257],
    ])('of %i rows and %i columns with %i entries', async (rows, columns, count) => {
      const entry = fc.tuple(fc.nat(rows - 1), fc.nat(columns - 1), fc.nat(8));
      await fc.assert(
        fc.asyncProperty(
          fc.array(entry, { minLength: count, maxLength: count }),
          scalarList(curve, 9),
          scalarList(curve, columns),
          scalarList(curve, columns),
          async (entries, values, first, second) => {
            const matrix = await upload(rows, columns, entries, values);
            for (const by of [first, second]) {
              expect(await multiply(matrix, by)).toEqual(expected(rows, entries, values, by));
            }
            expect([matrix.rows, matrix.columns]).toEqual([rows, columns]);
            matrix.dispose();
          },
        ),
        slow(4),
      );
    });

    it('with rows of every length up to 64, largest values everywhere', async () => {
      const entries = Array.from({ length: 65 }, (_, row) =>
        Array.from({ length: row }, (_, i): Entry => [row, (7 * i) % 20, i % 3]),
      ).flat();
      const values = [order - 1n, 1n, order >> 1n];
      const by = new Array<bigint>(20).fill(order - 1n);
      const matrix = await upload(65, 20, entries, values);
      expect(await multiply(matrix, by)).toEqual(expected(65, entries, values, by));
      matrix.dispose();
    });

    it('large: many tasks, one very long row, empty ones', async () => {
      const [rows, columns] = [20_001, 5000];
      const entries: Entry[] = [];
      for (let row = 0; row < rows - 3; row++) {
        for (let i = 0; i <= row % 4; i++) entries.push([row, (row * 31 + i * 977) % columns, (row + i) % 7]);
      }
      for (let column = 0; column < columns; column++) entries.push([rows - 2, column, column % 7]);
      const [values, by] = [powers(5n, 7, order, 1n), powers(order - 3n, columns, order, 1n)];
      const matrix = await upload(rows, columns, entries, values);
      expect(await multiply(matrix, by)).toEqual(expected(rows, entries, values, by));
      const vector = await uploadScalars(fixture, by);
      const cancelled = backend().mulMatrix(matrix, vector, { signal: AbortSignal.abort() });
      await expect(cancelled).rejects.toBeInstanceOf(AbortedError);
      const seen: number[] = [];
      await backend().mulMatrix(matrix, vector, { onProgress: (fraction) => seen.push(fraction) });
      expect(seen.at(-1)).toBe(1);
      matrix.dispose();
    });

    it('without rows or columns', async () => {
      expect(await multiply(await upload(0, 3, [], []), [1n, 2n, 3n])).toEqual([]);
      expect(await multiply(await upload(3, 0, [], []), [])).toEqual([0n, 0n, 0n]);
    });

    it('refuses entries outside, lists of different length, and vectors of another length', async () => {
      const values = await uploadScalars(fixture, [1n, 2n]);
      for (const entry of [
        [2, 0, 0],
        [0, 3, 0],
        [0, 0, 2],
      ] as const) {
        await expectRefusal(backend().uploadMatrix(matrixOf(2, 3, [[0, 0, 0], entry]), values), 'OPTION', 1);
      }
      const whole = matrixOf(2, 3, [[1, 2, 1]]);
      for (const name of ['rowIndices', 'columnIndices', 'valueIndices'] as const) {
        const short = { ...whole, [name]: new Uint32Array(0) };
        await expectRefusal(backend().uploadMatrix(short, values), 'LENGTH_MISMATCH');
      }
      const matrix = await backend().uploadMatrix(whole, values);
      await expectRefusal(backend().mulMatrix(matrix, values), 'LENGTH_MISMATCH');
      expect(await multiply(matrix, [0n, 0n, 5n])).toEqual([0n, 10n]);
    });
  });
}
