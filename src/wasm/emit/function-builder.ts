import { InternalError } from '../../errors.ts';
import type { ConstantPool } from './constant-pool.ts';
import { joinPieces, leb128, type ResultType, VALUE_TYPE_CODES, type ValueType } from './encoding.ts';
import { type Effect, Expr, type I32, Local, Ptr, type V128, writeExpr } from './expression.ts';
import { load } from './memory-ops.ts';
import { i32 } from './scalar-ops.ts';

/** A function of the module, defined or only declared so far, as {@link FunctionBuilder.call} takes it. */
export interface FunctionRef<
  P extends readonly ValueType[] = readonly ValueType[],
  R extends ResultType = ResultType,
> {
  readonly name: string;
  /** Index in the module's function space. */
  readonly index: number;
  readonly params: P;
  readonly result: R;
}

/** One expression per parameter type. */
export type Arguments<P extends readonly ValueType[]> = { [K in keyof P]: Expr<P[K]> };
/** One local per parameter type. */
export type Parameters<P extends readonly ValueType[]> = { [K in keyof P]: Local<P[K]> };

/** A branch target: the end of a block or the start of a loop. */
export interface Label {
  readonly depth: number;
}

/**
 * Where v128 constants are read: `inline` loads each from memory at its use, best in straight-line functions; `hoist` loads
 * each once into a local before anything else, best around loops.
 */
export type ConstantPolicy = 'inline' | 'hoist';

/**
 * What a function's code is made for: `speed` has everything in place; `size` calls library functions where the code of field
 * arithmetic is long, best in functions that run seldom.
 */
export type CodeAim = 'speed' | 'size';

/** Makes library functions: {@link ModuleBuilder.once}. */
export interface FunctionLibrary {
  once<const P extends readonly ValueType[], R extends ResultType>(
    name: string,
    params: P,
    result: R,
    body: (f: FunctionBuilder, ...params: Parameters<P>) => R extends 'void' ? void : Expr<R>,
  ): FunctionRef<P, R>;
}

/** Index of the module's imported stack pointer among its globals. */
const STACK_POINTER_GLOBAL = 0;

const SET_STACK_POINTER = [0x24, STACK_POINTER_GLOBAL];

/** Builds one function body. Statements are emitted in call order. */
export class FunctionBuilder {
  readonly name: string;
  /** How constants are read unless their use says otherwise; see {@link ConstantPolicy}. */
  constantPolicy: ConstantPolicy = 'inline';
  /** See {@link CodeAim}. */
  aim: CodeAim = 'speed';
  /** Where library functions are made. */
  readonly library: FunctionLibrary;
  readonly #constants: ConstantPool;
  /** The parameters, as locals. */
  readonly params: readonly Local[];
  readonly #localTypes: ValueType[] = [];
  readonly #free = new Map<ValueType, Local[]>();
  readonly #scopes: Set<Local>[] = [new Set()];
  readonly #loopDepthOf = new Map<Local, number>();
  readonly #chunks: (number[] | 'epilogue')[] = [[]];
  readonly #hoisted = new Map<number, Local<'v128'>>();
  #depth = 0;
  #loopDepth = 0;
  #frameBytes = 0;
  #framePointer: Local<'i32'> | undefined;

  constructor(name: string, params: readonly ValueType[], constants: ConstantPool, library: FunctionLibrary) {
    this.name = name;
    this.library = library;
    this.params = params.map((type, index) => new Local(type, index));
    this.#constants = constants;
  }

  /** A local variable of unspecified content. It goes back to the pool when the enclosing {@link scope} ends. */
  local<T extends ValueType>(type: T): Local<T> {
    const pool = this.#free.get(type);
    const reused = pool?.pop() as Local<T> | undefined;
    const local = reused ?? this.#newLocal(type);
    this.#scopes.at(-1)?.add(local);
    this.#loopDepthOf.set(local, this.#loopDepth);
    return local;
  }

  /** A new local that holds the value of `expr`. */
  let<T extends ValueType>(expr: Expr<T>): Local<T> {
    const local = this.local(expr.type);
    this.set(local, expr);
    return local;
  }

