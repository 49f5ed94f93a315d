/** Number-theoretic transforms on a worker pool: two passes of column transforms, the second in place. */

import { modInverse, modPow } from '../../field/modular.ts';
import { type NttPlan, nttLog2, nttShift, planNtt } from '../../ntt/plan.ts';
import { rootOfUnity } from '../../ntt/roots.ts';
import { NTT_PASS, NTT_PASS_BYTES, rowOffset, scratchBytes } from '../../wasm/ntt/pass-layout.ts';
import { twiddleEntries } from '../../wasm/ntt/twiddles.ts';
import type { Arena } from '../../wasm/pool/index.ts';
import type { NttOptions, OperationOptions } from '../backend.ts';
import type { PooledScalars } from './pooled-scalars.ts';
import type { WasmVector } from './wasm-vector.ts';

type Scalars = WasmVector<'fr'>;

/** What a pass multiplies its outputs by: element j of output k of a column by start·step^j·(ratio·ratioStep^j)^k. */
interface Factors {
  readonly start: bigint;
  readonly startStep: bigint;
  readonly ratio: bigint;
  readonly ratioStep: bigint;
}

/** One pass: a matrix of 2^rowsLog2 rows, whose columns are transformed. */
interface Pass {
  readonly rowsLog2: number;
  readonly columns: number;
  readonly bundle: number;
  readonly input: number;
  readonly output: number;
  /** Whether a column's outputs go one after another, the columns one after another; else where the inputs were. */
  readonly transposed: boolean;
  readonly inverse: boolean;
  /** The transform's points are shift·ω^k. */
  readonly shift: bigint;
  readonly factors: Factors | undefined;
}

/** Which transform, of whatever values. */
interface Transform {
  readonly inverse: boolean;
  readonly shift: bigint;
}

/** What the passes of a transform multiply by. */
interface Numbers {
  /** Of the first pass. */
  readonly shift: bigint;
  readonly first: Factors;
  readonly second: Factors | undefined;
}

/** Transforms whose numbers are kept: a proof has two kinds, and a fold few more. */
const KEPT_NUMBERS = 16;

function computeNumbers(
  order: bigint,
  { rowsLog2, columnsLog2 }: NttPlan,
  { inverse, shift }: Transform,
): Numbers {
  const [rows, columns] = [2 ** rowsLog2, 2 ** columnsLog2];
  const root = rootOfUnity(order, rowsLog2 + columnsLog2);
  // x[j1·C + j2] is multiplied by shift^(j1·C), which moves the points of the first pass, and by shift^j2. X[k1 + R·k2] of an
  // inverse is multiplied by shift^−k1 / n and, in the second pass, by shift^−(R·k2).
  if (!inverse) {
    const first = { start: 1n, startStep: shift, ratio: 1n, ratioStep: root };
    return { shift: modPow(shift, BigInt(columns), order), first, second: undefined };
  }
  const scale = modInverse(shift, order);
  const first = {
    start: modInverse(BigInt(rows * columns), order),
    startStep: 1n,
    ratio: scale,
    ratioStep: modInverse(root, order),
  };
  const second = { start: 1n, startStep: 1n, ratio: modPow(scale, BigInt(rows), order), ratioStep: 1n };
  return { shift: 1n, first, second: shift === 1n ? undefined : second };
}

/** Transforms of one curve's scalars. */
export class PooledNtt {
  readonly #scalars: PooledScalars;
  readonly #numbers = new Map<string, Numbers>();
  /** Pairs of the roots of unity that twiddle factors are made from, by size and direction. */
  readonly #roots = new Map<string, Uint8Array>();

  constructor(scalars: PooledScalars) {
    this.#scalars = scalars;
  }

