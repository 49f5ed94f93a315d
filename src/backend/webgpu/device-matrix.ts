/** Sparse matrices of the WebGPU backend: on a device, and on the CPU backend once it is needed there. */

import { DisposedError, InternalError } from '../../errors.ts';
import { GpuMatrix } from '../../gpu/matrix.ts';
import type { Placement } from '../auto/cost-model.ts';
import type { FrMatrix, OperationOptions, SparseMatrix } from '../backend.ts';
import type { GpuEngine } from './engine.ts';
import type { HybridVector, VectorHome } from './hybrid-vector.ts';

/** Row, column and value of an entry. */
const ENTRY_BYTES = 12;

/** A matrix that outlives the device it is on: it keeps its entries, and knows its values. */
export class HybridMatrix implements FrMatrix {
  readonly home: VectorHome;
  readonly rows: number;
  readonly columns: number;
  readonly #entries: SparseMatrix;
  readonly #values: HybridVector<'fr'>;
  #residence: { readonly engine: GpuEngine; readonly matrix: Promise<GpuMatrix> } | undefined;
  #mirror: Promise<FrMatrix> | undefined;
  #isDisposed = false;

  /** The matrix must have been checked; its lists are copied. The values may be disposed of once it is on the device or the CPU. */
  constructor(matrix: SparseMatrix, values: HybridVector<'fr'>) {
    this.home = values.home;
    this.rows = matrix.rows;
    this.columns = matrix.columns;
    this.#values = values;
    this.#entries = {
      ...matrix,
      rowIndices: matrix.rowIndices.slice(),
      columnIndices: matrix.columnIndices.slice(),
      valueIndices: matrix.valueIndices.slice(),
    };
  }

  /** Entries that are not zero. */
  get entryCount(): number {
    return this.#entries.rowIndices.length;
  }

  /** Where the entries are now; they come to either side from the host. */
  placement(): Placement {
    return {
      owner: this,
      bytes: this.entryCount * ENTRY_BYTES,
      onHost: true,
      onCpu: this.#mirror !== undefined,
      onGpu: this.#residence !== undefined,
    };
  }

  /** The matrix on a device; puts it there first where it is not. */
  async onDevice(engine: GpuEngine, options: OperationOptions = {}): Promise<GpuMatrix> {
    if (this.#isDisposed) throw new DisposedError('A matrix');
    if (this.#residence?.engine !== engine) {
      const residence = { engine, matrix: this.#settle(engine, options) };
      this.#residence = residence;
      residence.matrix.catch(() => {
        if (this.#residence === residence) this.#residence = undefined;
      });
    }
    return this.#residence.matrix;
  }

  async #settle(engine: GpuEngine, options: OperationOptions): Promise<GpuMatrix> {
    const { scalars } = engine;
    if (!this.#values.isDisposed) {
      return GpuMatrix.upload(scalars, this.#entries, await this.#values.onDevice(engine), options);
    }
    const values = await scalars.upload(await this.home.cpu.read(await this.#values.recover()));
    try {
      return await GpuMatrix.upload(scalars, this.#entries, values, options);
    } finally {
      for (const { buffer } of values) buffer.release();
    }
  }

  /** Hands the matrix to `use` on the CPU backend; also when this handle was disposed of since. */
  async onCpu<T>(use: (matrix: FrMatrix) => Promise<T>, options: OperationOptions = {}): Promise<T> {
    const make = async (): Promise<FrMatrix> =>
      this.home.cpu.uploadMatrix(this.#entries, await this.#values.recover(), options);
    if (this.#isDisposed) {
      const matrix = await make();
      return use(matrix).finally(() => matrix.dispose());
    }
    if (!this.#mirror) {
      const mirror = make();
      this.#mirror = mirror;
      mirror.catch(() => {
        if (this.#mirror === mirror) this.#mirror = undefined;
      });
    }
    return use(await this.#mirror);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    void this.#residence?.matrix.then(
      (matrix) => matrix.release(),
      () => {},
    );
    void this.#mirror?.then(
      (mirror) => mirror.dispose(),
      () => {},
    );
    this.#residence = undefined;
    this.#mirror = undefined;
  }
}

/** Unwraps a handle, refusing one that another backend made. */
export function hybridMatrixOf(matrix: FrMatrix, home: VectorHome): HybridMatrix {
  if (!(matrix instanceof HybridMatrix) || matrix.home !== home) {
    throw new InternalError('A matrix of another backend was given.');
  }
  return matrix;
}
