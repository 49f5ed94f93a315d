/** Vectors of scalars on a worker pool: conversions and element-by-element operations, cut into tasks. */

import type { Curve } from '../../curve/curve.ts';
import { assertLength, LengthMismatchError, ScalarOutOfRangeError } from '../../errors.ts';
import { mod, modPow } from '../../field/modular.ts';
import type { FieldForm } from '../../wasm/field/field-form.ts';
import type { ScalarFunction } from '../../wasm/ntt/emit-scalars.ts';
import type { Arena, WasmPool } from '../../wasm/pool/index.ts';
import type { Encoding, OperationOptions } from '../backend.ts';
import type { Kernels } from './kernels.ts';
import { ranges, type Range as Stretch } from './pooled-group.ts';
import { WasmVector } from './wasm-vector.ts';

type Scalars = WasmVector<'fr'>;

/** Most scalars of a task: a fraction of a millisecond. */
const TASK_SCALARS = 8192;
/** Fewest coefficients of a stretch of a division that is worth a second walk through it. */
const LEAST_STRETCH = 256;

/** The scalars of one curve on a pool. */
export class PooledScalars {
  readonly curve: Curve;
  readonly form: FieldForm;
  readonly pool: WasmPool;
  /** Bytes of a scalar in a vector. */
  readonly elementBytes: number;

  constructor(kernels: Kernels, pool: WasmPool) {
    this.curve = kernels.curve;
    this.form = kernels.scalars;
    this.pool = pool;
    this.elementBytes = this.form.singleBytes;
  }

  /** Runs an exported function over tasks. */
  run(
    name: ScalarFunction,
    tasks: readonly (readonly number[])[],
    options: OperationOptions = {},
  ): Promise<Int32Array> {
    return this.pool.run(`fr.${name}`, tasks, options);
  }

  /** Calls an exported function on this thread. */
  call(name: ScalarFunction, ...args: number[]): number {
    return this.pool.call(`fr.${name}`, ...args);
  }

  /** Room for `length` scalars. */
  vector(length: number): Scalars {
    const at = this.pool.memory.alloc(Math.max(1, length) * this.elementBytes);
    return new WasmVector('fr', this.pool.memory, at, length, this.elementBytes, true);
  }

  /** A pair of equal lanes, or of two scalars, in an arena. */
  pair(arena: Arena, value: bigint, lane1: bigint = value): number {
    return arena.copyIn(this.form.encodePair(value, lane1));
  }

