/** Sparse matrices in the linear memory of a worker pool: rows by length, two at a time, cut into tasks of like cost. */

import { assertLength, DisposedError, InternalError, throwIfAborted } from '../../errors.ts';
import { MATRIX_STEP_BYTES, ROW_PAIR, ROW_PAIR_BYTES } from '../../wasm/ntt/sparse-product.ts';
import type { Arena, PoolMemory } from '../../wasm/pool/index.ts';
import type { FrMatrix, OperationOptions, SparseMatrix } from '../backend.ts';
import { checkSparseMatrix } from '../sparse-matrix.ts';
import type { PooledScalars } from './pooled-scalars.ts';
import type { WasmVector } from './wasm-vector.ts';

type Scalars = WasmVector<'fr'>;

/** Most steps and pairs of a task: a fraction of a millisecond. */
const TASK_COST = 8192;

/** A stretch of pairs of rows. */
interface MatrixTask {
  readonly pairs: number;
  readonly count: number;
  readonly steps: number;
}

/** A matrix laid out for the kernel (wasm/ntt/sparse-product.ts). */
export class WasmMatrix implements FrMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly memory: PoolMemory;
  /** Address of the values. */
  readonly values: number;
  readonly #tasks: readonly MatrixTask[];
  readonly #arena: Arena;
  #disposed = false;

  /** Takes over the arena that holds everything. */
  constructor(
    { rows, columns }: SparseMatrix,
    memory: PoolMemory,
    arena: Arena,
    values: number,
    tasks: readonly MatrixTask[],
  ) {
    this.rows = rows;
    this.columns = columns;
    this.memory = memory;
    this.values = values;
    this.#arena = arena;
    this.#tasks = tasks;
  }

  get tasks(): readonly MatrixTask[] {
    if (this.#disposed) throw new DisposedError('A matrix');
    return this.#tasks;
  }

  dispose(): void {
    this.#disposed = true;
    this.#arena.free();
  }
}

/** Unwraps a handle, refusing one that another backend made. */
export function matrixOf(matrix: FrMatrix, memory: PoolMemory): WasmMatrix {
  if (!(matrix instanceof WasmMatrix) || matrix.memory !== memory) {
    throw new InternalError('A matrix of another backend was given.');
  }
  return matrix;
}

/** Lays a matrix out. As `Backend.uploadMatrix`. */
export async function uploadMatrix(
  scalars: PooledScalars,
  matrix: SparseMatrix,
  values: Scalars,
  options: OperationOptions,
): Promise<WasmMatrix> {
  throwIfAborted(options.signal);
  const { memory } = scalars.pool;
  const { elementBytes } = scalars;
  const arena = memory.createArena();
  try {
    const valueBytes = values.length * elementBytes;
    // A zero after the values, for the steps that a shorter row of a pair does not have.
    const valuesAt = arena.alloc(valueBytes + elementBytes);
    memory.write(valuesAt, memory.view(values.at, valueBytes));
    memory.erase(valuesAt + valueBytes, elementBytes);
    const tasks = await layOut(scalars, matrix, values.length, arena, valueBytes);
    return new WasmMatrix(matrix, memory, arena, valuesAt, tasks);
  } catch (error) {
    arena.free();
    throw error;
  }
}

/** matrix·vector. */
export async function mulMatrix(
  scalars: PooledScalars,
  matrix: WasmMatrix,
  vector: Scalars,
  options: OperationOptions,
): Promise<Scalars> {
  assertLength('Matrix product, vector', matrix.columns, vector.length);
  return scalars.fill(matrix.rows, (to) =>
    scalars.run(
      'matrixProduct',
      matrix.tasks.map(({ pairs, count, steps }) => [to.at, vector.at, matrix.values, pairs, count, steps]),
      options,
    ),
  );
}

/** Copies of a matrix' lists and what is made of them, in linear memory for as long as it is laid out. */
interface Lists {
  readonly rowIndices: number;
  readonly columnIndices: number;
  readonly valueIndices: number;
  readonly lengths: number;
  readonly longest: number;
}

