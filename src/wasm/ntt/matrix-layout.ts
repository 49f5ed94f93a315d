/**
 * Kernels that lay a sparse matrix out for {@link matrixProductFunction}. They run once for a matrix, on lists that are long enough for
 * JavaScript engines to optimise every loop of them on the way, which takes longer than all that is done here. All lists are 32-bit words.
 */

import {
  type FunctionRef,
  type I32,
  i32,
  type Local,
  load,
  type ModuleBuilder,
  select,
  store,
} from '../emit/index.ts';
import { MATRIX_STEP, MATRIX_STEP_BYTES, ROW_PAIR, ROW_PAIR_BYTES } from './sparse-product.ts';

type Words<N extends readonly string[]> = { readonly [K in keyof N]: 'i32' };
type Eight = Words<readonly ['', '', '', '', '', '', '', '']>;

const EIGHT: Eight = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'];
const plus = (a: I32, bytes: number): I32 => i32.add(a, i32.const(bytes));
const wordAt = (list: I32, index: I32): I32 => i32.add(list, i32.shl(index, i32.const(2)));

/**
 * (lengths, rowIndices, columnIndices, valueIndices, entries, rows, columns, values): counts the entries of each row into `lengths`, which
 * are 0 before. Gives the length of the longest row, or −1 where an entry is outside.
 */
export function matrixCountFunction(module: ModuleBuilder): FunctionRef<Eight, 'i32'> {
  return module.once(
    'matrixCount',
    EIGHT,
    'i32',
    (f, lengths, rowIndices, columnIndices, valueIndices, entries, rows, columns, values) => {
      const longest = f.let(i32.const(0));
      f.repeat(entries, () => {
        f.scope(() => {
          const row = f.let(load.i32(rowIndices));
          const isInside = i32.and(
            i32.ltU(row, rows),
            i32.and(i32.ltU(load.i32(columnIndices), columns), i32.ltU(load.i32(valueIndices), values)),
          );
          f.if(i32.eqz(isInside), () => f.return(i32.const(-1)));
          const at = f.let(wordAt(lengths, row));
          const length = f.let(plus(load.i32(at), 1));
          f.emit(store.i32(at, 0, length));
          f.set(longest, select(length, longest, i32.gtU(length, longest)));
        });
        for (const list of [rowIndices, columnIndices, valueIndices]) f.set(list, plus(list, 4));
      });
      return longest;
    },
  );
}

/**
 * (order, starts, lengths, rows, longest): writes the rows to `order`, longest first, so that neighbours, which share a lane pair, are of
 * like length. `starts` is room for longest + 2 words, which are 0. Gives the steps that all pairs have together.
 */
export function matrixOrderFunction(
  module: ModuleBuilder,
): FunctionRef<Words<readonly ['', '', '', '', '']>, 'i32'> {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.once('matrixOrder', params, 'i32', (f, order, starts, lengths, rows, longest) => {
    const lengthOf = (row: I32): I32 => load.i32(wordAt(lengths, row));
    const binOf = (row: I32): Local<'i32'> => f.let(wordAt(starts, i32.sub(longest, lengthOf(row))));
    const eachRow = (body: (row: Local<'i32'>) => void): void => {
      f.scope(() => {
        const [row, left] = [f.let(i32.const(0)), f.let(rows)];
        f.repeat(left, () => {
          f.scope(() => body(row));
          f.set(row, plus(row, 1));
        });
      });
    };
    eachRow((row) => {
      const bin = binOf(row);
      f.emit(store.i32(bin, 4, plus(load.i32(bin, 4), 1)));
    });
    f.scope(() => {
      const [bin, left] = [f.let(starts), f.let(longest)];
      f.repeat(left, () => {
        f.emit(store.i32(bin, 4, i32.add(load.i32(bin, 4), load.i32(bin))));
        f.set(bin, plus(bin, 4));
      });
    });
    const steps = f.let(i32.const(0));
    eachRow((row) => {
      const bin = binOf(row);
      const place = f.let(load.i32(bin));
      f.emit(store.i32(wordAt(order, place), 0, row));
      f.emit(store.i32(bin, 0, plus(place, 1)));
      f.if(i32.eqz(i32.and(place, i32.const(1))), () => f.set(steps, i32.add(steps, lengthOf(row))));
    });
    return steps;
  });
}

/**
 * (pairs, steps, next, order, lengths, rows, elementBytes, zero): writes the pairs of rows, and the steps that the shorter row of a pair does
 * not have, whose value is at offset `zero`. `next` gets the address of the first entry of each row.
 */
export function matrixPairsFunction(module: ModuleBuilder): FunctionRef<Eight, 'void'> {
  return module.once(
    'matrixPairs',
    EIGHT,
    'void',
    (f, pairs, steps, next, order, lengths, rows, elementBytes, zero) => {
      f.while(
        () => rows,
        () => {
          f.scope(() => {
            // A last row by itself stands in both lanes.
            const isLone = f.let(i32.eq(rows, i32.const(1)));
            const row0 = f.let(load.i32(order));
            const row1 = f.let(load.i32(select(order, plus(order, 4), isLone)));
            const length = f.let(load.i32(wordAt(lengths, row0)));
            f.emit(store.i32(pairs, ROW_PAIR.to0, i32.mul(row0, elementBytes)));
            f.emit(store.i32(pairs, ROW_PAIR.to1, i32.mul(row1, elementBytes)));
            f.emit(store.i32(pairs, ROW_PAIR.steps, length));
            f.emit(store.i32(wordAt(next, row1), 0, plus(steps, MATRIX_STEP.column1)));
            f.emit(store.i32(wordAt(next, row0), 0, plus(steps, MATRIX_STEP.column0)));
            const filled = f.let(select(i32.const(0), load.i32(wordAt(lengths, row1)), isLone));
            const at = f.let(i32.add(steps, i32.mul(filled, i32.const(MATRIX_STEP_BYTES))));
            f.set(steps, i32.add(steps, i32.mul(length, i32.const(MATRIX_STEP_BYTES))));
            const missing = f.let(i32.sub(length, filled));
            f.repeat(missing, () => {
              f.emit(store.i32(at, MATRIX_STEP.column1, i32.const(0)));
              f.emit(store.i32(at, MATRIX_STEP.value1, zero));
              f.set(at, plus(at, MATRIX_STEP_BYTES));
            });
            f.set(rows, i32.sub(rows, i32.sub(i32.const(2), isLone)));
          });
          f.set(pairs, plus(pairs, ROW_PAIR_BYTES));
          f.set(order, plus(order, 8));
        },
      );
    },
  );
}

/** (next, rowIndices, columnIndices, valueIndices, entries, elementBytes): writes each entry where the next one of its row goes. */
export function matrixScatterFunction(
  module: ModuleBuilder,
): FunctionRef<Words<readonly ['', '', '', '', '', '']>, 'void'> {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.once(
    'matrixScatter',
    params,
    'void',
    (f, next, rowIndices, columnIndices, valueIndices, entries, elementBytes) => {
      f.repeat(entries, () => {
        f.scope(() => {
          const place = f.let(wordAt(next, load.i32(rowIndices)));
          const at = f.let(load.i32(place));
          f.emit(store.i32(at, 0, i32.mul(load.i32(columnIndices), elementBytes)));
          f.emit(store.i32(at, 4, i32.mul(load.i32(valueIndices), elementBytes)));
          f.emit(store.i32(place, 0, plus(at, MATRIX_STEP_BYTES)));
        });
        for (const list of [rowIndices, columnIndices, valueIndices]) f.set(list, plus(list, 4));
      });
    },
  );
}
