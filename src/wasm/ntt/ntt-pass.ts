/** The kernel of a pass of a number-theoretic transform; pass-layout.ts says what it is told. */

import { forPairs } from '../curve/point-vectors.ts';
import {
  type Address,
  atomic,
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  load,
  type ModuleBuilder,
  toPtr,
} from '../emit/index.ts';
import { type Element, type FieldForm, functionName } from '../field/field-form.ts';
import type { FieldOps } from '../field/field-ops.ts';
import { GROUP_GAP, GROUP_ROWS, NTT_PASS } from './pass-layout.ts';

type Word = Local<'i32'>;

/** (plan, column, columns): one task: `columns` columns from `column` on, an even number unless the matrix has one. */
export function nttPassFunction(
  module: ModuleBuilder,
  form: FieldForm,
): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const lock = lockFunction(module, form);
  const name = functionName(form, 'nttPass');
  return module.once(name, ['i32', 'i32', 'i32'], 'void', (f, plan, column, columns) => {
    const read = (field: keyof typeof NTT_PASS): I32 => load.i32(plan, NTT_PASS[field]);
    const region = f.let(f.call(lock, read('locks'), read('scratchCount')));
    const scratch = f.let(i32.add(read('scratch'), i32.mul(region, read('scratchBytes'))));
    const pairs = f.let(i32.shrU(i32.add(columns, i32.const(1)), i32.const(1)));
    const rows = f.let(i32.add(scratch, i32.mul(pairs, i32.const(2 * form.pairBytes))));
    f.run(gatherFunction(module, form), plan, column, columns, rows);
    f.run(levelsFunction(module, form), plan, rows, pairs);
    f.if(
      read('ratios'),
      () => f.run(scatterFunction(module, form, true), plan, column, columns, scratch),
      () => f.run(scatterFunction(module, form, false), plan, column, columns, scratch),
    );
    const held = i32.add(read('locks'), i32.shl(region, i32.const(2)));
    f.drop(atomic.add32(held, 0, i32.const(-1)));
  });
}

/** (locks, count): takes a free scratch region and gives its index. There are as many as threads, so one is free or will be. */
function lockFunction(module: ModuleBuilder, form: FieldForm): FunctionRef<readonly ['i32', 'i32'], 'i32'> {
  return module.once(functionName(form, 'nttLock'), ['i32', 'i32'], 'i32', (f, locks, count) => {
    const region = f.let(i32.const(0));
    const at = f.local('i32');
    f.loop((again) => {
      f.set(at, i32.add(locks, i32.shl(region, i32.const(2))));
      f.if(i32.eqz(atomic.add32(at, 0, i32.const(1))), () => f.return(region));
      f.drop(atomic.add32(at, 0, i32.const(-1)));
      f.set(region, i32.remU(i32.add(region, i32.const(1)), count));
      f.br(again);
    });
    return i32.const(0);
  });
}

/** Address of a row of scratch, of which `base` is the first. */
function rowAddress(base: I32, row: Word, rowBytes: I32): I32 {
  const gaps = i32.mul(i32.shrU(row, i32.const(Math.log2(GROUP_ROWS))), i32.const(GROUP_GAP));
  return i32.add(i32.add(base, i32.mul(row, rowBytes)), gaps);
}

/** (plan, column, columns, rows): packed elements into the rows of scratch. */
function gatherFunction(
  module: ModuleBuilder,
  form: FieldForm,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return module.once(functionName(form, 'nttGather'), params, 'void', (f, plan, column, columns, rows) => {
    f.constantPolicy = 'hoist';
    const ops = form.ops(f);
    const start = i32.mul(column, i32.const(form.singleBytes));
    const line = f.let(i32.add(load.i32(plan, NTT_PASS.input), start));
    const [from, to, left, row] = [f.local('i32'), f.let(rows), f.local('i32'), f.let(i32.const(0))];
    const end = f.let(i32.shl(i32.const(1), load.i32(plan, NTT_PASS.rowsLog2)));
    f.while(
      () => i32.ltU(row, end),
      () => {
        f.set(from, line);
        f.set(left, columns);
        forPairs(f, left, [{ at: from, stride: form.singleBytes }], ([second]) => {
          ops.store(to, ops.loadSingles(from, second as I32));
          f.set(to, i32.add(to, i32.const(form.pairBytes)));
        });
        f.set(line, i32.add(line, load.i32(plan, NTT_PASS.inputRow)));
        f.set(row, i32.add(row, i32.const(1)));
        f.if(i32.eqz(i32.and(row, i32.const(GROUP_ROWS - 1))), () =>
          f.set(to, i32.add(to, i32.const(GROUP_GAP))),
        );
      },
    );
  });
}

/**
 * (plan, column, columns, scratch): the results, in natural order, times start·ratio^k where `withFactors`, as packed elements.
 */
