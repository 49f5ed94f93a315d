/** Large multi-scalar multiplications on a device, one after another; what they leave is read in one go and finished on the CPU. */

import { packScalars } from '../../curve/affine.ts';
import { InternalError } from '../../errors.ts';
import { joinBytes } from '../../field/bytes.ts';
import type { PooledBuffer } from '../../gpu/buffer-pool.ts';
import type { DigitSort } from '../../gpu/digit-sort.ts';
import type { GpuGroup } from '../../gpu/group.ts';
import { type MsmInput, msmShape, windowSums } from '../../gpu/msm.ts';
import { type GpuMsmPlan, mostPoints, planGpuMsm } from '../../gpu/msm-plan.ts';
import { alignSegments, type Segment, sliceSegments } from '../../gpu/segments.ts';
import type { Backend, OperationOptions } from '../backend.ts';
import { inTurn } from '../in-turn.ts';
import { assertOnCurve } from './assert-on-curve.ts';

/** Points and scalars of a sum, both on the device. */
export interface DeviceJob {
  readonly bases: readonly Segment[];
  readonly scalars: readonly Segment[];
  readonly length: number;
}

/** A sum in one of the groups. */
export interface GroupJob extends DeviceJob {
  readonly group: GpuGroup;
}

/** Points with scalars that are left to the CPU. */
export interface Term {
  readonly points: Uint8Array;
  readonly weights: readonly bigint[];
}

/** A part of a sum, and the place of its first window among all windows of its group. */
interface Piece {
  readonly input: MsmInput;
  readonly plan: GpuMsmPlan;
  readonly first: number;
}

/** Sums of all jobs, of one device, in memory form. Digits of the last scalars are kept in `digits`. */
export async function deviceSums(
  digits: DigitSort,
  cpu: Backend,
  jobs: readonly GroupJob[],
  options: OperationOptions,
): Promise<Uint8Array[]> {
  const windows = new Map<GpuGroup, number>();
  const pieces = jobs.map((job) => layOut(job, digits, windows));
  const runs = inTurn(
    options,
    jobs.flatMap(({ group }, i) =>
      (pieces[i] as Piece[]).map(({ input }) => (input.lengths[0] as number) * group.programs.products.mixed),
    ),
  ).values();
  const found = new Map<GpuGroup, PooledBuffer>();
  try {
    for (const [group, count] of windows) {
      found.set(group, group.device.allocate(count * group.pointBytes));
    }
    for (const [i, { group }] of jobs.entries()) {
      const target = found.get(group)?.gpu;
      for (const { input, plan, first } of pieces[i] as Piece[]) {
        await windowSums(group, input, plan, runs.next().value ?? {}, (sums, pass) =>
          group.toAffine(sums, pass.windowCount, target as GPUBuffer, first + pass.firstWindow),
        );
      }
    }
    const points = await readTogether(windows, found);
    const results: Uint8Array[] = [];
    for (const [i, { group }] of jobs.entries()) {
      const own = points.get(group);
      const terms = (pieces[i] as Piece[]).map(({ plan, first }) => ({
        points: own?.subarray(
          first * group.pointBytes,
          (first + plan.windows) * group.pointBytes,
        ) as Uint8Array,
        weights: windowWeights(group, plan),
      }));
      results.push(await finishOnCpu(group, cpu, terms));
    }
    return results;
  } finally {
    for (const buffer of found.values()) buffer.release();
  }
}

/** Cuts a job into pieces, and makes room for their windows behind those that its group has. */
function layOut({ group, ...job }: GroupJob, digits: DigitSort, windows: Map<GpuGroup, number>): Piece[] {
  return cutPieces(group, job).map(([bases, scalars]) => {
    const plan = planFor(group, bases.length, 1);
    const first = windows.get(group) ?? 0;
    windows.set(group, first + plan.windows);
    const input = {
      bases: bases.buffer.gpu,
      scalars: scalars.buffer,
      firstPoint: bases.first,
      firstScalar: scalars.first,
      lengths: [bases.length],
      digits,
    };
    return { input, plan, first };
  });
}

/** Affine points of all groups, which lose their Montgomery form, through one mapped buffer. */
async function readTogether(
  counts: ReadonlyMap<GpuGroup, number>,
  found: ReadonlyMap<GpuGroup, PooledBuffer>,
): Promise<Map<GpuGroup, Uint8Array>> {
  const groups = [...found.keys()];
  const runs = [];
  for (const [group, buffer] of found) {
    const length = counts.get(group) ?? 0;
    await group.convert([{ buffer, first: 0, length }], false);
    runs.push({ source: buffer.gpu, offset: 0, size: length * group.pointBytes });
  }
  const bytes = await groups[0]?.device.downloadAll(runs);
  return new Map(groups.map((group, i) => [group, bytes?.[i] as Uint8Array]));
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

/** The plan for jobs that are known to fit together. */
export function planFor(group: GpuGroup, count: number, jobs: number): GpuMsmPlan {
  const plan = planGpuMsm(msmShape(group, count, jobs));
  if (!plan) throw new InternalError('No plan for an MSM that was cut to fit.');
  return plan;
}

/** 2^(window·windowBits) mod the order, for all windows. */
export function windowWeights(group: GpuGroup, plan: GpuMsmPlan): bigint[] {
  return Array.from(
    { length: plan.windows },
    (_, window) => (1n << BigInt(window * plan.windowBits)) % group.curve.order,
  );
}

/** The sum of a few terms. Horner's rule would need fewer products, on one thread; the CPU's MSM does as well. */
export async function finishOnCpu(
  group: GpuGroup,
  cpu: Backend,
  terms: readonly Term[],
): Promise<Uint8Array> {
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
