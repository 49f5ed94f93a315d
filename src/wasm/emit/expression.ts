import { leb128, type ResultType, signedLeb128, type ValueType } from './encoding.ts';

/**
 * A typed WebAssembly expression: a recipe, not a value. Using one twice emits its code twice; to compute once and use
 * often, put it in a local with {@link FunctionBuilder.let}.
 */
export class Expr<T extends ResultType = ResultType> {
  /** Type of the value that the expression leaves on the stack. */
  readonly type: T;
  /** Operand expressions and raw opcode bytes, in emission order. */
  readonly parts: readonly (Expr | readonly number[])[];

  constructor(type: T, parts: readonly (Expr | readonly number[])[]) {
    this.type = type;
    this.parts = parts;
  }
}

/** A local variable or parameter. As an expression it reads the variable. */
export class Local<T extends ValueType = ValueType> extends Expr<T> {
  /** Index in the function's local space. */
  readonly index: number;

  constructor(type: T, index: number) {
    super(type, [[0x20, ...leb128(index)]]);
    this.index = index;
  }
}

/** Expressions by result type. */
export type I32 = Expr<'i32'>;
export type I64 = Expr<'i64'>;
export type F64 = Expr<'f64'>;
export type V128 = Expr<'v128'>;
/** An expression run for its effect, such as a store. */
export type Effect = Expr<'void'>;

/** Appends the bytes of `expr` to `sink`. */
export function writeExpr(expr: Expr, sink: number[]): void {
  for (const part of expr.parts) {
    if (part instanceof Expr) writeExpr(part, sink);
    else for (const byte of part) sink.push(byte);
  }
}

/** An address: a base expression and a constant byte offset, which costs nothing in a load or store. */
export class Ptr {
  readonly base: I32;
  readonly offset: number;

  constructor(base: I32, offset = 0) {
    this.base = base;
    this.offset = offset;
  }

  /** The address `bytes` further on. */
  plus(bytes: number): Ptr {
    return bytes === 0 ? this : new Ptr(this.base, this.offset + bytes);
  }

  /** The address as a value, for a call argument or pointer arithmetic. */
  get address(): I32 {
    if (this.offset === 0) return this.base;
    return new Expr('i32', [this.base, [0x41, ...signedLeb128(BigInt(this.offset | 0))], [0x6a]]);
  }
}

/** Where a load or store goes: a {@link Ptr}, or an i32 expression. */
export type Address = Ptr | I32;

/** Turns an address into a {@link Ptr}. */
export function toPtr(address: Address, offset = 0): Ptr {
  return address instanceof Ptr ? address.plus(offset) : new Ptr(address, offset);
}
