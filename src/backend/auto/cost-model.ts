/**
 * What an operation costs on either side, in milliseconds: a fixed part and a part per item, and what it takes to bring vectors to
 * the side that computes. Numbers only, so that a model can be kept and compared; nothing here measures or computes.
 */

import * as v from 'valibot';
import type { CurveName } from '../../curve/curve.ts';

/** Operations that have more than one place to run. */
export const OPERATIONS = [
  'msmG1',
  'msmG2',
  'msmManyG1',
  'msmManyG2',
  'scaleG1',
  'scaleG2',
  'foldG1',
  'foldG2',
  'foldFr',
  'mulFr',
  'powersFr',
  'mulMatrix',
  'ntt',
  'millerProducts',
] as const;

/**
 * One of {@link OPERATIONS}. Their items: points of a sum, or of all sums of many; results; entries of a matrix; n·log2 n of a transform;
 * pairs of points.
 */
export type Operation = (typeof OPERATIONS)[number];

/** The backend below, or what it is measured against: the GPU by WebGPU, or gpu.js. */
export type Side = 'cpu' | 'gpu';

/** Milliseconds for n items: fixedMs + itemMs·n. */
export interface Line {
  readonly fixedMs: number;
  readonly itemMs: number;
}

type ByOperation<T> = { readonly [O in Operation]?: T | undefined };

/** What one side costs. */
export interface SideCosts {
  readonly operations: ByOperation<Line>;
  /** From bytes in memory form to the side's own; items are bytes. */
  readonly upload: Line;
  /** The other way. */
  readonly readBack: Line;
}

/** What the GPU costs. */
export interface GpuCosts extends SideCosts {
  /** Until a process has a device. */
  readonly startMs: number;
  /** The first run of an operation, beyond what later ones take: its kernels are compiled. */
  readonly compileMs: ByOperation<number>;
}

/** What the CPU costs. */
export interface CpuCosts extends SideCosts {
  /** Miller loops of pairs whose lines are kept; where it is missing they cost as much as any others. */
  readonly withLines?: Line | undefined;
}

/** Both sides. */
export interface CostModel {
  readonly cpu: CpuCosts;
  readonly gpu: GpuCosts;
}

/** A vector or matrix that an operation reads. */
export interface Placement {
  /** Who holds the elements: views of one vector are moved together. */
  readonly owner: object;
  /** Bytes of all that moves with it, in memory form. */
  readonly bytes: number;
  /** Whether it is there as bytes in memory form, on the CPU backend, and on the device. */
  readonly onHost: boolean;
  readonly onCpu: boolean;
  readonly onGpu: boolean;
}

/** An operation that is about to run. */
export interface Work {
  readonly operation: Operation;
  readonly items: number;
  /** Pairs among the items whose lines the CPU backend keeps; left out: none. */
  readonly itemsWithLines?: number | undefined;
  readonly inputs: readonly Placement[];
  /** Bytes of the vector that comes out, in memory form; 0 where the result is read back anyway. */
  readonly outputBytes: number;
  /** Whether what comes out is made for many later operations on the device: there, it is worth its way however few its elements. */
  readonly isLasting?: boolean | undefined;
}

function at({ fixedMs, itemMs }: Line, items: number): number {
  return fixedMs + itemMs * items;
}

/** What it costs to have a vector on a side. */
function moveMs({ bytes, onHost, onCpu, onGpu }: Placement, side: Side, { cpu, gpu }: CostModel): number {
  const [from, to, isThere, isOpposite] =
    side === 'gpu' ? [cpu, gpu, onGpu, onCpu] : [gpu, cpu, onCpu, onGpu];
  if (isThere) return 0;
  return at(to.upload, bytes) + (!onHost && isOpposite ? at(from.readBack, bytes) : 0);
}

/** What the CPU takes where it keeps the lines of some pairs. */
function loopsMs(line: Line, kept: Line, items: number, itemsWithLines: number): number {
  if (itemsWithLines >= items) return at(kept, items);
  return at(line, items - itemsWithLines) + kept.itemMs * itemsWithLines;
}

