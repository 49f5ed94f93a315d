import { mod, modInverse } from '../../field/modular.ts';
import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type ModuleBuilder,
  Ptr,
  toPtr,
} from '../emit/index.ts';
import { batchInvertBody } from './batch-invert.ts';
import { type Element, type FieldForm, functionName } from './field-form.ts';
import type { FieldOps, Term } from './field-ops.ts';
import { integerInverse } from './integer-inverse.ts';
import { invertBody } from './invert.ts';
import type { BinaryFunction, UnaryFunction } from './memory-function.ts';
import { powerBody } from './power.ts';
import { type Range, sumRange, within } from './range.ts';

export type { BinaryFunction, UnaryFunction } from './memory-function.ts';
/** (o, a, b, c, d): two results, one after another at o. */
export type TwoProductsFunction = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32'], 'void'>;

/** How canonical bytes encode an element: plainly, or in Montgomery form with radix 2^(8·byteLength) (zkey, ptau). */
export type ByteEncoding = 'plain' | 'montgomery';

/**
 * The memory-to-memory functions of one field in one module. Each is generated on first use. Arguments are addresses; pairs
 * are aligned to 16 and hold elements of {@link FieldForm.stored}; an output may be one of the inputs.
 */
export class FieldFunctions {
  readonly module: ModuleBuilder;
  readonly form: FieldForm;

  constructor(module: ModuleBuilder, form: FieldForm) {
    this.module = module;
    this.form = form;
  }

