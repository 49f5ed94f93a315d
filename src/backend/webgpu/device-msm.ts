/** Multi-scalar multiplications on a device: large ones alone, small ones packed, the last few terms on the CPU. */

import { packScalars } from '../../curve/affine.ts';
import { InternalError } from '../../errors.ts';
import { joinBytes } from '../../field/bytes.ts';
import type { DigitSort } from '../../gpu/digit-sort.ts';
import type { GpuGroup } from '../../gpu/group.ts';
import { jobSums, type MsmInput, msmShape, windowSums } from '../../gpu/msm.ts';
import { type GpuMsmPlan, mostPoints, planGpuMsm } from '../../gpu/msm-plan.ts';
import { alignSegments, type Segment, sliceSegments } from '../../gpu/segments.ts';
import type { Backend, OperationOptions } from '../backend.ts';
import { assertOnCurve } from './assert-on-curve.ts';

/** One sum: points and scalars, both on the device. */
export interface DeviceJob {
  readonly bases: readonly Segment[];
  readonly scalars: readonly Segment[];
  readonly length: number;
}

/** Jobs up to this many points are packed, up to so many points together. */
const SMALL_JOB = 2 ** 14;
const PACK_POINTS = 2 ** 18;
/** Jobs from which Horner's rule for all of them is left to the device. */
const DEVICE_HORNER_JOBS = 8;

/** Points with scalars that are left to the CPU. */
interface Term {
  readonly points: Uint8Array;
  readonly weights: readonly bigint[];
}

/** Sums of all jobs in memory form, one behind the other. Digits of the last scalars are kept in `digits`. */
export async function deviceMsm(
  group: GpuGroup,
  digits: DigitSort,
  cpu: Backend,
  jobs: readonly DeviceJob[],
  options: OperationOptions,
): Promise<Uint8Array> {
  const packs = packJobs(group, jobs);
  const sums: Uint8Array[] = [];
  let done = 0;
  for (const pack of packs) {
    const share = pack.reduce((sum, job) => sum + job.length, 0);
    const total = Math.max(
      1,
      jobs.reduce((sum, job) => sum + job.length, 0),
    );
    const onProgress = (fraction: number): void => options.onProgress?.((done + fraction * share) / total);
    const [first] = pack;
    if (pack.length === 1 && first)
      sums.push(await sumAlone(group, digits, cpu, first, { ...options, onProgress }));
    else sums.push(await sumPack(group, cpu, pack, { ...options, onProgress }));
    done += share;
  }
  return joinBytes(sums);
}

/** Neighbouring small jobs together, as long as a plan for them exists. */
function packJobs(group: GpuGroup, jobs: readonly DeviceJob[]): DeviceJob[][] {
  const packs: DeviceJob[][] = [];
  let open: DeviceJob[] | undefined;
  let points = 0;
  for (const job of jobs) {
    const fits =
      open !== undefined &&
      job.length <= SMALL_JOB &&
      points + job.length <= PACK_POINTS &&
      isSinglePass(planGpuMsm(msmShape(group, points + job.length, open.length + 1)));
    if (open && fits) open.push(job);
    else {
      open = [job];
      packs.push(open);
      points = 0;
    }
    points += job.length;
    if (job.length > SMALL_JOB) open = undefined;
  }
  return packs;
}

function isSinglePass(plan: GpuMsmPlan | undefined): boolean {
  return plan?.passes.length === 1;
}

function planFor(group: GpuGroup, count: number, jobs: number): GpuMsmPlan {
  const plan = planGpuMsm(msmShape(group, count, jobs));
  if (!plan) throw new InternalError('No plan for an MSM that was cut to fit.');
  return plan;
}

async function sumAlone(
  group: GpuGroup,
  digits: DigitSort,
  cpu: Backend,
  job: DeviceJob,
  options: OperationOptions,
): Promise<Uint8Array> {
  const pieces = cutPieces(group, job);
  const terms: Term[] = [];
  for (const [i, [bases, scalars]] of pieces.entries()) {
    const plan = planFor(group, bases.length, 1);
    const onProgress = (fraction: number): void => options.onProgress?.((i + fraction) / pieces.length);
    await windowSums(
      group,
      { ...inputOf(bases, scalars), digits },
      plan,
      { ...options, onProgress },
      async (windows, pass) => {
        const points = await group.readSums(windows, pass.windowCount);
        const weights = Array.from({ length: pass.windowCount }, (_, w) =>
          windowWeight(group, plan, pass.firstWindow + w),
        );
        terms.push({ points, weights });
      },
    );
  }
  return finishOnCpu(group, cpu, terms);
}

