import type { Curve, Fp2 } from '../../curve/curve.ts';
import { OptionError } from '../../errors.ts';
import type { FunctionBuilder, FunctionRef, ModuleBuilder, Ptr } from '../emit/index.ts';
import type { FieldForm } from '../field/field-form.ts';
import { QuadraticExtension } from './quadratic.ts';

/** A function of N addresses, counts or lane masks. */
export type Kernel<N extends number> = FunctionRef<Words<N>, 'void'>;
/** A {@link Kernel} with a number as its result. */
export type ResultKernel<N extends number> = FunctionRef<Words<N>, 'i32'>;
type Words<N extends number, T extends readonly 'i32'[] = readonly []> = T['length'] extends N
  ? T
  : Words<N, readonly [...T, 'i32']>;

/**
 * The extension tower of one curve in one module, for lane pairs:
 * Fp2 = Fp[u]/(u² + 1), Fp6 = Fp2[v]/(v³ − ξ), Fp12 = Fp6[w]/(w² − v), with ξ = k + u.
 *
 * In memory an element is its Fp coefficients in tower order, each a pair of the field form: Fp12 is c0 ‖ c1, Fp6 is
 * c0 ‖ c1 ‖ c2, Fp2 is c0 ‖ c1. All coefficients are in the form's stored range. Functions take addresses, output first;
 * an output may be one of the inputs unless a function says otherwise.
 */
export class Tower extends QuadraticExtension {
  readonly curve: Curve;
  /** k in ξ = k + u: 9 on BN254, 1 on BLS12-381. */
  readonly nonresidue: number;
  readonly fp6Bytes: number;
  readonly fp12Bytes: number;

  constructor(module: ModuleBuilder, form: FieldForm, curve: Curve) {
    if (form.field.modulus !== curve.modulus) {
      throw new OptionError(`The tower of ${curve.name} needs its base field, not ${form.field.name}.`, {
        field: 'form',
      });
    }
    const { c0, c1 } = curve.fields.Fp2.NONRESIDUE;
    if (c1 !== 1n || c0 > 16n) throw new OptionError(`${curve.name}: ξ must be a small k + u.`);
    super(module, form);
    this.curve = curve;
    this.nonresidue = Number(c0);
    this.fp6Bytes = 3 * this.fp2Bytes;
    this.fp12Bytes = 2 * this.fp6Bytes;
  }

  /** Offset of the coefficient of w^k in an element of Fp12 = Fp2[w]/(w⁶ − ξ): the tower in another order. */
  offset(k: number): number {
    return (k % 2) * this.fp6Bytes + (k >> 1) * this.fp2Bytes;
  }

  /** Address of constant coefficients in Fp, the same in both lanes. */
  constants(f: FunctionBuilder, coefficients: readonly bigint[]): Ptr {
    const bytes = new Uint8Array(coefficients.length * this.fpBytes);
    for (const [i, c] of coefficients.entries()) bytes.set(this.form.encodePair(c, c), i * this.fpBytes);
    return f.constantAddress(bytes);
  }

  /** Address of a constant of Fp2 in both lanes. */
  constant(f: FunctionBuilder, { c0, c1 }: Fp2): Ptr {
    return this.constants(f, [c0, c1]);
  }
}
