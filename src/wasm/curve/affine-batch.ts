/**
 * Batch-affine addition: many independent sums P + Q of affine points with one inversion for all. A forward pass multiplies
 * up the denominators d = x_Q − x_P and keeps the running products; after the inversion a backward pass peels them off and
 * finishes λ = (y_Q − y_P)/d, x = λ² − x_P − x_Q, y = λ(x_P − x) − y_P. An addition costs 5 products and a square.
 *
 * The fast passes are for points that are finite and have distinct x. They need no test for it: if two x agree, the product of
 * all denominators is 0 in that lane, which is looked at once a batch; then the careful passes do the batch, doubling where the
 * points agree and yielding infinity where they are opposite. Where infinities can occur only the careful passes are right.
 *
 * All passes work on lists of pairs of operands, lane by lane: a of lane 0, b of lane 0, a of lane 1, b of lane 1, each 32 bits:
 * a lane pair. A round of a pass does `width` lane pairs side by side, each with a running product of its own: a product waits for
 * its own carries, and the other computes meanwhile. Pairs too few for the last round are copies of the last.
 */

import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  type Local,
  load,
  Ptr,
} from '../emit/index.ts';
import type { Mask } from '../field/field-form.ts';
import { type Group, type Kit, loopStyle, nameOfRun, type RunLength } from './kit.ts';
import { REF_NEGATIVE, recordAddress } from './msm-records.ts';
import { type Affine, isAffineInfinity, loadAffine, storeAffine } from './projective.ts';

/** Bytes that a pair of operands takes in each lane of a list. */
const OPERANDS_BYTES = 8;
const LIST_STEP = 2 * OPERANDS_BYTES;

/** One of the two operands of the additions in both lanes. */
interface Operands<E> {
  x(): E;
  y(): E;
}

/** How a pass finds its operands. */
type Reader<E> = (kit: Kit<E>, list: Ptr, which: 'a' | 'b') => Operands<E>;

function operandWords(f: FunctionBuilder, list: Ptr, which: 'a' | 'b'): [Local<'i32'>, Local<'i32'>] {
  const at = list.plus(which === 'a' ? 0 : 4);
  return [f.let(load.i32(at)), f.let(load.i32(at, OPERANDS_BYTES))];
}

/** Operands are addresses of packed points. */
function readSlots<E>(kit: Kit<E>, list: Ptr, which: 'a' | 'b'): Operands<E> {
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

/**
 * (list, rounds, prefix, total, records): the forward pass. `total` gets the product of all denominators, and after it the running
 * product of each lane pair of a round.
 */
export type ForwardFunction = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32'], 'void'>;
/**
 * (list, rounds, prefix, total, records, to): the backward pass, the product at `total` being replaced by its inverse. Sums replace
 * the first operands where these are addresses, and go to packed points one after another at `to` where they refer to records.
 */
export type BackwardFunction = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'>;

/** The two passes of one kind. */
export interface Passes {
  /** Lane pairs of a round: 1 or 2. */
  readonly width: number;
  readonly forward: ForwardFunction;
  readonly backward: BackwardFunction;
}

/** Lane pairs of a round of the fast passes: the fma form interleaves products, the others would only repeat their code. */
const fastWidth = <E>({ coords }: Group<E>): number => (coords.form.name === 'fma' ? 2 : 1);

/** Fast passes over operands that refer to records, or over packed points in place. */
export function fastPasses<E>(group: Group<E>, source: 'records' | 'slots', run: RunLength): Passes {
  const reader = (records: Local<'i32'>): Reader<E> =>
    source === 'records' ? readRecords<E>(records) : readSlots;
  const width = fastWidth(group);
  const forward = group.define(
    nameOfRun(group, `forward.${source}`, run),
    ['i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, list, rounds, prefix, total, records) => {
      const kit = loopKit(group, f, run);
      const read = reader(records);
      forwardLoop(kit, width, { list, rounds, prefix, total }, (pairs) =>
        pairs.map((at) => kit.ops.sub(read(kit, at, 'b').x(), read(kit, at, 'a').x())),
      );
    },
  );
  const backward = group.define(
    nameOfRun(group, `backward.${source}`, run),
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, list, rounds, prefix, total, records, to) => {
      const kit = loopKit(group, f, run);
      const { ops } = kit;
      const read = reader(records);
      const roundBytes = 2 * width * group.pointBytes;
      if (source === 'records') f.set(to, i32.add(to, i32.mul(rounds, i32.const(roundBytes))));
      backwardLoop(kit, width, { list, rounds, prefix, total }, (pairs, inverses, prefixes) => {
        if (source === 'records') f.set(to, i32.sub(to, i32.const(roundBytes)));
        const operands = pairs.map((at) => ({ a: read(kit, at, 'a'), b: read(kit, at, 'b') }));
        const xs = operands.map(({ a, b }) => [a.x(), b.x()] as const);
        const next = kit.products(xs.map(([ax, bx], i) => [inverses[i] as E, ops.sub(bx, ax)]));
        const own = kit.products(prefixes.map((running, i) => [inverses[i] as E, kit.load(running)]));
        const ys = operands.map(({ a }) => a.y());
        const slopes = kit.products(operands.map(({ b }, i) => [ops.sub(b.y(), ys[i] as E), own[i] as E]));
        const sums = chords(
          kit,
          slopes,
          xs.map(([x], i) => ({ x, y: ys[i] as E })),
          xs.map(([, bx]) => bx),
        );
        // Last of all: the copies of a last pair read what the original overwrites.
        for (const [i, sum] of sums.entries()) {
          const at = pairs[i] as Ptr;
          const out = new Ptr(to, 2 * i * group.pointBytes);
          if (source === 'records') storeAffine(kit, out, out.plus(group.pointBytes), sum);
          else storeAffine(kit, load.i32(at), load.i32(at, OPERANDS_BYTES), sum);
        }
        return next;
      });
    },
  );
  return { width, forward, backward };
}

