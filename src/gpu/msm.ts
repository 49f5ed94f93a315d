/**
 * Multi-scalar multiplication on a device (Pippenger's buckets with signed digits): digits are counted, scanned and scattered so
 * that entries stand in the order of buckets; even slices of them are summed; buckets are reduced to one sum a window.
 */

import { throwIfAborted } from '../errors.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import { DigitSort, type SortedDigits } from './digit-sort.ts';
import type { GpuGroup } from './group.ts';
import { DIGIT_MODE, msmDigits } from './kernels/msm-digits.ts';
import { SCAN_ADD, SCAN_BLOCK, SCAN_BLOCKS } from './kernels/scan.ts';
import type { GpuMsmPlan, GpuMsmShape, WindowPass } from './msm-plan.ts';
import type { PaceOptions } from './pacer.ts';
import type { Recording } from './recording.ts';
import { limbsOf } from './shader/field-spec.ts';

/** Parts of slices that one thread of a further level sums. */
const COMBINE_LENGTH = 8;
/** log2 of the sums that one thread of a level of the bucket reduction takes. */
const REDUCE_LENGTH_LOG2 = 3;

/** Points and scalars of jobs that are summed together. */
export interface MsmInput {
  readonly bases: GPUBuffer;
  readonly scalars: PooledBuffer;
  /** Index of the first point and the first scalar. */
  readonly firstPoint: number;
  readonly firstScalar: number;
  /** Length of each job; they stand one behind the other. */
  readonly lengths: readonly number[];
  /** Keeps the digits of a single job for other points. Without it they are sorted for this sum alone. */
  readonly digits?: DigitSort | undefined;
}

/** The shape of an MSM for the planner. */
export function msmShape(group: GpuGroup, count: number, jobs: number): GpuMsmShape {
  return {
    count,
    jobs,
    scalarBound: group.curve.order >> 1n,
    sumBytes: group.sumBytes,
    maxBindingBytes: group.device.maxBindingBytes,
    mixedProducts: group.programs.products.mixed,
    fullProducts: group.programs.products.full,
  };
}

/** Takes buffers that are all given back together. */
class Scratch {
  readonly #group: GpuGroup;
  readonly #taken: PooledBuffer[] = [];

  constructor(group: GpuGroup) {
    this.#group = group;
  }

  take(bytes: number): GPUBuffer {
    const buffer = this.#group.device.allocate(bytes);
    this.#taken.push(buffer);
    return buffer.gpu;
  }

