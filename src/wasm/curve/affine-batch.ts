/**
 * Batch-affine addition: many independent sums P + Q of affine points with one inversion for all. A forward pass multiplies
 * up the denominators d = x_Q − x_P and keeps the running products; after the inversion a backward pass peels them off and
 * finishes λ = (y_Q − y_P)/d, x = λ² − x_P − x_Q, y = λ(x_P − x) − y_P. An addition costs 5 products and a square.
 *
 * The fast passes are for points that are finite and have distinct x. They need no test for it: if two x agree, the product of
 * all denominators is 0 in that lane, which is looked at once a batch; then the careful passes do the batch, doubling where the
 * points agree and yielding infinity where they are opposite. Where infinities can occur only the careful passes are right.
 *
 * All passes work on lists of pairs of operands, lane by lane: a of lane 0, b of lane 0, a of lane 1, b of lane 1, each 32 bits.
 * A pair too few at the end is a copy of its neighbour.
 */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  load,
  Ptr,
  store,
} from '../emit/index.ts';
import type { Mask } from '../field/field-form.ts';
import type { Group, Kit } from './kit.ts';
import { type Affine, isAffineInfinity, loadAffine, storeAffine } from './projective.ts';

/** Bytes that a pair of operands takes in each lane of a list. */
const OPERANDS_BYTES = 8;
const LIST_STEP = 2 * OPERANDS_BYTES;

/** Bits of an operand that refers to a record: the index, whether the endomorphism's image is meant, the sign. */
export const REF_INDEX_SHIFT = 2;
const REF_IMAGE = 2;
const REF_NEGATIVE = 1;

/** Bytes of an MSM record: x, y and β·x of a point, packed. */
export function recordBytes<E>(group: Group<E>): number {
  return 3 * group.coords.singleBytes;
}

/** One of the two operands of the additions in both lanes. */
interface Operands<E> {
  x(): E;
  y(): E;
}

/** How a pass finds its operands. */
type Reader<E> = (kit: Kit<E>, list: Local<'i32'>, which: 'a' | 'b') => Operands<E>;

function operandWords(
  f: FunctionBuilder,
  list: Local<'i32'>,
  which: 'a' | 'b',
): [Local<'i32'>, Local<'i32'>] {
  const at = which === 'a' ? 0 : 4;
  return [f.let(load.i32(list, at)), f.let(load.i32(list, at + OPERANDS_BYTES))];
}

/** Operands are addresses of packed points. */
function readSlots<E>(kit: Kit<E>, list: Local<'i32'>, which: 'a' | 'b'): Operands<E> {
  const [at0, at1] = operandWords(kit.f, list, which);
  const { singleBytes } = kit.group.coords;
  return {
    x: () => kit.ops.loadSingles(at0, at1),
    y: () => kit.ops.loadSingles(new Ptr(at0, singleBytes), new Ptr(at1, singleBytes)),
  };
}

/** Operands are references to records at `records`. */
function readRecords<E>(records: Local<'i32'>): Reader<E> {
  return (kit, list, which) => {
    const { f, ops, group } = kit;
    const { singleBytes } = group.coords;
    const words = operandWords(f, list, which);
    const at = words.map((word) => f.let(recordAddress(group, records, word)));
    const [at0, at1] = at as [Local<'i32'>, Local<'i32'>];
    return {
      x: () => {
        // β·x comes after y: two coordinates on.
        const [x0, x1] = words.map((word, i) =>
          f.let(
            i32.add(
              at[i] as I32,
              i32.mul(i32.and(i32.shrU(word, i32.const(1)), i32.const(1)), i32.const(2 * singleBytes)),
            ),
          ),
        ) as [Local<'i32'>, Local<'i32'>];
        return ops.loadSingles(x0, x1);
      },
      y: () => {
        const y = ops.loadSingles(new Ptr(at0, singleBytes), new Ptr(at1, singleBytes));
        return kit.negateWhere(negativeMask(kit, words), y);
      },
    };
  };
}

function negativeMask<E>(kit: Kit<E>, [word0, word1]: readonly [I32, I32]): Mask {
  const bit = (word: I32): I32 => i32.and(word, i32.const(REF_NEGATIVE));
  return kit.fp.maskFromBits(i32.or(bit(word0), i32.shl(bit(word1), i32.const(1))));
}

