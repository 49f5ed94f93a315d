/**
 * Which GPU a benchmark finds. SHEAF_GPU chooses: `system` takes the machine's own, `software` the software adapter of the tests;
 * without it a suite that needs a GPU takes the machine's own and, where there is none, the software adapter. That one is found by
 * environment variables that are read when a process starts, so the process is started once more with them.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { GpuUnavailableError, OptionError } from '../../src/errors.ts';
import { describeAdapter } from '../../src/gpu/adapter.ts';
import { nodeGpu } from '../../src/node/index.ts';
import { softwareGpuEnv } from '../../test/helpers/chromium-package.ts';
import type { Adapter } from './report.ts';
import type { Suite } from './suite.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Linux tells the version of NVIDIA's driver. */
const NVIDIA_VERSION = '/proc/driver/nvidia/version';

/** What is known of an adapter and its driver. */
export function describeGpu(info: GPUAdapterInfo | undefined): Adapter {
  const adapter = describeAdapter(info);
  const isNvidia = !adapter.isSoftware && existsSync(NVIDIA_VERSION);
  const [version = ''] = isNvidia ? readFileSync(NVIDIA_VERSION, 'utf8').split('\n') : [];
  return { ...adapter, driver: version || adapter.description };
}

/** An adapter on one line, for tables and pictures. */
export function adapterName({ vendor, device, description, isSoftware }: Adapter): string {
  const name = [device, description].filter((part) => part !== '').join(', ') || vendor || 'unknown GPU';
  return isSoftware ? `${name} (software adapter)` : name;
}

/** Whether the machine offers an adapter to this process. */
async function hasAdapter(): Promise<boolean> {
  try {
    return (await (await nodeGpu()).requestAdapter()) !== null;
  } catch {
    return false;
  }
}

function softwareVariables(environment: Environment): Record<string, string> {
  try {
    return softwareGpuEnv(environment);
  } catch (error) {
    throw new GpuUnavailableError(
      'Expected a GPU, or the software adapter in the package @sparticuz/chromium; found neither: run `npm ci` or install a driver.',
      {},
      error,
    );
  }
}

/** The variables that the process has to be started with anew, or undefined when it is to go on as it is. */
export async function missingVariables(
  need: Suite['gpu'],
  environment: Environment = process.env,
  isAdapterHere: () => Promise<boolean> = hasAdapter,
): Promise<Record<string, string> | undefined> {
  const choice = environment.SHEAF_GPU ?? '';
  if (!['', 'system', 'software'].includes(choice)) {
    throw new OptionError(`SHEAF_GPU is "${choice}"; expected system or software.`, { field: 'SHEAF_GPU' });
  }
  if (need === undefined || choice === 'system') return undefined;
  if (choice === '' && (need === 'optional' || (await isAdapterHere()))) return undefined;
  const variables = softwareVariables(environment);
  const isSet = environment.VK_DRIVER_FILES === variables.VK_DRIVER_FILES;
  return isSet ? undefined : { ...variables, SHEAF_GPU: 'software' };
}

/** Runs this process' command line with more variables; resolves to its exit code. Signals of the terminal reach it by themselves. */
export async function runAgain(variables: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, ...variables },
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