/** Parts of a job that lie in one buffer each and are not too long for their entries. */
function cutPieces(group: GpuGroup, job: DeviceJob): [Segment, Segment][] {
  const most = mostPoints(group.device.maxBindingBytes);
  return alignSegments([job.bases, job.scalars]).flatMap(([bases, scalars]) => {
    if (!bases || !scalars) return [];
    const parts: [Segment, Segment][] = [];
    for (let start = 0; start < bases.length; start += most) {
      const end = Math.min(bases.length, start + most);
      const [b] = sliceSegments([bases], start, end);
      const [s] = sliceSegments([scalars], start, end);
      if (b && s) parts.push([b, s]);
    }
    return parts;
  });
}

function inputOf(bases: Segment, scalars: Segment): MsmInput {
  return {
    bases: bases.buffer.gpu,
    scalars: scalars.buffer,
    firstPoint: bases.first,
    firstScalar: scalars.first,
    lengths: [bases.length],
  };
}

/** 2^(window·windowBits) mod the order. */
function windowWeight(group: GpuGroup, plan: GpuMsmPlan, window: number): bigint {
  return (1n << BigInt(window * plan.windowBits)) % group.curve.order;
}

/** The sum of a few terms. Horner's rule would need fewer products, on one thread; the CPU's MSM does as well. */
async function finishOnCpu(group: GpuGroup, cpu: Backend, terms: readonly Term[]): Promise<Uint8Array> {
  const { curve, name } = group;
  const bytes = joinBytes(terms.map(({ points }) => points));
  assertOnCurve(curve, name, bytes);
  const weights = packScalars(
    curve,
    terms.flatMap((term) => term.weights),
  );
  const scalars = await cpu.uploadFr(weights);
  try {
    if (name === 'g1') {
      const points = await cpu.uploadG1(bytes);
      return await cpu.msmG1(points, scalars).finally(() => points.dispose());
    }
    const points = await cpu.uploadG2(bytes);
    return await cpu.msmG2(points, scalars).finally(() => points.dispose());
  } finally {
    scalars.dispose();
  }
}

/** Sums of small jobs, whose points and scalars are first copied together. */
async function sumPack(
  group: GpuGroup,
  cpu: Backend,
  pack: readonly DeviceJob[],
  options: OperationOptions,
): Promise<Uint8Array> {
  const { device, pointBytes, curve } = group;
  const lengths = pack.map((job) => job.length);
  const count = lengths.reduce((sum, length) => sum + length, 0);
  if (count === 0) return new Uint8Array(pack.length * pointBytes);
  const bases = device.allocate(count * pointBytes);
  const scalars = device.allocate(count * curve.frBytes);
  try {
    const recording = device.record();
    const gather = (target: GPUBuffer, size: number, vectors: readonly (readonly Segment[])[]): void => {
      let targetOffset = 0;
      for (const { buffer, first, length } of vectors.flat()) {
        recording.copy({
          source: buffer.gpu,
          sourceOffset: first * size,
          target,
          targetOffset,
          bytes: length * size,
        });
        targetOffset += length * size;
      }
    };
    gather(
      bases.gpu,
      pointBytes,
      pack.map((job) => job.bases),
    );
    gather(
      scalars.gpu,
      curve.frBytes,
      pack.map((job) => job.scalars),
    );
    await recording.submit();
    const plan = planFor(group, count, pack.length);
    const input: MsmInput = {
      bases: bases.gpu,
      scalars,
      firstPoint: 0,
      firstScalar: 0,
      lengths,
    };
    const sums: Uint8Array[] = [];
    await windowSums(group, input, plan, options, async (windows) => {
      if (pack.length >= DEVICE_HORNER_JOBS) {
        await jobSums(group, windows, pack.length, plan, async (buffer) => {
          const points = await group.readSums(buffer, pack.length);
          assertOnCurve(curve, group.name, points);
          sums.push(points);
        });
        return;
      }
      const points = await group.readSums(windows, pack.length * plan.windows);
      const weights = Array.from({ length: plan.windows }, (_, w) => windowWeight(group, plan, w));
      for (const job of pack.keys()) {
        const size = plan.windows * pointBytes;
        const own = points.subarray(job * size, (job + 1) * size);
        sums.push(await finishOnCpu(group, cpu, [{ points: own, weights }]));
      }
    });
    return joinBytes(sums);
  } finally {
    bases.release();
    device.releaseSecret(scalars);
  }
}
