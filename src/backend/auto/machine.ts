/** The CPU side of the machine that a calibration is of. */

import type { Backend } from '../backend.ts';
import { PACKAGE_VERSION } from '../package-version.ts';
import type { Calibration } from './cost-model.ts';

/** What of a CPU backend costs depend on. */
export type CpuSide = Pick<Calibration, 'curve' | 'cpu' | 'threads'>;

/** The side of a backend. */
export function cpuSideOf(cpu: Backend): CpuSide {
  return { curve: cpu.curve.name, cpu: cpu.name, threads: cpu.threads };
}

/** Whether a calibration is of the same side. */
export function isOfCpu(calibration: CpuSide, cpu: Backend): boolean {
  const own = cpuSideOf(cpu);
  return (
    calibration.curve === own.curve && calibration.cpu === own.cpu && calibration.threads === own.threads
  );
}

/** Key of a kind of calibration in a store. */
export function calibrationKey(kind: string, cpu: Backend): string {
  return `${kind}/${PACKAGE_VERSION}/${cpu.curve.name}/${cpu.name}-${cpu.threads}`;
}
