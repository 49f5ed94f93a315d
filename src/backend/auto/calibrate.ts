/**
 * Measures what operations cost on the CPU and on a rival of it, on this machine. All runs together have {@link BUDGET_MS}, shared among
 * the operations; what kernels take to compile comes on top. On slow devices sizes stop growing where a share is spent, and what was not
 * measured stays on the CPU.
 */

import { GpuFaultError, throwIfAborted } from '../../errors.ts';
import { equalBytes } from '../../field/bytes.ts';
import type { Backend } from '../backend.ts';
import { type Climb, cautiousLine, climb, type Ladder, lineOf } from './climb.ts';
import { type CostModel, type Line, lineThrough, type Operation, type SideCosts } from './cost-model.ts';
import {
  LINES_PROBE,
  PROBES,
  type ProbeInputs,
  type ProbeKind,
  probeInputs,
  probePoints,
  probeSizes,
} from './probes.ts';

/** Points on a side. */
interface Moved {
  read(): Promise<unknown>;
  release(): void;
}

/** Whom the CPU is measured against. */
export interface Rival {
  /** Runs every operation that is probed on the rival, and fails where that fails. */
  readonly backend: Backend;
  /** What it took to have it ready. */
  readonly startMs: number;
  /** Lets it forget what earlier runs leave to later ones. */
  forget?(): void;
  /** Waits until all that it was asked for is done. */
  settle?(): Promise<unknown>;
  /** Moves points of G1 to it. Left out where its vectors are the CPU backend's. */
  upload?(bytes: Uint8Array): Promise<Moved>;
  /** It has lost an operation where it takes this many times as long as the CPU, and its lines are cautious. Left out: measured to the end. */
  readonly giveUpAt?: number;
}