  /** As `Backend.ntt`. */
  async transform(values: Scalars, options: NttOptions): Promise<Scalars> {
    const scalars = this.#scalars;
    const { order } = scalars.curve;
    const log2 = nttLog2(values.length);
    const shift = nttShift(options.shift, order);
    const plan = planNtt({
      log2,
      threads: scalars.pool.threads,
      valueBytes: scalars.form.pairBytes / 2,
    });
    return scalars.fill(values.length, async (to) => {
      const passes = this.#passes(plan, values, to, { inverse: options.inverse === true, shift });
      for (const [i, pass] of passes.entries()) {
        await this.#run(pass, {
          signal: options.signal,
          onProgress: (fraction) => options.onProgress?.((i + fraction) / passes.length),
        });
      }
    });
  }

  #passes(plan: NttPlan, from: Scalars, to: Scalars, transform: Transform): Pass[] {
    const { rowsLog2, columnsLog2, bundles } = plan;
    const [rows, columns] = [2 ** rowsLog2, 2 ** columnsLog2];
    const { shift, first, second } = this.#numbersOf(plan, transform);
    const { inverse } = transform;
    const passes: Pass[] = [
      {
        rowsLog2,
        columns,
        bundle: bundles[0],
        input: from.at,
        output: to.at,
        transposed: true,
        inverse,
        shift,
        factors: first,
      },
    ];
    if (columnsLog2 === 0) return passes;
    passes.push({
      rowsLog2: columnsLog2,
      columns: rows,
      bundle: bundles[1],
      input: to.at,
      output: to.at,
      transposed: false,
      inverse,
      shift: 1n,
      factors: second,
    });
    return passes;
  }

  /** Computed once for the transforms of lately: inverses of bigints take longer than a small transform. */
  #numbersOf(plan: NttPlan, transform: Transform): Numbers {
    const { rowsLog2, columnsLog2 } = plan;
    const key = `${rowsLog2} ${columnsLog2} ${transform.inverse} ${transform.shift}`;
    let numbers = this.#numbers.get(key);
    if (!numbers) {
      if (this.#numbers.size >= KEPT_NUMBERS) this.#numbers.clear();
      numbers = computeNumbers(this.#scalars.curve.order, plan, transform);
      this.#numbers.set(key, numbers);
    }
    return numbers;
  }

  async #run(pass: Pass, options: OperationOptions): Promise<void> {
    const { pool } = this.#scalars;
    await pool.memory.withArena(async (arena) => {
      const pairs = Math.ceil(pass.bundle / 2);
      const regionBytes = scratchBytes(this.#scalars.form, pairs, 2 ** pass.rowsLog2);
      const scratch = arena.alloc(pool.threads * regionBytes);
      const plan = await this.#describe(pass, { scratch, regionBytes, pairs }, arena);
      const tasks = Array.from({ length: pass.columns / pass.bundle }, (_, i) => [
        plan,
        i * pass.bundle,
        pass.bundle,
      ]);
      try {
        await this.#scalars.run('nttPass', tasks, options);
      } finally {
        // A transform of secrets gives them away.
        pool.memory.erase(scratch, pool.threads * regionBytes);
      }
    });
  }

  /** Writes the descriptor of a pass and gives its address. */
  async #describe(
    pass: Pass,
    { scratch, regionBytes, pairs }: { scratch: number; regionBytes: number; pairs: number },
    arena: Arena,
  ): Promise<number> {
    const { pool, form, elementBytes } = this.#scalars;
    const { memory } = pool;
    const rows = 2 ** pass.rowsLog2;
    const rowBytes = pass.columns * elementBytes;
    const { factors } = pass;
    const locks = arena.copyIn(new Uint8Array(4 * pool.threads));
    const words: Record<keyof typeof NTT_PASS, number> = {
      input: pass.input,
      inputRow: rowBytes,
      output: pass.output,
      outputRow: pass.transposed ? elementBytes : rowBytes,
      outputColumn: pass.transposed ? rows * elementBytes : elementBytes,
      rowsLog2: pass.rowsLog2,
      twiddles: this.#twiddles(pass, arena),
      plain: pass.shift === 1n ? 1 : 0,
      order: arena.copyIn(bitReversedOffsets(pass.rowsLog2, (row) => rowOffset(form, pairs, row))),
      starts: factors ? await this.#powers(factors.startStep, pass.columns, factors.start, arena) : 0,
      ratios: factors ? await this.#powers(factors.ratioStep, pass.columns, factors.ratio, arena) : 0,
      locks,
      scratchCount: pool.threads,
      scratch,
      scratchBytes: regionBytes,
    };
    const bytes = new Uint8Array(NTT_PASS_BYTES);
    const view = new DataView(bytes.buffer);
    for (const [name, offset] of Object.entries(NTT_PASS)) {
      view.setUint32(offset, words[name as keyof typeof NTT_PASS], true);
    }
    const at = arena.alloc(NTT_PASS_BYTES);
    memory.write(at, bytes);
    return at;
  }

  async #powers(base: bigint, count: number, first: bigint, arena: Arena): Promise<number> {
    const at = arena.alloc(count * this.#scalars.elementBytes);
    await this.#scalars.fillPowers(at, base, count, first);
    return at;
  }

  #twiddles({ rowsLog2, inverse, shift }: Pass, arena: Arena): number {
    const scalars = this.#scalars;
    const { preparedBytes } = scalars.form;
    const table = arena.alloc(Math.max(1, twiddleEntries(rowsLog2)) * preparedBytes);
    const roots = arena.copyIn(this.#rootsOf(rowsLog2, inverse));
    scalars.call('nttTwiddles', table, rowsLog2, roots, scalars.pair(arena, shift));
    return table;
  }

  /** Pairs of the roots of unity of orders 4, 8 … 2^log2, or of their inverses. */
  #rootsOf(log2: number, inverse: boolean): Uint8Array {
    const key = `${log2} ${inverse}`;
    const known = this.#roots.get(key);
    if (known) return known;
    const { curve, form } = this.#scalars;
    const roots = new Uint8Array(Math.max(1, log2 - 1) * form.pairBytes);
    const largest = rootOfUnity(curve.order, Math.max(1, log2));
    // An inversion costs more than all the squares.
    let root = inverse ? modInverse(largest, curve.order) : largest;
    for (let i = log2 - 2; i >= 0; i--) {
      roots.set(form.encodePair(root, root), i * form.pairBytes);
      root = (root * root) % curve.order;
    }
    this.#roots.set(key, roots);
    return roots;
  }
}

/** A word for each output: the offset of the row of scratch that holds it. */
function bitReversedOffsets(rowsLog2: number, offsetOf: (row: number) => number): Uint8Array {
  const offsets = new Uint32Array(2 ** rowsLog2);
  for (let i = 1; i < offsets.length; i++) {
    offsets[i] = ((offsets[i >> 1] as number) >> 1) | ((i & 1) << (rowsLog2 - 1));
  }
  return new Uint8Array(offsets.map(offsetOf).buffer);
}