/** (x, y) on the lines of the given slopes through `ps` and points with x = `otherXs`, mirrored. */
function chords<E>(
  kit: Kit<E>,
  slopes: readonly E[],
  ps: readonly Affine<E>[],
  otherXs: readonly E[],
): Affine<E>[] {
  const { ops } = kit;
  const xs = kit
    .products(slopes.map((slope) => [slope, slope]))
    .map((square, i) => ops.reduce(ops.sub(square, ops.add((ps[i] as Affine<E>).x, otherXs[i] as E))));
  const rises = kit.products(slopes.map((slope, i) => [slope, ops.sub((ps[i] as Affine<E>).x, xs[i] as E)]));
  return ps.map((p, i) => ({ x: xs[i] as E, y: ops.sub(rises[i] as E, p.y) }));
}

/** Careful passes over packed points in place: any points, infinity among them. */
export function carefulPasses<E>(group: Group<E>): Passes {
  const forward = group.define(
    'forward.careful',
    ['i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, list, rounds, prefix, total, _records) => {
      const kit = group.kit(f);
      forwardLoop(kit, 1, { list, rounds, prefix, total }, (pairs) =>
        pairs.map((at) => {
          const [p, q] = carefulOperands(kit, at);
          return classify(kit, p, q).denominator;
        }),
      );
    },
  );
  const backward = group.define(
    'backward.careful',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (f, list, rounds, prefix, total, _records, _to) => {
      const kit = group.kit(f);
      backwardLoop(kit, 1, { list, rounds, prefix, total }, (pairs, inverses, prefixes) =>
        pairs.map((at, i) => carefulAddition(kit, at, inverses[i] as E, prefixes[i] as Ptr)),
      );
    },
  );
  return { width: 1, forward, backward };
}

/** Adds one lane pair in place; gives the running inverse before it. */
function carefulAddition<E>(kit: Kit<E>, at: Ptr, inverse: E, prefix: Ptr): E {
  const { ops } = kit;
  const [p, q] = carefulOperands(kit, at);
  const { denominator, doubled, opposite, pInfinite, qInfinite } = classify(kit, p, q);
  const numerator = ops.select(doubled, ops.reduce(ops.triple(kit.sqr(p.x))), ops.reduce(ops.sub(q.y, p.y)));
  const slope = kit.mul(numerator, kit.mul(inverse, ops.load(prefix)));
  const [sum] = chords(kit, [slope], [p], [q.x]) as [Affine<E>];
  const choose = (finite: E, ofP: E, ofQ: E): E =>
    ops.select(pInfinite, ofQ, ops.select(qInfinite, ofP, ops.select(opposite, ops.zero(), finite)));
  const result = { x: choose(sum.x, p.x, q.x), y: choose(sum.y, p.y, q.y) };
  storeAffine(kit, load.i32(at), load.i32(at, OPERANDS_BYTES), result);
  return kit.mul(inverse, denominator);
}

