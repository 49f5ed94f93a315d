/** Vectors of packed affine points: conversions from and to bytes, and element-by-element operations. */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  Ptr,
  select,
  toPtr,
} from '../emit/index.ts';
import type { Element } from '../field/field-form.ts';
import type { ByteEncoding } from '../field/field-functions.ts';
import type { Group, Kit } from './kit.ts';
import {
  addMixed,
  doubleProjective,
  isAffineInfinity,
  loadAffine,
  loadProjective,
  selectProjective,
  storeAffine,
  storeProjective,
  toProjective,
} from './projective.ts';

type Ternary = FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'>;
type Quaternary = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], 'void'>;

/** An array walked two elements at a time: its pointer, and bytes between elements. */
export interface Walk {
  readonly at: Local<'i32'>;
  readonly stride: number;
}

/**
 * Emits a loop over `count` elements, two a round. The body gets the address of the second element of each array; when the
 * count is odd it is the last element again, so that both lanes do the same work and write the same result.
 */
export function forPairs(
  f: FunctionBuilder,
  count: Local<'i32'>,
  walks: readonly Walk[],
  body: (seconds: readonly I32[]) => void,
): void {
  f.while(
    () => count,
    () => {
      f.scope(() => {
        const more = f.let(i32.gtU(count, i32.const(1)));
        const seconds = walks.map(({ at, stride }) => f.let(i32.add(at, i32.mul(more, i32.const(stride)))));
        body(seconds);
        for (const { at, stride } of walks) f.set(at, i32.add(at, i32.const(2 * stride)));
        f.set(count, i32.sub(count, i32.add(more, i32.const(1))));
      });
    },
  );
}

function coefficientsAt<E>(kit: Kit<E>, read: (offset: number) => Element): E {
  const { coords } = kit.group;
  const { byteLength } = coords.form.field;
  return coords.fromCoefficients(Array.from({ length: coords.degree }, (_, i) => read(i * byteLength)));
}

/** (to, from, count): packed points out of memory form, or out of files whose coordinates are in Montgomery form. */
export function importFunction<E>(group: Group<E>, encoding: ByteEncoding): Ternary {
  const { coords, encodedBytes, pointBytes } = group;
  return group.define(`import.${encoding}`, ['i32', 'i32', 'i32'], 'void', (f, to, from, count) => {
    const kit = group.kit(f);
    f.constantPolicy = 'hoist';
    forPairs(
      f,
      count,
      [
        { at: to, stride: pointBytes },
        { at: from, stride: encodedBytes },
      ],
      ([to1, from1]) => {
        const read = (offset: number): E =>
          coefficientsAt(kit, (within) => {
            const [a, b] = [toPtr(from, offset + within), toPtr(from1 as I32, offset + within)];
            return encoding === 'plain' ? kit.fp.loadBytes(a, b) : kit.fp.loadMontgomeryBytes(a, b);
          });
        const point = { x: read(0), y: read(coords.byteLength) };
        const infinite = isAffineInfinity(kit, point);
        const { ops } = kit;
        storeAffine(kit, to, to1 as I32, {
          x: ops.select(infinite, ops.zero(), point.x),
          y: ops.select(infinite, ops.zero(), point.y),
        });
      },
    );
  });
}

/** (to, from, count): memory form, or coordinates in Montgomery form, out of packed points. */
export function exportFunction<E>(group: Group<E>, encoding: ByteEncoding): Ternary {
  const { coords, encodedBytes, pointBytes } = group;
  return group.define(`export.${encoding}`, ['i32', 'i32', 'i32'], 'void', (f, to, from, count) => {
    const kit = group.kit(f);
    f.constantPolicy = 'hoist';
    forPairs(
      f,
      count,
      [
        { at: to, stride: encodedBytes },
        { at: from, stride: pointBytes },
      ],
      ([to1, from1]) => {
        const { x, y } = loadAffine(kit, from, from1 as I32);
        [...coords.coefficients(x), ...coords.coefficients(y)].forEach((coefficient, i) => {
          const offset = i * coords.form.field.byteLength;
          const [a, b] = [toPtr(to, offset), toPtr(to1 as I32, offset)];
          if (encoding === 'plain') kit.fp.storeBytes(a, b, coefficient);
          else kit.fp.storeMontgomeryBytes(a, b, coefficient);
        });
      },
    );
  });
}

