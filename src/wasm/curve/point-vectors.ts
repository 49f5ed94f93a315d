/** Vectors of packed affine points: walks over them, normalisation. */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  Ptr,
  select,
} from '../emit/index.ts';
import type { Group } from './kit.ts';
import { loadProjective, storeAffine } from './projective.ts';

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

/**
 * (to, from, count, scratch): `count` packed affine points out of pairs of projective ones, with one inversion. `scratch` holds
 * a pair of coordinates for every two points.
 */
export function normalizeFunction<E>(group: Group<E>): Quaternary {
  const { pairBytes } = group.coords;
  const { projectiveBytes, pointBytes } = group;
  const { invert } = group.functions;
  return group.define('normalize', ['i32', 'i32', 'i32', 'i32'], 'void', (f, to, from, count, scratch) => {
    const kit = group.kit(f);
    const { ops } = kit;
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

/** (a, b): lanes in which pairs of projective points are equal, as bits. */
export function projectiveEqualFunction<E>(group: Group<E>): FunctionRef<readonly ['i32', 'i32'], 'i32'> {
  return group.define('projectiveEqual', ['i32', 'i32'], 'i32', (f, a, b) => {
    const kit = group.kit(f);
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
