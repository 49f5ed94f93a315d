/**
 * Scalar multiplication of pairs of points by biased parts (see scalar-split.ts): fixed windows of signed digits over tables of
 * small multiples, the parts under the endomorphisms sharing all doublings, many points sharing them too where their sum is
 * wanted (Straus).
 */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  load,
  Ptr,
  select,
} from '../emit/index.ts';
import type { GroupSpec } from './group-spec.ts';
import type { Group } from './kit.ts';
import {
  addFunction,
  addMixedFunction,
  copyProjective,
  doubleFunction,
  endomorphism,
  loadAffine,
  loadProjective,
  type Projective,
  projectiveInfinity,
  storeProjective,
  toProjective,
} from './projective.ts';
import { partBytes, signedDigit, windowCount } from './scalar-split.ts';

/** What {@link splitFunction} and the functions here agree on. */
export interface MultiplesPlan {
  readonly dimensions: 2 | 4;
  readonly windowBits: number;
  readonly windows: number;
  /** Bytes of the parts of one scalar. */
  readonly partsBytes: number;
  /** Bytes of the table of one pair of points: multiples 0 … 2^(windowBits − 1). */
  readonly tableBytes: number;
}

/** Window of {@link scaleFunction} and {@link strausSumFunction}. */
export const MULTIPLES_WINDOW_BITS = 5;

/** The decomposition that scalar multiplication uses, and its number of parts. */
export function multiplesDecomposition({ frobenius, decomposition }: GroupSpec): {
  readonly dimensions: 2 | 4;
  readonly partBound: bigint;
} {
  if (!frobenius) return { dimensions: 2, partBound: decomposition.partBound };
  return { dimensions: 4, partBound: frobenius.decomposition.partBound };
}

/** Window and sizes for a group. */
export function multiplesPlan<E>(group: Group<E>): MultiplesPlan {
  const { dimensions, partBound } = multiplesDecomposition(group.spec);
  return {
    dimensions,
    windowBits: MULTIPLES_WINDOW_BITS,
    windows: windowCount(partBound, MULTIPLES_WINDOW_BITS),
    partsBytes: dimensions * partBytes(dimensions),
    tableBytes: (2 ** (MULTIPLES_WINDOW_BITS - 1) + 1) * group.projectiveBytes,
  };
}

/** (table, at0, at1): multiples of two packed points. */
export function tableFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const add = addFunction(group);
  const double = doubleFunction(group);
  return group.define('table', ['i32', 'i32', 'i32'], 'void', (f, table, at0, at1) => {
    const kit = group.kit(f);
    const entry = (k: number): I32 => new Ptr(table, k * group.projectiveBytes).address;
    storeProjective(kit, entry(0), projectiveInfinity(kit));
    storeProjective(kit, entry(1), toProjective(kit, loadAffine(kit, at0, at1)));
    for (let k = 2; k <= 2 ** (MULTIPLES_WINDOW_BITS - 1); k++) {
      if (k % 2 === 0) f.run(double, entry(k), entry(k / 2));
      else f.run(add, entry(k), entry(k - 1), entry(1));
    }
  });
}

/**
 * (acc, entry0, entry1, negative) for one power of the endomorphism: adds to a pair of projective points the one that has lane 0
 * of the table entry at `entry0` and lane 1 of that at `entry1`, negated in the lanes whose bits are set.
 */
function addEntryFunction<E>(
  group: Group<E>,
  index: number,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const add = addFunction(group);
  const { pairBytes, form } = group.coords;
  return group.define(
    `addEntry${index}`,
    ['i32', 'i32', 'i32', 'i32'],
    'void',
    (f, acc, entry0, entry1, negative) => {
      const kit = group.kit(f);
      const chosen = f.frame(group.projectiveBytes);
      const coordinate = (k: number): E =>
        kit.ops.loadSingles(
          new Ptr(entry0, k * pairBytes),
          new Ptr(entry1, k * pairBytes + form.laneBytes),
          'lane',
        );
      const p: Projective<E> = { x: coordinate(0), y: coordinate(1), z: coordinate(2) };
      const image = endomorphism(kit, index, p);
      const y = kit.negateWhere(kit.fp.maskFromBits(negative), image.y);
      storeProjective(kit, chosen, { x: image.x, y, z: image.z });
      f.run(add, acc, acc, chosen.address);
    },
  );
}

type StrausFunction = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'>;

/**
 * (acc, tables, pairs, parts, partsStep, laneStep): acc = Σ over the pairs of scalar·point in each lane. Parts of lane 0 of pair
 * i are at parts + i·partsStep, those of lane 1 laneStep further on; steps of 0 share one scalar.
 */