/** Copies the lists of a matrix and counts its rows' entries. Throws as {@link checkSparseMatrix}. */
function countRows(scalars: PooledScalars, matrix: SparseMatrix, valueCount: number, arena: Arena): Lists {
  const { rows, columns, rowIndices, columnIndices, valueIndices } = matrix;
  const entries = rowIndices.length;
  if (columnIndices.length !== entries || valueIndices.length !== entries)
    checkSparseMatrix(matrix, valueCount);
  const { memory } = scalars.pool;
  const place = (words: Uint32Array): number => arena.copyIn(bytesOf(words));
  const lists = [place(rowIndices), place(columnIndices), place(valueIndices)] as const;
  const lengths = arena.alloc(Math.max(4, 4 * rows));
  memory.erase(lengths, 4 * rows);
  const longest = scalars.pool.call('fr.matrixCount', lengths, ...lists, entries, rows, columns, valueCount);
  if (longest < 0) {
    checkSparseMatrix(matrix, valueCount);
    throw new InternalError('The kernel refuses a matrix that has nothing wrong.');
  }
  const [rowsAt, columnsAt, valuesAt] = lists;
  return { rowIndices: rowsAt, columnIndices: columnsAt, valueIndices: valuesAt, lengths, longest };
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** Writes pairs of rows and their steps to the arena; `zeroOffset` is the byte offset of a value 0. */
async function layOut(
  scalars: PooledScalars,
  matrix: SparseMatrix,
  valueCount: number,
  arena: Arena,
  zeroOffset: number,
): Promise<MatrixTask[]> {
  const { pool, elementBytes } = scalars;
  const { memory } = pool;
  const { rows } = matrix;
  return memory.withArena((scratch) => {
    const { lengths, longest, ...lists } = countRows(scalars, matrix, valueCount, scratch);
    const starts = scratch.alloc(4 * (longest + 2));
    memory.erase(starts, 4 * (longest + 2));
    const [order, next] = [scratch.alloc(Math.max(4, 4 * rows)), scratch.alloc(Math.max(4, 4 * rows))];
    const stepCount = pool.call('fr.matrixOrder', order, starts, lengths, rows, longest);
    const pairCount = Math.ceil(rows / 2);
    const pairs = arena.alloc(Math.max(1, pairCount) * ROW_PAIR_BYTES);
    const steps = arena.alloc(Math.max(1, stepCount) * MATRIX_STEP_BYTES);
    pool.call('fr.matrixPairs', pairs, steps, next, order, lengths, rows, elementBytes, zeroOffset);
    const { rowIndices, columnIndices, valueIndices } = lists;
    const entries = matrix.rowIndices.length;
    pool.call('fr.matrixScatter', next, rowIndices, columnIndices, valueIndices, entries, elementBytes);
    return cutTasks(memory, pairs, pairCount, steps);
  });
}

/**
 * Cuts pairs into tasks of like cost. Pairs come in the order of their steps, so those of as many are found and taken together: engines
 * would optimise a loop over all of them, for longer than it takes.
 */
function cutTasks(memory: PoolMemory, pairs: number, pairCount: number, steps: number): MatrixTask[] {
  const words = memory.words();
  const stepsOf = (pair: number): number =>
    words[(pairs + pair * ROW_PAIR_BYTES + ROW_PAIR.steps) / 4] as number;
  const tasks: MatrixTask[] = [];
  let [first, firstStep, pair, step] = [0, 0, 0, 0];
  while (pair < pairCount) {
    const each = stepsOf(pair);
    let [last, end] = [pair, pairCount];
    while (last + 1 < end) {
      const middle = (last + end) >> 1;
      if (stepsOf(middle) === each) last = middle;
      else end = middle;
    }
    while (pair < end) {
      const missing = TASK_COST - (step - firstStep + pair - first);
      const taken = Math.min(end - pair, Math.ceil(missing / (each + 1)));
      pair += taken;
      step += taken * each;
      if (pair < pairCount && step - firstStep + pair - first < TASK_COST) continue;
      tasks.push({
        pairs: pairs + first * ROW_PAIR_BYTES,
        count: pair - first,
        steps: steps + firstStep * MATRIX_STEP_BYTES,
      });
      [first, firstStep] = [pair, step];
    }
  }
  return tasks;
}
