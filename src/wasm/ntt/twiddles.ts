/**
 * Twiddle factors. A transform of 2^r values at the points σ·ω^i is a walk down a tree of remainders: node b of level s holds the
 * polynomial modulo X^(2^(r−s)) − c, and with w = √c its children hold it modulo X^(2^(r−s−1)) − w and + w. From the root's
 * c = σ^(2^r) it follows that w(s, b) = σ^(2^(r−s−1))·ω_(2^(s+1))^brv_s(b), where brv_s reverses s bits and ω_m is the root of
 * unity of order m. The table holds prepared factors, level after level: 2^s for level s, from entry 2^s − 1 on.
 */

import { type FunctionRef, i32, type ModuleBuilder } from '../emit/index.ts';
import { type FieldForm, functionName } from '../field/field-form.ts';
import { FieldFunctions, type UnaryFunction } from '../field/field-functions.ts';

/**
 * (table, levels, roots, shift): fills the table of a transform of 2^levels values, levels ≥ 1. `roots` are pairs of the roots of
 * unity of orders 4, 8, 16 …, levels − 1 of them; `shift` is the pair of σ.
 */
export function twiddlesFunction(
  module: ModuleBuilder,
  form: FieldForm,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const { pairBytes, preparedBytes } = form;
  const { sqr } = new FieldFunctions(module, form);
  const prepare = prepareFunction(module, form);
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return module.once(functionName(form, 'nttTwiddles'), params, 'void', (f, table, levels, roots, shift) => {
    f.constantPolicy = 'hoist';
    const ops = form.ops(f);
    const [first, product] = [f.frame(pairBytes), f.frame(pairBytes)];
    f.scope(() => ops.copy(first, shift));
    const [level, size, count] = [f.let(levels), f.local('i32'), f.local('i32')];
    const [start, from, to, root] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    f.while(
      () => level,
      () => {
        f.set(level, i32.sub(level, i32.const(1)));
        const entries = i32.sub(i32.shl(i32.const(1), level), i32.const(1));
        f.set(start, i32.add(table, i32.mul(entries, i32.const(preparedBytes))));
        f.run(prepare, start, first.address);
        f.set(to, i32.add(start, i32.const(preparedBytes)));
        f.set(root, roots);
        f.set(size, i32.const(1));
        // brv(b + 2^j) = brv(b) + 2^(s−1−j): each doubling of the list multiplies it by a root of twice the order.
        f.while(
          () => i32.ltU(size, i32.shl(i32.const(1), level)),
          () => {
            f.set(from, start);
            f.set(count, size);
            f.repeat(count, () => {
              f.scope(() => ops.store(product, ops.mul(ops.loadPrepared(from), ops.load(root))));
              f.run(prepare, to, product.address);
              f.set(from, i32.add(from, i32.const(preparedBytes)));
              f.set(to, i32.add(to, i32.const(preparedBytes)));
            });
            f.set(root, i32.add(root, i32.const(pairBytes)));
            f.set(size, i32.shl(size, i32.const(1)));
          },
        );
        f.run(sqr, first.address, first.address);
      },
    );
  });
}

/** (o, a): a as a prepared factor at o. */
function prepareFunction(module: ModuleBuilder, form: FieldForm): UnaryFunction {
  return module.once(functionName(form, 'prepare'), ['i32', 'i32'], 'void', (f, o, a) => {
    const ops = form.ops(f);
    ops.prepare(o, ops.load(a));
  });
}

/** Entries of a table of `levels` levels. */
export function twiddleEntries(levels: number): number {
  return 2 ** levels - 1;
}
