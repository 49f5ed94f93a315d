/** `sheaf devices`: which GPUs and backends there are, and what was measured of them. */

import type { Command } from 'commander';
import type { Line } from '../../backend/auto/cost-model.ts';
import { curveByName } from '../../curve/curve.ts';
import { openCalibrationFiles } from '../../node/calibration-files.ts';
import { type CommandContext, type Runner, trackProgress } from '../command-context.ts';
import type { ConsoleOptions } from '../console.ts';
import { type DeviceReport, reportDevices } from '../device-report.ts';
import { EXIT } from '../exit-codes.ts';
import { formatBytes, plural, table } from '../format.ts';
import { withConsoleFlags } from '../options.ts';

interface Flags extends ConsoleOptions {
  readonly curve: string;
  readonly calibrate?: boolean;
}

function adapterLines({ adapters, noAdapter }: DeviceReport): string[] {
  if (noAdapter !== null) return [`  none: ${noAdapter}`];
  return table(
    adapters.map(({ vendor, architecture, device, description, isSoftware, limits }) => [
      [...new Set([vendor, architecture, device, description])].filter((part) => part !== '').join(' '),
      isSoftware ? 'software' : 'hardware',
      `buffers to ${formatBytes(limits.maxBufferSize)}`,
      `bindings to ${formatBytes(limits.maxStorageBufferBindingSize)}`,
      `${limits.maxComputeInvocationsPerWorkgroup} threads and ${formatBytes(limits.maxComputeWorkgroupStorageSize)} a workgroup`,
    ]),
  );
}

function backendLines({ backends }: DeviceReport): string[] {
  return table(
    backends.map(({ name, available, threads, reason }) => [
      name,
      available ? plural(threads ?? 1, 'thread') : `not here: ${reason}`,
    ]),
  );
}

function multiplierLine({ multiplier }: DeviceReport): string {
  if (!multiplier) return '  none: there is no adapter';
  const measured = Object.entries(multiplier.productsPerMs)
    .sort(([, a], [, b]) => b - a)
    .map(([name, products]) => `${name} ${products}`);
  return measured.length === 0
    ? `  ${multiplier.multiplier}, the default: software adapters are not measured`
    : `  ${multiplier.multiplier}; products per ms: ${measured.join(', ')}`;
}

/** "1.2 ms + 3.4 µs an item". */
function formatLine(line: Line | undefined): string {
  if (!line) return '–';
  return `${line.fixedMs.toPrecision(3)} ms + ${(1000 * line.itemMs).toPrecision(3)} µs an item`;
}

/** "GPU from 2^13". */
function formatCrossover(items: number | null | undefined, name = 'GPU'): string {
  return typeof items === 'number' ? `${name} from 2^${Math.log2(items)}` : 'CPU';
}

function calibrationLines({ calibration, crossovers }: DeviceReport): string[] {
  if (!calibration) {
    return ['  none yet: `sheaf devices --calibrate` makes one where there is a hardware GPU'];
  }
  const { model, adapter, multiplier, cpu, threads } = calibration;
  const operations = Object.keys(model.cpu.operations) as (keyof typeof model.cpu.operations)[];
  return [
    `  ${cpu} with ${plural(threads, 'thread')} against ${adapter} with ${multiplier}; a device takes ${Math.round(model.gpu.startMs)} ms`,
    ...table([
      ['operation', 'CPU', 'GPU', 'kernels', 'auto takes the'],
      ...operations.map((operation) => [
        operation,
        formatLine(model.cpu.operations[operation]),
        formatLine(model.gpu.operations[operation]),
        `${Math.round(model.gpu.compileMs[operation] ?? 0)} ms`,
        formatCrossover(crossovers?.[operation]),
      ]),
      ...(model.cpu.withLines ? [['millerProducts, lines kept', formatLine(model.cpu.withLines)]] : []),
      ['upload, bytes', formatLine(model.cpu.upload), formatLine(model.gpu.upload)],
      ['read back, bytes', formatLine(model.cpu.readBack), formatLine(model.gpu.readBack)],
    ]),
  ];
}

function gpujsLines({ gpujs, backends }: DeviceReport): string[] {
  if (!gpujs) {
    const reason = backends.find(({ name }) => name === 'gpujs')?.reason;
    return [`  not here${reason === undefined ? '' : `: ${reason}`}`];
  }
  const { mode, renderer, isSoftware, calibration, crossovers } = gpujs;
  const place = `  ${mode}${renderer === '' ? '' : ` on ${renderer}`}`;
  if (isSoftware) return [`${place}: software, which auto never takes for speed`];
  if (!calibration || !crossovers) {
    return [
      `${place}: not measured yet; \`sheaf devices --calibrate\` does, and auto where WebGPU has no hardware`,
    ];
  }
  const { model, cpu, threads } = calibration;
  const measured = Object.keys(crossovers) as (keyof typeof model.cpu.operations)[];
  const wins = measured.some((operation) => crossovers[operation] !== null);
  return [
    `${place}, against ${cpu} with ${plural(threads, 'thread')}: ${wins ? 'taken where WebGPU has no hardware' : 'wins nothing'}`,
    ...table([
      ['operation', 'CPU', 'gpu.js', 'auto takes'],
      ...measured.map((operation) => [
        operation,
        formatLine(model.cpu.operations[operation]),
        formatLine(model.gpu.operations[operation]),
        formatCrossover(crossovers[operation], 'gpu.js'),
      ]),
    ]),
  ];
}

async function run(context: CommandContext, flags: Flags): Promise<number> {
  const { console, signal } = context;
  const curve = curveByName(flags.curve);
  const store = openCalibrationFiles({
    onError: (error) =>
      console.warn(`What was measured could not be kept: ${error instanceof Error ? error.message : error}`),
  });
  const calibrate = flags.calibrate ?? false;
  const onProgress = calibrate ? trackProgress(context, 'Calibrating', 1, 'machines') : () => {};
  const report = await reportDevices({ curve, store, calibrate, signal, onProgress });
  console.print(report, () => [
    'Adapters',
    ...adapterLines(report),
    'Backends',
    ...backendLines(report),
    'Multiplier',
    multiplierLine(report),
    `Costs on ${report.curve}`,
    ...calibrationLines(report),
    'gpu.js',
    ...gpujsLines(report),
  ]);
  return EXIT.done;
}

/** Adds the command. */
export function registerDevices(parent: Command, runner: Runner): void {
  const command = parent
    .command('devices')
    .description('show GPUs and backends, and what `--backend auto` chooses by')
    .option('--curve <name>', 'bn254 or bls12-381', 'bn254')
    .option(
      '--calibrate',
      'measure this machine anew: two seconds, three for gpu.js, and what drivers take to compile',
    );
  withConsoleFlags(command)
    .addHelpText(
      'after',
      `
Measurements are kept in $SHEAF_CACHE, else in sheaf/ of $XDG_CACHE_HOME, else in ~/.cache/sheaf.

Examples:
  $ sheaf devices
  $ sheaf devices --calibrate --json`,
    )
    .action(runner(run));
}