/** Milliseconds of an operation on a side, with its inputs where they are. An operation that a side has no figure for costs infinity there. */
export function costOf(model: CostModel, work: Work, side: Side): number {
  const line = model[side].operations[work.operation];
  if (!line) return Number.POSITIVE_INFINITY;
  const owners = new Map(work.inputs.map((input) => [input.owner, input]));
  const moved = [...owners.values()].reduce((sum, input) => sum + moveMs(input, side, model), 0);
  // Who reads a result is not known: what comes out of the GPU is charged its way back, so that chains alone stay there.
  const result = side === 'gpu' && work.outputBytes > 0 ? at(model.gpu.readBack, work.outputBytes) : 0;
  const kept = side === 'cpu' && work.itemsWithLines ? model.cpu.withLines : undefined;
  const own = kept ? loopsMs(line, kept, work.items, work.itemsWithLines ?? 0) : at(line, work.items);
  return own + moved + result;
}

/** A line through times that were measured at a smaller and a larger number of items; noise makes no part of it negative. */
export function lineThrough(
  small: { readonly items: number; readonly ms: number },
  large: { readonly items: number; readonly ms: number },
): Line {
  const span = large.items - small.items;
  const itemMs = span > 0 ? Math.max(0, (large.ms - small.ms) / span) : small.ms / Math.max(1, small.items);
  return { fixedMs: Math.max(0, small.ms - itemMs * small.items), itemMs };
}

/** Largest log2 of a size that {@link crossover} looks at. */
const MAX_LOG2 = 24;

/**
 * The smallest power of two from which on the GPU is faster, up to 2^24, for `work` of that size; undefined where the CPU is faster to
 * the end.
 */
export function crossover(model: CostModel, work: (size: number) => Work): number | undefined {
  let first: number | undefined;
  for (let log2 = 0; log2 <= MAX_LOG2; log2++) {
    const one = work(2 ** log2);
    if (costOf(model, one, 'gpu') >= costOf(model, one, 'cpu')) first = undefined;
    else first ??= 2 ** log2;
  }
  return first;
}

/** A model with what it was measured on: it is of use there alone. */
export interface Calibration {
  readonly curve: CurveName;
  readonly cpu: string;
  readonly threads: number;
  readonly adapter: string;
  readonly multiplier: string;
  readonly model: CostModel;
}

/** Of what is kept: models of other operations are not read. */
export const MODEL_VERSION = 3;

const ms = v.pipe(v.number(), v.finite(), v.minValue(0));
const line = v.object({ fixedMs: ms, itemMs: ms });
const byOperation = <T extends v.GenericSchema>(
  schema: T,
): v.RecordSchema<v.PicklistSchema<typeof OPERATIONS, undefined>, T, undefined> =>
  v.record(v.picklist(OPERATIONS), schema);
const side = { operations: byOperation(line), upload: line, readBack: line };

const kept = {
  version: v.literal(MODEL_VERSION),
  curve: v.picklist(['bn254', 'bls12-381']),
  cpu: v.string(),
  threads: v.number(),
  model: v.object({
    cpu: v.object({ ...side, withLines: v.optional(line) }),
    gpu: v.object({ ...side, startMs: ms, compileMs: byOperation(ms) }),
  }),
};

const modelSchema = v.object(kept);
const schema = v.object({ ...kept, adapter: v.string(), multiplier: v.string() });

/** A calibration as it is kept. */
export function packCalibration(calibration: Calibration): unknown {
  return { version: MODEL_VERSION, ...calibration };
}

/** Of any calibration that was kept, the model and the CPU; undefined where it is none of this version. */
export function unpackModel(
  value: unknown,
): Pick<Calibration, 'curve' | 'cpu' | 'threads' | 'model'> | undefined {
  const { success, output } = v.safeParse(modelSchema, value);
  if (!success) return undefined;
  const { version: _, ...own } = output;
  return own;
}

/** A calibration that was kept; undefined where it is none of this version. */
export function unpackCalibration(value: unknown): Calibration | undefined {
  const { success, output } = v.safeParse(schema, value);
  if (!success) return undefined;
  const { version: _, ...calibration } = output;
  return calibration;
}
