/** Miller products, final exponentiations and GT on a worker pool. GT crosses this border in memory form. */

import type { Curve } from '../../curve/curve.ts';
import {
  FieldElementOutOfRangeError,
  InternalError,
  LengthMismatchError,
  MemoryLimitError,
} from '../../errors.ts';
import type { MillerSource, MillerUse, PairingLayout } from '../../wasm/pairing/pairing-layout.ts';
import type { Arena, WasmPool } from '../../wasm/pool/index.ts';
import type { OperationOptions, PairingProduct } from '../backend.ts';
import type { Kernels } from './kernels.ts';
import { ranges } from './pooled-group.ts';
import { vectorOf, type WasmVector } from './wasm-vector.ts';

/** Pairs of points of a Miller task at most: their lines stay within a core's cache, and a task ends soon. */
const TASK_SOURCES = 24;
/** Pairs of GT elements of a task at most. */
const TASK_PAIRS = 16;
/** Pairs of bases from which on a multi-exponentiation is worth cutting: each part squares on its own. */
const MULTI_EXP_PAIRS = 12;

/** Pairs of points whose lines are prepared in one job: their scratch is what it costs. */
const PREPARE_PAIRS = 128;

/** Most of the free memory that the lines of one vector may take: whatever is computed with them needs room too. */
const LINES_SHARE = 1 / 4;

/** A G1 point that a G2 point is paired with, and the product that the pairing belongs to. */
interface Partner {
  readonly product: number;
  /** Its address. */
  readonly point: number;
}

/** Two G2 points, one a lane, and everything that they are paired with. */
interface Source {
  readonly lanes: MillerSource;
  readonly partners: readonly [readonly Partner[], readonly Partner[]];
}

/** The pairings of two points, two at a time. */
function zipPartners(source: number, [first, second]: Source['partners']): MillerUse[] {
  return Array.from({ length: Math.max(first.length, second.length) }, (_, i) => ({
    source,
    products: [first[i]?.product ?? 0, second[i]?.product ?? 0],
    points: [first[i]?.point ?? 0, second[i]?.point ?? 0],
  }));
}

/** The pairing kernels of one curve on a pool. */
export class PooledPairing {
  readonly #pool: WasmPool;
  readonly #layout: PairingLayout;
  readonly #curve: Curve;

  constructor(kernels: Kernels, pool: WasmPool) {
    this.#pool = pool;
    this.#layout = kernels.pairing;
    this.#curve = kernels.curve;
  }

