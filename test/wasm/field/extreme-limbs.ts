import fc from 'fast-check';
import type { FieldForm, Range } from '../../../src/wasm/field/index.ts';
import { fromLimbs } from '../../../src/wasm/field/limbs.ts';

/** The integer that limbs stand for. */
export function integerOf(form: FieldForm, limbs: readonly bigint[]): bigint {
  return fromLimbs(limbs, form.limbBits);
}

/** ⌊value·p⌋ for a bound given as a double. */
function valueBound(form: FieldForm, { value }: Range): bigint {
  return (BigInt(Math.floor(value * 2 ** 40)) * form.field.modulus) >> 40n;
}

/** Whether limbs lie in a range, by its definition. */
export function liesIn(form: FieldForm, limbs: readonly bigint[], range: Range): boolean {
  const integer = integerOf(form, limbs);
  const limit = (BigInt(Math.ceil(range.value * 2 ** 40)) * form.field.modulus) >> 40n;
  const unit = range.limb * 2 ** (form.limbBits - 1);
  const lower = limbs.slice(0, -1);
  return (
    (integer < 0n ? -integer : integer) <= limit && lower.every((limb) => Math.abs(Number(limb)) <= unit)
  );
}

/**
 * Limb vectors in a range, most of them as far out as it goes: every lower limb at plus or minus its bound, and the top limb
 * as large as the bound of the value allows.
 */
export function limbsIn(form: FieldForm, range: Range): fc.Arbitrary<bigint[]> {
  const bound = BigInt(Math.floor(range.limb * 2 ** (form.limbBits - 1)));
  const limit = valueBound(form, range);
  const anywhere = (extreme: bigint): fc.Arbitrary<bigint> =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(extreme, -extreme) },
      { weight: 1, arbitrary: fc.bigInt({ min: -extreme, max: extreme }) },
      { weight: 1, arbitrary: fc.constant(0n) },
    );
  const lower = fc.oneof(
    fc.constantFrom(1n, -1n, 0n).map((sign) => new Array<bigint>(form.limbCount - 1).fill(sign * bound)),
    fc.array(anywhere(bound), { minLength: form.limbCount - 1, maxLength: form.limbCount - 1 }),
  );
  return fc.tuple(lower, anywhere(limit)).map(([limbs, value]) => {
    const rest = value - integerOf(form, [...limbs, 0n]);
    const topUnit = 1n << BigInt(form.limbBits * (form.limbCount - 1));
    // Towards the interior, so that the value stays within its bound whatever the lower limbs add.
    let top = rest / topUnit;
    while (abs(integerOf(form, [...limbs, top])) > limit)
      top += integerOf(form, [...limbs, top]) > 0n ? -1n : 1n;
    return [...limbs, top];
  });
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
