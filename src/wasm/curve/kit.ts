import type { Body, FunctionBuilder, FunctionRef, I32, ModuleBuilder, Ptr } from '../emit/index.ts';
import type { Element, Mask } from '../field/field-form.ts';
import { type BinaryFunction, FieldFunctions, type TwoProductsFunction } from '../field/field-functions.ts';
import type { FieldOps } from '../field/field-ops.ts';
import type { CoordinateFunctions, CoordinateOps, Coordinates } from './coordinates.ts';
import type { Coefficients, GroupSpec } from './group-spec.ts';

/** One group in one module and one form: what every generator of this folder starts from. */
export class Group<E> {
  readonly module: ModuleBuilder;
  readonly spec: GroupSpec;
  readonly coords: Coordinates<E>;
  /** Functions of the base field. */
  readonly fp: FieldFunctions;
  /** Functions of the coordinate field. */
  readonly functions: CoordinateFunctions<E>;
  /** Bytes of a packed affine point: x, then y. */
  readonly pointBytes: number;
  /** Bytes of a pair of projective points: X, then Y, then Z, all as pairs. */
  readonly projectiveBytes: number;
  /** Bytes of an affine point in memory form. */
  readonly encodedBytes: number;

  constructor(module: ModuleBuilder, spec: GroupSpec, coords: Coordinates<E>) {
    this.module = module;
    this.spec = spec;
    this.coords = coords;
    this.fp = new FieldFunctions(module, coords.form);
    this.functions = coords.functions(module);
    this.pointBytes = 2 * coords.singleBytes;
    this.projectiveBytes = 3 * coords.pairBytes;
    this.encodedBytes = 2 * coords.byteLength;
  }

  /** Full name of a function of this group in the module and among its exports. */
  functionName(operation: string): string {
    return `${this.spec.name}.${operation}`;
  }

  /** A function on addresses and counts, generated on first use. */
  define<const P extends readonly 'i32'[], R extends 'i32' | 'void'>(
    operation: string,
    params: P,
    result: R,
    body: Body<P, R>,
  ): FunctionRef<P, R> {
    return this.module.once(this.functionName(operation), params, result, body);
  }

  /** Starts emitting into `f`. */
  kit(f: FunctionBuilder, products: ProductStyle = 'small'): Kit<E> {
    return new Kit(this, f, products);
  }

  /** Address of the memory image of a pair that holds one constant twice. */
  constantPair(f: FunctionBuilder, value: Coefficients): Ptr {
    const { form } = this.coords;
    const bytes = new Uint8Array(this.coords.pairBytes);
    value.forEach((coefficient, i) => {
      bytes.set(form.encodePair(coefficient, coefficient), i * form.pairBytes);
    });
    return f.constantAddress(bytes);
  }

  /** Address of zeros: an affine point at infinity. */
  infinity(f: FunctionBuilder): Ptr {
    return f.constantAddress(new Uint8Array(this.pointBytes));
  }
}

/**
 * Whether products are emitted in place, or called. Called, a formula is a tenth of the code; it loses a fifth of its speed with the
 * short products of BN254's G1, and nothing with longer ones, whose formulas do not fit the instruction cache in place.
 */
export type ProductStyle = 'inline' | 'called' | 'small';

/**
 * For how long functions run that exist in two versions. `long`: the fastest code there is. `short`: products are called, which costs an
 * eighth of the speed, and engines optimise it at once; a tenfold amount of code in place takes them longer than a short computation takes.
 */
export type RunLength = 'long' | 'short';

/** Limbs up to which products stand in place in what runs long: longer ones weigh more code than a call costs time. */
const INLINE_LIMBS = 6;

/** How hot loops of a group multiply. */
export function loopStyle<E>({ coords: { degree, form } }: Group<E>, run: RunLength): ProductStyle {
  const isShort = form.name !== 'fma' || form.limbCount <= INLINE_LIMBS;
  return run === 'long' && degree === 1 && isShort ? 'inline' : 'called';
}

/** The name of a function in one version; groups whose loops call their products have only one. */
export function nameOfRun<E>(group: Group<E>, operation: string, run: RunLength): string {
  return loopStyle(group, run) === loopStyle(group, 'long') ? operation : `${operation}.${run}`;
}

/** Emits coordinate arithmetic into one function: the linear operations in place, products as the style says. */
export class Kit<E> {
  readonly group: Group<E>;
  readonly f: FunctionBuilder;
  readonly ops: CoordinateOps<E>;
  /** The base field in the same function, for masks. */
  readonly fp: FieldOps;
  readonly #style: ProductStyle;
  readonly #slots: Slot[] = [];
  #result: Ptr | undefined;
  /** Where elements are in memory that does not change while the function needs them. */
  readonly #places = new Map<E, Ptr>();

  constructor(group: Group<E>, f: FunctionBuilder, style: ProductStyle) {
    const { ops, fp } = group.coords.ops(f);
    this.group = group;
    this.f = f;
    this.ops = ops;
    this.fp = fp;
    this.#style = style;
    if (style === 'small') f.aim = 'size';
  }

  /** A pair in memory that stays as it is until the last product with it is made: calls take it from there. */
  load(at: Ptr): E {
    const element = this.ops.load(at);
    this.#places.set(element, at);
    return element;
  }

  /** An element that a loop carries from round to round: in locals, or where calls take it from. What it was must not be needed when it is set. */
  carried(): Carried<E> {
    const { f, ops } = this;
    if (this.#style !== 'called' || !this.group.functions.mulTwo()) {
      const variable = ops.variable();
      return { get: () => variable, set: (value) => ops.assign(variable, value) };
    }
    const at = f.frame(this.group.coords.pairBytes);
    return { get: () => this.load(at), set: (value) => ops.store(at, value) };
  }