  release(): void {
    for (const buffer of this.#taken) buffer.release();
  }
}

/**
 * Sums of the windows of every job, as XYZZ sums in a buffer that `use` reads while it lasts. `use` is called once a pass, with
 * sums in the order of jobs, then of the pass's windows.
 */
export async function windowSums(
  group: GpuGroup,
  input: MsmInput,
  plan: GpuMsmPlan,
  options: PaceOptions,
  use: (sums: GPUBuffer, pass: WindowPass) => Promise<void>,
): Promise<void> {
  for (const [i, pass] of plan.passes.entries()) {
    throwIfAborted(options.signal);
    const scratch = new Scratch(group);
    try {
      const share = (fraction: number): void => options.onProgress?.((i + fraction) / plan.passes.length);
      const sums = await runPass(group, input, plan, pass, { ...options, onProgress: share }, scratch);
      await use(sums, pass);
    } finally {
      scratch.release();
    }
  }
}

async function runPass(
  group: GpuGroup,
  input: MsmInput,
  plan: GpuMsmPlan,
  pass: WindowPass,
  options: PaceOptions,
  scratch: Scratch,
): Promise<GPUBuffer> {
  const { device } = group;
  const windows = input.lengths.length * pass.windowCount;
  const half = 2 ** (plan.windowBits - 1);
  const bucketCount = windows * half;
  const accumulate = await group.kernel('accumulate');
  const buckets = scratch.take(bucketCount * group.sumBytes);
  const clearing = device.record();
  clearing.clear(buckets, bucketCount * group.sumBytes);
  await clearing.submit();
  let parts = takeParts(group, scratch, plan.slices);
  const count = pointCount(input);
  const perSlice = Math.ceil((count * pass.windowCount) / plan.slices);
  await withDigits(group, input, plan, pass, bucketCount, ({ entries, ends }) =>
    group.pacer.run(
      plan.slices,
      perSlice * group.programs.products.mixed,
      options,
      (first, units, recording) =>
        recording.dispatchEach(units, {
          kernel: accumulate,
          buffers: [group.store, input.bases, entries.gpu, ends.gpu, buckets, parts.sums, parts.buckets],
          parameters: [plan.slices, first, units, bucketCount],
        }),
    ),
  );
  const combine = await group.kernel('combine');
  const recording = device.record();
  for (let slices = plan.slices; slices > 1; ) {
    const summands = 2 * slices;
    slices = Math.ceil(summands / COMBINE_LENGTH);
    const next = takeParts(group, scratch, slices);
    recording.dispatchEach(slices, {
      kernel: combine,
      buffers: [group.store, parts.sums, parts.buckets, buckets, next.sums, next.buckets],
      parameters: [summands, COMBINE_LENGTH],
    });
    parts = next;
  }
  const sums = await reduceBuckets(group, buckets, windows, half, scratch, recording);
  await recording.submit();
  return sums;
}

/** Places for the two parts that a slice may leave. */
function takeParts(
  group: GpuGroup,
  scratch: Scratch,
  slices: number,
): { sums: GPUBuffer; buckets: GPUBuffer } {
  return { sums: scratch.take(2 * slices * group.sumBytes), buckets: scratch.take(2 * slices * 4) };
}

function pointCount({ lengths }: MsmInput): number {
  return lengths.reduce((sum, length) => sum + length, 0);
}

/** Runs `use` on the sorted digits of a pass, which are kept where that is asked for. */
function withDigits<T>(
  group: GpuGroup,
  input: MsmInput,
  plan: GpuMsmPlan,
  pass: WindowPass,
  bucketCount: number,
  use: (sorted: SortedDigits) => Promise<T>,
): Promise<T> {
  const { scalars, firstScalar, firstPoint, lengths } = input;
  const keeper = lengths.length === 1 && input.digits ? input.digits : new DigitSort(group.device);
  const key = {
    scalars,
    firstScalar,
    firstPoint,
    count: pointCount(input),
    windowBits: plan.windowBits,
    firstWindow: pass.firstWindow,
    windowCount: pass.windowCount,
  };
  const sort = (): Promise<SortedDigits> => sortDigits(group, input, plan, pass, bucketCount);
  return keeper.use(key, sort, use).finally(() => {
    if (keeper !== input.digits) keeper.drop();
  });
}

async function sortDigits(
  group: GpuGroup,
  input: MsmInput,
  plan: GpuMsmPlan,
  pass: WindowPass,
  bucketCount: number,
): Promise<SortedDigits> {
  const { device } = group;
  const count = pointCount(input);
  const entries = device.allocate(4 * count * pass.windowCount);
  const ends = device.allocate(4 * bucketCount);
  const scratch = new Scratch(group);
  try {
    await recordSort(group, input, plan, pass, { entries, ends, bucketCount, scratch });
    return { entries, ends };
  } catch (error) {
    for (const buffer of [entries, ends]) device.releaseSecret(buffer);
    throw error;
  } finally {
    scratch.release();
  }
}

/** Counts, scans and scatters. */
async function recordSort(
  group: GpuGroup,
  input: MsmInput,
  plan: GpuMsmPlan,
  pass: WindowPass,
  { entries, ends, bucketCount, scratch }: SortedDigits & { bucketCount: number; scratch: Scratch },
): Promise<void> {
  const { device } = group;
  const [digits, scanBlocks, scanAdd] = (await device.compileAll([
    msmDigits(group.curve),
    SCAN_BLOCKS,
    SCAN_ADD,
  ])) as [Compiled, Compiled, Compiled];
  const jobEnds = new Uint32Array(input.lengths.length);
  let count = 0;
  for (const [job, length] of input.lengths.entries()) {
    count += length;
    jobEnds[job] = count;
  }
  const jobs = scratch.take(jobEnds.byteLength);
  await device.write(jobs, new Uint8Array(jobEnds.buffer));
  const recording = device.record();
  recording.clear(ends.gpu, 4 * bucketCount);
  const run = (mode: number): void =>
    recording.dispatchEach(count, {
      kernel: digits,
      buffers: [input.scalars.gpu, jobs, ends.gpu, entries.gpu],
      parameters: [
        count,
        input.firstScalar,
        input.lengths.length,
        plan.windowBits,
        pass.firstWindow,
        pass.windowCount,
        mode,
        input.firstPoint,
        ...limbsOf(plan.bias, 32, 12).map(Number),
      ],
    });
  run(DIGIT_MODE.count);
  const blocks = Math.ceil(bucketCount / SCAN_BLOCK);
  const blockSums = scratch.take(4 * blocks);
  const total = scratch.take(4);
  recording.dispatch({
    kernel: scanBlocks,
    buffers: [ends.gpu, blockSums],
    parameters: [bucketCount],
    groups: blocks,
  });
  recording.dispatch({ kernel: scanBlocks, buffers: [blockSums, total], parameters: [blocks], groups: 1 });
  recording.dispatchEach(bucketCount, {
    kernel: scanAdd,
    buffers: [ends.gpu, blockSums],
    parameters: [bucketCount],
  });
  run(DIGIT_MODE.scatter);
  await recording.submit();
}

type Compiled = Awaited<ReturnType<GpuGroup['kernel']>>;

/** Records the levels of the bucket reduction; the buffer has one sum a window. */
async function reduceBuckets(
  group: GpuGroup,
  buckets: GPUBuffer,
  windows: number,
  half: number,
  scratch: Scratch,
  recording: Recording,
): Promise<GPUBuffer> {
  const kernel = await group.kernel('reduce');
  let sums = buckets;
  let weighted = buckets;
  let doublings = 0;
  let count = half;
  let isFirst = true;
  while (isFirst || count > 1) {
    const length = 2 ** REDUCE_LENGTH_LOG2;
    const nextCount = Math.ceil(count / length);
    const nextSums = scratch.take(windows * nextCount * group.sumBytes);
    const nextWeighted = scratch.take(windows * nextCount * group.sumBytes);
    recording.dispatchEach(windows * nextCount, {
      kernel,
      buffers: [group.store, sums, weighted, nextSums, nextWeighted],
      parameters: [windows, count, nextCount, length, isFirst ? 1 : 0, doublings],
    });
    [sums, weighted, count] = [nextSums, nextWeighted, nextCount];
    doublings += REDUCE_LENGTH_LOG2;
    isFirst = false;
  }
  return weighted;
}

/** Sums of jobs from the sums of all their windows, in one buffer in the order of jobs; one thread a job. */
export async function jobSums(
  group: GpuGroup,
  windows: GPUBuffer,
  jobs: number,
  plan: GpuMsmPlan,
  use: (sums: GPUBuffer) => Promise<void>,
): Promise<void> {
  const kernel = await group.kernel('horner');
  const sums = group.device.allocate(jobs * group.sumBytes);
  try {
    const recording = group.device.record();
    recording.dispatchEach(jobs, {
      kernel,
      buffers: [group.store, windows, sums.gpu],
      parameters: [jobs, plan.windows, plan.windowBits],
    });
    await recording.submit();
    await use(sums.gpu);
  } finally {
    sums.release();
  }
}
