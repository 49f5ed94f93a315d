/**
 * How products of Miller loops run on a GPU: which points of G2 have their lines made together, which pairs one thread takes, and
 * into how many segments the loop is cut. Pure arithmetic on sizes.
 */

import { alignSegments, type Segment } from './segments.ts';

/** One term Σ_i e(g1_i, g2_i): points of both groups in device form, as many of one as of the other. */
export interface MillerTerm {
  readonly g1: readonly Segment[];
  readonly g2: readonly Segment[];
}

/** Limits that a plan keeps. */
export interface MillerLimits {
  /** Bytes of a base-field element. */
  readonly fpBytes: number;
  /** Largest buffer a kernel sees, in bytes. */
  readonly maxBindingBytes: number;
  /** Threads that keep the device busy. */
  readonly threads: number;
  /** First line of each digit of the loop, and the number of lines. */
  readonly digitLines: readonly number[];
}

/** Neighbouring points in one buffer. */
interface PointRun {
  readonly buffer: GPUBuffer;
  /** Index in the buffer. */
  readonly first: number;
  readonly length: number;
}

/** Neighbouring points of G2, each of them once, and the number of the first among all. */
interface Source extends PointRun {
  readonly slot: number;
}

/** Neighbouring pairs of one product. */
interface PairRun {
  readonly product: number;
  readonly g1: PointRun;
  readonly g2: PointRun;
  readonly slot: number;
}

/** Pairs that a thread takes, and where the product of their lines goes. */
interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly place: number;
}

/** Points of G2 whose lines are in memory together, with all pairs they stand in. */
export interface MillerBatch {
  /** Points of G2 in the order of their slots, from the batch's first. */
  readonly sources: readonly PointRun[];
  readonly points: number;
  /** Points of G1 of all pairs, in order. */
  readonly g1: readonly PointRun[];
  /** Slot of each pair's point of G2, counted from the batch's first. */
  readonly pairs: Uint32Array<ArrayBuffer>;
  readonly chunks: readonly Chunk[];
}

/** The plan. */
export interface MillerPlan {
  readonly batches: readonly MillerBatch[];
  /** Digits of a segment; the last may have fewer. */
  readonly segmentDigits: number;
  readonly segments: number;
  /** Segments whose lines are in memory together. */
  readonly segmentsPerRound: number;
  /** Values of a segment when all batches are through, and for each level of the tree the ranges of values that are multiplied. */
  readonly values: number;
  readonly levels: readonly (readonly (readonly [number, number])[])[];
}

/** Bytes of lines beyond which more points at once do not help. */
const MOST_LINE_BYTES = 2 ** 28;
/** Points whose lines are made together at most. */
const MOST_POINTS = 2 ** 16;
/** Pairs of a chunk: fewer waste products in the tree, more share no more squarings worth mention. */
const LEAST_CHUNK = 4;
const MOST_CHUNK = 16;
const MOST_SEGMENTS = 16;
/** Values that one thread of a level of the tree multiplies. */
const TREE_ARITY = 4;

/** Lines that the widest of the segments has. */
function widestSegment(digitLines: readonly number[], segmentDigits: number): number {
  const digits = digitLines.length - 1;
  let widest = 0;
  for (let digit = 0; digit < digits; digit += segmentDigits) {
    const end = Math.min(digits, digit + segmentDigits);
    widest = Math.max(widest, (digitLines[end] as number) - (digitLines[digit] as number));
  }
  return widest;
}

/** Every point of G2 that stands in a run, once. Runs that overlap become one. */
function sourcesOf(runs: readonly PointRun[]): Source[] {
  const byBuffer = new Map<GPUBuffer, PointRun[]>();
  for (const run of runs) {
    const list = byBuffer.get(run.buffer);
    if (list) list.push(run);
    else byBuffer.set(run.buffer, [run]);
  }
  const sources: Source[] = [];
  let slot = 0;
  for (const [buffer, list] of byBuffer) {
    list.sort((a, b) => a.first - b.first);
    let [first, end] = [0, 0];
    const close = (): void => {
      if (end > first) sources.push({ buffer, first, length: end - first, slot });
      slot += end - first;
    };
    for (const run of list) {
      if (run.first > end) {
        close();
        [first, end] = [run.first, run.first];
      }
      end = Math.max(end, run.first + run.length);
    }
    close();
  }
  return sources;
}

function pointRun({ buffer, first, length }: Segment): PointRun {
  return { buffer: buffer.gpu, first, length };
}

/** The runs of pairs of all products, in order, and the points of G2 that they need. */
function pairRuns(products: readonly (readonly MillerTerm[])[]): { runs: PairRun[]; sources: Source[] } {
  const drafts = products.flatMap((terms, product) =>
    terms.flatMap(({ g1, g2 }) =>
      alignSegments([g1, g2]).map(([a, b]) => ({
        product,
        g1: pointRun(a as Segment),
        g2: pointRun(b as Segment),
      })),
    ),
  );
  const sources = sourcesOf(drafts.map(({ g2 }) => g2));
  const starts = new Map<GPUBuffer, Source[]>();
  for (const source of sources) starts.set(source.buffer, [...(starts.get(source.buffer) ?? []), source]);
  const runs = drafts.map((draft) => {
    const own = starts.get(draft.g2.buffer) ?? [];
    let [low, high] = [0, own.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((own[middle] as Source).first <= draft.g2.first) low = middle;
      else high = middle - 1;
    }
    const source = own[low] as Source;
    return { ...draft, slot: source.slot + draft.g2.first - source.first };
  });
  return { runs, sources };
}