/** Address of the record that an operand refers to. */
function recordAddress<E>(group: Group<E>, records: I32, word: I32): I32 {
  return i32.add(records, i32.mul(i32.shrU(word, i32.const(REF_INDEX_SHIFT)), i32.const(recordBytes(group))));
}

/** (list, vectors, prefix, total, records): the forward pass on `vectors` lane pairs; the product of all goes to `total`. */
export type ForwardFunction = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32'], 'void'>;
/**
 * (list, vectors, prefix, inverse, records, to): the backward pass, `inverse` being that of the product. Sums replace the first
 * operands where these are addresses, and go to packed points one after another at `to` where they refer to records.
 */
export type BackwardFunction = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'>;

/** The two passes of one kind. */
export interface Passes {
  readonly forward: ForwardFunction;
  readonly backward: BackwardFunction;
}

/** Fast passes over operands that refer to records, or over packed points in place. */
export function fastPasses<E>(group: Group<E>, source: 'records' | 'slots'): Passes {
  const reader = (records: Local<'i32'>): Reader<E> =>
    source === 'records' ? readRecords<E>(records) : readSlots;
  const forward = group.define(
    `forward.${source}`,
    ['i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, list, vectors, prefix, total, records) => {
      const kit = hotKit(group, f);
      const read = reader(records);
      forwardLoop(kit, list, vectors, prefix, total, () =>
        kit.ops.sub(read(kit, list, 'b').x(), read(kit, list, 'a').x()),
      );
    },
  );
  const backward = group.define(
    `backward.${source}`,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, list, vectors, prefix, inverse, records, to) => {
      const kit = hotKit(group, f);
      const { ops } = kit;
      const read = reader(records);
      if (source === 'records') f.set(to, i32.add(to, i32.mul(vectors, i32.const(2 * group.pointBytes))));
      backwardLoop(kit, list, vectors, prefix, inverse, (runningInverse) => {
        if (source === 'records') f.set(to, i32.sub(to, i32.const(2 * group.pointBytes)));
        const [a, b] = [read(kit, list, 'a'), read(kit, list, 'b')];
        const [ax, bx] = [a.x(), b.x()];
        const next = kit.mul(runningInverse, ops.sub(bx, ax));
        const ay = a.y();
        const slope = kit.mul(ops.sub(b.y(), ay), kit.mul(runningInverse, ops.load(prefix)));
        const sum = chord(kit, slope, { x: ax, y: ay }, bx);
        if (source === 'records') storeAffine(kit, to, new Ptr(to, group.pointBytes), sum);
        else storeAffine(kit, load.i32(list, 0), load.i32(list, OPERANDS_BYTES), sum);
        return next;
      });
    },
  );
  return { forward, backward };
}

/** (x, y) on the line of the given slope through `p` and a point with x = `otherX`, mirrored. */
function chord<E>(kit: Kit<E>, slope: E, p: Affine<E>, otherX: E): Affine<E> {
  const { ops } = kit;
  const x = ops.reduce(ops.sub(kit.sqr(slope), ops.add(p.x, otherX)));
  return { x, y: ops.sub(kit.mul(slope, ops.sub(p.x, x)), p.y) };
}

/** Careful passes over packed points in place: any points, infinity among them. */
export function carefulPasses<E>(group: Group<E>): Passes {
  const forward = group.define(
    'forward.careful',
    ['i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, list, vectors, prefix, total, _records) => {
      const kit = group.kit(f);
      forwardLoop(kit, list, vectors, prefix, total, () => {
        const [p, q] = carefulOperands(kit, list);
        return classify(kit, p, q).denominator;
      });
    },
  );
  const backward = group.define(
    'backward.careful',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, list, vectors, prefix, inverse, _records, _to) => {
      const kit = group.kit(f);
      const { ops } = kit;
      backwardLoop(kit, list, vectors, prefix, inverse, (runningInverse) => {
        const [p, q] = carefulOperands(kit, list);
        const { denominator, doubled, opposite, pInfinite, qInfinite } = classify(kit, p, q);
        const numerator = ops.select(
          doubled,
          ops.reduce(ops.triple(kit.sqr(p.x))),
          ops.reduce(ops.sub(q.y, p.y)),
        );
        const sum = chord(kit, kit.mul(numerator, kit.mul(runningInverse, ops.load(prefix))), p, q.x);
        const choose = (finite: E, ofP: E, ofQ: E): E =>
          ops.select(pInfinite, ofQ, ops.select(qInfinite, ofP, ops.select(opposite, ops.zero(), finite)));
        const result = { x: choose(sum.x, p.x, q.x), y: choose(sum.y, p.y, q.y) };
        storeAffine(kit, load.i32(list, 0), load.i32(list, OPERANDS_BYTES), result);
        return kit.mul(runningInverse, denominator);
      });
    },
  );
  return { forward, backward };
}

