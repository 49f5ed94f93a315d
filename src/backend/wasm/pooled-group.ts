/** The kernels of one group on a worker pool: vectors in linear memory, work cut into tasks. */

import type { Curve } from '../../curve/curve.ts';
import { assertLength, FieldElementOutOfRangeError, LengthMismatchError } from '../../errors.ts';
import { writeBigintLE } from '../../field/bytes.ts';
import { type GroupSizes, groupSizes } from '../../wasm/curve/group-engine.ts';
import type { GroupSpec } from '../../wasm/curve/group-spec.ts';
import { MULTIPLES_WINDOW_BITS } from '../../wasm/curve/multiples.ts';
import { partBytes, windowBias, windowCount } from '../../wasm/curve/scalar-split.ts';
import type { Arena, WasmPool } from '../../wasm/pool/index.ts';
import type { OperationOptions } from '../backend.ts';
import type { Kernels } from './kernels.ts';
import { type PointKind, WasmVector } from './wasm-vector.ts';

/** A stretch of a vector. */
interface Range {
  readonly start: number;
  readonly count: number;
}

/** Most points of a task: enough to share an inversion well, few enough that tasks balance and cancel quickly. */
const TASK_POINTS = 256;

/** Cuts `length` elements into tasks of an even number of elements each, so that lanes are filled. */
export function ranges(length: number, threads: number, most: number = TASK_POINTS): Range[] {
  const even = (n: number): number => 2 * Math.ceil(n / 2);
  const size = Math.max(2, Math.min(most, even(Math.ceil(length / threads))));
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    start: i * size,
    count: Math.min(size, length - i * size),
  }));
}

/** One group on a pool. */
export class PooledGroup<K extends PointKind> {
  readonly kind: K;
  readonly spec: GroupSpec;
  readonly sizes: GroupSizes;
  readonly pool: WasmPool;
  readonly curve: Curve;

  constructor(kind: K, kernels: Kernels, pool: WasmPool) {
    this.kind = kind;
    this.spec = kernels[kind];
    this.sizes = groupSizes(this.spec, kernels.form);
    this.pool = pool;
    this.curve = kernels.curve;
  }

  /** Runs an exported function of the group over tasks. */
  run(
    name: string,
    tasks: readonly (readonly number[])[],
    options: OperationOptions = {},
  ): Promise<Int32Array> {
    return this.pool.run(`${this.spec.name}.${name}`, tasks, options);
  }

  /** Room for `length` points. */
  vector(length: number): WasmVector<K> {
    const at = this.pool.memory.alloc(Math.max(1, length) * this.sizes.pointBytes);
    return new WasmVector(this.kind, this.pool.memory, at, length, this.sizes.pointBytes, true);
  }