  /** Bytes into a new vector. Throws ScalarOutOfRangeError for the first that is not below the order. */
  async upload(bytes: Uint8Array, encoding: Encoding = 'canonical'): Promise<Scalars> {
    const { frBytes } = this.curve;
    if (bytes.length % frBytes !== 0) {
      throw new LengthMismatchError('Scalars', `a multiple of ${frBytes} bytes`, bytes.length);
    }
    const length = bytes.length / frBytes;
    return this.#withSecret(bytes.length, async (from) => {
      this.pool.memory.write(from, bytes);
      const index = this.call('notCanonical', from, length);
      if (index >= 0) throw new ScalarOutOfRangeError(`Scalar ${index}`, { index });
      return this.fill(length, (to) =>
        this.run(
          encoding === 'canonical' ? 'import' : 'importMontgomery',
          this.#tasks(length).map(({ start, count }) => [this.#at(to, start), from + start * frBytes, count]),
        ),
      );
    });
  }

  /** Canonical bytes, 32 a scalar. */
  read(vector: Scalars): Promise<Uint8Array> {
    return this.withBytes([vector], async ([at]) =>
      this.pool.memory.copyOut(at as number, vector.length * this.curve.frBytes),
    );
  }

  /** Runs `use` with the addresses of the vectors' canonical bytes, 32 a scalar, which are overwritten afterwards. */
  withBytes<T>(vectors: readonly Scalars[], use: (places: readonly number[]) => Promise<T>): Promise<T> {
    const { frBytes } = this.curve;
    const total = vectors.reduce((sum, { length }) => sum + length, 0);
    return this.#withSecret(total * frBytes, async (first) => {
      const places: number[] = [];
      let end = first;
      const tasks = vectors.flatMap((vector) => {
        const place = end;
        places.push(place);
        end += vector.length * frBytes;
        return this.#tasks(vector.length).map(({ start, count }) => [
          place + start * frBytes,
          this.#at(vector, start),
          count,
        ]);
      });
      await this.run('export', tasks);
      return use(places);
    });
  }

  /** left_i·right_i. */
  async mul(left: Scalars, right: Scalars, options: OperationOptions): Promise<Scalars> {
    assertLength('Product, right factors', left.length, right.length);
    return this.fill(left.length, (to) =>
      this.run(
        'mul',
        this.#tasks(left.length).map(({ start, count }) => [
          ...[to, left, right].map((vector) => this.#at(vector, start)),
          count,
        ]),
        options,
      ),
    );
  }

  /** left_i + x·right_i. */
  async fold(left: Scalars, right: Scalars, x: bigint, options: OperationOptions): Promise<Scalars> {
    assertLength('Fold, right half', left.length, right.length);
    return this.pool.memory.withArena((arena) => {
      const factor = this.pair(arena, x);
      return this.fill(left.length, (to) =>
        this.run(
          'fold',
          this.#tasks(left.length).map(({ start, count }) => [
            ...[to, left, right].map((vector) => this.#at(vector, start)),
            count,
            factor,
          ]),
          options,
        ),
      );
    });
  }

  /** [first, first·base, first·base², …]. */
  async powers(base: bigint, count: number, first: bigint): Promise<Scalars> {
    return this.fill(count, (to) => this.fillPowers(to.at, base, count, first));
  }

  /** Writes [first, first·base, …] to an address. */
  async fillPowers(to: number, base: bigint, length: number, first: bigint): Promise<void> {
    const { order } = this.curve;
    await this.pool.memory.withArena(async (arena) => {
      const step = this.pair(arena, mod(base * base, order));
      const task = ({ start, count }: Stretch): number[] => {
        const power = mod(first * modPow(base, BigInt(start), order), order);
        const pair = this.pair(arena, power, mod(power * base, order));
        return [to + start * this.elementBytes, count, pair, step];
      };
      // Threads take longer to wake than few powers take to make.
      const tasks =
        length <= TASK_SCALARS ? [task({ start: 0, count: length })] : this.#tasks(length).map(task);
      try {
        if (tasks.length === 1) this.call('powers', ...(tasks[0] as number[]));
        else await this.run('powers', tasks);
      } finally {
        for (const [, , pair] of tasks) this.pool.memory.erase(pair as number, this.form.pairBytes);
        this.pool.memory.erase(step, this.form.pairBytes);
      }
    });
  }

  /** As `Backend.openingQuotient`: by synthetic division, in stretches that are joined by what each carries over. */
  async openingQuotient(factors: readonly bigint[], shift: number, point: bigint): Promise<Scalars> {
    const count = 2 ** factors.length + shift;
    const stretches = this.#stretches(count);
    const length = Math.ceil(count / stretches);
    return this.pool.memory.withArena(async (arena) => {
      const size = stretches * length * this.elementBytes;
      const [coefficients, carries] = [arena.alloc(size), arena.alloc(size)];
      await this.#expand(arena, coefficients, { factors, shift, bytes: size });
      const at = this.pair(arena, point);
      const places = Array.from({ length: stretches / 2 }, (_, i) => ({
        offset: 2 * i * length * this.elementBytes,
        carry: this.pair(arena, 0n),
      }));
      const divide = (to: number): Promise<unknown> =>
        this.run(
          'divide',
          places.map(({ offset, carry }) => [to && to + offset, coefficients + offset, length, carry, at]),
        );
      await divide(0);
      this.#joinCarries(
        places.map(({ carry }) => carry),
        modPow(point, BigInt(length), this.curve.order),
      );
      await divide(carries);
      return this.fill(count - 1, async (to) => {
        const quotient = this.pool.memory.view(carries + this.elementBytes, (count - 1) * this.elementBytes);
        this.pool.memory.write(to.at, quotient);
      });
    });
  }

  /** An even number of stretches. */
  #stretches(count: number): number {
    return 2 * Math.max(1, Math.min(2 * this.pool.threads, Math.floor(count / (2 * LEAST_STRETCH))));
  }

  /** From what each stretch carries out when nothing is carried into it to what is carried into each; the last gets nothing. */
  #joinCarries(pairs: readonly number[], power: bigint): void {
    const { memory } = this.pool;
    const { form } = this;
    const out = pairs.flatMap((at) => form.decodePair(memory.copyOut(at, form.pairBytes)));
    const into = new Array<bigint>(out.length).fill(0n);
    for (let i = out.length - 2; i >= 0; i--) {
      into[i] = mod((out[i + 1] as bigint) + power * (into[i + 1] as bigint), this.curve.order);
    }
    pairs.forEach((at, i) => {
      memory.write(at, form.encodePair(into[2 * i] as bigint, into[2 * i + 1] as bigint));
    });
  }

  /** Coefficients of X^shift · Π_j (1 + factors_j·X^(2^j)) and zeros after them. */
  async #expand(
    arena: Arena,
    to: number,
    { factors, shift, bytes }: { factors: readonly bigint[]; shift: number; bytes: number },
  ): Promise<void> {
    const { memory } = this.pool;
    memory.erase(to, bytes);
    const first = to + shift * this.elementBytes;
    memory.write(first, this.form.encodeSingle(1n));
    for (const [j, factor] of factors.entries()) {
      const half = 2 ** j;
      const at = this.pair(arena, factor);
      const tasks = this.#tasks(half).map(({ start, count }) => [
        first + (half + start) * this.elementBytes,
        first + start * this.elementBytes,
        count,
        at,
      ]);
      if (tasks.length === 1) this.call('scale', ...(tasks[0] as number[]));
      else await this.run('scale', tasks);
    }
  }

  #tasks(length: number): Stretch[] {
    return ranges(length, this.pool.threads, TASK_SCALARS);
  }

  #at(vector: Scalars, index: number): number {
    return vector.at + index * this.elementBytes;
  }

  /** A new vector that `write` fills; given back where that fails. */
  async fill(length: number, write: (to: Scalars) => Promise<unknown>): Promise<Scalars> {
    const vector = this.vector(length);
    try {
      await write(vector);
      return vector;
    } catch (error) {
      vector.dispose();
      throw error;
    }
  }

  /** Runs `action` with room for scalars as bytes, which is overwritten afterwards. */
  async #withSecret<T>(bytes: number, action: (at: number) => Promise<T>): Promise<T> {
    return this.pool.memory.withArena(async (arena) => {
      const at = arena.alloc(bytes);
      try {
        return await action(at);
      } finally {
        this.pool.memory.erase(at, bytes);
      }
    });
  }
}
