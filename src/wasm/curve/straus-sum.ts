import { type FunctionRef, type I32, i32, load, select } from '../emit/index.ts';
import type { Group } from './kit.ts';
import { recordBytes } from './msm-records.ts';
import { addLanesFunction, multiplesPlan, strausFunction, tableFunction } from './multiples.ts';

/**
 * (to, records, indices, count, parts, tables): Σ scalar_i·point_i as a pair of projective points, the same in both lanes, for a
 * few points whose records are those of the given numbers. `tables` holds a table for every two points.
 */
export function strausSumFunction<E>(
  group: Group<E>,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'> {
  const { partsBytes, tableBytes } = multiplesPlan(group);
  const [buildTable, straus] = [tableFunction(group), strausFunction(group)];
  const addLanes = addLanesFunction(group);
  return group.define(
    'strausSum',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, to, records, indices, count, parts, tables) => {
      const [table, left] = [f.let(tables), f.let(count)];
      const recordAt = (place: I32): I32 =>
        i32.add(records, i32.mul(load.i32(place), i32.const(recordBytes(group))));
      f.while(
        () => left,
        () => {
          f.scope(() => {
            const more = f.let(i32.gtU(left, i32.const(1)));
            const second = i32.add(indices, i32.shl(more, i32.const(2)));
            // A lone last point has infinity beside it, so what lies where its neighbour's parts would be does not matter.
            const neighbour = select(recordAt(second), group.infinity(f).address, more);
            f.run(buildTable, table, recordAt(indices), neighbour);
            f.set(table, i32.add(table, i32.const(tableBytes)));
            f.set(indices, i32.add(indices, i32.const(8)));
            f.set(left, i32.sub(left, i32.add(more, i32.const(1))));
          });
        },
      );
      const pairs = i32.shrU(i32.add(count, i32.const(1)), i32.const(1));
      f.run(straus, to, tables, pairs, parts, i32.const(2 * partsBytes), i32.const(partsBytes));
      f.run(addLanes, to, to);
    },
  );
}
