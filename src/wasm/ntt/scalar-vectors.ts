/** Vectors of scalars, packed one after another: conversions from and to bytes, and element-by-element operations. */

import { forPairs } from '../curve/point-vectors.ts';
import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  i64,
  type Local,
  load,
  type ModuleBuilder,
  toPtr,
} from '../emit/index.ts';
import { type FieldForm, functionName } from '../field/field-form.ts';
import type { ByteEncoding } from '../field/field-functions.ts';
import type { FieldOps } from '../field/field-ops.ts';

type Address = 'i32';
/** Functions of three, four and five addresses or counts. */
export type Ternary = FunctionRef<readonly [Address, Address, Address], 'void'>;
export type Quaternary = FunctionRef<readonly [Address, Address, Address, Address], 'void'>;
export type Quinary = FunctionRef<readonly [Address, Address, Address, Address, Address], 'void'>;

/** (to, from, count): scalars out of bytes, plain or in Montgomery form. */
export function importFunction(module: ModuleBuilder, form: FieldForm, encoding: ByteEncoding): Ternary {
  const name = functionName(form, `import.${encoding}`);
  return module.once(name, ['i32', 'i32', 'i32'], 'void', (f, to, from, count) => {
    const ops = startLoop(f, form);
    const walks = [
      { at: to, stride: form.singleBytes },
      { at: from, stride: form.field.byteLength },
    ];
    forPairs(f, count, walks, ([to1, from1]) => {
      const [a, b] = [toPtr(from), toPtr(from1 as I32)];
      const element = encoding === 'plain' ? ops.loadBytes(a, b) : ops.loadMontgomeryBytes(a, b);
      ops.storeSingles(to, to1 as I32, element);
    });
  });
}

/** (to, from, count): canonical bytes of scalars. */
export function exportFunction(module: ModuleBuilder, form: FieldForm): Ternary {
  return module.once(functionName(form, 'export'), ['i32', 'i32', 'i32'], 'void', (f, to, from, count) => {
    const ops = startLoop(f, form);
    const walks = [
      { at: to, stride: form.field.byteLength },
      { at: from, stride: form.singleBytes },
    ];
    forPairs(f, count, walks, ([to1, from1]) =>
      ops.storeBytes(to, to1 as I32, ops.loadSingles(from, from1 as I32)),
    );
  });
}

/** (from, count): index of the first of `count` byte strings that is not below the modulus, or −1. */
export function notCanonicalFunction(
  module: ModuleBuilder,
  form: FieldForm,
): FunctionRef<readonly [Address, Address], 'i32'> {
  const { modulus, byteLength } = form.field;
  return module.once(functionName(form, 'notCanonical'), ['i32', 'i32'], 'i32', (f, from, count) => {
    const index = f.let(i32.const(0));
    const word = f.local('i64');
    f.while(
      () => i32.ltU(index, count),
      () => {
        f.block((isBelow) => {
          // The highest word that differs decides; none does for the modulus itself.
          for (let at = byteLength - 8; at >= 0; at -= 8) {
            const bound = i64.const(modulus >> BigInt(8 * at));
            f.set(word, load.i64(from, at));
            f.brIf(isBelow, i64.ltU(word, bound));
            f.if(i64.gtU(word, bound), () => f.return(index));
          }
          f.return(index);
        });
        f.set(from, i32.add(from, i32.const(byteLength)));
        f.set(index, i32.add(index, i32.const(1)));
      },
    );
    return i32.const(-1);
  });
}

/** (to, left, right, count): left_i·right_i. */
export function mulFunction(module: ModuleBuilder, form: FieldForm): Quaternary {
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return module.once(functionName(form, 'mulVectors'), params, 'void', (f, to, left, right, count) => {
    const ops = startLoop(f, form);
    forSingles(f, form, count, [to, left, right], ([to1, left1, right1]) =>
      ops.storeSingles(to, to1, ops.mul(ops.loadSingles(left, left1), ops.loadSingles(right, right1))),
    );
  });
}

