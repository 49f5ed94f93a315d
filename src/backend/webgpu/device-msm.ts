/** Multi-scalar multiplications on a device, many in one go: large ones alone, small ones packed. */

import { joinBytes } from '../../field/bytes.ts';
import type { DigitSort } from '../../gpu/digit-sort.ts';
import type { GpuGroup } from '../../gpu/group.ts';
import { jobSums, type MsmInput, msmShape, windowSums } from '../../gpu/msm.ts';
import { type GpuMsmPlan, planGpuMsm } from '../../gpu/msm-plan.ts';
import type { Segment } from '../../gpu/segments.ts';
import type { Backend, OperationOptions } from '../backend.ts';
import { inTurn } from '../in-turn.ts';
import { assertOnCurve } from './assert-on-curve.ts';
import { type DeviceJob, deviceSums, finishOnCpu, planFor, windowWeights } from './device-sums.ts';

/** Jobs up to this many points are packed, up to so many points together. */
const SMALL_JOB = 2 ** 14;
const PACK_POINTS = 2 ** 18;
/** Jobs from which Horner's rule for all of them is left to the device. */
const DEVICE_HORNER_JOBS = 8;

/** Sums of all jobs in memory form, one behind the other. Digits of the last scalars are kept in `digits`. */
export async function deviceMsm(
  group: GpuGroup,
  digits: DigitSort,
  cpu: Backend,
  jobs: readonly DeviceJob[],
  options: OperationOptions,
): Promise<Uint8Array> {
  const packs = packJobs(group, jobs);
  const runs = inTurn(
    options,
    packs.map((pack) => pack.reduce((sum, job) => sum + job.length, 0)),
  );
  const sums: Uint8Array[] = [];
  for (const [i, pack] of packs.entries()) {
    const run = runs[i] as OperationOptions;
    const [first] = pack;
    if (pack.length === 1 && first) sums.push(...(await deviceSums(digits, cpu, [{ ...first, group }], run)));
    else sums.push(await sumPack(group, cpu, pack, run));
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
      const weights = windowWeights(group, plan);
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
