import fc from 'fast-check';
import { expect } from 'vitest';
import { type FunctionRef, ModuleBuilder } from '../../../src/wasm/emit/index.ts';
import {
  createForm,
  FIELD_SPECS,
  type FieldForm,
  FieldFunctions,
  type FieldSpec,
  type FormName,
} from '../../../src/wasm/field/index.ts';

const FORM_NAMES: readonly FormName[] = ['fma', 'simd', 'scalar'];

/** Every form of every field, with a name for the test report. */
export const ALL_FORMS: readonly { name: string; form: FieldForm }[] = FIELD_SPECS.flatMap((field) =>
  FORM_NAMES.map((name) => ({ name: `${field.name} ${name}`, form: createForm(field, name) })),
);

const PAGES = 16;
const CONSTANT_BASE = 1024;
const CONSTANT_CAPACITY = 32768;
const STACK_TOP = 2 * 65536;

type Exports = Record<string, (...args: number[]) => number>;

/** An instantiated module and its memory. */
export class Sandbox {
  readonly form: FieldForm;
  readonly bytes: Uint8Array;
  readonly sp: WebAssembly.Global<'i32'>;
  readonly #exports: Exports;
  #next = STACK_TOP;

  constructor(form: FieldForm, define: (functions: FieldFunctions) => Record<string, FunctionRef>) {
    this.form = form;
    const module = new ModuleBuilder({
      minPages: PAGES,
      constantBase: CONSTANT_BASE,
      constantCapacity: CONSTANT_CAPACITY,
    });
    for (const [name, ref] of Object.entries(define(new FieldFunctions(module, form)))) {
      module.export(name, ref);
    }
    const memory = new WebAssembly.Memory({ initial: PAGES });
    this.sp = new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP);
    const compiled = new WebAssembly.Module(module.toBytes());
    const instance = new WebAssembly.Instance(compiled, { env: { memory, sp: this.sp } });
    this.#exports = instance.exports as unknown as Exports;
    this.bytes = new Uint8Array(memory.buffer);
  }

  /** Calls an exported function; checks that it leaves the shadow stack as it was. */
  call(name: string, ...args: number[]): number {
    const run = this.#exports[name];
    if (!run) throw new Error(`no export ${name}`);
    const result = run(...args);
    if (this.sp.value !== STACK_TOP) throw new Error(`${name} moved the stack to ${this.sp.value}`);
    return result;
  }

  /** Fresh memory, aligned to 16 and filled with rubbish. */
  allocate(bytes: number): number {
    const at = this.#next;
    this.#next += (bytes + 31) & ~15;
    this.bytes.fill(0xa5, at, this.#next);
    return at;
  }

  pair(lane0 = 0n, lane1 = 0n): number {
    const at = this.allocate(this.form.pairBytes);
    this.bytes.set(this.form.encodePair(lane0, lane1), at);
    return at;
  }

  readPair(at: number): [bigint, bigint] {
    return this.form.decodePair(this.bytes.slice(at, at + this.form.pairBytes));
  }

  writeInteger(at: number, value: bigint, size: number): void {
    for (let i = 0; i < size; i++) this.bytes[at + i] = Number((value >> BigInt(8 * i)) & 255n);
  }

  readInteger(at: number, size: number): bigint {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[at + i] ?? 0);
    return value;
  }

  /** The raw limbs of one lane of a pair. */
  readLimbs(at: number, lane: 0 | 1): bigint[] {
    const view = new DataView(this.bytes.buffer);
    const { limbCount, laneBytes } = this.form;
    return Array.from({ length: limbCount }, (_, i) => {
      const address = at + 2 * laneBytes * i + lane * laneBytes;
      return BigInt(laneBytes === 8 ? view.getFloat64(address, true) : view.getInt32(address, true));
    });
  }

  /** Writes raw limbs to both lanes of a pair. */
  writeLimbs(at: number, lane0: readonly bigint[], lane1: readonly bigint[]): void {
    const view = new DataView(this.bytes.buffer);
    const { laneBytes, pairBytes } = this.form;
    this.bytes.fill(0, at, at + pairBytes);
    for (const [lane, limbs] of [lane0, lane1].entries()) {
      limbs.forEach((limb, i) => {
        const address = at + 2 * laneBytes * i + lane * laneBytes;
        if (laneBytes === 8) view.setFloat64(address, Number(limb), true);
        else view.setInt32(address, Number(limb), true);
      });
    }
  }
}

/** Compares two pairs; quicker than a deep comparison, of which these tests would make a hundred thousand. */
export function expectLanes(actual: readonly bigint[], expected: readonly bigint[]): void {
  if (actual[0] !== expected[0] || actual[1] !== expected[1]) expect(actual).toEqual(expected);
}

/** Elements at the edges of a field. */
export function edgeElements({ modulus }: FieldSpec): bigint[] {
  const half = modulus >> 1n;
  return [0n, 1n, 2n, modulus - 1n, modulus - 2n, half, half + 1n];
}

/** Elements, the edges more often than chance would have them. */
export function elementOf(field: FieldSpec): fc.Arbitrary<bigint> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.bigInt({ min: 0n, max: field.modulus - 1n }) },
    { weight: 1, arbitrary: fc.constantFrom(...edgeElements(field)) },
  );
}
