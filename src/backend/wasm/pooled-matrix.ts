/** Sparse matrices in the linear memory of a worker pool: rows by length, two at a time, cut into tasks of like cost. */

import { assertLength, DisposedError, InternalError, throwIfAborted } from '../../errors.ts';
import { MATRIX_STEP, MATRIX_STEP_BYTES, ROW_PAIR, ROW_PAIR_BYTES } from '../../wasm/ntt/sparse-product.ts';
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
  checkSparseMatrix(matrix, values.length);
  const { memory } = scalars.pool;
  const { elementBytes } = scalars;
  const arena = memory.createArena();
  try {
    const valueBytes = values.length * elementBytes;
    // A zero after the values, for the steps that a shorter row of a pair does not have.
    const valuesAt = arena.alloc(valueBytes + elementBytes);
    memory.write(valuesAt, memory.view(values.at, valueBytes));
    memory.view(valuesAt + valueBytes, elementBytes).fill(0);
    return new WasmMatrix(
      matrix,
      memory,
      arena,
      valuesAt,
      layOut(matrix, memory, arena, elementBytes, valueBytes),
    );
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

/** The rows, longest first: neighbours, which share a lane pair, are of like length. */
function rowsByLength(lengths: Uint32Array): Uint32Array {
  let longest = 0;
  for (const length of lengths) if (length > longest) longest = length;
  const starts = new Uint32Array(longest + 2);
  for (const length of lengths) starts[longest - length + 1] = (starts[longest - length + 1] as number) + 1;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const order = new Uint32Array(lengths.length);
  for (let row = 0; row < lengths.length; row++) {
    const bin = longest - (lengths[row] as number);
    const place = starts[bin] as number;
    order[place] = row;
    starts[bin] = place + 1;
  }
  return order;
}

/** Writes pairs of rows and their steps to the arena; `zeroOffset` is the byte offset of a value 0. */
function layOut(
  { rows, rowIndices, columnIndices, valueIndices }: SparseMatrix,
  memory: PoolMemory,
  arena: Arena,
  elementBytes: number,
  zeroOffset: number,
): MatrixTask[] {
  const lengths = new Uint32Array(rows);
  for (const row of rowIndices) lengths[row] = (lengths[row] as number) + 1;
  const order = rowsByLength(lengths);
  const pairCount = Math.ceil(rows / 2);
  let stepCount = 0;
  for (let i = 0; i < rows; i += 2) stepCount += lengths[order[i] as number] as number;
  const pairsAt = arena.alloc(Math.max(1, pairCount) * ROW_PAIR_BYTES);
  const stepsAt = arena.alloc(Math.max(1, stepCount) * MATRIX_STEP_BYTES);
  const words = memory.words();
  /** Index of the word where the next entry of a row goes. */
  const next = new Uint32Array(rows);
  const tasks: MatrixTask[] = [];
  let [first, firstStep, step] = [0, 0, 0];
  for (let pair = 0; pair < pairCount; pair++) {
    const row0 = order[2 * pair] as number;
    const row1 = order[2 * pair + 1] ?? row0;
    const steps = lengths[row0] as number;
    const record = (pairsAt + pair * ROW_PAIR_BYTES) / 4;
    words[record + ROW_PAIR.to0 / 4] = row0 * elementBytes;
    words[record + ROW_PAIR.to1 / 4] = row1 * elementBytes;
    words[record + ROW_PAIR.steps / 4] = steps;
    const start = (stepsAt + step * MATRIX_STEP_BYTES) / 4;
    next[row1] = start + MATRIX_STEP.column1 / 4;
    next[row0] = start + MATRIX_STEP.column0 / 4;
    const filled = row1 === row0 ? 0 : (lengths[row1] as number);
    for (let i = filled; i < steps; i++) {
      const at = start + (i * MATRIX_STEP_BYTES) / 4;
      words[at + MATRIX_STEP.column1 / 4] = 0;
      words[at + MATRIX_STEP.value1 / 4] = zeroOffset;
    }
    step += steps;
    if (pair + 1 === pairCount || step - firstStep + pair + 1 - first >= TASK_COST) {
      tasks.push({
        pairs: pairsAt + first * ROW_PAIR_BYTES,
        count: pair + 1 - first,
        steps: stepsAt + firstStep * MATRIX_STEP_BYTES,
      });
      [first, firstStep] = [pair + 1, step];
    }
  }
  for (let i = 0; i < rowIndices.length; i++) {
    const row = rowIndices[i] as number;
    const at = next[row] as number;
    words[at] = (columnIndices[i] as number) * elementBytes;
    words[at + 1] = (valueIndices[i] as number) * elementBytes;
    next[row] = at + MATRIX_STEP_BYTES / 4;
  }
  return tasks;
}
