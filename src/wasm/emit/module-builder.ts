import { InternalError } from '../../errors.ts';
import { ConstantPool } from './constant-pool.ts';
import {
  joinPieces,
  leb128,
  nameBytes,
  type ResultType,
  section,
  signedLeb128,
  VALUE_TYPE_CODES,
  type ValueType,
  vector,
} from './encoding.ts';
import type { Expr } from './expression.ts';
import {
  FunctionBuilder,
  type FunctionLibrary,
  type FunctionRef,
  type Parameters,
} from './function-builder.ts';

/** Names under which every module imports its memory and its thread's stack pointer. */
const IMPORT_MODULE = 'env';
const MEMORY_IMPORT = 'memory';
/** A mutable i32 global, one per thread: the shadow stack grows down from its first value, a multiple of 16. */
const STACK_POINTER_IMPORT = 'sp';

/** What a module needs of its memory. */
export interface ModuleOptions {
  /** Least size of the imported memory, in 64 KiB pages. */
  minPages: number;
  /** Greatest size, in pages. Required when `shared`. */
  maxPages?: number;
  /** Whether the memory is shared between threads. */
  shared?: boolean;
  /** Address of the constant region, a multiple of 16. Modules on one memory need disjoint regions. */
  constantBase: number;
  /** Bytes kept for constants. Generation fails when they do not fit. Default 64 KiB. */
  constantCapacity?: number;
}

/** A function body: emits statements and returns the result expression, or nothing. */
export type Body<P extends readonly ValueType[], R extends ResultType> = (
  f: FunctionBuilder,
  ...params: Parameters<P>
) => R extends 'void' ? void : Expr<R>;

interface Slot {
  readonly ref: FunctionRef;
  code: Uint8Array | undefined;
}

/** Writes one WebAssembly module: functions over an imported memory, with a constant region and a shadow stack. */
export class ModuleBuilder implements FunctionLibrary {
  /** The module's constant region. */
  readonly constants: ConstantPool;
  readonly #options: ModuleOptions;
  readonly #slots: Slot[] = [];
  readonly #exports: { name: string; index: number }[] = [];
  readonly #memo = new Map<string, FunctionRef>();

  constructor(options: ModuleOptions) {
    this.#options = options;
    this.constants = new ConstantPool(options.constantBase, options.constantCapacity ?? 65536);
  }

  /** Reserves a function, so that others can call it before {@link implement} gives its body. */
  declare<const P extends readonly ValueType[], R extends ResultType>(
    name: string,
    params: P,
    result: R,
  ): FunctionRef<P, R> {
    const ref: FunctionRef<P, R> = { name, index: this.#slots.length, params, result };
    this.#slots.push({ ref, code: undefined });
    return ref;
  }

  /** Gives a declared function its body. */
  implement<P extends readonly ValueType[], R extends ResultType>(
    ref: FunctionRef<P, R>,
    body: Body<P, R>,
  ): void {
    const slot = this.#slots[ref.index];
    if (!slot || slot.ref !== (ref as FunctionRef) || slot.code) {
      throw new InternalError(`Function ${ref.name} is not of this module or has a body already.`);
    }
    const f = new FunctionBuilder(ref.name, ref.params, this.constants, this);
    const result = body(f, ...(f.params as unknown as Parameters<P>));
    slot.code = f.finish(result ?? undefined);
  }

  /** Declares and implements. */
  define<const P extends readonly ValueType[], R extends ResultType>(
    name: string,
    params: P,
    result: R,
    body: Body<P, R>,
  ): FunctionRef<P, R> {
    const ref = this.declare(name, params, result);
    this.implement(ref, body);
    return ref;
  }

  /**
   * Like {@link define}, once per name: later calls return the first function. Library functions are made this way, so that
   * a module holds only those that are used.
   */
  once<const P extends readonly ValueType[], R extends ResultType>(
    name: string,
    params: P,
    result: R,
    body: Body<P, R>,
  ): FunctionRef<P, R> {
    const known = this.#memo.get(name) as FunctionRef<P, R> | undefined;
    if (known) return known;
    const ref = this.declare(name, params, result);
    this.#memo.set(name, ref);
    this.implement(ref, body);
    return ref;
  }

  /** Exports a function under `name`. */
  export(name: string, ref: FunctionRef): void {
    this.#exports.push({ name, index: ref.index });
  }

  /** The module. Instantiate it with `{ env: { memory, sp } }`. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const types: Uint8Array[] = [];
    const typeIndex = new Map<string, number>();
    const indexOfType = (ref: FunctionRef): number => {
      const results = ref.result === 'void' ? [] : [[VALUE_TYPE_CODES[ref.result]]];
      const params = ref.params.map((param) => [VALUE_TYPE_CODES[param]]);
      const type = joinPieces([[0x60], vector(params), vector(results)]);
      const key = type.join();
      let index = typeIndex.get(key);
      if (index === undefined) {
        index = types.push(type) - 1;
        typeIndex.set(key, index);
      }
      return index;
    };
    const functionTypes = this.#slots.map((slot) => leb128(indexOfType(slot.ref)));
    const bodies = this.#slots.flatMap(({ ref, code }) => {
      if (!code) throw new InternalError(`Function ${ref.name} was declared and never given a body.`);
      return [leb128(code.length), code];
    });
    const constants = this.constants.toBytes();
    const exported = this.#exports.map(({ name, index }) => [...nameBytes(name), 0x00, ...leb128(index)]);
    return joinPieces([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, vector(types)),
      section(2, vector(this.#imports())),
      section(3, vector(functionTypes)),
      section(7, vector(exported)),
      section(10, joinPieces([leb128(this.#slots.length), ...bodies])),
      constants.length > 0 ? section(11, vector([this.#dataSegment(constants)])) : [],
    ]);
  }

  #imports(): number[][] {
    const { minPages, maxPages, shared = false } = this.#options;
    if (shared && maxPages === undefined) throw new InternalError('A shared memory needs a greatest size.');
    const flags = (shared ? 2 : 0) | (maxPages === undefined ? 0 : 1);
    const limits = [flags, ...leb128(minPages), ...(maxPages === undefined ? [] : leb128(maxPages))];
    return [
      [...nameBytes(IMPORT_MODULE), ...nameBytes(MEMORY_IMPORT), 0x02, ...limits],
      [...nameBytes(IMPORT_MODULE), ...nameBytes(STACK_POINTER_IMPORT), 0x03, VALUE_TYPE_CODES.i32, 1],
    ];
  }

  #dataSegment(bytes: Uint8Array): Uint8Array {
    const offset = [0x41, ...signedLeb128(BigInt(this.constants.base)), 0x0b];
    return joinPieces([[0x00, ...offset, ...leb128(bytes.length)], bytes]);
  }
}
