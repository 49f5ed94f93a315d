/** Which errors are the GPU's: what it was to do can be done elsewhere. */

import {
  DeviceLostError,
  GpuFaultError,
  GpuLimitError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
  ShaderCompileError,
} from '../../errors.ts';

const FAILURES = [
  DeviceLostError,
  GpuFaultError,
  GpuLimitError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
  ShaderCompileError,
] as const;

/** Whether an error says that the GPU failed, and not that something is wrong with what was asked of it. */
export function isGpuFailure(error: unknown): boolean {
  return FAILURES.some((failure) => error instanceof failure);
}
