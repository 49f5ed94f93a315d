/** Kernels of one curve in one form, running, with a memory to put elements into. */

import fc from 'fast-check';
import { BLS12_381, BN254, type Curve, type Fp12 } from '../../../src/curve/curve.ts';
import { mod } from '../../../src/field/modular.ts';
import { type FunctionRef, ModuleBuilder } from '../../../src/wasm/emit/index.ts';
import {
  BLS12_381_FP,
  BN254_FP,
  chooseForm,
  createForm,
  type FieldForm,
  type FormName,
} from '../../../src/wasm/field/index.ts';

/** Whether this engine runs a form. */
function runs(force: FormName): boolean {
  try {
    return chooseForm({ force }) === force;
  } catch {
    return false;
  }
}

/** Both curves in every form that this engine runs, named for reports. */
export const KERNELS: readonly { name: string; curve: Curve; form: FieldForm }[] = [
  { curve: BN254, field: BN254_FP },
  { curve: BLS12_381, field: BLS12_381_FP },
].flatMap(({ curve, field }) =>
  (['fma', 'simd', 'scalar'] as const).filter(runs).map((form) => ({
    name: `${curve.name} ${form}`,
    curve,
    form: createForm(field, form),
  })),
);

const PAGES = 64;
const CONSTANT_BASE = 1024;
const CONSTANT_CAPACITY = 65536;
const STACK_TOP = 4 * 65536;

/** Two elements, one a lane. */
export type Lanes<T> = readonly [T, T];

export class Workbench {
  readonly curve: Curve;
  readonly form: FieldForm;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The module's length. */
  readonly moduleBytes: number;
  readonly #exports: Record<string, (...args: number[]) => number>;
  readonly #sp: WebAssembly.Global<'i32'>;
  #next = STACK_TOP;

