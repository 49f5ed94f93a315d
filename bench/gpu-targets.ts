/**
 * What the WebGPU backend has to reach on an NVIDIA H200 through Dawn and Vulkan, on BN254, warm unless it says cold. `must` decides
 * whether a line passes; `aim` is where the fastest native implementations are.
 */

import type { Adapter, Row } from './lib/report.ts';

/** One line. */
export interface GpuTarget {
  readonly name: string;
  readonly op: string;
  /** Size of the rows it covers; all where it is missing. The best of them counts. */
  readonly n?: number;
  /** Whether it is first calls that count. */
  readonly isCold?: boolean;
  /**
   * What is held against it: milliseconds of a call, which must not pass it; elements per second, or the ratio to a peer, which must
   * reach it.
   */
  readonly measure: 'ms' | 'rate' | 'ratio';
  readonly must: number;
  readonly aim: number;
}

const milliseconds = (name: string, op: string, log2: number, must: number, aim: number): GpuTarget => ({
  name: `${name} 2^${log2}`,
  op,
  n: 2 ** log2,
  measure: 'ms',
  must,
  aim,
});

/** All lines. */
export const GPU_TARGETS: readonly GpuTarget[] = [
  { name: 'Fq products', op: 'field-mul', measure: 'rate', must: 10e9, aim: 18e9 },
  milliseconds('G1 MSM', 'msm-g1', 16, 8, 4),
  milliseconds('G1 MSM', 'msm-g1', 20, 25, 14),
  milliseconds('G1 MSM', 'msm-g1', 22, 85, 50),
  milliseconds('G1 MSM', 'msm-g1', 24, 320, 190),
  milliseconds('G2 MSM', 'msm-g2', 20, 90, 50),
  {
    name: '64 packed MSMs of 2^10 against one by one',
    op: 'msm-packed',
    n: 2 ** 10,
    measure: 'ratio',
    must: 8,
    aim: 12,
  },
  milliseconds('NTT', 'ntt', 20, 2, 1.2),
  milliseconds('NTT', 'ntt', 22, 7, 4.5),
  milliseconds('NTT', 'ntt', 24, 30, 18),
  { name: 'all pipelines, cold', op: 'pipelines', isCold: true, measure: 'ms', must: 3000, aim: 1000 },
  { name: 'Miller loops, batched', op: 'miller-loop', n: 2 ** 16, measure: 'rate', must: 50e3, aim: 200e3 },
];

/** What the rows of a run say of one line. */
export interface GpuVerdict {
  readonly target: GpuTarget;
  /** `not measured` when the run has no row that the line covers. */
  readonly result: 'aim' | 'pass' | 'fail' | 'not measured';
  /** The best value, in the unit of the line. */
  readonly value?: number;
}

function covers({ op, n, isCold = false }: GpuTarget, row: Row): boolean {
  return (
    row.op === op &&
    row.backend === 'webgpu' &&
    row.curve === 'bn254' &&
    row.warm === !isCold &&
    (n === undefined || row.n === n)
  );
}

function measured({ measure }: GpuTarget, row: Row): number[] {
  if (measure === 'ms') return [row.medianMs];
  if (measure === 'rate') return [(row.n / row.medianMs) * 1000];
  return row.ratio === undefined ? [] : [row.ratio];
}

/** Holds rows against the targets. */
export function checkGpuTargets(
  rows: readonly Row[],
  targets: readonly GpuTarget[] = GPU_TARGETS,
): GpuVerdict[] {
  return targets.map((target): GpuVerdict => {
    const values = rows.filter((row) => covers(target, row)).flatMap((row) => measured(target, row));
    if (values.length === 0) return { target, result: 'not measured' };
    const isLess = target.measure === 'ms';
    const value = isLess ? Math.min(...values) : Math.max(...values);
    const reaches = (line: number): boolean => (isLess ? value <= line : value >= line);
    return { target, result: reaches(target.aim) ? 'aim' : reaches(target.must) ? 'pass' : 'fail', value };
  });
}

function valueText({ measure }: GpuTarget, value: number): string {
  const digits = (number: number): string => `${Number(number.toPrecision(3))}`;
  if (measure === 'ms') return `${digits(value)} ms`;
  if (measure === 'ratio') return `${digits(value)}×`;
  return value >= 1e9 ? `${digits(value / 1e9)} G/s` : `${digits(value / 1e3)} k/s`;
}

/** A verdict as a line for people. */
export function formatGpuVerdict({ target, result, value }: GpuVerdict): string {
  const word = { aim: 'AIM', pass: 'pass', fail: 'FAIL', 'not measured': '–' }[result].padEnd(4);
  const got = value === undefined ? 'not measured' : valueText(target, value);
  return `${word}  ${target.name}: ${got} (must ${valueText(target, target.must)}, aim ${valueText(target, target.aim)})`;
}

/** The verdicts on a run. There are none on software adapters. */
export function gpuVerdicts(rows: readonly Row[], { isSoftware }: Adapter): string[] {
  if (isSoftware) return ['software adapter: proves correctness, says nothing of speed'];
  return checkGpuTargets(rows).map(formatGpuVerdict);
}