/** (o, a): o = 1/a on pairs of coordinates, or 0 for 0. */
export function invertFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32'], 'void'> {
  if (group.coords.degree === 1) return group.fp.invert;
  return group.define('invertCoordinate', ['i32', 'i32'], 'void', (f, o, a) => {
    const kit = group.kit(f);
    const norm = f.frame(group.coords.form.pairBytes);
    f.scope(() => {
      const terms = group.coords.coefficients(kit.ops.load(a)).map((c) => [c, c] as const);
      kit.fp.store(norm, kit.fp.sumOfProducts(terms));
    });
    f.run(group.fp.invert, norm.address, norm.address);
    const inverse = kit.fp.load(norm);
    const conjugate = group.coords.coefficients(kit.conjugate(kit.ops.load(a)));
    kit.ops.store(o, group.coords.fromCoefficients(conjugate.map((c) => kit.fp.mul(c, inverse))));
  });
}

/**
 * (to, from, count, scratch): `count` packed affine points out of pairs of projective ones, with one inversion. `scratch` holds
 * a pair of coordinates for every two points.
 */
export function normalizeFunction<E>(group: Group<E>): Quaternary {
  const { pairBytes } = group.coords;
  const { projectiveBytes, pointBytes } = group;
  const invert = invertFunction(group);
  return group.define('normalize', ['i32', 'i32', 'i32', 'i32'], 'void', (f, to, from, count, scratch) => {
    const kit = group.kit(f);
    const { ops } = kit;
    f.constantPolicy = 'hoist';
    const step = (local: Local<'i32'>, by: number): void => f.set(local, i32.add(local, i32.const(by)));
    const total = f.frame(pairBytes);
    const spare = f.frame(pointBytes);
    const running = ops.variable();
    const pairs = f.let(i32.shrU(i32.add(count, i32.const(1)), i32.const(1)));
    const left = f.let(pairs);
    ops.assign(running, ops.one());
    f.repeat(left, () => {
      f.scope(() => {
        const z = ops.load(new Ptr(from, 2 * pairBytes));
        ops.store(scratch, running);
        ops.assign(running, kit.mul(running, ops.select(ops.isZero(z), ops.one(), z)));
      });
      step(from, projectiveBytes);
      step(scratch, pairBytes);
    });
    ops.store(total, running);
    f.run(invert, total.address, total.address);
    ops.assign(running, ops.load(total));
    f.set(to, i32.add(to, i32.mul(pairs, i32.const(2 * pointBytes))));
    const odd = f.let(i32.and(count, i32.const(1)));
    f.repeat(pairs, () => {
      step(from, -projectiveBytes);
      step(scratch, -pairBytes);
      step(to, -2 * pointBytes);
      f.scope(() => {
        const z = ops.load(new Ptr(from, 2 * pairBytes));
        const infinite = ops.isZero(z);
        const inverse = kit.mul(running, ops.load(scratch));
        const to1 = f.let(select(spare.address, i32.add(to, i32.const(pointBytes)), odd));
        f.set(odd, i32.const(0));
        const affine = (offset: number): E =>
          ops.select(infinite, ops.zero(), kit.mul(ops.load(new Ptr(from, offset)), inverse));
        storeAffine(kit, to, to1, { x: affine(0), y: affine(pairBytes) });
        ops.assign(running, kit.mul(running, ops.select(infinite, ops.one(), z)));
      });
    });
  });
}

/** (to, a, b, count): a + b as pairs of projective points. */
export function addVectorsFunction<E>(group: Group<E>): Quaternary {
  const { pointBytes, projectiveBytes } = group;
  return group.define('addVectors', ['i32', 'i32', 'i32', 'i32'], 'void', (f, to, a, b, count) => {
    const kit = group.kit(f, group.coords.degree === 1 ? 'inline' : 'called');
    forPairs(
      f,
      count,
      [
        { at: a, stride: pointBytes },
        { at: b, stride: pointBytes },
      ],
      ([a1, b1]) => {
        const p = toProjective(kit, loadAffine(kit, a, a1 as I32));
        const q = loadAffine(kit, b, b1 as I32);
        storeProjective(kit, to, selectProjective(kit, isAffineInfinity(kit, q), p, addMixed(kit, p, q)));
        f.set(to, i32.add(to, i32.const(projectiveBytes)));
      },
    );
  });
}

