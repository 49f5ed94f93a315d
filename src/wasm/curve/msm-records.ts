/**
 * Records of points, which multi-scalar multiplications read: what they derive from points alone, computed once. References to them
 * say which multiple of a point is meant.
 */

import { type FunctionBuilder, type FunctionRef, type I32, i32, load, Ptr, store } from '../emit/index.ts';
import type { Group } from './kit.ts';
import { loadAffine, storeAffine } from './projective.ts';

/** Bits of a reference: the record's index, whether the endomorphism's image is meant, the sign. */
export const REF_INDEX_SHIFT = 2;
const REF_IMAGE = 2;
export const REF_NEGATIVE = 1;

/** Bytes of an MSM record: x, y and β·x of a point, packed. */
export function recordBytes<E>(group: Group<E>): number {
  return 3 * group.coords.singleBytes;
}

/** Address of the record that a reference means. */
export function recordAddress<E>(group: Group<E>, records: I32, word: I32): I32 {
  return i32.add(records, i32.mul(i32.shrU(word, i32.const(REF_INDEX_SHIFT)), i32.const(recordBytes(group))));
}

/** Bytes of a cache line. */
const LINE = 64;

/**
 * Emits loads from every line of the record that a reference means, which bring it into the cache: many such loads wait for memory at
 * once, while the passes, which compute between their loads, would wait for one after another. Gives a word of no meaning.
 */
export function touchRecord<E>(f: FunctionBuilder, group: Group<E>, records: I32, word: I32): I32 {
  const at = f.let(recordAddress(group, records, word));
  const bytes = recordBytes(group);
  let seen: I32 = load.i32(at, bytes - 4);
  for (let offset = 0; offset < bytes - 4; offset += LINE) seen = i32.or(seen, load.i32(at, offset));
  return seen;
}

/** (to, records, word): the point that a reference means, as a packed one. */
export function materializeFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { singleBytes } = group.coords;
  return group.define('materialize', ['i32', 'i32', 'i32'], 'void', (f, to, records, word) => {
    const kit = group.kit(f);
    const at = f.let(recordAddress(group, records, word));
    const image = i32.and(word, i32.const(REF_IMAGE));
    const x = f.let(i32.add(at, i32.mul(image, i32.const(singleBytes))));
    for (let i = 0; i < singleBytes; i += 8) f.emit(store.i64(to, i, load.i64(x, i)));
    f.if(
      i32.and(word, i32.const(REF_NEGATIVE)),
      () => {
        const y = new Ptr(at, singleBytes);
        kit.ops.storeSingle(new Ptr(to, singleBytes), kit.ops.neg(kit.ops.loadSingles(y, y)), 0);
      },
      () => {
        for (let i = singleBytes; i < 2 * singleBytes; i += 8) f.emit(store.i64(to, i, load.i64(at, i)));
      },
    );
  });
}

/** (to, points, count): the records of packed points. */
export function recordsFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'> {
  const { singleBytes } = group.coords;
  const bytes = recordBytes(group);
  return group.define('records', ['i32', 'i32', 'i32'], 'void', (f, to, points, count) => {
    const kit = group.kit(f);
    f.constantPolicy = 'hoist';
    f.while(
      () => count,
      () => {
        f.scope(() => {
          const more = f.let(i32.gtU(count, i32.const(1)));
          const [to1, points1] = [
            f.let(i32.add(to, i32.mul(more, i32.const(bytes)))),
            f.let(i32.add(points, i32.mul(more, i32.const(group.pointBytes)))),
          ];
          const point = loadAffine(kit, points, points1);
          storeAffine(kit, to, to1, point);
          const image = kit.timesFp(point.x, group.spec.beta);
          kit.ops.storeSingles(new Ptr(to, 2 * singleBytes), new Ptr(to1, 2 * singleBytes), image);
          f.set(to, i32.add(to, i32.const(2 * bytes)));
          f.set(points, i32.add(points, i32.const(2 * group.pointBytes)));
          f.set(count, i32.sub(count, i32.add(more, i32.const(1))));
        });
      },
    );
  });
}