  /** Whether the coordinates at an address are all zero: a point at infinity. */
  #isInfinity(at: number, bytes: number): boolean {
    return this.#pool.memory.view(at, bytes).every((byte) => byte === 0);
  }

  /** Groups terms by their G2 points, so that the lines of each point are made once, and puts the points together by twos. */
  #sources(products: readonly PairingProduct[]): Source[] {
    const { memory } = this.#pool;
    const { g2SingleBytes, linesBytes } = this.#layout;
    /** Partners of points without lines, by address. */
    const points = new Map<number, Partner[]>();
    /** Partners of two points with lines, by the address of these. */
    const prepared = new Map<number, [Partner[], Partner[]]>();
    for (const [product, terms] of products.entries()) {
      for (const term of terms) {
        const [g1, g2] = [vectorOf(term.g1, memory), vectorOf(term.g2, memory)];
        if (g1.length !== g2.length)
          throw new LengthMismatchError('Pairing term, G1 elements', g2.length, g1.length);
        const { lines, at: root } = g2.root;
        for (let i = 0; i < g2.length; i++) {
          const at = g2.at + i * g2.elementBytes;
          if (this.#isInfinity(at, g2SingleBytes)) continue;
          const partner = { product, point: g1.at + i * g1.elementBytes };
          if (lines === 0) {
            const own = points.get(at);
            if (own) own.push(partner);
            else points.set(at, [partner]);
          } else {
            const index = (at - root) / g2.elementBytes;
            const id = lines + (index >> 1) * linesBytes;
            const own = prepared.get(id) ?? [[], []];
            prepared.set(id, own);
            own[index % 2 === 0 ? 0 : 1].push(partner);
          }
        }
      }
    }
    const list = [...points];
    const unprepared = Array.from({ length: Math.ceil(list.length / 2) }, (_, i): Source => {
      const [[first, firstPartners], second] = [list[2 * i] as (typeof list)[number], list[2 * i + 1]];
      return {
        lanes: { points: [first, second?.[0] ?? 0] },
        partners: [firstPartners, second?.[1] ?? []],
      };
    });
    return [
      ...[...prepared].map(([lines, partners]): Source => ({ lanes: { lines }, partners })),
      ...unprepared,
    ];
  }

  /** Bytes of the prepared lines of `length` points. */
  linesBytes(length: number): number {
    return Math.ceil(length / 2) * this.#layout.linesBytes;
  }

  /** Room for the lines of `length` points. Throws MemoryLimitError where they would take more than a part of what is free. */
  allocateLines(length: number): number {
    const bytes = this.linesBytes(length);
    const { availableBytes, maximumBytes } = this.#pool.memory.stats();
    if (bytes > availableBytes * LINES_SHARE) throw new MemoryLimitError(bytes, availableBytes, maximumBytes);
    return this.#pool.memory.alloc(Math.max(1, bytes));
  }

  /** Makes the lines of a vector's points, for all views of it, until it is disposed of. */
  async prepareLines(vector: WasmVector<'g2'>, options: OperationOptions): Promise<void> {
    const { root } = vector;
    if (root.lines !== 0 || root.length === 0) return;
    const { memory } = this.#pool;
    const { linesBytes, prepareScratchBytes } = this.#layout;
    const pairs = Math.ceil(root.length / 2);
    const lines = this.allocateLines(root.length);
    try {
      await memory.withArena(async (arena) => {
        const scratch = arena.alloc(Math.min(pairs, PREPARE_PAIRS) * prepareScratchBytes);
        for (let start = 0; start < pairs; start += PREPARE_PAIRS) {
          const count = Math.min(PREPARE_PAIRS, pairs - start);
          const task = (_: unknown, i: number): number[] => {
            const q0 = root.at + 2 * (start + i) * root.elementBytes;
            const q1 = 2 * (start + i) + 1 < root.length ? q0 + root.elementBytes : 0;
            return [lines + (start + i) * linesBytes, q0, q1, scratch + i * prepareScratchBytes];
          };
          await this.#pool.run('prepareLines', Array.from({ length: count }, task), {
            signal: options.signal,
          });
          options.onProgress?.((start + count) / pairs);
        }
      });
    } catch (error) {
      memory.free(lines);
      throw error;
    }
    root.lines = lines;
  }

  /** Writes one Miller task; gives the address of its job and of its results. */
  #task(sources: readonly Source[], products: number, arena: Arena): { job: number; out: number } {
    const layout = this.#layout;
    const described = {
      products,
      sources: sources.map(({ lanes }) => lanes),
      uses: sources.flatMap(({ partners }, source) => zipPartners(source, partners)),
    };
    const out = arena.alloc(Math.ceil(products / 2) * layout.gtPairBytes);
    const job = arena.alloc(layout.millerJobBytes(described));
    const scratch = arena.alloc(layout.millerScratchBytes(described));
    this.#pool.memory.write(job, layout.encodeMillerJob({ out, ...described }, job, scratch));
    return { job, out };
  }

  /** See Backend.millerProducts. */
  async millerProducts(products: readonly PairingProduct[], options: OperationOptions): Promise<Uint8Array> {
    if (products.length === 0) return new Uint8Array(0);
    const pairs = Math.ceil(products.length / 2);
    return this.#pool.memory.withArena(async (arena) => {
      const sources = this.#sources(products);
      const threads = this.#pool.threads;
      // Every task squares for each product: no more tasks than the threads can share evenly, unless the cache demands it.
      const size = Math.max(1, Math.min(TASK_SOURCES, Math.ceil(sources.length / threads)));
      const count = Math.max(1, Math.ceil(sources.length / size));
      const tasks = Array.from({ length: count }, (_, i) =>
        this.#task(sources.slice(i * size, (i + 1) * size), products.length, arena),
      );
      await this.#pool.run(
        'millerProducts',
        tasks.map(({ job }) => [job]),
        options,
      );
      const total = tasks[0]?.out ?? 0;
      for (const { out } of tasks.slice(1)) this.#pool.call('gtMul', total, total, out, pairs);
      return this.#toBytes(total, products.length, arena);
    });
  }

  /** Elements in memory form into pairs; a last odd lane is filled with `filler`. */
  #fromBytes(
    values: Uint8Array,
    filler: Uint8Array,
    arena: Arena,
  ): { at: number; count: number; pairs: number } {
    const { gtBytes, fpBytes } = this.#curve;
    if (values.length % gtBytes !== 0) {
      throw new LengthMismatchError('GT elements', `a multiple of ${gtBytes} bytes`, values.length);
    }
    const count = values.length / gtBytes;
    const pairs = Math.ceil(count / 2);
    const from = arena.alloc(Math.max(1, 2 * pairs * gtBytes));
    this.#pool.memory.write(from, values);
    if (count % 2 === 1) this.#pool.memory.write(from + count * gtBytes, filler);
    const bad = this.#pool.call('fpNotCanonical', from, values.length / fpBytes);
    if (bad >= 0) {
      const index = Math.floor(bad / 12);
      throw new FieldElementOutOfRangeError(`GT element ${index}`, { index });
    }
    const at = arena.alloc(Math.max(1, pairs * this.#layout.gtPairBytes));
    this.#pool.call('gtFromBytes', at, from, pairs);
    return { at, count, pairs };
  }

  /** The first `count` elements of pairs in memory form. */
  #toBytes(at: number, count: number, arena: Arena): Uint8Array {
    const { gtBytes } = this.#curve;
    const pairs = Math.ceil(count / 2);
    const to = arena.alloc(Math.max(1, 2 * pairs * gtBytes));
    this.#pool.call('gtToBytes', to, at, pairs);
    return this.#pool.memory.copyOut(to, count * gtBytes);
  }

  /** 1 in memory form. */
  get #one(): Uint8Array {
    const one = new Uint8Array(this.#curve.gtBytes);
    one[0] = 1;
    return one;
  }

  /** See Backend.finalExponentiation. */
  async finalExponentiation(values: Uint8Array, options: OperationOptions): Promise<Uint8Array> {
    return this.#pool.memory.withArena(async (arena) => {
      const { at, count, pairs } = this.#fromBytes(values, this.#one, arena);
      const { gtPairBytes } = this.#layout;
      await this.#pool.run(
        'finalExponentiation',
        Array.from({ length: pairs }, (_, i) => [at + i * gtPairBytes, at + i * gtPairBytes, 1]),
        options,
      );
      return this.#toBytes(at, count, arena);
    });
  }

  /** See Backend.gtMul. */
  async gtMul(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
    return this.#pool.memory.withArena(async (arena) => {
      const a = this.#fromBytes(left, this.#one, arena);
      const b = this.#fromBytes(right, this.#one, arena);
      if (a.count !== b.count) throw new LengthMismatchError('GT product, right factors', a.count, b.count);
      this.#pool.call('gtMul', a.at, a.at, b.at, a.pairs);
      return this.#toBytes(a.at, a.count, arena);
    });
  }

  /** See Backend.gtMultiExp; scalars are canonical. */
  async gtMultiExp(bases: Uint8Array, scalars: Uint8Array, options: OperationOptions): Promise<Uint8Array> {
    return this.#pool.memory.withArena(async (arena) => {
      const { at, count, pairs } = this.#fromBytes(bases, this.#one, arena);
      const { frBytes } = this.#curve;
      if (scalars.length !== count * frBytes) {
        throw new LengthMismatchError('GT multi-exponentiation, scalars', count, scalars.length / frBytes);
      }
      const exponents = arena.alloc(Math.max(1, 2 * pairs * frBytes));
      const padded = new Uint8Array(2 * pairs * frBytes);
      padded.set(scalars);
      this.#pool.memory.write(exponents, padded);
      const parts = pairs < MULTI_EXP_PAIRS ? 1 : this.#pool.threads;
      const size = Math.max(1, Math.ceil(pairs / parts));
      const { gtPairBytes } = this.#layout;
      const starts = Array.from({ length: Math.max(1, Math.ceil(pairs / size)) }, (_, i) => i * size);
      const results = arena.alloc(starts.length * gtPairBytes);
      await this.#pool.run(
        'gtMultiExp',
        starts.map((start, i) => {
          const own = Math.min(size, pairs - start);
          const scratch = arena.alloc(Math.max(1, this.#layout.multiExpScratchBytes(own)));
          return [
            results + i * gtPairBytes,
            at + start * gtPairBytes,
            exponents + 2 * start * frBytes,
            own,
            scratch,
          ];
        }),
        options,
      );
      for (let i = 1; i < starts.length; i++)
        this.#pool.call('gtMul', results, results, results + i * gtPairBytes, 1);
      return this.#toBytes(results, 1, arena);
    });
  }

  /** See Backend.compressGt. */
  async compressGt(values: Uint8Array, options: OperationOptions): Promise<Uint8Array> {
    return this.#pool.memory.withArena(async (arena) => {
      const { at, count, pairs } = this.#fromBytes(values, this.#one, arena);
      const { gtCompressedBytes } = this.#curve;
      const to = arena.alloc(Math.max(1, 2 * pairs * gtCompressedBytes));
      const bad = await this.#pool.run(
        'gtCompress',
        ranges(pairs, this.#pool.threads, TASK_PAIRS).map(({ start, count: own }) => [
          to + 2 * start * gtCompressedBytes,
          at + start * this.#layout.gtPairBytes,
          own,
          arena.alloc(this.#layout.torusScratchBytes(own)),
        ]),
        options,
      );
      if (bad.some((index) => index >= 0)) {
        throw new InternalError('An element outside GT was about to be compressed.');
      }
      return this.#pool.memory.copyOut(to, count * gtCompressedBytes);
    });
  }

  /**
   * Decompresses and checks. `refuse` is called with the index of the first element that was refused, and must throw.
   * See Backend.decompressGt.
   */
  async decompressGt(
    encoded: Uint8Array,
    refuse: (index: number) => never,
    options: OperationOptions,
  ): Promise<Uint8Array> {
    const { gtCompressedBytes } = this.#curve;
    if (encoded.length % gtCompressedBytes !== 0) {
      throw new LengthMismatchError('Elements', `a multiple of ${gtCompressedBytes} bytes`, encoded.length);
    }
    const count = encoded.length / gtCompressedBytes;
    const pairs = Math.ceil(count / 2);
    return this.#pool.memory.withArena(async (arena) => {
      const from = arena.alloc(Math.max(1, 2 * pairs * gtCompressedBytes));
      this.#pool.memory.write(from, encoded);
      // A last odd lane decompresses what stands in the first.
      if (count % 2 === 1) {
        this.#pool.memory.write(from + count * gtCompressedBytes, encoded.subarray(0, gtCompressedBytes));
      }
      const at = arena.alloc(Math.max(1, pairs * this.#layout.gtPairBytes));
      const tasks = ranges(pairs, this.#pool.threads, TASK_PAIRS);
      const bad = await this.#pool.run(
        'gtDecompress',
        tasks.map(({ start, count: own }) => [
          at + start * this.#layout.gtPairBytes,
          from + 2 * start * gtCompressedBytes,
          own,
          arena.alloc(this.#layout.torusScratchBytes(own)),
          arena.alloc(4 * 2 * own),
        ]),
        options,
      );
      const first = bad.findIndex((index) => index >= 0);
      if (first >= 0) refuse(2 * (tasks[first]?.start ?? 0) + (bad[first] ?? 0));
      return this.#toBytes(at, count, arena);
    });
  }
}