function scatterFunction(
  module: ModuleBuilder,
  form: FieldForm,
  withFactors: boolean,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const { pairBytes, singleBytes } = form;
  const name = functionName(form, withFactors ? 'nttScatterScaled' : 'nttScatter');
  return module.once(name, ['i32', 'i32', 'i32', 'i32'], 'void', (f, plan, column, columns, scratch) => {
    f.constantPolicy = 'hoist';
    const ops = form.ops(f);
    const [left, factors] = [f.local('i32'), f.local('i32')];
    const start = f.let(i32.mul(column, i32.const(singleBytes)));
    if (withFactors) {
      const [starts, ratios] = [
        f.let(i32.add(load.i32(plan, NTT_PASS.starts), start)),
        f.let(i32.add(load.i32(plan, NTT_PASS.ratios), start)),
      ];
      const walks = [starts, ratios].map((at) => ({ at, stride: singleBytes }));
      f.set(factors, scratch);
      f.set(left, columns);
      forPairs(f, left, walks, ([start1, ratio1]) => {
        ops.store(factors, ops.loadSingles(starts, start1 as I32));
        f.scope(() => {
          const ratio = ops.loadSingles(ratios, ratio1 as I32);
          ops.store(i32.add(factors, i32.const(pairBytes)), ratio);
        });
        f.set(factors, i32.add(factors, i32.const(2 * pairBytes)));
      });
    }
    const outputColumn = f.let(load.i32(plan, NTT_PASS.outputColumn));
    const line = f.let(i32.add(load.i32(plan, NTT_PASS.output), i32.mul(column, outputColumn)));
    const order = f.let(load.i32(plan, NTT_PASS.order));
    const end = f.let(i32.add(order, i32.shl(i32.const(4), load.i32(plan, NTT_PASS.rowsLog2))));
    const [from, to] = [f.local('i32'), f.local('i32')];
    f.while(
      () => i32.ltU(order, end),
      () => {
        f.set(from, i32.add(scratch, load.i32(order)));
        f.set(to, line);
        f.set(left, columns);
        f.set(factors, scratch);
        f.while(
          () => i32.gtS(left, i32.const(0)),
          () => {
            f.scope(() => {
              const more = i32.gtS(left, i32.const(1));
              const second = f.let(i32.add(to, i32.mul(outputColumn, more)));
              let value = ops.load(from);
              if (withFactors) {
                const factor = ops.load(factors);
                const ratio = ops.load(i32.add(factors, i32.const(pairBytes)));
                const [scaled, next] = ops.sumsOfProducts([[[value, factor]], [[factor, ratio]]]) as [
                  Element,
                  Element,
                ];
                ops.store(factors, next);
                value = scaled;
              }
              ops.storeSingles(to, second, value);
            });
            f.set(from, i32.add(from, i32.const(pairBytes)));
            f.set(factors, i32.add(factors, i32.const(2 * pairBytes)));
            f.set(to, i32.add(to, i32.shl(outputColumn, i32.const(1))));
            f.set(left, i32.sub(left, i32.const(2)));
          },
        );
        f.set(line, i32.add(line, load.i32(plan, NTT_PASS.outputRow)));
        f.set(order, i32.add(order, i32.const(4)));
      },
    );
  });
}

/** (plan, rows, pairs): all levels, in place: one level by itself where their number is odd, then two at a time. */
function levelsFunction(
  module: ModuleBuilder,
  form: FieldForm,
): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { pairBytes, preparedBytes } = form;
  return module.once(
    functionName(form, 'nttLevels'),
    ['i32', 'i32', 'i32'],
    'void',
    (f, plan, rows, pairs) => {
      const one = i32.const(1);
      const rowBytes = f.let(i32.mul(pairs, i32.const(pairBytes)));
      const rowsLog2 = f.let(load.i32(plan, NTT_PASS.rowsLog2));
      const total = f.let(i32.shl(one, rowsLog2));
      const plain = f.let(load.i32(plan, NTT_PASS.plain));
      const table = f.let(load.i32(plan, NTT_PASS.twiddles));
      /** Rows from one operand of a butterfly to the next. */
      const reach = f.let(total);
      /** First factor of the level at hand. */
      const factor = f.let(table);
      const row = f.local('i32');
      const [run, end] = [f.local('i32'), f.local('i32')];
      const address = (at: Word): I32 => rowAddress(rows, at, rowBytes);

      /** Calls the butterfly on each run of rows without a gap: operands `reach` rows apart. */
      const forRuns = (
        block: Word,
        operands: number,
        butterfly: (places: Word[], count: I32) => void,
      ): void => {
        f.set(row, block);
        f.set(end, i32.add(block, reach));
        const groupRows = i32.const(GROUP_ROWS);
        f.set(run, reach);
        f.if(i32.gtU(run, groupRows), () => f.set(run, groupRows));
        f.while(
          () => i32.ltU(row, end),
          () => {
            f.scope(() => {
              const places = Array.from({ length: operands }, (_, i) => {
                const at = f.let(i32.add(row, i32.mul(reach, i32.const(i))));
                return f.let(address(at));
              });
              butterfly(places, i32.mul(run, pairs));
            });
            f.set(row, i32.add(row, run));
          },
        );
      };

      const block = f.let(i32.const(0));
      f.if(i32.and(rowsLog2, one), () => {
        f.set(reach, i32.shrU(reach, one));
        forRuns(block, 2, ([a, b], count) => {
          f.if(
            plain,
            () => f.run(radix2Function(module, form, true), a as Word, b as Word, count, factor),
            () => f.run(radix2Function(module, form, false), a as Word, b as Word, count, factor),
          );
        });
        f.set(factor, i32.add(factor, i32.const(preparedBytes)));
      });
      f.while(
        () => i32.gtU(reach, one),
        () => {
          const next = f.local('i32');
          f.set(
            next,
            i32.add(i32.shl(i32.sub(factor, table), one), i32.add(table, i32.const(preparedBytes))),
          );
          f.set(reach, i32.shrU(reach, i32.const(2)));
          f.set(block, i32.const(0));
          const upper = f.let(factor);
          const lower = f.let(next);
          f.while(
            () => i32.ltU(block, total),
            () => {
              forRuns(block, 4, ([a, b, c, d], count) => {
                const places = [a as Word, b as Word, c as Word, d as Word] as const;
                f.if(
                  i32.and(plain, i32.eqz(block)),
                  () => f.run(radix4Function(module, form, true), ...places, count, upper, lower),
                  () => f.run(radix4Function(module, form, false), ...places, count, upper, lower),
                );
              });
              f.set(upper, i32.add(upper, i32.const(preparedBytes)));
              f.set(lower, i32.add(lower, i32.const(2 * preparedBytes)));
              f.set(block, i32.add(block, i32.shl(reach, i32.const(2))));
            },
          );
          // Past this level and the next: entry 2^s − 1 becomes entry 2^(s+2) − 1.
          f.set(
            factor,
            i32.add(i32.shl(i32.sub(next, table), one), i32.add(table, i32.const(preparedBytes))),
          );
        },
      );
    },
  );
}