  #at(vector: WasmVector<K>, index: number): number {
    return vector.at + index * this.sizes.pointBytes;
  }

  /** Points in memory form into a new vector. Throws for coordinates that are not canonical. */
  async upload(bytes: Uint8Array): Promise<WasmVector<K>> {
    const { encodedBytes } = this.sizes;
    if (bytes.length % encodedBytes !== 0) {
      throw new LengthMismatchError('Points', `a multiple of ${encodedBytes} bytes`, bytes.length);
    }
    const length = bytes.length / encodedBytes;
    return this.pool.memory.withArena(async (arena) => {
      const from = arena.copyIn(bytes);
      const bad = this.pool.call('fpNotCanonical', from, bytes.length / this.curve.fpBytes);
      if (bad >= 0) {
        const index = Math.floor((bad * this.curve.fpBytes) / encodedBytes);
        throw new FieldElementOutOfRangeError(`Point ${index}, coordinate`, { index });
      }
      const vector = this.vector(length);
      await this.run(
        'import',
        ranges(length, this.pool.threads).map(({ start, count }) => [
          this.#at(vector, start),
          from + start * encodedBytes,
          count,
        ]),
      );
      return vector;
    });
  }

  /** A vector in memory form. */
  async read(vector: WasmVector<K>): Promise<Uint8Array> {
    const { encodedBytes } = this.sizes;
    return this.pool.memory.withArena(async (arena) => {
      const to = arena.alloc(Math.max(1, vector.length * encodedBytes));
      await this.run(
        'export',
        ranges(vector.length, this.pool.threads).map(({ start, count }) => [
          to + start * encodedBytes,
          this.#at(vector, start),
          count,
        ]),
      );
      return this.pool.memory.copyOut(to, vector.length * encodedBytes);
    });
  }

  /** scalars_i·points_i; scalars are 32 bytes each. */
  async scale(points: WasmVector<K>, scalars: Uint8Array, options: OperationOptions): Promise<WasmVector<K>> {
    assertLength('Scaling, scalars', points.length, scalars.length / this.curve.frBytes);
    return this.#multiples(points, scalars, undefined, options);
  }

  /** left + x·right. */
  async fold(
    left: WasmVector<K>,
    right: WasmVector<K>,
    x: bigint,
    options: OperationOptions,
  ): Promise<WasmVector<K>> {
    assertLength('Fold, right half', left.length, right.length);
    const scalar = new Uint8Array(this.curve.frBytes);
    writeBigintLE(x, scalar, 0, scalar.length);
    return this.#multiples(right, scalar, left, options);
  }

  /** Bytes of a table of small multiples of two points. */
  get tableBytes(): number {
    return (2 ** (MULTIPLES_WINDOW_BITS - 1) + 1) * this.sizes.projectiveBytes;
  }

  /** Scalars split for scalar multiplication; all of them in one go, which takes well under a microsecond each. */
  splitForMultiples(scalars: Uint8Array, arena: Arena): { parts: number; partsBytes: number } {
    const { frobenius, decomposition } = this.spec;
    const dimensions = frobenius ? 4 : 2;
    const windows = windowCount((frobenius?.decomposition ?? decomposition).partBound, MULTIPLES_WINDOW_BITS);
    const parts = this.split(dimensions, scalars, windowBias(MULTIPLES_WINDOW_BITS, windows), 0, arena);
    return { parts, partsBytes: dimensions * partBytes(dimensions) };
  }

  /** Biased parts of scalars, with room for one scalar more, for the odd lane of a last pair. */
  split(dimensions: 1 | 2 | 4, scalars: Uint8Array, bias: bigint, points: number, arena: Arena): number {
    const count = scalars.length / this.curve.frBytes;
    const parts = arena.alloc((count + 1) * dimensions * partBytes(dimensions));
    const biasBytes = new Uint8Array(24);
    writeBigintLE(bias, biasBytes, 0, biasBytes.length);
    const [from, biasAt] = [arena.copyIn(scalars), arena.copyIn(biasBytes)];
    this.pool.call(`${this.spec.name}.split${dimensions}`, parts, from, count, biasAt, points);
    this.#erase(from, scalars.length);
    return parts;
  }

  /** One scalar for all points and points to add, or a scalar for each. */
  async #multiples(
    points: WasmVector<K>,
    scalars: Uint8Array,
    addends: WasmVector<K> | undefined,
    options: OperationOptions,
  ): Promise<WasmVector<K>> {
    const { projectiveBytes, coordinatePairBytes } = this.sizes;
    return this.pool.memory.withArena(async (arena) => {
      const { parts, partsBytes } = this.splitForMultiples(scalars, arena);
      const step = addends ? 0 : partsBytes;
      const tasks = ranges(points.length, this.pool.threads);
      const projective = arena.alloc(Math.max(1, Math.ceil(points.length / 2)) * projectiveBytes);
      const scratch = arena.alloc(Math.max(1, Math.ceil(points.length / 2)) * coordinatePairBytes);
      try {
        await this.run(
          'scale',
          tasks.map(({ start, count }) => [
            projective + (start / 2) * projectiveBytes,
            this.#at(points, start),
            count,
            parts + start * step,
            step,
            addends ? this.#at(addends, start) : 0,
            arena.alloc(this.tableBytes),
          ]),
          options,
        );
      } finally {
        this.#erase(parts, (scalars.length / this.curve.frBytes) * partsBytes);
      }
      const result = this.vector(points.length);
      await this.run(
        'normalize',
        tasks.map(({ start, count }) => [
          this.#at(result, start),
          projective + (start / 2) * projectiveBytes,
          count,
          scratch + (start / 2) * coordinatePairBytes,
        ]),
        { signal: options.signal },
      );
      return result;
    });
  }

  /** Compressed encodings of points in memory form. */
  async compress(bytes: Uint8Array, options: OperationOptions): Promise<Uint8Array> {
    const points = await this.upload(bytes);
    const size = this.#compressedBytes;
    try {
      return await this.pool.memory.withArena(async (arena) => {
        const to = arena.alloc(Math.max(1, points.length * size));
        const tasks = ranges(points.length, this.pool.threads).map(({ start, count }) => [
          to + start * size,
          this.#at(points, start),
          count,
        ]);
        await this.run('compress', tasks, options);
        return this.pool.memory.copyOut(to, points.length * size);
      });
    } finally {
      points.dispose();
    }
  }

  /**
   * Reads compressed points and checks form, curve and subgroup; gives them in memory form. `refuse` is called with the index
   * of the first that fails, and must throw.
   */
  async decompress(
    encoded: Uint8Array,
    refuse: (index: number) => never,
    options: OperationOptions,
  ): Promise<Uint8Array> {
    const size = this.#compressedBytes;
    if (encoded.length % size !== 0) {
      throw new LengthMismatchError('Elements', `a multiple of ${size} bytes`, encoded.length);
    }
    const points = this.vector(encoded.length / size);
    try {
      await this.pool.memory.withArena(async (arena) => {
        const [from, status] = [arena.copyIn(encoded), arena.alloc(Math.max(1, points.length))];
        const tasks = ranges(points.length, this.pool.threads).map(({ start, count }) => [
          status + start,
          this.#at(points, start),
          from + start * size,
          count,
        ]);
        await this.run('decompress', tasks, options);
        this.#refuseFirst(status, points.length, refuse);
      });
      return await this.read(points);
    } finally {
      points.dispose();
    }
  }

  /** Checks canonical coordinates, curve and subgroup of points in memory form. As {@link decompress}. */
  async check(bytes: Uint8Array, refuse: (index: number) => never, options: OperationOptions): Promise<void> {
    const { encodedBytes } = this.sizes;
    if (bytes.length % encodedBytes !== 0) {
      throw new LengthMismatchError('Points', `a multiple of ${encodedBytes} bytes`, bytes.length);
    }
    const length = bytes.length / encodedBytes;
    return this.pool.memory.withArena(async (arena) => {
      const [from, status] = [arena.copyIn(bytes), arena.alloc(Math.max(1, length))];
      const tasks = ranges(length, this.pool.threads).map(({ start, count }) => [
        status + start,
        from + start * encodedBytes,
        count,
      ]);
      await this.run('check', tasks, options);
      this.#refuseFirst(status, length, refuse);
    });
  }

  #refuseFirst(status: number, length: number, refuse: (index: number) => never): void {
    const bad = this.pool.memory.view(status, length).findIndex((code) => code !== 0);
    if (bad >= 0) refuse(bad);
  }

  get #compressedBytes(): number {
    return this.kind === 'g1' ? this.curve.g1CompressedBytes : this.curve.g2CompressedBytes;
  }

  /** Overwrites scalars: reference strings are made from secret ones, and linear memory outlives a job. */
  #erase(at: number, bytes: number): void {
    this.pool.memory.view(at, bytes).fill(0);
  }

  /** Lane 0 of a pair of projective points, in memory form. */
  async exportProjective(at: number): Promise<Uint8Array> {
    const point = this.vector(1);
    try {
      return await this.pool.memory.withArena(async (arena) => {
        this.pool.call(
          `${this.spec.name}.normalize`,
          point.at,
          at,
          1,
          arena.alloc(this.sizes.coordinatePairBytes),
        );
        return this.read(point);
      });
    } finally {
      point.dispose();
    }
  }
}
