/** The chains of kernels: a product with an addend in a field, and an addition of points. */

import type { Chain, KernelShape } from './batch-machine.ts';
import type { GpujsKernel } from './gpu-js.ts';
import {
  carryColumns,
  combinations,
  firstColumns,
  foldDigits,
  multiplyAddColumns,
  packRows,
  secondColumns,
} from './kernel-sources.ts';
import type { LimbSpec } from './limb-spec.ts';

const tableOf = (spec: LimbSpec): Chain['tables'] => [
  { values: spec.table, size: [spec.limbs, spec.digits - spec.folded] },
];

/** Columns' carries passed on, and high limbs folded: what follows every kernel of columns. */
function reduction(spec: LimbSpec, rows: number): KernelShape[] {
  return [
    { source: carryColumns(spec), row: [spec.digits, rows] },
    { source: foldDigits(spec), row: [spec.limbs, rows] },
  ];
}

/** left·right + addend, element by element. */
export function multiplyAddChain(spec: LimbSpec): Chain {
  const { limbs } = spec;
  return {
    arguments: [
      [limbs, 1],
      [limbs, 1],
      [limbs, 1],
    ],
    resultLength: limbs,
    kernels: [
      { source: multiplyAddColumns(spec), row: [spec.columns, 1] },
      ...reduction(spec, 1),
      { source: packRows(spec, 1), row: [limbs] },
    ],
    tables: tableOf(spec),
    plan: (kernels) => {
      const [columns, carry, fold, pack] = kernels as [GpujsKernel, GpujsKernel, GpujsKernel, GpujsKernel];
      return (left: unknown, right: unknown, addend: unknown, table: unknown) =>
        pack(fold(carry(columns(left, right, addend)), table));
    },
  };
}

/**
 * left + right for points (X : Y : Z) of y² = x³ + b, element by element: the complete formulas of Renes, Costello and Batina
 * ("Complete addition formulas for prime order elliptic curves", algorithm 7), which take equal points, opposite points and infinity
 * (0 : 1 : 0) without a branch. They need a group without points of order 2, as both curves' are. The formulas' products are two layers:
 * all of one layer are made at once.
 *
 * @param b3 3b
 */
export function additionChain(spec: LimbSpec, b3: number): Chain {
  const { limbs, columns } = spec;
  return {
    arguments: [
      [limbs, 3],
      [limbs, 3],
    ],
    resultLength: 3 * limbs,
    kernels: [
      { source: firstColumns(spec), row: [columns, 6] },
      ...reduction(spec, 6),
      { source: combinations(spec, b3), row: [limbs, 6] },
      { source: secondColumns(spec), row: [columns, 3] },
      ...reduction(spec, 3),
      { source: packRows(spec, 3), row: [3 * limbs] },
    ],
    tables: tableOf(spec),
    plan: (kernels) => {
      const [first, carry6, fold6, combine, second, carry3, fold3, pack] = kernels as Eight;
      return (left: unknown, right: unknown, table: unknown) => {
        const combined = combine(fold6(carry6(first(left, right)), table));
        return pack(fold3(carry3(second(combined)), table));
      };
    },
  };
}

type Eight = [
  GpujsKernel,
  GpujsKernel,
  GpujsKernel,
  GpujsKernel,
  GpujsKernel,
  GpujsKernel,
  GpujsKernel,
  GpujsKernel,
];