/** (a, b, count, w): (a + w·b, a − w·b) on `count` pairs from both places on; w is 1 where `plain`. */
function radix2Function(
  module: ModuleBuilder,
  form: FieldForm,
  plain: boolean,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const name = functionName(form, plain ? 'nttRadix2Plain' : 'nttRadix2');
  return module.once(name, ['i32', 'i32', 'i32', 'i32'], 'void', (f, a, b, count, factor) => {
    f.constantPolicy = 'hoist';
    const ops = form.ops(f);
    f.repeat(count, () => {
      f.scope(() => {
        const [x, y] = [ops.load(a), ops.load(b)];
        const product = plain ? y : (ops.mulPrepared([[y, factor]])[0] as Element);
        const [sum, difference] = butterfly(ops, x, product);
        ops.store(a, sum);
        ops.store(b, difference);
      });
      advance(f, form, [a, b]);
    });
  });
}

/**
 * (a, b, c, d, count, upper, lower): two levels on `count` pairs from the four places on: first (a, c) and (b, d) with the factor
 * at `upper`, then (a, b) and (c, d) with the two at `lower`. The first two of these are 1 where `plain`.
 */
function radix4Function(
  module: ModuleBuilder,
  form: FieldForm,
  plain: boolean,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'> {
  const name = functionName(form, plain ? 'nttRadix4Plain' : 'nttRadix4');
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.once(name, params, 'void', (f, a, b, c, d, count, upper, lower) => {
    f.constantPolicy = 'hoist';
    const ops = form.ops(f);
    const second = toPtr(lower, form.preparedBytes);
    f.repeat(count, () => {
      f.scope(() => {
        const [x0, x1, x2, x3] = [ops.load(a), ops.load(b), ops.load(c), ops.load(d)];
        const [t2, t3] = plain ? [x2, x3] : products(ops, [x2, upper], [x3, upper]);
        const [y0, y2] = butterfly(ops, x0, t2);
        const [y1, y3] = butterfly(ops, x1, t3);
        const [u1, u3] = plain
          ? [y1, ops.mulPrepared([[y3, second]])[0] as Element]
          : products(ops, [y1, lower], [y3, second]);
        const [z0, z1] = butterfly(ops, y0, u1);
        const [z2, z3] = butterfly(ops, y2, u3);
        ops.store(a, z0);
        ops.store(b, z1);
        ops.store(c, z2);
        ops.store(d, z3);
      });
      advance(f, form, [a, b, c, d]);
    });
  });
}

function butterfly(ops: FieldOps, a: Element, b: Element): [Element, Element] {
  return [ops.add(a, b), ops.sub(a, b)];
}

/** Two products with prepared factors. */
function products(
  ops: FieldOps,
  first: readonly [Element, Address],
  second: readonly [Element, Address],
): [Element, Element] {
  return ops.mulPrepared([first, second]) as [Element, Element];
}

/** Moves addresses on by a pair. */
function advance(f: FunctionBuilder, form: FieldForm, places: readonly Word[]): void {
  for (const at of places) f.set(at, i32.add(at, i32.const(form.pairBytes)));
}