  /** a·b. */
  mul(a: E, b: E): E {
    return this.sum([[a, b]]);
  }

  /** Several products that do not depend on each other, interleaved where the form does that. */
  products(pairs: readonly (readonly [E, E])[]): E[] {
    if (this.#style === 'inline') return this.ops.products(pairs);
    const mulTwo = this.#style === 'called' && pairs.length === 2 && this.group.functions.mulTwo();
    if (mulTwo) return this.#productsOfTwo(mulTwo, pairs);
    return pairs.map(([a, b]) => (a === b ? this.sqr(a) : this.mul(a, b)));
  }

  /** a². */
  sqr(a: E): E {
    if (this.#style === 'inline') return this.ops.sqr(a);
    const { at } = this.#slot(0);
    this.ops.store(at, a);
    this.f.run(this.group.functions.sqr, at.address, at.address);
    return this.ops.load(at);
  }

  /** Σ aᵢ·bᵢ. */
  sum(terms: readonly (readonly [E, E])[]): E {
    const { f, ops } = this;
    if (this.#style === 'inline') return ops.sumOfProducts(terms);
    const { functions } = this.group;
    const [first] = terms;
    if (first && terms.length === 1) {
      const { at, second } = this.#slot(0);
      functions.storeFactor(ops, at, first[0]);
      functions.storeFactor(ops, second, first[1]);
      f.run(functions.mul, at.address, at.address, second.address);
      return ops.load(at);
    }
    if (terms.length === 2 && this.#style === 'called' && functions.mulTwo()) {
      const [left, right] = this.products(terms) as [E, E];
      return ops.add(left, right);
    }
    const slots = terms.map(([a, b], i) => {
      const slot = this.#slot(i);
      ops.store(slot.at, a);
      functions.storeSecond(ops, slot.second, b);
      return slot;
    });
    this.#result ??= f.frame(this.group.coords.pairBytes);
    const factors = slots.flatMap((slot) => [slot.at.address, slot.second.address]);
    f.run(functions.sum(slots.length), this.#result.address, ...factors);
    return ops.load(this.#result);
  }

  /** k·a for a small k > 0, by additions. */
  times(a: E, k: number): E {
    let result: E | undefined;
    let power = a;
    for (let rest = k; rest > 0; rest >>= 1) {
      if (rest & 1) result = result === undefined ? power : this.ops.add(result, power);
      if (rest > 1) power = this.ops.double(power);
    }
    return result ?? this.ops.zero();
  }

  /** A constant in both lanes. */
  constant(value: Coefficients): E {
    return this.group.coords.fromCoefficients(value.map((coefficient) => this.fp.constant(coefficient)));
  }

  /** a·b for a constant b. */
  mulConstant(a: E, b: Coefficients): E {
    if (this.#style === 'inline') return this.ops.mul(a, this.constant(b));
    return this.#timesAt(this.group.functions.mul, a, this.group.constantPair(this.f, b));
  }

  /** a·s for a constant s of Fp. */
  timesFp(a: E, s: bigint): E {
    const { coords, functions } = this.group;
    if (this.#style !== 'inline') {
      const factor = this.f.constantAddress(coords.form.encodePair(s, s));
      return this.#timesAt(functions.timesFp, a, factor);
    }
    const factor = this.fp.constant(s);
    return coords.fromCoefficients(coords.coefficients(a).map((c: Element) => this.fp.mul(c, factor)));
  }

  /** The conjugate over Fp; the element itself in degree 1. */
  conjugate(a: E): E {
    const { coords } = this.group;
    return coords.fromCoefficients(coords.coefficients(a).map((c, i) => (i === 0 ? c : this.fp.neg(c))));
  }

  /** −a where the mask is set, else a. */
  negateWhere(mask: Mask, a: E): E {
    return this.ops.select(mask, this.ops.neg(a), a);
  }

  /** Two products by one call. Their factors are taken from where they are in memory, and the products stay there. */
  #productsOfTwo(mulTwo: TwoProductsFunction, pairs: readonly (readonly [E, E])[]): E[] {
    const { f } = this;
    const { pairBytes } = this.group.coords;
    const [[a, b], [c, d]] = pairs as readonly [readonly [E, E], readonly [E, E]];
    const factors = [a, b, c, d].map((factor) => this.#placeOf(factor).address);
    const to = f.frame(2 * pairBytes);
    f.run(mulTwo, to.address, ...(factors as [I32, I32, I32, I32]));
    return [to, to.plus(pairBytes)].map((at) => this.load(at));
  }

  /** Where a factor is in memory; it is stored if it is not there, and stays for other products. */
  #placeOf(factor: E): Ptr {
    let at = this.#places.get(factor);
    if (!at) {
      at = this.f.frame(this.group.coords.pairBytes);
      this.group.functions.storeFactor(this.ops, at, factor);
      this.#places.set(factor, at);
    }
    return at;
  }

  #timesAt(product: BinaryFunction, a: E, factor: Ptr): E {
    const { at } = this.#slot(0);
    this.ops.store(at, a);
    this.f.run(product, at.address, at.address, factor.address);
    return this.ops.load(at);
  }

  /** Room for the operands of the term of that number, the same for all products of a function. */
  #slot(index: number): Slot {
    const { coords, functions } = this.group;
    while (this.#slots.length <= index) {
      const at = this.f.frame(coords.pairBytes);
      this.#slots.push({ at, second: this.f.frame(functions.secondBytes) });
    }
    return this.#slots[index] as Slot;
  }
}

/** See {@link Kit.carried}. */
export interface Carried<E> {
  get(): E;
  set(value: E): void;
}

/** Where the factors of a called product are. */
interface Slot {
  readonly at: Ptr;
  readonly second: Ptr;
}