export function strausFunction<E>(group: Group<E>): StrausFunction {
  const { dimensions, windowBits, windows, tableBytes } = multiplesPlan(group);
  const double = doubleFunction(group);
  const addEntry = Array.from({ length: dimensions }, (_, j) => addEntryFunction(group, j));
  return group.define(
    'straus',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, acc, tables, pairs, parts, partsStep, laneStep) => {
      const kit = group.kit(f);
      storeProjective(kit, acc, projectiveInfinity(kit));
      const position = f.let(i32.const(windows * windowBits));
      f.loop((again) => {
        f.set(position, i32.sub(position, i32.const(windowBits)));
        for (let i = 0; i < windowBits; i++) f.run(double, acc, acc);
        const [table, part, left] = [f.let(tables), f.let(parts), f.let(pairs)];
        f.repeat(left, () => {
          addEntry.forEach((addImage, j) => {
            f.scope(() => {
              const lanes = [i32.const(0), laneStep].map((step) => {
                const at = i32.add(part, i32.add(step, i32.const(j * partBytes(dimensions))));
                return tableEntry(f, table, at, position, windowBits, group.projectiveBytes);
              });
              const [lane0, lane1] = lanes as [TableEntry, TableEntry];
              const negative = i32.or(lane0.negative, i32.shl(lane1.negative, i32.const(1)));
              f.run(addImage, acc, lane0.entry, lane1.entry, negative);
            });
          });
          f.set(table, i32.add(table, i32.const(tableBytes)));
          f.set(part, i32.add(part, partsStep));
        });
        f.brIf(again, position);
      });
    },
  );
}

interface TableEntry {
  readonly entry: Local<'i32'>;
  readonly negative: I32;
}

/** Where the multiple of a part's digit is, and whether it is to be negated. */
function tableEntry(
  f: FunctionBuilder,
  table: I32,
  part: I32,
  position: I32,
  windowBits: number,
  entryBytes: number,
): TableEntry {
  const half = 2 ** (windowBits - 1);
  const digit = signedDigit(f, part, position, i32.const(2 * half - 1), i32.const(half));
  const negative = i32.ltS(digit, i32.const(0));
  const size = select(i32.sub(i32.const(0), digit), digit, negative);
  return { entry: f.let(i32.add(table, i32.mul(size, i32.const(entryBytes)))), negative };
}

/**
 * (to, points, count, parts, partsStep, addends, table): scalar_i·point_i as pairs of projective points, plus packed points
 * `addends` unless that is 0. `partsStep` is the distance between the parts of neighbours, 0 if all share one scalar.
 */
export function scaleFunction<E>(
  group: Group<E>,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'> {
  const { pointBytes, projectiveBytes } = group;
  const [buildTable, straus, addMixed] = [
    tableFunction(group),
    strausFunction(group),
    addMixedFunction(group),
  ];
  return group.define(
    'scale',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, to, points, count, parts, partsStep, addends, table) => {
      f.while(
        () => count,
        () => {
          f.scope(() => {
            const more = f.let(i32.gtU(count, i32.const(1)));
            const second = (at: I32, step: I32): I32 => i32.add(at, i32.mul(more, step));
            f.run(buildTable, table, points, second(points, i32.const(pointBytes)));
            f.run(straus, to, table, i32.const(1), parts, i32.const(0), i32.mul(more, partsStep));
            f.if(addends, () => {
              f.run(addMixed, to, to, addends, second(addends, i32.const(pointBytes)));
              f.set(addends, i32.add(addends, i32.const(2 * pointBytes)));
            });
            f.set(to, i32.add(to, i32.const(projectiveBytes)));
            f.set(points, i32.add(points, i32.const(2 * pointBytes)));
            f.set(parts, i32.add(parts, i32.mul(partsStep, i32.const(2))));
            f.set(count, i32.sub(count, i32.add(more, i32.const(1))));
          });
        },
      );
    },
  );
}

/** (o, a): the sum of both lanes in both lanes. */
export function addLanesFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32'], 'void'> {
  const add = addFunction(group);
  return group.define('addLanes', ['i32', 'i32'], 'void', (f, o, a) => {
    const kit = group.kit(f);
    const swapped = f.frame(group.projectiveBytes);
    const { x, y, z } = loadProjective(kit, a);
    storeProjective(kit, swapped, {
      x: kit.ops.swapLanes(x),
      y: kit.ops.swapLanes(y),
      z: kit.ops.swapLanes(z),
    });
    f.run(add, o, a, swapped.address);
  });
}

/**
 * (o, a, addressOfDigits, count): o = k·a for a constant k whose signed binary digits, highest first and without the leading 1,
 * are bytes 0, 1 or 2 (for −1).
 */
export function multiplyByDigitsFunction<E>(
  group: Group<E>,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'> {
  const [add, double] = [addFunction(group), doubleFunction(group)];
  return group.define('multiplyByDigits', ['i32', 'i32', 'i32', 'i32'], 'void', (f, o, a, digits, count) => {
    const kit = group.kit(f);
    const [positive, negative] = [f.frame(group.projectiveBytes), f.frame(group.projectiveBytes)];
    copyProjective(kit, positive.address, a);
    f.scope(() => {
      const p = loadProjective(kit, a);
      storeProjective(kit, negative, { x: p.x, y: kit.ops.neg(p.y), z: p.z });
    });
    copyProjective(kit, o, positive.address);
    f.repeat(count, () => {
      f.run(double, o, o);
      f.scope(() => {
        const digit = f.let(load.i32From8U(digits));
        f.if(digit, () => {
          f.run(add, o, o, select(positive.address, negative.address, i32.eq(digit, i32.const(1))));
        });
      });
      f.set(digits, i32.add(digits, i32.const(1)));
    });
  });
}
