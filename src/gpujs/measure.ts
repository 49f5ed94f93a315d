/** How fast a device adds, for choosing by measured cost. */

import { throwIfAborted } from '../errors.ts';
import type { BatchOptions } from './batch-machine.ts';
import type { GroupMachine } from './group-machine.ts';
import { planWindows } from './msm-plan.ts';

/** Times of a device, in milliseconds, warm. */
export interface GpujsMeasure {
  readonly mode: string;
  /** Whether kernels are shaders. Where they are not, the CPU does the work, and the wasm backend does it faster. */
  readonly isShader: boolean;
  /** One call, however few elements it has. */
  readonly callMs: number;
  /** One addition of points among many. */
  readonly additionMs: number;
  /** One product of scalars among many. */
  readonly productMs: number;
  /** What an MSM in G1 of `count` full scalars would take. */
  msmG1Ms(count: number): number;
}

const ROUNDS = 3;

async function fastest(action: () => Promise<unknown>): Promise<number> {
  await action();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await action();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Measures: about fifteen calls of the largest size and as many of the smallest. Throws AbortedError. */
export async function measureGroup(group: GroupMachine, options: BatchOptions = {}): Promise<GpujsMeasure> {
  throwIfAborted(options.signal);
  const { machine, points, scalars, curve } = group;
  const most = machine.largestBatch;
  const many = new Float32Array(most * points.length);
  for (let i = 0; i < most; i++) points.writeInfinity(many, i);
  const factors = new Float32Array(most * scalars.limbs).fill(1);
  const one = many.subarray(0, points.length);
  const callMs = await fastest(() => group.add(one, one, options));
  const additionMs = (await fastest(() => group.add(many, many, options))) / most;
  const productMs = (await fastest(() => group.multiplyAdd(factors, factors, factors, options))) / most;
  const scalarBits = curve.order.toString(2).length;
  return {
    mode: machine.device.mode,
    isShader: machine.isShader,
    callMs,
    additionMs,
    productMs,
    msmG1Ms: (count) => {
      const { additions, windows, windowsPerPass } = planWindows(count, 1, scalarBits);
      const rounds = Math.ceil(windows / windowsPerPass) * 2 * Math.ceil(Math.log2(Math.max(count, 2)));
      return additions * additionMs + rounds * callMs;
    },
  };
}
