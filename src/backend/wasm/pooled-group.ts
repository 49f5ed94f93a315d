/** The kernels of one group on a worker pool: vectors in linear memory, work cut into tasks. */

import { assertLength, FieldElementOutOfRangeError, LengthMismatchError } from '../../errors.ts';
import { bigintFromBytesLE, writeBigintLE } from '../../field/bytes.ts';
import { defaultMsmBatch } from '../../wasm/curve/emit-curve.ts';
import { type GroupSizes, groupSizes } from '../../wasm/curve/group-sizes.ts';
import type { GroupSpec } from '../../wasm/curve/group-spec.ts';
import type { RunLength } from '../../wasm/curve/kit.ts';
import { MULTIPLES_WINDOW_BITS, multiplesDecomposition } from '../../wasm/curve/multiples.ts';
import {
  BIAS_BYTES,
  partBytes,
  SCALAR_BYTES,
  windowBias,
  windowCount,
} from '../../wasm/curve/scalar-split.ts';
import type { FieldForm } from '../../wasm/field/field-form.ts';
import type { Arena, WasmPool } from '../../wasm/pool/index.ts';
import type { Encoding, OperationOptions } from '../backend.ts';
import { type PointKind, WasmVector } from './wasm-vector.ts';

/** A stretch of a vector. */
export interface Range {
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

/**
 * Additions, of all sums so far, from which on the functions for long runs are worth it: half a second of work, of which the others would take
 * an eighth more, while engines spend a fifth of a second on optimising these.
 */
const LONG_RUN = 2 ** 21;

/** One group on a pool. */
export class PooledGroup<K extends PointKind> {
  readonly kind: K;
  readonly spec: GroupSpec;
  readonly form: FieldForm;
  readonly sizes: GroupSizes;
  readonly pool: WasmPool;
  /** Operands of one batch-affine addition, as the module was generated. */
  readonly batch: number;
  #additions = 0;

  constructor(
    kind: K,
    spec: GroupSpec,
    form: FieldForm,
    pool: WasmPool,
    batch: number = defaultMsmBatch(form, spec.degree),
  ) {
    this.kind = kind;
    this.spec = spec;
    this.form = form;
    this.sizes = groupSizes(spec, form);
    this.pool = pool;
    this.batch = batch;
  }

  /** Runs an exported function of the group over tasks. */
  run(
    name: string,
    tasks: readonly (readonly number[])[],
    options: OperationOptions = {},
  ): Promise<Int32Array> {
    return this.pool.run(`${this.spec.name}.${name}`, tasks, options);
  }

  /** Which functions are to do so many additions, after those that this was asked about before. */
  runOf(additions: number): RunLength {
    this.#additions += additions;
    return this.#additions < LONG_RUN ? 'short' : 'long';
  }

  /** Room for `length` points. */
  vector(length: number): WasmVector<K> {
    const at = this.pool.memory.alloc(Math.max(1, length) * this.sizes.pointBytes);
    return new WasmVector(this.kind, this.pool.memory, at, length, this.sizes.pointBytes, true);
  }

  #at(vector: WasmVector<K>, index: number): number {
    return vector.at + index * this.sizes.pointBytes;
  }

