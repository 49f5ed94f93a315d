/** Our field products in a loop inside WebAssembly, inlined as the kernels above them inline theirs. */

import { i32, ModuleBuilder, Ptr } from '../../src/wasm/emit/index.ts';
import { createForm, type FieldForm, type FieldSpec, type FormName } from '../../src/wasm/field/index.ts';

const CONSTANT_BASE = 1024;
const CONSTANT_CAPACITY = 32768;
const STACK_TOP = 2 * 65536;
const PAGES = 8;

type Exports = Record<'chain' | 'each', (to: number, a: number, b: number, count: number) => void>;

/** (to, a, b, count): to = a·b^count, in a register throughout; one product waits for the other. */
function defineChain(module: ModuleBuilder, form: FieldForm): void {
  const chain = module.define('chain', ['i32', 'i32', 'i32', 'i32'], 'void', (f, to, a, b, count) => {
    f.constantPolicy = 'hoist';
    const ops = form.ops(f);
    const power = ops.variable();
    ops.assign(power, ops.load(new Ptr(a)));
    const factor = ops.load(new Ptr(b));
    f.repeat(count, () => f.scope(() => ops.assign(power, ops.mul(power, factor))));
    ops.store(new Ptr(to), power);
  });
  module.export('chain', chain);
}

/** (to, a, b, count): `count` pairs a_i·b_i from memory to memory, two at once, as tower arithmetic multiplies. Even counts. */
function defineEach(module: ModuleBuilder, form: FieldForm): void {
  const { pairBytes } = form;
  const each = module.define('each', ['i32', 'i32', 'i32', 'i32'], 'void', (f, to, a, b, count) => {
    f.constantPolicy = 'hoist';
    const ops = form.ops(f);
    const rounds = f.let(i32.shrU(count, i32.const(1)));
    f.repeat(rounds, () => {
      f.scope(() => {
        const products = ops.sumsOfProducts(
          [0, pairBytes].map((at) => [[ops.load(new Ptr(a, at)), ops.load(new Ptr(b, at))] as const]),
        );
        products.forEach((product, i) => {
          ops.store(new Ptr(to, i * pairBytes), product);
        });
      });
      for (const pointer of [to, a, b]) f.set(pointer, i32.add(pointer, i32.const(2 * pairBytes)));
    });
  });
  module.export('each', each);
}

/** Products that are run again and again, and what they gave. */
export interface ProductLoop {
  run(): void;
  /** Canonical results of the last run. */
  read(): readonly bigint[] | Promise<readonly bigint[]>;
}

/** The loops of one field in one form, in a memory of their own. Every step multiplies both lanes of a pair. */
export class FieldKernel {
  readonly #form: FieldForm;
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  #next = STACK_TOP;

  constructor(field: FieldSpec, name: FormName) {
    this.#form = createForm(field, name);
    const module = new ModuleBuilder({
      minPages: PAGES,
      constantBase: CONSTANT_BASE,
      constantCapacity: CONSTANT_CAPACITY,
    });
    defineChain(module, this.#form);
    defineEach(module, this.#form);
    const memory = new WebAssembly.Memory({ initial: PAGES });
    const sp = new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), {
      env: { memory, sp },
    });
    this.#exports = instance.exports as unknown as Exports;
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** a·b^(products/2) in both lanes. */
  chain(a: bigint, b: bigint, products: number): ProductLoop {
    const [to, from, by] = [this.#allocate(1), this.#write([a, a]), this.#write([b, b])];
    return {
      run: () => this.#exports.chain(to, from, by, products / 2),
      read: () => this.#read(to, 1),
    };
  }

  /** Element by element a_i·b_i, over and over until there are as many products. Takes multiples of 4 factors. */
  each(a: readonly bigint[], b: readonly bigint[], products: number): ProductLoop {
    const pairs = a.length / 2;
    const [to, left, right] = [this.#allocate(pairs), this.#write(a), this.#write(b)];
    return {
      run: () => {
        for (let done = 0; done < products; done += a.length) this.#exports.each(to, left, right, pairs);
      },
      read: () => this.#read(to, pairs),
    };
  }

  #allocate(pairs: number): number {
    const at = this.#next;
    this.#next += pairs * this.#form.pairBytes;
    if (this.#next > this.#bytes.length) throw new Error(`No room for ${pairs} pairs of factors.`);
    return at;
  }

  #write(values: readonly bigint[]): number {
    const at = this.#allocate(values.length / 2);
    for (let i = 0; i < values.length; i += 2) {
      const pair = this.#form.encodePair(values[i] as bigint, values[i + 1] as bigint);
      this.#bytes.set(pair, at + (i / 2) * this.#form.pairBytes);
    }
    return at;
  }

  #read(at: number, pairs: number): bigint[] {
    const { pairBytes } = this.#form;
    return Array.from({ length: pairs }, (_, i) => at + i * pairBytes).flatMap((from) =>
      this.#form.decodePair(this.#bytes.slice(from, from + pairBytes)),
    );
  }
}