function carefulOperands<E>(kit: Kit<E>, list: Local<'i32'>): [Affine<E>, Affine<E>] {
  const [p, q] = (['a', 'b'] as const).map((which) => {
    const [at0, at1] = operandWords(kit.f, list, which);
    return loadAffine(kit, at0, at1);
  });
  return [p as Affine<E>, q as Affine<E>];
}

interface Classes<E> {
  readonly denominator: E;
  readonly doubled: Mask;
  readonly opposite: Mask;
  readonly pInfinite: Mask;
  readonly qInfinite: Mask;
}

/** What kind of sum P + Q is, lane by lane, and its denominator: 1 where none is needed. */
function classify<E>(kit: Kit<E>, p: Affine<E>, q: Affine<E>): Classes<E> {
  const { ops, fp } = kit;
  const [pInfinite, qInfinite] = [isAffineInfinity(kit, p), isAffineInfinity(kit, q)];
  const difference = ops.reduce(ops.sub(q.x, p.x));
  const sameX = ops.isZero(difference);
  const opposite = fp.maskAnd(sameX, ops.isZero(ops.add(p.y, q.y)));
  const doubled = fp.maskAnd(sameX, fp.maskNot(opposite));
  const trivial = fp.maskOr(fp.maskOr(pInfinite, qInfinite), opposite);
  const finite = ops.select(doubled, ops.reduce(ops.double(p.y)), difference);
  return { denominator: ops.select(trivial, ops.one(), finite), doubled, opposite, pInfinite, qInfinite };
}

function hotKit<E>(group: Group<E>, f: FunctionBuilder): Kit<E> {
  const kit = group.kit(f, group.coords.degree === 1 ? 'inline' : 'called');
  f.constantPolicy = 'hoist';
  return kit;
}

function advance(f: FunctionBuilder, local: Local<'i32'>, by: number): void {
  f.set(local, i32.add(local, i32.const(by)));
}

function forwardLoop<E>(
  kit: Kit<E>,
  list: Local<'i32'>,
  vectors: Local<'i32'>,
  prefix: Local<'i32'>,
  total: Local<'i32'>,
  denominator: () => E,
): void {
  const { f, ops } = kit;
  const running = ops.variable();
  ops.assign(running, ops.one());
  f.repeat(vectors, () => {
    f.scope(() => {
      ops.store(prefix, running);
      ops.assign(running, kit.mul(running, denominator()));
    });
    advance(f, list, LIST_STEP);
    advance(f, prefix, kit.group.coords.pairBytes);
  });
  ops.store(total, running);
}

function backwardLoop<E>(
  kit: Kit<E>,
  list: Local<'i32'>,
  vectors: Local<'i32'>,
  prefix: Local<'i32'>,
  inverse: Local<'i32'>,
  body: (runningInverse: E) => E,
): void {
  const { f, ops } = kit;
  const { pairBytes } = kit.group.coords;
  const running = ops.variable();
  ops.assign(running, ops.load(inverse));
  f.set(list, i32.add(list, i32.mul(vectors, i32.const(LIST_STEP))));
  f.set(prefix, i32.add(prefix, i32.mul(vectors, i32.const(pairBytes))));
  f.repeat(vectors, () => {
    advance(f, list, -LIST_STEP);
    advance(f, prefix, -pairBytes);
    f.scope(() => ops.assign(running, body(running)));
  });
}

/** (to, records, word): the point that an operand refers to, as a packed one. */
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
          advance(f, to, 2 * bytes);
          advance(f, points, 2 * group.pointBytes);
          f.set(count, i32.sub(count, i32.add(more, i32.const(1))));
        });
      },
    );
  });
}