  /**
   * What factors of {@link mul} may be: wider than {@link FieldForm.stored} where the multiplier takes sums of two elements and still
   * returns what can be stored. Spares their reductions.
   */
  get factorRange(): Range {
    const { form } = this;
    const sums = sumRange(form.stored, form.stored);
    const product = form.productRange([[sums, sums]]);
    return product && within(product, form.stored) ? sums : form.stored;
  }
  /** o = a·b for factors of {@link factorRange}. */
  get mul(): BinaryFunction {
    const range = this.factorRange;
    return this.#binary('mul', (ops, o, a, b) =>
      ops.store(o, ops.mul(ops.load(a, range), ops.load(b, range))),
    );
  }
  /** o = a². */
  get sqr(): UnaryFunction {
    return this.#unary('sqr', (ops, o, a) => ops.store(o, ops.sqr(ops.load(a))));
  }
  /** (o, a, b, c, d): two products interleaved, a·b at o and c·d after it, as {@link mul}. */
  get mulTwo(): TwoProductsFunction {
    const range = this.factorRange;
    const name = functionName(this.form, 'mulTwo');
    return this.module.once(name, ['i32', 'i32', 'i32', 'i32', 'i32'], 'void', (f, o, a, b, c, d) => {
      const ops = this.form.ops(f);
      const factors = [a, b, c, d].map((at) => ops.load(at, range));
      const [first, second] = ops.products([factors.slice(0, 2), factors.slice(2)] as unknown as Term[]);
      ops.store(o, first as Element);
      ops.store(new Ptr(o, this.form.pairBytes), second as Element);
    });
  }
  /** o = a + b. */
  get add(): BinaryFunction {
    return this.#binary('add', (ops, o, a, b) => ops.store(o, ops.add(ops.load(a), ops.load(b))));
  }
  /** o = a − b. */
  get sub(): BinaryFunction {
    return this.#binary('sub', (ops, o, a, b) => ops.store(o, ops.sub(ops.load(a), ops.load(b))));
  }
  /** o = −a. */
  get neg(): UnaryFunction {
    return this.#unary('neg', (ops, o, a) => ops.store(o, ops.neg(ops.load(a))));
  }
  /** o = 2a. */
  get double(): UnaryFunction {
    return this.#unary('double', (ops, o, a) => ops.store(o, ops.double(ops.load(a))));
  }
  /** o = 1/a, or 0 where a is 0. */
  get invert(): UnaryFunction {
    const name = functionName(this.form, 'invert');
    return this.module.once(name, ['i32', 'i32'], 'void', (f, o, a) =>
      invertBody(f, this, integerInverse(this.module, this.form.field), o, a),
    );
  }
  /** o = a^exponent for a fixed exponent ≥ 1. */
  power(exponent: bigint): UnaryFunction {
    const name = functionName(this.form, `power${exponent.toString(16)}`);
    return this.module.once(name, ['i32', 'i32'], 'void', (f, o, a) => powerBody(f, this, exponent, o, a));
  }
  /** Lanes in which a ≡ 0: bit 0 for lane 0, bit 1 for lane 1. */
  get isZero(): FunctionRef<readonly ['i32'], 'i32'> {
    return this.module.once(functionName(this.form, 'isZero'), ['i32'], 'i32', (f, a) => {
      const ops = this.form.ops(f);
      return ops.maskBits(ops.isZero(ops.load(a)));
    });
  }
  /** Lanes in which a ≡ b, as bits. */
  get equal(): FunctionRef<readonly ['i32', 'i32'], 'i32'> {
    return this.module.once(functionName(this.form, 'equal'), ['i32', 'i32'], 'i32', (f, a, b) => {
      const ops = this.form.ops(f);
      return ops.maskBits(ops.equal(ops.load(a), ops.load(b)));
    });
  }
  /**
   * (data, count, scratch): inverts `count` pairs in place with one inversion; an element that is 0 stays 0, in its lane alone.
   * `scratch` holds count·pairBytes bytes.
   */
  get batchInvert(): BinaryFunction {
    const name = functionName(this.form, 'batchInvert');
    return this.module.once(name, ['i32', 'i32', 'i32'], 'void', (f, data, count, scratch) =>
      batchInvertBody(f, this, data, count, scratch),
    );
  }
  /** (o, from0, from1): a pair from two byte strings at any addresses. */
  fromBytes(encoding: ByteEncoding = 'plain'): BinaryFunction {
    const { radix, field } = this.form;
    const fileRadix = encodingRadix(this.form, encoding);
    if (encoding === 'plain' || mod(fileRadix - radix, field.modulus) === 0n) {
      return this.#binary(`fromBytes.${encoding}`, (ops, o, from0, from1) =>
        ops.store(o, loadEncoded(ops, encoding, from0, from1)),
      );
    }
    const name = functionName(this.form, `fromBytes.${encoding}`);
    return this.module.once(name, ['i32', 'i32', 'i32'], 'void', (f, o, from0, from1) => {
      f.run(this.fromBytes(), o, from0, from1);
      f.run(this.mul, o, o, this.#constant(f, modInverse(fileRadix, field.modulus)));
    });
  }
  /** (to0, to1, a): canonical bytes of both lanes. */
  toBytes(encoding: ByteEncoding = 'plain'): BinaryFunction {
    const { radix, field } = this.form;
    const factor = mod(encodingRadix(this.form, encoding) * modInverse(radix, field.modulus), field.modulus);
    if (factor === 1n) return this.storeRepresentation;
    const name = functionName(this.form, `toBytes.${encoding}`);
    return this.module.once(name, ['i32', 'i32', 'i32'], 'void', (f, to0, to1, a) => {
      const scaled = f.frame(this.form.pairBytes).address;
      f.run(this.mul, scaled, a, this.#constant(f, factor));
      f.run(this.storeRepresentation, to0, to1, scaled);
    });
  }
  /** (to0, to1, a): canonical bytes of the Montgomery representations that the form computes in. */
  get storeRepresentation(): BinaryFunction {
    return this.#binary('storeRepresentation', (ops, to0, to1, a) =>
      ops.storeRepresentation(to0, to1, ops.load(a)),
    );
  }
  /** (to, from, count): `count` pairs out of 2·count byte strings one after another: element 2i in lane 0 of pair i. */
  importPairs(encoding: ByteEncoding = 'plain'): BinaryFunction {
    const { pairBytes, field } = this.form;
    return this.#loop(`importPairs.${encoding}`, pairBytes, 2 * field.byteLength, (ops, to, from) =>
      ops.store(to, loadEncoded(ops, encoding, from, from.plus(field.byteLength))),
    );
  }
  /** (to, from, count): the reverse of {@link importPairs}. */
  exportPairs(encoding: ByteEncoding = 'plain'): BinaryFunction {
    const { pairBytes, field } = this.form;
    return this.#loop(`exportPairs.${encoding}`, 2 * field.byteLength, pairBytes, (ops, to, from) =>
      storeEncoded(ops, encoding, to, to.plus(field.byteLength), ops.load(from)),
    );
  }
  /** (to, from, count): 2·count singles out of as many byte strings. */
  importSingles(encoding: ByteEncoding = 'plain'): BinaryFunction {
    const { singleBytes, field } = this.form;
    return this.#loop(`importSingles.${encoding}`, 2 * singleBytes, 2 * field.byteLength, (ops, to, from) =>
      ops.storeSingles(
        to,
        to.plus(singleBytes),
        loadEncoded(ops, encoding, from, from.plus(field.byteLength)),
      ),
    );
  }
  /** (to, from, count): the reverse of {@link importSingles}. */
  exportSingles(encoding: ByteEncoding = 'plain'): BinaryFunction {
    const { singleBytes, field } = this.form;
    return this.#loop(`exportSingles.${encoding}`, 2 * field.byteLength, 2 * singleBytes, (ops, to, from) =>
      storeEncoded(
        ops,
        encoding,
        to,
        to.plus(field.byteLength),
        ops.loadSingles(from, from.plus(singleBytes)),
      ),
    );
  }

  /** Address of a constant in both lanes. */
  #constant(f: FunctionBuilder, value: bigint): I32 {
    return f.constantAddress(this.form.encodePair(value, value)).address;
  }

  #unary(operation: string, body: (ops: FieldOps, o: Ptr, a: Ptr) => void): UnaryFunction {
    return this.module.once(functionName(this.form, operation), ['i32', 'i32'], 'void', (f, o, a) =>
      body(this.form.ops(f), toPtr(o), toPtr(a)),
    );
  }

  #binary(operation: string, body: (ops: FieldOps, o: Ptr, a: Ptr, b: Ptr) => void): BinaryFunction {
    return this.module.once(functionName(this.form, operation), ['i32', 'i32', 'i32'], 'void', (f, o, a, b) =>
      body(this.form.ops(f), toPtr(o), toPtr(a), toPtr(b)),
    );
  }

  /** (to, from, count): `body` once per step of the two addresses. */
  #loop(
    operation: string,
    toStep: number,
    fromStep: number,
    body: (ops: FieldOps, to: Ptr, from: Ptr) => void,
  ): BinaryFunction {
    const name = functionName(this.form, operation);
    return this.module.once(name, ['i32', 'i32', 'i32'], 'void', (f, to, from, count) => {
      f.constantPolicy = 'hoist';
      const ops = this.form.ops(f);
      f.repeat(count, () => {
        f.scope(() => body(ops, new Ptr(to), new Ptr(from)));
        f.set(to, i32.add(to, i32.const(toStep)));
        f.set(from, i32.add(from, i32.const(fromStep)));
      });
    });
  }
}

/** What an encoding multiplies a value by, before the residue is written. */
function encodingRadix({ field }: FieldForm, encoding: ByteEncoding): bigint {
  return encoding === 'plain' ? 1n : 1n << BigInt(8 * field.byteLength);
}

function loadEncoded(ops: FieldOps, encoding: ByteEncoding, at0: Ptr, at1: Ptr): Element {
  return encoding === 'plain' ? ops.loadBytes(at0, at1) : ops.loadMontgomeryBytes(at0, at1);
}

function storeEncoded(ops: FieldOps, encoding: ByteEncoding, at0: Ptr, at1: Ptr, element: Element): void {
  if (encoding === 'plain') ops.storeBytes(at0, at1, element);
  else ops.storeMontgomeryBytes(at0, at1, element);
}
