/** Points between bytes and packed vectors. */

import { type FunctionRef, type I32, i32, toPtr } from '../emit/index.ts';
import type { ByteEncoding } from '../field/field-functions.ts';
import { readCoordinates, writeCoordinates } from './coordinate-bytes.ts';
import type { Group } from './kit.ts';
import { areCanonical } from './membership.ts';
import { forPairs } from './point-vectors.ts';
import { isAffineInfinity, loadAffine, storeAffine } from './projective.ts';

/**
 * (to, from, count): packed points out of memory form, or out of files whose coordinates are in Montgomery form. Gives 0, or at the
 * first two neighbours with a coordinate that is not below the modulus, how many points were left, those two included.
 */
export function importFunction<E>(
  group: Group<E>,
  encoding: ByteEncoding,
): FunctionRef<readonly ['i32', 'i32', 'i32'], 'i32'> {
  const { coords, encodedBytes, pointBytes } = group;
  return group.define(`import.${encoding}`, ['i32', 'i32', 'i32'], 'i32', (f, to, from, count) => {
    const kit = group.kit(f);
    const read = f.frame(2 * coords.pairBytes);
    forPairs(
      f,
      count,
      [
        { at: to, stride: pointBytes },
        { at: from, stride: encodedBytes },
      ],
      ([to1, from1]) => {
        const seconds = from1 as I32;
        const canonical = [from, seconds].map((at) => areCanonical(f, group, toPtr(at), 2 * coords.degree));
        f.if(i32.eqz(i32.and(canonical[0] as I32, canonical[1] as I32)), () => f.return(count));
        readCoordinates(group, f, read, toPtr(from), toPtr(seconds), 2, encoding);
        const point = { x: kit.ops.load(read), y: kit.ops.load(read.plus(coords.pairBytes)) };
        const infinite = isAffineInfinity(kit, point);
        const { ops } = kit;
        storeAffine(kit, to, to1 as I32, {
          x: ops.select(infinite, ops.zero(), point.x),
          y: ops.select(infinite, ops.zero(), point.y),
        });
      },
    );
    return i32.const(0);
  });
}

/** (to, from, count): memory form out of packed points. */
export function exportFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { coords, encodedBytes, pointBytes } = group;
  return group.define('export', ['i32', 'i32', 'i32'], 'void', (f, to, from, count) => {
    const kit = group.kit(f);
    const written = f.frame(2 * coords.pairBytes);
    forPairs(
      f,
      count,
      [
        { at: to, stride: encodedBytes },
        { at: from, stride: pointBytes },
      ],
      ([to1, from1]) => {
        const { x, y } = loadAffine(kit, from, from1 as I32);
        kit.ops.store(written, x);
        kit.ops.store(written.plus(coords.pairBytes), y);
        writeCoordinates(group, f, toPtr(to), toPtr(to1 as I32), written, 2);
      },
    );
  });
}