/** The part of a run that lies in the slots from `start` up to `end`, or undefined. */
function clip<R extends PointRun & { readonly slot: number }>(
  run: R,
  start: number,
  end: number,
): R | undefined {
  const from = Math.max(start, run.slot);
  const to = Math.min(end, run.slot + run.length);
  if (from >= to) return undefined;
  return { ...run, first: run.first + from - run.slot, length: to - from, slot: from };
}

/** A batch before its chunks have their places. */
interface BatchDraft extends Omit<MillerBatch, 'chunks'> {
  /** Pairs of each product that has some. */
  readonly counts: ReadonlyMap<number, number>;
}

function draftBatch(
  runs: readonly PairRun[],
  sources: readonly Source[],
  start: number,
  end: number,
): BatchDraft {
  const g1: PointRun[] = [];
  const slots: number[] = [];
  const counts = new Map<number, number>();
  for (const run of runs) {
    const part = clip({ ...run.g1, slot: run.slot }, start, end);
    if (!part) continue;
    g1.push({ buffer: part.buffer, first: part.first, length: part.length });
    for (let i = 0; i < part.length; i++) slots.push(part.slot - start + i);
    counts.set(run.product, (counts.get(run.product) ?? 0) + part.length);
  }
  const inBatch = sources.flatMap((source) => clip(source, start, end) ?? []);
  return { sources: inBatch, points: end - start, g1, pairs: Uint32Array.from(slots), counts };
}

/** Chunks of at most `size` pairs of each product in each batch, with places in the order of products. */
function placeChunks(
  drafts: readonly BatchDraft[],
  products: number,
  size: number,
): { batches: MillerBatch[]; ranges: [number, number][] } {
  const chunks: Chunk[][] = drafts.map(() => []);
  const at = drafts.map(() => 0);
  const ranges: [number, number][] = [];
  let place = 0;
  for (let product = 0; product < products; product++) {
    const first = place;
    for (const [b, { counts }] of drafts.entries()) {
      const end = (at[b] as number) + (counts.get(product) ?? 0);
      for (let start = at[b] as number; start < end; start += size) {
        (chunks[b] as Chunk[]).push({ start, end: Math.min(end, start + size), place: place++ });
      }
      at[b] = end;
    }
    // A product without pairs: a chunk without pairs, which stays 1.
    if (place === first) (chunks[0] as Chunk[]).push({ start: 0, end: 0, place: place++ });
    ranges.push([first, place]);
  }
  const batches = drafts.map(({ sources, points, g1, pairs }, b) => ({
    sources,
    points,
    g1,
    pairs,
    chunks: chunks[b] as Chunk[],
  }));
  return { batches, ranges };
}

/** Levels of a tree that leaves one value of each range. */
function treeLevels(ranges: readonly (readonly [number, number])[]): [number, number][][] {
  const levels: [number, number][][] = [];
  let current = ranges;
  while (current.some(([start, end]) => end - start > 1)) {
    const level: [number, number][] = [];
    const next = current.map(([start, end]): [number, number] => {
      const first = level.length;
      for (let at = start; at < end; at += TREE_ARITY) level.push([at, Math.min(end, at + TREE_ARITY)]);
      return [first, level.length];
    });
    levels.push(level);
    current = next;
  }
  return levels;
}

/** Plans products of which at least one has a pair. */
export function planMiller(products: readonly (readonly MillerTerm[])[], limits: MillerLimits): MillerPlan {
  const { fpBytes, digitLines, threads } = limits;
  const { runs, sources } = pairRuns(products);
  const points = sources.reduce((sum, { length }) => sum + length, 0);
  const count = runs.reduce((sum, { g1 }) => sum + g1.length, 0);
  const lineBytes = Math.min(limits.maxBindingBytes, MOST_LINE_BYTES);
  const most = Math.min(MOST_POINTS, Math.floor(lineBytes / (widestSegment(digitLines, 1) * 6 * fpBytes)));
  const drafts: BatchDraft[] = [];
  for (let start = 0; start < points; start += most) {
    drafts.push(draftBatch(runs, sources, start, Math.min(points, start + most)));
  }
  const wanted = Math.floor((count * MOST_SEGMENTS) / threads);
  const size = Math.max(Math.min(MOST_CHUNK, Math.max(LEAST_CHUNK, wanted)), Math.ceil(count / MOST_POINTS));
  const { batches, ranges } = placeChunks(drafts, products.length, size);
  const values = ranges.at(-1)?.[1] ?? 0;
  const digits = digitLines.length - 1;
  const wantedSegments = Math.min(MOST_SEGMENTS, Math.max(1, Math.ceil(threads / values)));
  const largest = Math.max(...batches.map((batch) => batch.points));
  const segmentsThatFit = (segmentDigits: number): number =>
    Math.floor(lineBytes / (widestSegment(digitLines, segmentDigits) * 6 * fpBytes * largest));
  let segmentDigits = Math.ceil(digits / wantedSegments);
  while (segmentDigits > 1 && segmentsThatFit(segmentDigits) < 1) segmentDigits--;
  return {
    batches,
    segmentDigits,
    segments: Math.ceil(digits / segmentDigits),
    segmentsPerRound: segmentsThatFit(segmentDigits),
    values,
    levels: treeLevels(ranges),
  };
}