/** (to, a, count): 2a as pairs of projective points. */
export function doubleVectorFunction<E>(group: Group<E>): Ternary {
  const { pointBytes, projectiveBytes } = group;
  return group.define('doubleVector', ['i32', 'i32', 'i32'], 'void', (f, to, a, count) => {
    const kit = group.kit(f, group.coords.degree === 1 ? 'inline' : 'called');
    forPairs(f, count, [{ at: a, stride: pointBytes }], ([a1]) => {
      storeProjective(kit, to, doubleProjective(kit, toProjective(kit, loadAffine(kit, a, a1 as I32))));
      f.set(to, i32.add(to, i32.const(projectiveBytes)));
    });
  });
}

/** (to, a, count): −a, packed. */
export function negateVectorFunction<E>(group: Group<E>): Ternary {
  const { pointBytes } = group;
  return group.define('negateVector', ['i32', 'i32', 'i32'], 'void', (f, to, a, count) => {
    const kit = group.kit(f);
    forPairs(
      f,
      count,
      [
        { at: to, stride: pointBytes },
        { at: a, stride: pointBytes },
      ],
      ([to1, a1]) => {
        const { x, y } = loadAffine(kit, a, a1 as I32);
        storeAffine(kit, to, to1 as I32, { x, y: kit.ops.neg(y) });
      },
    );
  });
}

/** (a, b, count): how many leading points agree: `count` if all do. */
export function equalPrefixFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32', 'i32'], 'i32'> {
  const { pointBytes } = group;
  return group.define('equalPrefix', ['i32', 'i32', 'i32'], 'i32', (f, a, b, count) => {
    const kit = group.kit(f);
    const { ops, fp } = kit;
    const agreed = f.let(i32.const(0));
    forPairs(
      f,
      count,
      [
        { at: a, stride: pointBytes },
        { at: b, stride: pointBytes },
      ],
      ([a1, b1]) => {
        const p = loadAffine(kit, a, a1 as I32);
        const q = loadAffine(kit, b, b1 as I32);
        const equal = f.let(fp.maskBits(fp.maskAnd(ops.equal(p.x, q.x), ops.equal(p.y, q.y))));
        f.if(i32.ne(equal, i32.const(3)), () => f.return(i32.add(agreed, i32.and(equal, i32.const(1)))));
        f.set(agreed, i32.add(agreed, select(i32.const(2), i32.const(1), i32.gtU(count, i32.const(1)))));
      },
    );
    return agreed;
  });
}

/** (a, b): lanes in which pairs of projective points are equal, as bits. */
export function projectiveEqualFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32'], 'i32'> {
  return group.define('projectiveEqual', ['i32', 'i32'], 'i32', (f, a, b) => {
    const kit = group.kit(f, 'called');
    const [p, q] = [loadProjective(kit, a), loadProjective(kit, b)];
    // (0 : 0 : 0) never occurs, so equal cross products decide, infinity included.
    const cross = (s: E, t: E): E => kit.ops.sub(kit.mul(s, q.z), kit.mul(t, p.z));
    const sameX = kit.ops.isZero(cross(p.x, q.x));
    const sameY = kit.ops.isZero(cross(p.y, q.y));
    const infinities = kit.fp.maskAnd(kit.ops.isZero(p.z), kit.ops.isZero(q.z));
    const oneInfinite = kit.fp.maskOr(kit.ops.isZero(p.z), kit.ops.isZero(q.z));
    const finite = kit.fp.maskAnd(kit.fp.maskAnd(sameX, sameY), kit.fp.maskNot(oneInfinite));
    return kit.fp.maskBits(kit.fp.maskOr(finite, infinities));
  });
}