  /** Assigns. */
  set<T extends ValueType>(local: Local<T>, value: Expr<T>): void {
    this.emit(new Expr('void', [value, [0x21, ...leb128(local.index)]]));
  }

  /** An expression that assigns and yields the value. */
  tee<T extends ValueType>(local: Local<T>, value: Expr<T>): Expr<T> {
    return new Expr(value.type, [value, [0x22, ...leb128(local.index)]]);
  }

  /**
   * Gives locals back for reuse before their scope ends. Those that were made outside the loop now open are refused: their
   * values are needed again in the next round.
   */
  release(...locals: readonly Local[]): void {
    for (const local of locals) {
      const owner = this.#scopes.find((scope) => scope.has(local));
      if (!owner || this.#loopDepthOf.get(local) !== this.#loopDepth) {
        throw new InternalError(`Function ${this.name} releases local ${local.index} twice or in a loop.`);
      }
      owner.delete(local);
      this.#giveBack(local);
    }
  }

  /** Runs `body`; the locals it made go back to the pool afterwards. What it returns must not be one of them. */
  scope<R>(body: () => R): R {
    const made = new Set<Local>();
    this.#scopes.push(made);
    const result = body();
    this.#scopes.pop();
    for (const local of made) this.#giveBack(local);
    return result;
  }

