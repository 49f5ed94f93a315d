import type { Body, FunctionBuilder, FunctionRef, ModuleBuilder, Ptr } from '../emit/index.ts';
import type { Element, Mask } from '../field/field-form.ts';
import { FieldFunctions } from '../field/field-functions.ts';
import type { FieldOps } from '../field/field-ops.ts';
import type { CoordinateOps, Coordinates } from './coordinates.ts';
import type { Coefficients, GroupSpec } from './group-spec.ts';

/** One group in one module and one form: what every generator of this folder starts from. */
export class Group<E> {
  readonly module: ModuleBuilder;
  readonly spec: GroupSpec;
  readonly coords: Coordinates<E>;
  /** Functions of the base field. */
  readonly fp: FieldFunctions;
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
  kit(f: FunctionBuilder, products: ProductStyle = 'inline'): Kit<E> {
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

/** Whether products are emitted in place, or called: code of a G2 formula shrinks tenfold, for some 10 % of its speed. */
export type ProductStyle = 'inline' | 'called';

/** Emits coordinate arithmetic into one function: the linear operations in place, products as the style says. */
export class Kit<E> {
  readonly group: Group<E>;
  readonly f: FunctionBuilder;
  readonly ops: CoordinateOps<E>;
  /** The base field in the same function, for masks. */
  readonly fp: FieldOps;
  readonly #style: ProductStyle;
  #operands: Ptr[] = [];

  constructor(group: Group<E>, f: FunctionBuilder, style: ProductStyle) {
    const { ops, fp } = group.coords.ops(f);
    this.group = group;
    this.f = f;
    this.ops = ops;
    this.fp = fp;
    this.#style = style;
  }

  /** a·b. */
  mul(a: E, b: E): E {
    return this.sum([[a, b]]);
  }

  /** a². */
  sqr(a: E): E {
    return this.#style === 'inline' ? this.ops.sqr(a) : this.#call('sqr', [a], (ops, [x]) => ops.sqr(x as E));
  }

  /** Σ aᵢ·bᵢ. */
  sum(terms: readonly (readonly [E, E])[]): E {
    if (this.#style === 'inline') return this.ops.sumOfProducts(terms);
    return this.#call(`sum${terms.length}`, terms.flat(), (ops, factors) =>
      ops.sumOfProducts(terms.map((_, i) => [factors[2 * i] as E, factors[2 * i + 1] as E])),
    );
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

  /** a·s for a constant s of Fp. */
  timesFp(a: E, s: bigint): E {
    const { coords } = this.group;
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

  #call(name: string, inputs: readonly E[], body: (ops: CoordinateOps<E>, inputs: readonly E[]) => E): E {
    const { group, f } = this;
    const { pairBytes } = group.coords;
    const params = new Array<'i32'>(inputs.length + 1).fill('i32');
    const callee = group.module.once(
      `${group.coords.form.field.name}.degree${group.coords.degree}.${name}`,
      params,
      'void',
      (g, ...locals) => {
        const { ops } = group.coords.ops(g);
        const [o, ...addresses] = locals;
        ops.store(
          o as never,
          body(
            ops,
            addresses.map((address) => ops.load(address)),
          ),
        );
      },
    );
    while (this.#operands.length < inputs.length) this.#operands.push(f.frame(pairBytes));
    const at = this.#operands.slice(0, inputs.length);
    inputs.forEach((input, i) => {
      this.ops.store(at[i] as Ptr, input);
    });
    f.run(callee, ...([at[0], ...at] as Ptr[]).map((ptr) => ptr.address));
    return this.ops.load(at[0] as Ptr);
  }
}
