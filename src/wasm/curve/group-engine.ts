import { InternalError } from '../../errors.ts';
import { writeBigintLE } from '../../field/bytes.ts';
import type { FieldForm } from '../field/field-form.ts';
import { defaultMsmBatch, type EmitCurveOptions } from './emit-curve.ts';
import type { GroupSpec } from './group-spec.ts';
import { type BatchScratch, batchScratch } from './msm-layout.ts';
import { MULTIPLES_WINDOW_BITS } from './multiples.ts';
import { partBytes, windowBias, windowCount } from './scalar-split.ts';

/** Hands out addresses in linear memory, multiples of 16. */
export interface Allocator {
  allocate(bytes: number): number;
}

/** Takes memory from one region, front to back; {@link release} goes back to a mark. */
export class BumpAllocator implements Allocator {
  readonly #end: number;
  #next: number;

  constructor(start: number, end: number) {
    this.#next = Math.ceil(start / 16) * 16;
    this.#end = end;
  }

  /** The next free address. */
  get mark(): number {
    return this.#next;
  }

  allocate(bytes: number): number {
    const at = this.#next;
    this.#next += Math.ceil(bytes / 16) * 16;
    if (this.#next > this.#end) {
      throw new InternalError(`The kernels' memory is too small: ${bytes} bytes do not fit.`, {
        end: this.#end,
      });
    }
    return at;
  }

  /** Frees everything allocated since `mark` was read. */
  release(mark: number): void {
    this.#next = mark;
  }
}

/** A module's exported functions. */
export type Exports = Readonly<Record<string, (...args: number[]) => number>>;

/** A packed vector of affine points in linear memory. */
export interface PointVector {
  readonly at: number;
  readonly length: number;
}

/** The first point of a vector that failed a check, and its status: see POINT_STATUS and BAD_FLAGS. */
export interface BadPoint {
  readonly index: number;
  readonly status: number;
}

/** Points done at a time where projective intermediates are large. */
const STRIP = 512;

/** Sizes of a group in a form. */
export interface GroupSizes {
  readonly coordinatePairBytes: number;
  readonly pointBytes: number;
  readonly projectiveBytes: number;
  readonly encodedBytes: number;
  readonly recordBytes: number;
}

/** The sizes that the kernels of a group use. */
export function groupSizes(spec: GroupSpec, form: FieldForm): GroupSizes {
  return {
    coordinatePairBytes: spec.degree * form.pairBytes,
    pointBytes: 2 * spec.degree * form.singleBytes,
    projectiveBytes: 3 * spec.degree * form.pairBytes,
    encodedBytes: 2 * spec.degree * form.field.byteLength,
    recordBytes: 3 * spec.degree * form.singleBytes,
  };
}

/**
 * The kernels of one group in one instance, on one thread: lays out memory and calls them. Vectors stay where the allocator put
 * them; temporaries are released before a call returns.
 */
export class GroupEngine {
  readonly spec: GroupSpec;
  readonly form: FieldForm;
  readonly sizes: GroupSizes;
  readonly batch: number;
  readonly scratch: BatchScratch;
  readonly memory: WebAssembly.Memory;
  readonly allocator: BumpAllocator;
  readonly #exports: Exports;

  constructor(
    spec: GroupSpec,
    form: FieldForm,
    instance: { readonly exports: Exports; readonly memory: WebAssembly.Memory },
    allocator: BumpAllocator,
    options: EmitCurveOptions = {},
  ) {
    this.spec = spec;
    this.form = form;
    this.sizes = groupSizes(spec, form);
    this.batch = options.msmBatch ?? defaultMsmBatch(form, spec.degree);
    this.scratch = batchScratch(this.batch, this.sizes.coordinatePairBytes, this.sizes.pointBytes);
    this.memory = instance.memory;
    this.allocator = allocator;
    this.#exports = instance.exports;
  }

  /** Calls an exported function of the group. */
  call(name: string, ...args: number[]): number {
    const target = this.#exports[`${this.spec.name}.${name}`];
    if (!target) throw new InternalError(`The module has no function ${this.spec.name}.${name}.`);
    return target(...args);
  }