function carefulOperands<E>(kit: Kit<E>, list: Ptr): [Affine<E>, Affine<E>] {
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

function loopKit<E>(group: Group<E>, f: FunctionBuilder, run: RunLength): Kit<E> {
  const kit = group.kit(f, loopStyle(group, run));
  f.constantPolicy = 'hoist';
  return kit;
}

/** What both loops walk: parameters of the pass. */
interface Walked {
  readonly list: Local<'i32'>;
  readonly rounds: Local<'i32'>;
  readonly prefix: Local<'i32'>;
  readonly total: Local<'i32'>;
}

function advance(f: FunctionBuilder, local: Local<'i32'>, by: number): void {
  f.set(local, i32.add(local, i32.const(by)));
}

/** Addresses of `width` things of `bytes` bytes in a row. */
function places(at: I32, width: number, bytes: number): Ptr[] {
  return Array.from({ length: width }, (_, i) => new Ptr(at, i * bytes));
}

/** Bytes that a pass needs at `total`. */
export function totalBytes<E>(group: Group<E>, width: number): number {
  return (1 + width) * group.coords.pairBytes;
}

function forwardLoop<E>(
  kit: Kit<E>,
  width: number,
  { list, rounds, prefix, total }: Walked,
  denominators: (pairs: readonly Ptr[]) => readonly E[],
): void {
  const { f, ops } = kit;
  const { pairBytes } = kit.group.coords;
  const running = Array.from({ length: width }, () => kit.carried());
  for (const each of running) each.set(ops.one());
  const pairs = places(list, width, LIST_STEP);
  const prefixes = places(prefix, width, pairBytes);
  f.repeat(rounds, () => {
    f.scope(() => {
      const factors = running.map((each) => each.get());
      for (const [i, factor] of factors.entries()) ops.store(prefixes[i] as Ptr, factor);
      const products = kit.products(denominators(pairs).map((d, i) => [factors[i] as E, d]));
      for (const [i, product] of products.entries()) running[i]?.set(product);
    });
    advance(f, list, width * LIST_STEP);
    advance(f, prefix, width * pairBytes);
  });
  const factors = running.map((each) => each.get());
  for (const [i, factor] of factors.entries()) ops.store(new Ptr(total, (1 + i) * pairBytes), factor);
  ops.store(
    total,
    factors.reduce((product, factor) => kit.mul(product, factor)),
  );
}

function backwardLoop<E>(
  kit: Kit<E>,
  width: number,
  { list, rounds, prefix, total }: Walked,
  body: (pairs: readonly Ptr[], inverses: readonly E[], prefixes: readonly Ptr[]) => readonly E[],
): void {
  const { f, ops } = kit;
  const { pairBytes } = kit.group.coords;
  const running = Array.from({ length: width }, () => kit.carried());
  for (const [i, each] of running.entries()) {
    f.scope(() => {
      // 1/(product of all) times the products of the others.
      const others = running.flatMap((_, k) => (k === i ? [] : [new Ptr(total, (1 + k) * pairBytes)]));
      each.set(others.reduce((inverse, at) => kit.mul(inverse, ops.load(at)), ops.load(total)));
    });
  }
  const pairs = places(list, width, LIST_STEP);
  const prefixes = places(prefix, width, pairBytes);
  f.set(list, i32.add(list, i32.mul(rounds, i32.const(width * LIST_STEP))));
  f.set(prefix, i32.add(prefix, i32.mul(rounds, i32.const(width * pairBytes))));
  f.repeat(rounds, () => {
    advance(f, list, -width * LIST_STEP);
    advance(f, prefix, -width * pairBytes);
    f.scope(() => {
      const inverses = running.map((each) => each.get());
      for (const [i, next] of body(pairs, inverses, prefixes).entries()) running[i]?.set(next);
    });
  });
}