  /** Points into a new vector. Throws for coordinates that are not canonical. */
  async upload(bytes: Uint8Array, encoding: Encoding = 'canonical'): Promise<WasmVector<K>> {
    const { encodedBytes } = this.sizes;
    if (bytes.length % encodedBytes !== 0) {
      throw new LengthMismatchError('Points', `a multiple of ${encodedBytes} bytes`, bytes.length);
    }
    const vector = this.vector(bytes.length / encodedBytes);
    try {
      await this.pool.memory.withArena(async (arena) => {
        const from = arena.copyIn(bytes);
        const tasks = ranges(vector.length, this.pool.threads);
        const left = await this.run(
          encoding === 'canonical' ? 'import' : 'importMontgomery',
          tasks.map(({ start, count }) => [this.#at(vector, start), from + start * encodedBytes, count]),
        );
        const bad = left.findIndex((points) => points !== 0);
        if (bad >= 0) this.#refuseCoordinate(bytes, tasks[bad] as Range, left[bad] as number);
      });
    } catch (error) {
      vector.dispose();
      throw error;
    }
    return vector;
  }

  /** Names the point at which an import stopped with so many left. */
  #refuseCoordinate(bytes: Uint8Array, { start, count }: Range, left: number): never {
    const { modulus, byteLength } = this.spec.field;
    let at = (start + count - left) * this.sizes.encodedBytes;
    while (bigintFromBytesLE(bytes.subarray(at, at + byteLength)) < modulus) at += byteLength;
    const index = Math.floor(at / this.sizes.encodedBytes);
    throw new FieldElementOutOfRangeError(`Point ${index}, coordinate`, { index });
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
    assertLength('Scaling, scalars', points.length, scalars.length / SCALAR_BYTES);
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
    const scalar = new Uint8Array(SCALAR_BYTES);
    writeBigintLE(x, scalar, 0, scalar.length);
    return this.#multiples(right, scalar, left, options);
  }

  /** Biased parts of scalars for {@link #multiples}, with room for one scalar more, for the odd lane of a last pair. */
  splitForMultiples(scalars: Uint8Array, arena: Arena): { parts: number; partsBytes: number } {
    const { dimensions, partBound } = multiplesDecomposition(this.spec);
    const count = scalars.length / SCALAR_BYTES;
    const partsBytes = dimensions * partBytes(dimensions);
    const parts = arena.alloc((count + 1) * partsBytes);
    const windows = windowCount(partBound, MULTIPLES_WINDOW_BITS);
    const from = arena.copyIn(scalars);
    const bias = this.placeBias(MULTIPLES_WINDOW_BITS, windows, arena);
    this.pool.call(`${this.spec.name}.split${dimensions}`, parts, from, count, bias);
    this.pool.memory.erase(from, scalars.length);
    return { parts, partsBytes };
  }

  /** The bias of so many windows, in linear memory. */
  placeBias(windowBits: number, windows: number, arena: Arena): number {
    const bytes = new Uint8Array(BIAS_BYTES);
    writeBigintLE(windowBias(windowBits, windows), bytes, 0, bytes.length);
    return arena.copyIn(bytes);
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
            arena.alloc(this.sizes.tableBytes),
          ]),
          options,
        );
      } finally {
        this.pool.memory.erase(parts, (scalars.length / SCALAR_BYTES) * partsBytes);
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
    const size = this.sizes.compressedBytes;
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
   * of the first that fails and its status (compression.ts, membership.ts), and must throw.
   */
  async decompress(
    encoded: Uint8Array,
    refuse: (index: number, status: number) => never,
    options: OperationOptions,
  ): Promise<Uint8Array> {
    const size = this.sizes.compressedBytes;
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
  async check(
    bytes: Uint8Array,
    refuse: (index: number, status: number) => never,
    options: OperationOptions,
  ): Promise<void> {
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

  #refuseFirst(status: number, length: number, refuse: (index: number, status: number) => never): void {
    const statuses = this.pool.memory.view(status, length);
    const bad = statuses.findIndex((code) => code !== 0);
    if (bad >= 0) refuse(bad, statuses[bad] as number);
  }

  /** Lane 0 of pairs of projective points, in memory form. */
  async exportProjective(at: number, count: number): Promise<Uint8Array> {
    const points = this.vector(count);
    try {
      return await this.pool.memory.withArena(async (arena) => {
        const scratch = arena.alloc(this.sizes.coordinatePairBytes);
        for (let i = 0; i < count; i++) {
          const from = at + i * this.sizes.projectiveBytes;
          this.pool.call(`${this.spec.name}.normalize`, this.#at(points, i), from, 1, scratch);
        }
        return this.read(points);
      });
    } finally {
      points.dispose();
    }
  }
}