/** (to, left, right, count, factor): left_i + factor·right_i; `factor` is a pair. */
export function foldFunction(module: ModuleBuilder, form: FieldForm): Quinary {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.once(functionName(form, 'fold'), params, 'void', (f, to, left, right, count, factorAt) => {
    const ops = startLoop(f, form);
    const factor = ops.load(factorAt);
    forSingles(f, form, count, [to, left, right], ([to1, left1, right1]) => {
      const product = ops.mul(ops.loadSingles(right, right1), factor);
      ops.storeSingles(to, to1, ops.add(ops.loadSingles(left, left1), product));
    });
  });
}

/** (to, from, count, factor): factor·from_i; `factor` is a pair. */
export function scaleFunction(module: ModuleBuilder, form: FieldForm): Quaternary {
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return module.once(functionName(form, 'scale'), params, 'void', (f, to, from, count, factorAt) => {
    const ops = startLoop(f, form);
    const factor = ops.load(factorAt);
    forSingles(f, form, count, [to, from], ([to1, from1]) =>
      ops.storeSingles(to, to1, ops.mul(ops.loadSingles(from, from1), factor)),
    );
  });
}

/**
 * (to, count, first, step): the powers [a, b, a·s, b·s, a·s², …], `count` of them, of the pairs first = (a, b) and
 * step = (s, s).
 */
export function powersFunction(module: ModuleBuilder, form: FieldForm): Quaternary {
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return module.once(functionName(form, 'powers'), params, 'void', (f, to, count, firstAt, stepAt) => {
    const ops = startLoop(f, form);
    const step = ops.load(stepAt);
    const power = ops.variable();
    ops.assign(power, ops.load(firstAt));
    forPairs(f, count, [{ at: to, stride: form.singleBytes }], ([to1]) => {
      // A last odd element writes lane 1 and then lane 0 to one place.
      ops.storeSingle(to1 as I32, power, 1);
      ops.storeSingle(to, power, 0);
      ops.assign(power, ops.mul(power, step));
    });
  });
}

/**
 * (to, from, length, carry, point): synthetic division of two stretches of coefficients at once, lane 0 from `from` on and
 * lane 1 from where the first ends. Downwards from the highest, carry ← coefficient + point·carry, which is left at `carry` and,
 * unless `to` is 0, stored in the coefficient's place at `to`.
 */
export function divideFunction(module: ModuleBuilder, form: FieldForm): Quinary {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.once(
    functionName(form, 'divide'),
    params,
    'void',
    (f, to, from, length, carryAt, pointAt) => {
      const ops = startLoop(f, form);
      const point = ops.load(pointAt);
      const carry = ops.variable();
      ops.assign(carry, ops.load(carryAt));
      const stretch = f.let(i32.mul(length, i32.const(form.singleBytes)));
      const offset = f.let(stretch);
      const places = (base: Local<'i32'>): [Local<'i32'>, Local<'i32'>] => {
        const at = f.let(i32.add(base, offset));
        return [at, f.let(i32.add(at, stretch))];
      };
      f.while(
        () => offset,
        () => {
          f.set(offset, i32.sub(offset, i32.const(form.singleBytes)));
          f.scope(() => {
            const coefficients = ops.loadSingles(...places(from));
            ops.assign(carry, ops.add(ops.mul(carry, point), coefficients));
            f.if(to, () => ops.storeSingles(...places(to), carry));
          });
        },
      );
      ops.store(carryAt, carry);
    },
  );
}

function startLoop(f: FunctionBuilder, form: FieldForm): FieldOps {
  f.constantPolicy = 'hoist';
  return form.ops(f);
}

/** {@link forPairs} over vectors of packed scalars. */
function forSingles(
  f: FunctionBuilder,
  form: FieldForm,
  count: Local<'i32'>,
  vectors: readonly Local<'i32'>[],
  body: (seconds: readonly [I32, I32, I32]) => void,
): void {
  const walks = vectors.map((at) => ({ at, stride: form.singleBytes }));
  forPairs(f, count, walks, (seconds) => body(seconds as readonly [I32, I32, I32]));
}