  /** Runs `action` and frees what it allocated. */
  temporarily<T>(action: () => T): T {
    const mark = this.allocator.mark;
    try {
      return action();
    } finally {
      this.allocator.release(mark);
    }
  }

  /** Copies bytes in and returns their address. */
  put(bytes: Uint8Array): number {
    const at = this.allocator.allocate(bytes.length);
    new Uint8Array(this.memory.buffer).set(bytes, at);
    return at;
  }

  /** A copy of bytes in linear memory. */
  get(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer).slice(at, at + length);
  }

  /** Room for `length` points. */
  vector(length: number): PointVector {
    return { at: this.allocator.allocate(length * this.sizes.pointBytes), length };
  }

  /** Points in memory form into a vector; `encoding` says how coordinates are encoded. */
  import(bytes: Uint8Array, encoding: 'plain' | 'montgomery' = 'plain'): PointVector {
    const vector = this.vector(bytes.length / this.sizes.encodedBytes);
    this.temporarily(() => {
      const name = encoding === 'plain' ? 'import' : 'importMontgomery';
      this.call(name, vector.at, this.put(bytes), vector.length);
    });
    return vector;
  }

  /** A vector in memory form. */
  export({ at, length }: PointVector, encoding: 'plain' | 'montgomery' = 'plain'): Uint8Array {
    return this.temporarily(() => {
      const bytes = length * this.sizes.encodedBytes;
      const to = this.allocator.allocate(bytes);
      this.call(encoding === 'plain' ? 'export' : 'exportMontgomery', to, at, length);
      return this.get(to, bytes);
    });
  }

  /** Element by element a + b. */
  add(a: PointVector, b: PointVector): PointVector {
    return this.#inStrips(a.length, (to, start, count) =>
      this.call('addVectors', to, this.#at(a, start), this.#at(b, start), count),
    );
  }

  /** Element by element 2a. */
  double(a: PointVector): PointVector {
    return this.#inStrips(a.length, (to, start, count) =>
      this.call('doubleVector', to, this.#at(a, start), count),
    );
  }

  /** Element by element −a. */
  negate(a: PointVector): PointVector {
    const to = this.vector(a.length);
    this.call('negateVector', to.at, a.at, a.length);
    return to;
  }

  /** Whether two vectors of one length are equal. */
  equal(a: PointVector, b: PointVector): boolean {
    return a.length === b.length && this.call('equalPrefix', a.at, b.at, a.length) === a.length;
  }

  /** scalar_i·point_i, scalars being 32 bytes each and below the order. */
  scale(points: PointVector, scalars: Uint8Array): PointVector {
    return this.#multiples(points, scalars, 1, undefined);
  }

  /** left + x·right. */
  fold(left: PointVector, right: PointVector, x: bigint): PointVector {
    const scalar = new Uint8Array(32);
    writeBigintLE(x, scalar, 0, 32);
    return this.#multiples(right, scalar, 0, left);
  }

  #multiples(
    points: PointVector,
    scalars: Uint8Array,
    perPoint: 0 | 1,
    addends: PointVector | undefined,
  ): PointVector {
    const result = this.vector(points.length);
    this.temporarily(() => {
      const { parts, partsBytes } = this.#multiplesParts(scalars);
      const table = this.allocator.allocate(this.tableBytes);
      this.#strips(result, (to, start, count) => {
        const step = perPoint * partsBytes;
        const addend = addends ? this.#at(addends, start) : 0;
        this.call('scale', to, this.#at(points, start), count, parts + start * step, step, addend, table);
      });
    });
    return result;
  }

  /** Bytes of a table of small multiples of two points. */
  get tableBytes(): number {
    return (2 ** (MULTIPLES_WINDOW_BITS - 1) + 1) * this.sizes.projectiveBytes;
  }

  /** Splits scalars for {@link scale}. */
  #multiplesParts(scalars: Uint8Array): { parts: number; partsBytes: number } {
    const dimensions = this.spec.frobenius ? 4 : 2;
    const { partBound } = this.spec.frobenius?.decomposition ?? this.spec.decomposition;
    const windows = windowCount(partBound, MULTIPLES_WINDOW_BITS);
    const partsBytes = dimensions * partBytes(dimensions);
    const parts = this.split(dimensions, scalars, windowBias(MULTIPLES_WINDOW_BITS, windows), 0);
    return { parts, partsBytes };
  }

  /** Biased parts of scalars, in new memory. */
  split(dimensions: 1 | 2 | 4, scalars: Uint8Array, bias: bigint, points: number): number {
    const count = scalars.length / 32;
    // One scalar more, for the odd lane of a last pair.
    const parts = this.allocator.allocate((count + 1) * dimensions * partBytes(dimensions));
    this.temporarily(() => {
      const biasBytes = new Uint8Array(24);
      writeBigintLE(bias, biasBytes, 0, 24);
      this.call(`split${dimensions}`, parts, this.put(scalars), count, this.put(biasBytes), points);
    });
    return parts;
  }

  /** Σ scalar_i·point_i by Straus's method, in memory form: for few points. */
  strausSum(points: PointVector, scalars: Uint8Array): Uint8Array {
    return this.temporarily(() => {
      const { parts } = this.#multiplesParts(scalars);
      const tables = this.allocator.allocate(Math.ceil(points.length / 2) * this.tableBytes);
      const sum = this.allocator.allocate(this.sizes.projectiveBytes);
      this.call('strausSum', sum, points.at, points.length, parts, tables);
      return this.exportProjective(sum);
    });
  }

  /** Lane 0 of a pair of projective points, in memory form. */
  exportProjective(at: number): Uint8Array {
    return this.temporarily(() => {
      const point = this.vector(1);
      const scratch = this.allocator.allocate(this.sizes.coordinatePairBytes);
      this.call('normalize', point.at, at, 1, scratch);
      return this.export(point);
    });
  }

  /** Checks points in memory form: canonical coordinates, curve, subgroup. Returns the first that fails, and what. */
  check(bytes: Uint8Array): BadPoint | undefined {
    return this.temporarily(() => {
      const count = bytes.length / this.sizes.encodedBytes;
      const status = this.allocator.allocate(count);
      this.call('check', status, this.put(bytes), count);
      return this.#firstBad(status, count);
    });
  }

  /** Compressed encodings of points, one after another. */
  compress({ at, length }: PointVector): Uint8Array {
    return this.temporarily(() => {
      const bytes = (length * this.sizes.encodedBytes) / 2;
      const to = this.allocator.allocate(bytes);
      this.call('compress', to, at, length);
      return this.get(to, bytes);
    });
  }

  /** Reads compressed points, checking form, curve and subgroup; returns the first that fails instead, if any. */
  decompress(encoded: Uint8Array): { readonly points: PointVector } | { readonly bad: BadPoint } {
    const points = this.vector((2 * encoded.length) / this.sizes.encodedBytes);
    const bad = this.temporarily(() => {
      const status = this.allocator.allocate(points.length);
      this.call('decompress', status, points.at, this.put(encoded), points.length);
      return this.#firstBad(status, points.length);
    });
    return bad ? { bad } : { points };
  }

  #firstBad(status: number, count: number): BadPoint | undefined {
    const index = this.call('firstBad', status, count);
    if (index === count) return undefined;
    return { index, status: new Uint8Array(this.memory.buffer)[status + index] ?? 0 };
  }

  #at({ at }: PointVector, index: number): number {
    return at + index * this.sizes.pointBytes;
  }

  #inStrips(length: number, body: (to: number, start: number, count: number) => void): PointVector {
    const result = this.vector(length);
    this.#strips(result, body);
    return result;
  }

  /** Computes projective points strip by strip and normalises each strip into its place. */
  #strips(result: PointVector, body: (to: number, start: number, count: number) => void): void {
    this.temporarily(() => {
      const projective = this.allocator.allocate((STRIP / 2) * this.sizes.projectiveBytes);
      const scratch = this.allocator.allocate((STRIP / 2) * this.sizes.coordinatePairBytes);
      for (let start = 0; start < result.length; start += STRIP) {
        const count = Math.min(STRIP, result.length - start);
        body(projective, start, count);
        this.call('normalize', this.#at(result, start), projective, count, scratch);
      }
    });
  }
}