  /** Moves locals made in the current scope to the enclosing one, so that they outlive it. */
  keep(...locals: readonly Local[]): void {
    const [inner, outer] = [this.#scopes.at(-1), this.#scopes.at(-2)];
    for (const local of locals) if (inner?.delete(local)) outer?.add(local);
  }

  /** Emits an expression run for its effect. */
  emit(effect: Effect): void {
    writeExpr(effect, this.#sink());
  }

  /** Evaluates an expression and drops its value. */
  drop(value: Expr<ValueType>): void {
    this.emit(new Expr('void', [value, [0x1a]]));
  }

  /** The value of a call. The callee's result type decides the expression's. */
  call<P extends readonly ValueType[], R extends ResultType>(
    callee: FunctionRef<P, R>,
    ...args: Arguments<P>
  ): Expr<R> {
    const given = args as readonly Expr<ValueType>[];
    if (given.length !== callee.params.length || given.some((arg, i) => arg.type !== callee.params[i])) {
      throw new InternalError(`${this.name} calls ${callee.name} with other types than its parameters'.`);
    }
    return new Expr(callee.result, [...given, [0x10, ...leb128(callee.index)]]);
  }

  /** Emits a call for its effect: `emit(call(…))`. */
  run<P extends readonly ValueType[]>(callee: FunctionRef<P, 'void'>, ...args: Arguments<P>): void {
    this.emit(this.call(callee, ...args));
  }

  /** A block: branching to its label leaves it. */
  block(body: (exit: Label) => void): void {
    this.#structured(0x02, body);
  }

  /** A loop: branching to its label starts the next round; falling off the end leaves it. */
  loop(body: (again: Label) => void): void {
    this.#loopDepth++;
    this.#structured(0x03, body);
    this.#loopDepth--;
  }

  /** Branches to `label`. */
  br(label: Label): void {
    this.#sink().push(0x0c, ...leb128(this.#depth - label.depth));
  }

  /** Branches to `label` if `condition` is not zero. */
  brIf(label: Label, condition: I32): void {
    this.emit(new Expr('void', [condition, [0x0d, ...leb128(this.#depth - label.depth)]]));
  }

  /** Two-way branch without a value. */
  if(condition: I32, whenTrue: () => void, whenFalse?: () => void): void {
    writeExpr(condition, this.#sink());
    this.#structured(0x04, () => {
      whenTrue();
      if (whenFalse) {
        this.#sink().push(0x05);
        whenFalse();
      }
    });
  }

  /** Runs `body` while `condition` holds; tested before each round. */
  while(condition: () => I32, body: () => void): void {
    this.block((exit) => {
      this.loop((again) => {
        this.brIf(exit, i32.eqz(condition()));
        body();
        this.br(again);
      });
    });
  }

  /** Runs `body` `count` times, not at all for 0. `count` is counted down to 0 in place. */
  repeat(count: Local<'i32'>, body: () => void): void {
    this.if(count, () => {
      this.loop((again) => {
        body();
        this.brIf(again, this.tee(count, i32.sub(count, i32.const(1))));
      });
    });
  }

  /** Returns at once, with `value` if the function has a result. */
  return(value?: Expr<ValueType>): void {
    if (value) writeExpr(value, this.#sink());
    this.#chunks.push('epilogue', [0x0f]);
  }

  /**
   * Reserves `bytes` bytes, aligned to 16, on the thread's shadow stack until the function returns. Each call reserves anew,
   * so a call in a generator's loop reserves once per emitted copy.
   */
  frame(bytes: number): Ptr {
    // Frame pointers are made outside every scope and loop, so that the prologue alone assigns them.
    this.#framePointer ??= this.#newLocal('i32');
    const offset = this.#frameBytes;
    this.#frameBytes += (bytes + 15) & ~15;
    return new Ptr(this.#framePointer, offset);
  }

  /** A v128 constant from the module's constant region, read as {@link constantPolicy} or `policy` says. */
  constant(bytes: Uint8Array, policy: ConstantPolicy = this.constantPolicy): V128 {
    const address = this.#constants.add(bytes);
    const read = load.v128(new Ptr(i32.const(0), address));
    if (policy === 'inline') return read;
    let local = this.#hoisted.get(address);
    if (!local) {
      local = this.#newLocal('v128');
      this.#hoisted.set(address, local);
    }
    return local;
  }

  /** Address of constant data, such as a table, in the module's constant region. */
  constantAddress(bytes: Uint8Array): Ptr {
    return new Ptr(i32.const(0), this.#constants.add(bytes));
  }

  /** The function's entry in the code section, without its length. For {@link ModuleBuilder}. */
  finish(result: Expr<ResultType> | undefined): Uint8Array {
    if (result) writeExpr(result, this.#sink());
    this.#chunks.push('epilogue');
    const epilogue =
      this.#frameBytes === 0 ? [] : [...this.#movedStack(this.#frameBytes), ...SET_STACK_POINTER];
    const body = this.#chunks.map((chunk) => (chunk === 'epilogue' ? epilogue : chunk));
    return joinPieces([this.#localDeclarations(), this.#prologue(), ...body, [0x0b]]);
  }

  /** Moves the stack pointer down by the frame and loads the hoisted constants. */
  #prologue(): number[] {
    const code: number[] = [];
    if (this.#framePointer) {
      code.push(...this.#movedStack(-this.#frameBytes), 0x22, ...leb128(this.#framePointer.index));
      code.push(...SET_STACK_POINTER);
    }
    for (const [address, local] of this.#hoisted) {
      const read = load.v128(new Ptr(i32.const(0), address));
      writeExpr(new Expr('void', [read, [0x21, ...leb128(local.index)]]), code);
    }
    return code;
  }

  /** Code that leaves the stack pointer plus `by` on the operand stack. */
  #movedStack(by: number): number[] {
    const code = [0x23, STACK_POINTER_GLOBAL];
    writeExpr(i32.const(by), code);
    code.push(0x6a);
    return code;
  }

  #localDeclarations(): number[] {
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#localTypes) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    return [
      ...leb128(runs.length),
      ...runs.flatMap((run) => [...leb128(run.count), VALUE_TYPE_CODES[run.type]]),
    ];
  }

  #structured(opcode: number, body: (label: Label) => void): void {
    this.#sink().push(opcode, 0x40);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#sink().push(0x0b);
  }

  #sink(): number[] {
    const last = this.#chunks.at(-1);
    if (last && last !== 'epilogue') return last;
    const chunk: number[] = [];
    this.#chunks.push(chunk);
    return chunk;
  }

  #newLocal<T extends ValueType>(type: T): Local<T> {
    this.#localTypes.push(type);
    return new Local(type, this.params.length + this.#localTypes.length - 1);
  }

  #giveBack(local: Local): void {
    const pool = this.#free.get(local.type);
    if (pool) pool.push(local);
    else this.#free.set(local.type, [local]);
  }
}