/** What is measured, and how it is told. */
export interface CalibrateOptions {
  readonly cpu: Backend;
  readonly rival: Rival;
  /** How each operation is probed, in this order; the model has those that are here. */
  readonly probes?: Readonly<Partial<Record<Operation, ProbeKind>>> | undefined;
  /** For all runs. Default: {@link BUDGET_MS}. */
  readonly budgetMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the share that is done, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Milliseconds of all runs of a calibration. */
export const BUDGET_MS = 2000;
/** Points of the two transfers that are timed. */
const TRANSFERS = [2 ** 9, 2 ** 14];
const FREE: Line = { fixedMs: 0, itemMs: 0 };

interface Side extends Pick<Rival, 'forget' | 'settle'> {
  readonly backend: Backend;
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

const itemsOf = (probe: ProbeKind, size: number): number => probe.itemsOf?.(size) ?? size;

/** An operation on a side, to be timed. */
function ladderOf({ backend, forget, settle }: Side, inputs: ProbeInputs, probe: ProbeKind): Ladder {
  return {
    sizes: probeSizes(probe),
    itemsOf: (size) => itemsOf(probe, size),
    place: async (size) => {
      const placed = await probe.place(backend, inputs, size);
      return {
        run: async (signal) => {
          forget?.();
          const result = await placed.run({ signal });
          await settle?.();
          if (!(result instanceof Uint8Array)) result.dispose();
        },
        release: () => placed.release(),
      };
    },
  };
}

/** The bytes of a probe's smallest run. */
async function resultOf(
  backend: Backend,
  inputs: ProbeInputs,
  { smallest, place }: ProbeKind,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const placed = await place(backend, inputs, smallest);
  try {
    const result = await placed.run({ signal });
    if (result instanceof Uint8Array) return (await placed.canonical?.(result)) ?? result;
    const bytes = await backend.read(result);
    result.dispose();
    return bytes;
  } finally {
    placed.release();
  }
}

/** Moving points to a side and back. */
function transferLadders(
  inputs: ProbeInputs,
  upload: (bytes: Uint8Array) => Promise<Moved>,
): Record<'upload' | 'readBack', Ladder> {
  const bytesOf = (count: number): Uint8Array => probePoints(inputs, 'g1', count);
  const shape = { sizes: TRANSFERS, itemsOf: (count: number) => count * inputs.curve.g1Bytes };
  return {
    upload: {
      ...shape,
      place: async (count) => {
        const bytes = bytesOf(count);
        return { run: async () => (await upload(bytes)).release(), release: () => {} };
      },
    },
    readBack: {
      ...shape,
      place: async (count) => {
        const moved = await upload(bytesOf(count));
        return { run: () => moved.read(), release: () => moved.release() };
      },
    },
  };
}

/** Of an operation that was measured on both sides. */
interface Compared {
  readonly cpu: Line;
  readonly rival: Line | undefined;
  readonly compileMs: number;
  readonly spentMs: number;
}

/** Holds the rival's result against the CPU's, then times both. Throws GpuFaultError where they differ. */
async function compare(
  operation: Operation,
  probe: ProbeKind,
  inputs: ProbeInputs,
  shareMs: number,
  options: CalibrateOptions,
): Promise<Compared> {
  const { cpu, rival, signal } = options;
  let got: Uint8Array = new Uint8Array();
  let expected: Uint8Array = new Uint8Array();
  // Compiling is part of the first run on the rival, which is this one.
  const checkMs = await timed(async () => {
    got = await resultOf(rival.backend, inputs, probe, signal);
  });
  const cpuMs = await timed(async () => {
    expected = await resultOf(cpu, inputs, probe, signal);
  });
  if (!equalBytes(got, expected)) throw new GpuFaultError(`its result of ${operation} is not the CPU's`);

  const own = await climb(ladderOf({ backend: cpu }, inputs, probe), { ms: shareMs / 2 - cpuMs, signal });
  const once = { items: itemsOf(probe, probe.smallest), ms: cpuMs };
  const cpuLine = lineOf(own) ?? lineThrough(once, once);
  const cpuSpent = cpuMs + Math.max(0, own.spentMs);

  const { giveUpAt } = rival;
  const other = await climb(ladderOf(rival, inputs, probe), {
    // A slow CPU leaves the rival its half.
    ms: Math.max(shareMs / 2, shareMs - cpuSpent),
    ...(giveUpAt === undefined
      ? {}
      : { capMs: (items: number) => giveUpAt * (cpuLine.fixedMs + cpuLine.itemMs * items) }),
    signal,
  });
  // Without a later run the first one cannot be told from compiling: all of it counts.
  const runMs = Math.min(checkMs, other.first?.ms ?? checkMs);
  return {
    cpu: cpuLine,
    rival: (giveUpAt === undefined ? lineOf : cautiousLine)(other),
    compileMs: checkMs - runMs,
    spentMs: cpuSpent + Math.max(0, other.spentMs) + runMs,
  };
}

/** Times a transfer after a run that compiles what it needs. */
async function climbWarm(ladder: Ladder, ms: number, signal: AbortSignal | undefined): Promise<Climb> {
  const placed = await ladder.place(ladder.sizes[0] as number);
  const warmMs = await timed(() => placed.run(signal ?? new AbortController().signal));
  placed.release();
  const climbed = await climb(ladder, { ms, signal });
  return { ...climbed, spentMs: climbed.spentMs + Math.min(warmMs, climbed.first?.ms ?? warmMs) };
}

/** Lines of both transfers; undefined where they were not done in time. */
async function measureTransfers(
  inputs: ProbeInputs,
  upload: (bytes: Uint8Array) => Promise<Moved>,
  shareMs: number,
  signal: AbortSignal | undefined,
): Promise<(Pick<SideCosts, 'upload' | 'readBack'> & { readonly spentMs: number }) | undefined> {
  const ladders = transferLadders(inputs, upload);
  const up = await climbWarm(ladders.upload, shareMs / 2, signal);
  const back = await climbWarm(ladders.readBack, shareMs / 2, signal);
  const [upLine, backLine] = [lineOf(up), lineOf(back)];
  return upLine && backLine && { upload: upLine, readBack: backLine, spentMs: up.spentMs + back.spentMs };
}

/**
 * Measures all operations. On each, the rival's result is held against the CPU's before anything is timed. Throws GpuFaultError where
 * they differ, AbortedError, or what the rival fails with.
 */
export async function calibrate(options: CalibrateOptions): Promise<CostModel> {
  const { cpu, rival, probes = PROBES, budgetMs = BUDGET_MS, signal, onProgress } = options;
  const inputs = await probeInputs(cpu, { signal });
  const wanted = Object.entries(probes) as [Operation, ProbeKind][];
  const cpuLines: Partial<Record<Operation, Line>> = {};
  const rivalLines: Partial<Record<Operation, Line>> = {};
  const compileMs: Partial<Record<Operation, number>> = {};
  const none = { upload: FREE, readBack: FREE };
  let moves: Record<'cpu' | 'rival', Pick<SideCosts, 'upload' | 'readBack'>> = { cpu: none, rival: none };

  // Lines that the CPU keeps make its Miller loops cheaper; nobody else's.
  const keepsLines = cpu.lines !== undefined && probes.millerProducts !== undefined;
  let withLines: Line | undefined;
  const total = wanted.length + (rival.upload ? 1 : 0) + (keepsLines ? 1 : 0);
  let [leftMs, steps] = [budgetMs, total];
  const finishStep = (spentMs: number): void => {
    leftMs -= spentMs;
    steps--;
    onProgress?.((total - steps) / total);
  };

  throwIfAborted(signal);
  // Transfers come first: without them no operation can be weighed.
  const { upload } = rival;
  if (upload) {
    const toCpu = async (bytes: Uint8Array): Promise<Moved> => {
      const vector = await cpu.uploadG1(bytes);
      return { read: () => cpu.read(vector), release: () => vector.dispose() };
    };
    const share = leftMs / steps;
    const own = await measureTransfers(inputs, toCpu, share / 2, signal);
    const other = await measureTransfers(inputs, upload, share / 2, signal);
    if (!own || !other) leftMs = 0;
    else moves = { cpu: own, rival: other };
    finishStep((own?.spentMs ?? 0) + (other?.spentMs ?? 0));
  }
  for (const [operation, probe] of wanted) {
    throwIfAborted(signal);
    if (leftMs <= 0) break;
    const compared = await compare(operation, probe, inputs, leftMs / steps, options);
    cpuLines[operation] = compared.cpu;
    if (compared.rival) rivalLines[operation] = compared.rival;
    compileMs[operation] = compared.compileMs;
    finishStep(compared.spentMs);
  }
  if (keepsLines && leftMs > 0) {
    const ladder = ladderOf({ backend: cpu }, inputs, LINES_PROBE);
    const climbed = await climb(ladder, { ms: leftMs, signal });
    withLines = lineOf(climbed);
    finishStep(climbed.spentMs);
  }
  if (steps > 0) onProgress?.(1);
  return {
    cpu: {
      operations: cpuLines,
      upload: moves.cpu.upload,
      readBack: moves.cpu.readBack,
      ...(withLines ? { withLines } : {}),
    },
    gpu: {
      operations: rivalLines,
      upload: moves.rival.upload,
      readBack: moves.rival.readBack,
      startMs: rival.startMs,
      compileMs,
    },
  };
}
