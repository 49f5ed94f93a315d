import type { Local, V128 } from '../emit/index.ts';
import type { FmaLayout } from './fma-layout.ts';

/** An operand, read where it is used. */
export type Read = () => V128;
/** Two factors. */
export type Product = readonly [Read, Read];

/** Two vectors of limbs to multiply. */
export interface FmaTerm {
  readonly a: readonly Local<'v128'>[];
  readonly b: readonly Local<'v128'>[];
  /** The vectors are one, and doubled limbs are within the splitter's range. */
  readonly isSquare: boolean;
  /** Whether |a_i·b_j| ≤ 2^(w+50), counting a doubled limb: such products may share additions, two by two. */
  readonly canPair: (i: number, j: number) => boolean;
}

/** What {@link scheduleProducts} drives: once to add up the biases of the columns, once to emit code. */
export interface ColumnSink {
  /** Adds one or two products to `column` (low halves, unless they are known to cancel) and the next column (high halves). */
  accumulate(products: readonly Product[], column: number, withLow: boolean): void;
  /** Carries out of `column`; returns its balanced remainder. */
  clear(column: number): Read;
  /** remainder·(−1/p) mod 2^w, balanced. */
  quotient(remainder: Read): Read;
  /** 2x, computed once. */
  twice(x: Local<'v128'>): Read;
  /** A constant limb. */
  limb(value: number): Read;
}

interface ColumnProduct {
  readonly product: Product;
  readonly canPair: boolean;
}

/** Adds products to a column, two by two where they may share additions. Yields after each step. */
function* accumulateColumn(
  sink: ColumnSink,
  column: number,
  products: readonly ColumnProduct[],
): Generator<void> {
  let pending: Product | undefined;
  for (const { product, canPair } of products) {
    if (canPair && !pending) {
      pending = product;
      continue;
    }
    sink.accumulate(canPair && pending ? [pending, product] : [product], column, true);
    if (canPair) pending = undefined;
    yield;
  }
  if (pending) sink.accumulate([pending], column, true);
  yield;
}

/**
 * The order of the work, column by column from the lowest, so that few columns are in progress at a time and the chain of
 * quotients starts as early as it can. Yields after each step, where other work may be put in between.
 */
export function* scheduleProducts(
  form: FmaLayout,
  terms: readonly FmaTerm[],
  sink: ColumnSink,
): Generator<void> {
  const { limbCount: n, foldCount, folds, modulusLimbs } = form;
  const doubled = terms.map(({ a, isSquare }) => (isSquare ? a.slice(0, -1).map((x) => sink.twice(x)) : []));
  const remainders: Read[] = [];
  const quotients: (Read | undefined)[] = [];

  /** All products of weight 2^(w·column) known so far: of the terms, of the folds, of the Montgomery rows. */
  const productsOf = (column: number): ColumnProduct[] => {
    const products: ColumnProduct[] = [];
    terms.forEach(({ a, b, isSquare, canPair }, t) => {
      for (let i = Math.max(0, column - n + 1); i <= Math.min(column, n - 1); i++) {
        const j = column - i;
        if (isSquare && i > j) continue;
        const left = (i < j && doubled[t]?.[i]) || (() => a[i] as V128);
        products.push({ product: [left, () => b[j] as V128], canPair: canPair(i, j) });
      }
    });
    remainders.forEach((remainder, i) => {
      const limb = folds[i]?.[column - foldCount];
      if (limb !== undefined) products.push({ product: [remainder, sink.limb(limb)], canPair: true });
    });
    quotients.forEach((quotient, i) => {
      const limb = modulusLimbs[column - i];
      if (quotient && limb !== undefined)
        products.push({ product: [quotient, sink.limb(limb)], canPair: true });
    });
    return products;
  };

  const add = (column: number): Generator<void> => accumulateColumn(sink, column, productsOf(column));

  for (let k = 0; k < foldCount; k++) yield* add(k);
  const folded = Array.from({ length: foldCount }, (_, k) => sink.clear(k));
  remainders.push(...folded);
  for (let k = foldCount; k < 2 * n - 1; k++) {
    yield* add(k);
    if (k >= n) continue;
    const quotient = sink.quotient(sink.clear(k));
    // The low half cancels the remainder.
    sink.accumulate([[quotient, sink.limb(modulusLimbs[0] as number)]], k, false);
    quotients[k] = quotient;
    yield;
  }
}

/** A vector of limbs, and a factor b given as rows: row i holds the limbs of b·2^(w(i+2)) mod p. */
export interface PreparedTerm {
  readonly a: readonly Local<'v128'>[];
  /** Limb j of row i. */
  readonly row: (i: number, j: number) => Read;
  /** As {@link FmaTerm.canPair}, of limb i and limb j of its row. */
  readonly canPair: (i: number, j: number) => boolean;
}

/**
 * {@link scheduleProducts} for a prepared factor: Σ a_i·row_i has n columns instead of 2n − 1, and the two Montgomery rows that take
 * the 2^(2w) off again are all its reduction. The columns are the upper ones, as if lower ones had been cleared already.
 */
export function* schedulePrepared(
  { limbCount: n, modulusLimbs }: FmaLayout,
  { a, row, canPair }: PreparedTerm,
  sink: ColumnSink,
): Generator<void> {
  const lowest = n - 2;
  const quotients: Read[] = [];
  for (let k = 0; k <= n; k++) {
    const products: ColumnProduct[] = [];
    if (k < n) {
      a.forEach((limb, i) => {
        products.push({ product: [() => limb, row(i, k)], canPair: canPair(i, k) });
      });
    }
    quotients.forEach((quotient, i) => {
      const limb = modulusLimbs[k - i];
      if (limb !== undefined) products.push({ product: [quotient, sink.limb(limb)], canPair: true });
    });
    yield* accumulateColumn(sink, lowest + k, products);
    if (k >= 2) continue;
    const quotient = sink.quotient(sink.clear(lowest + k));
    // The low half cancels the remainder.
    sink.accumulate([[quotient, sink.limb(modulusLimbs[0] as number)]], lowest + k, false);
    quotients.push(quotient);
    yield;
  }
}