  constructor(
    { curve, form }: { curve: Curve; form: FieldForm },
    define: (module: ModuleBuilder) => Readonly<Record<string, FunctionRef>> | undefined,
  ) {
    this.curve = curve;
    this.form = form;
    const module = new ModuleBuilder({
      minPages: PAGES,
      constantBase: CONSTANT_BASE,
      constantCapacity: CONSTANT_CAPACITY,
    });
    for (const [name, ref] of Object.entries(define(module) ?? {})) module.export(name, ref);
    const code = module.toBytes();
    this.moduleBytes = code.length;
    const memory = new WebAssembly.Memory({ initial: PAGES });
    this.bytes = new Uint8Array(memory.buffer);
    this.#sp = new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(code as Uint8Array<ArrayBuffer>), {
      env: { memory, sp: this.#sp },
    });
    this.#exports = instance.exports as never;
  }

  /** Calls an export; checks that it leaves the shadow stack as it was. */
  call(name: string, ...args: number[]): number {
    const run = this.#exports[name];
    if (!run) throw new Error(`no export ${name}`);
    const result = run(...args);
    if (this.#sp.value !== STACK_TOP) throw new Error(`${name} moved the stack pointer`);
    return result;
  }

  /** Number of parameters of an export. */
  arity(name: string): number {
    return this.#exports[name]?.length ?? -1;
  }

  exportNames(): string[] {
    return Object.keys(this.#exports);
  }

  /** Memory filled with rubbish, aligned to 16. */
  allocate(length: number): number {
    const at = this.#next;
    this.#next += (length + 31) & ~15;
    if (this.#next > this.bytes.length) throw new Error('the workbench is full');
    this.bytes.fill(0xa5, at, this.#next);
    return at;
  }

  /** Runs `body` and takes back what it allocated. */
  scratch<T>(body: () => T): T {
    const mark = this.#next;
    const result = body();
    this.#next = mark;
    return result;
  }

  /** A copy of `bytes` in memory. */
  place(bytes: Uint8Array): number {
    const at = this.allocate(bytes.length);
    this.bytes.set(bytes, at);
    return at;
  }

  /** Coefficients in Fp one after another, as pairs. */
  pairs(lanes: Lanes<readonly bigint[]>): number {
    const { pairBytes } = this.form;
    const at = this.allocate(lanes[0].length * pairBytes);
    lanes[0].forEach((c, i) => {
      this.bytes.set(this.form.encodePair(c, lanes[1][i] ?? 0n), at + i * pairBytes);
    });
    return at;
  }

  /** Reads `count` coefficients. */
  readPairs(at: number, count: number): Lanes<bigint[]> {
    const { pairBytes } = this.form;
    const read = Array.from({ length: count }, (_, i) =>
      this.form.decodePair(this.bytes.slice(at + i * pairBytes, at + (i + 1) * pairBytes)),
    );
    return [read.map(([a]) => a), read.map(([, b]) => b)];
  }

  fp12(lanes: Lanes<Fp12>): number {
    return this.pairs([coefficients(lanes[0]), coefficients(lanes[1])]);
  }

  readFp12(at: number): Lanes<Fp12> {
    const [a, b] = this.readPairs(at, 12);
    return [fromCoefficients(a), fromCoefficients(b)];
  }

  readWord(at: number): number {
    return new DataView(this.bytes.buffer).getInt32(at, true);
  }
}

/** The twelve Fp coefficients in tower order. */
export function coefficients({ c0, c1 }: Fp12): bigint[] {
  return [c0, c1].flatMap((h) => [h.c0, h.c1, h.c2]).flatMap((q) => [q.c0, q.c1]);
}

function fromCoefficients(values: readonly bigint[]): Fp12 {
  const at = (i: number): bigint => values[i] ?? 0n;
  const pair = (i: number) => ({ c0: at(i), c1: at(i + 1) });
  const half = (i: number) => ({ c0: pair(i), c1: pair(i + 2), c2: pair(i + 4) });
  return { c0: half(0), c1: half(6) };
}

/** Coefficients of Fp, those at the edges more often than chance would have them. */
function coefficientOf(curve: Curve): fc.Arbitrary<bigint> {
  const p = curve.modulus;
  return fc.oneof(
    { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: p - 1n }) },
    { weight: 2, arbitrary: fc.constantFrom(0n, 1n, 2n, p - 1n, p - 2n, p >> 1n, (p >> 1n) + 1n) },
  );
}

/** Elements of Fp12: dense, with coefficients at the edges, sparse, and the neutral ones. */
export function fp12Of(curve: Curve): fc.Arbitrary<Fp12> {
  const dense = fc.array(coefficientOf(curve), { minLength: 12, maxLength: 12 });
  const sparse = fc
    .tuple(dense, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }))
    .map(([values, kept]) => values.map((value, i) => (kept[i] ? value : 0n)));
  const uniform = fc
    .constantFrom(0n, 1n, curve.modulus - 1n)
    .map((value) => new Array<bigint>(12).fill(value));
  const constant = fc
    .constantFrom(0n, 1n, curve.modulus - 1n)
    .map((value) => [value, ...new Array<bigint>(11).fill(0n)]);
  return fc
    .oneof(
      { weight: 5, arbitrary: dense },
      { weight: 3, arbitrary: sparse },
      { weight: 1, arbitrary: uniform },
      { weight: 1, arbitrary: constant },
    )
    .map(fromCoefficients);
}

/** Elements of the cyclotomic subgroup: x^((p⁶ − 1)(p² + 1)) for x ≠ 0. */
export function cyclotomicOf(curve: Curve): fc.Arbitrary<Fp12> {
  const { Fp12 } = curve.fields;
  return fp12Of(curve)
    .filter((x) => !Fp12.is0(x))
    .map((x) => {
      const y = Fp12.mul(Fp12.conjugate(x), Fp12.inv(x));
      return Fp12.mul(Fp12.frobeniusMap(y, 2), y);
    });
}

/** The negative of an element. */
export function negated(curve: Curve, x: Fp12): Fp12 {
  return fromCoefficients(coefficients(x).map((c) => mod(-c, curve.modulus)));
}
