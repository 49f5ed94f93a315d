/**
 * ffjavascript as a peer: the parts that are measured, with types (it ships none), and its products in a loop. Bytes that go in
 * and out here are its own: little-endian coordinates in Montgomery form with radix 2^(8·length).
 */

import { createRequire } from 'node:module';
import { type CurveName, curveByName } from '../../src/curve/curve.ts';

/** A field. */
export interface FfField {
  readonly n8: number;
  batchToMontgomery(canonical: Uint8Array): Promise<Uint8Array>;
  batchFromMontgomery(montgomery: Uint8Array): Promise<Uint8Array>;
}

/** The scalar field, with its transform. */
export interface FfScalars extends FfField {
  /** Evaluates at the powers of the 2^k-th root; natural order. */
  fft(values: Uint8Array): Promise<Uint8Array>;
  ifft(values: Uint8Array): Promise<Uint8Array>;
}

/** A group; sums come out projective. */
export interface FfGroup {
  multiExpAffine(points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
  toAffine(point: Uint8Array): Uint8Array;
  toJacobian(point: Uint8Array): Uint8Array;
}

/** The instance of the calling thread. `endSyncOp` frees what was allocated since `startSyncOp`. */
interface FfThread {
  readonly concurrency: number;
  readonly instance: { readonly exports: Readonly<Record<string, (...args: number[]) => void>> };
  startSyncOp(): void;
  endSyncOp(): void;
  alloc(bytes: number): number;
  allocBuff(bytes: Uint8Array): number;
  getBuff(at: number, bytes: number): Uint8Array;
}

/** A curve. */
export interface FfCurve {
  readonly F1: FfField;
  readonly Fr: FfScalars;
  readonly G1: FfGroup;
  readonly G2: FfGroup;
  readonly tm: FfThread;
  prepareG1(point: Uint8Array): Uint8Array;
  prepareG2(point: Uint8Array): Uint8Array;
  millerLoop(g1: Uint8Array, g2: Uint8Array): Uint8Array;
  finalExponentiation(value: Uint8Array): Uint8Array;
  pairing(g1: Uint8Array, g2: Uint8Array): Uint8Array;
  terminate(): Promise<void>;
}

/** What wasmbuilder's code builders offer, as far as the loops below need it. */
interface Code {
  getLocal(name: string): unknown;
  setLocal(name: string, value: unknown): unknown;
  i32_const(value: number): unknown;
  i32_add(a: unknown, b: unknown): unknown;
  i32_sub(a: unknown, b: unknown): unknown;
  i32_eqz(a: unknown): unknown;
  call(name: string, ...args: unknown[]): unknown;
  block(body: unknown): unknown;
  loop(...body: unknown[]): unknown;
  br(depth: number): unknown;
  br_if(depth: number, condition: unknown): unknown;
}

interface Module {
  addFunction(name: string): {
    addParam(name: string, type: 'i32'): void;
    getCodeBuilder(): Code;
    addCode(...code: unknown[]): void;
  };
  exportFunction(name: string): void;
}

/**
 * Adds a function (to, a, b, count) that calls the product of base-field elements `count` times within the module, as the curve
 * arithmetic there does. With step 0 all products have the same operands; `to` = `a` then makes each depend on the one before.
 */
function addLoop(module: Module, name: string, step: number): void {
  const f = module.addFunction(name);
  for (const parameter of ['to', 'a', 'b', 'count']) f.addParam(parameter, 'i32');
  const c = f.getCodeBuilder();
  const advance = (pointer: string): unknown =>
    c.setLocal(pointer, c.i32_add(c.getLocal(pointer), c.i32_const(step)));
  f.addCode(
    c.block(
      c.loop(
        c.br_if(1, c.i32_eqz(c.getLocal('count'))),
        c.call('f1m_mul', c.getLocal('a'), c.getLocal('b'), c.getLocal('to')),
        ...['to', 'a', 'b'].map(advance),
        c.setLocal('count', c.i32_sub(c.getLocal('count'), c.i32_const(1))),
        c.br(0),
      ),
    ),
  );
  module.exportFunction(name);
}

type Build = (singleThread: boolean, plugins: (module: Module) => void) => Promise<FfCurve>;

/** A curve on the calling thread alone, or on its default: one worker a core. */
export function ffjavascriptCurve(name: CurveName, singleThread: boolean): Promise<FfCurve> {
  const library = createRequire(import.meta.url)('ffjavascript') as Record<
    'buildBn128' | 'buildBls12381',
    Build
  >;
  const build = name === 'bn254' ? library.buildBn128 : library.buildBls12381;
  return build(singleThread, (module) => {
    addLoop(module, 'bench_mulSame', 0);
    addLoop(module, 'bench_mulEach', curveByName(name).fpBytes);
  });
}

/** Elements in its linear memory for the loops of products. */
export class FfProducts {
  readonly #thread: FfThread;
  readonly #bytes: number;

  constructor(curve: FfCurve) {
    this.#thread = curve.tm;
    this.#bytes = curve.F1.n8;
  }

  /** a·b^count (in Montgomery form), each product waiting for the one before. */
  chain(a: Uint8Array, b: Uint8Array, count: number): Uint8Array {
    return this.#within(() => {
      const [to, by] = [this.#thread.allocBuff(a), this.#thread.allocBuff(b)];
      this.#call('bench_mulSame', to, to, by, count);
      return this.#thread.getBuff(to, this.#bytes);
    });
  }

  /** Element by element a_i·b_i, the whole vector `times` times. */
  each(a: Uint8Array, b: Uint8Array, times: number): Uint8Array {
    return this.#within(() => {
      const to = this.#thread.alloc(a.length);
      const [left, right] = [this.#thread.allocBuff(a), this.#thread.allocBuff(b)];
      const count = a.length / this.#bytes;
      for (let i = 0; i < times; i++) this.#call('bench_mulEach', to, left, right, count);
      return this.#thread.getBuff(to, a.length);
    });
  }

  #call(name: string, ...args: number[]): void {
    const call = this.#thread.instance.exports[name];
    if (!call) throw new Error(`ffjavascript has no ${name}.`);
    call(...args);
  }

  #within<T>(action: () => T): T {
    this.#thread.startSyncOp();
    try {
      return action();
    } finally {
      this.#thread.endSyncOp();
    }
  }
}
