/** Which form of the multiplier a device is fastest with: each is checked against integers, and then timed. */

import type { Curve } from '../curve/curve.ts';
import { GpuFaultError, ShaderCompileError, throwIfAborted } from '../errors.ts';
import { equalBytes, writeBigintLE } from '../field/bytes.ts';
import { modPow } from '../field/modular.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { GpuDevice } from './device.ts';
import { productChain } from './kernels/product-chain.ts';
import type { CompiledKernel } from './pipeline-cache.ts';
import { MULTIPLIERS, type MultiplierName } from './shader/field.ts';
import { baseField, type FieldSpec, fromMontgomery, toMontgomery } from './shader/field-spec.ts';

/** The form that is taken where nothing is measured. */
export const DEFAULT_MULTIPLIER: MultiplierName = 'limb13';

/** The form that software adapters take: they run it half as fast as the best, but a process is done before they have compiled that. */
export const SOFTWARE_MULTIPLIER: MultiplierName = 'loop13';

/** A choice and what it rests on. */
export interface MultiplierChoice {
  readonly multiplier: MultiplierName;
  /** Products in the base field per millisecond; a form that does not compile or computes wrongly is missing. Empty: not measured. */
  readonly productsPerMs: Readonly<Partial<Record<MultiplierName, number>>>;
}

/** Options of {@link measureMultipliers}. */
export interface MeasureMultipliersOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told which share of the forms is done. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Threads; enough to fill the device. */
  readonly threads?: number | undefined;
  /** How long a timed run is to take at least. */
  readonly runMs?: number | undefined;
}

/** Enough to fill what is on the market. */
const THREADS = 2 ** 17;
/** Long beside what a submission costs, short beside watchdogs. */
const RUN_MS = 8;
const CHECKED_ROUNDS = 37;
const FIRST_ROUNDS = 16;
const MAX_ROUNDS = 2 ** 14;
const REPEATS = 3;
/** Different values among the threads. */
const VALUES = 64;

/** Values at the edges of the field and others, as stored. */
function storedValues(field: FieldSpec): bigint[] {
  const { modulus } = field;
  const edges = [
    0n,
    1n,
    modulus - 1n,
    modulus - 2n,
    modulus >> 1n,
    (1n << BigInt(field.radixBits)) % modulus,
  ];
  const others = Array.from({ length: VALUES - edges.length }, (_, i) =>
    modPow(BigInt(i + 3), BigInt(field.radixBits - 1), modulus),
  );
  return [...edges, ...others];
}

/** `count` values in memory form, the given ones over and over. */
function tile(field: FieldSpec, values: readonly bigint[], count: number): Uint8Array {
  const size = 4 * field.words;
  const bytes = new Uint8Array(count * size);
  for (const [i, value] of values.entries()) writeBigintLE(value, bytes, i * size, size);
  const period = values.length * size;
  for (let at = period; at < bytes.length; at += period) {
    bytes.copyWithin(at, 0, Math.min(period, bytes.length - at));
  }
  return bytes;
}

/** See {@link measureMultipliers}. */
class ChainRunner {
  readonly #device: GpuDevice;
  readonly #field: FieldSpec;
  readonly #threads: number;
  readonly #buffer: PooledBuffer;
  readonly #start: Uint8Array;
  readonly #expected: Uint8Array;

  constructor(device: GpuDevice, curve: Curve, threads: number) {
    const field = baseField(curve);
    const values = storedValues(field);
    this.#device = device;
    this.#field = field;
    this.#threads = threads;
    this.#start = tile(field, values, threads);
    this.#expected = tile(
      field,
      values.map((value) =>
        toMontgomery(field, modPow(fromMontgomery(field, value), BigInt(CHECKED_ROUNDS + 1), field.modulus)),
      ),
      threads,
    );
    this.#buffer = device.allocate(threads * 4 * field.words);
  }

  /** Milliseconds of a run that is waited for. */
  async run(kernel: CompiledKernel, rounds: number): Promise<number> {
    const recording = this.#device.record();
    recording.dispatchEach(this.#threads, {
      kernel,
      buffers: [this.#buffer.gpu],
      parameters: [this.#threads, rounds],
    });
    const started = performance.now();
    await recording.submit();
    await this.#device.settled();
    return performance.now() - started;
  }

  async isRight(kernel: CompiledKernel): Promise<boolean> {
    await this.#device.write(this.#buffer.gpu, this.#start);
    await this.run(kernel, CHECKED_ROUNDS);
    const bytes = await this.#device.download(this.#buffer.gpu, 0, this.#threads * 4 * this.#field.words);
    return equalBytes(bytes, this.#expected);
  }

  release(): void {
    this.#buffer.release();
  }
}

/**
 * Measures every form on a device and chooses the fastest of those that compute as integers do: some tenths of a second on hardware.
 * Throws GpuFaultError where none does, AbortedError, or what the device fails with.
 */
export async function measureMultipliers(
  device: GpuDevice,
  curve: Curve,
  options: MeasureMultipliersOptions = {},
): Promise<MultiplierChoice> {
  const { threads = THREADS, runMs = RUN_MS } = options;
  const runner = new ChainRunner(device, curve, threads);
  const productsPerMs: Partial<Record<MultiplierName, number>> = {};
  try {
    let rounds = FIRST_ROUNDS;
    for (const [i, multiplier] of MULTIPLIERS.entries()) {
      throwIfAborted(options.signal);
      const kernel = await compiled(device, curve, multiplier);
      if (kernel && (await runner.isRight(kernel))) {
        let best = await runner.run(kernel, rounds);
        while (best < runMs && rounds < MAX_ROUNDS) {
          rounds *= 2;
          best = await runner.run(kernel, rounds);
        }
        for (let repeat = 1; repeat < REPEATS; repeat++)
          best = Math.min(best, await runner.run(kernel, rounds));
        productsPerMs[multiplier] = Math.round((threads * rounds) / Math.max(best, 1e-3));
      }
      options.onProgress?.((i + 1) / MULTIPLIERS.length);
    }
  } finally {
    runner.release();
  }
  return { multiplier: fastest(productsPerMs), productsPerMs };
}

async function compiled(
  device: GpuDevice,
  curve: Curve,
  multiplier: MultiplierName,
): Promise<CompiledKernel | undefined> {
  try {
    return await device.compile(productChain(curve, multiplier));
  } catch (error) {
    // A driver that refuses one form may take another.
    if (error instanceof ShaderCompileError) return undefined;
    throw error;
  }
}

function fastest(productsPerMs: MultiplierChoice['productsPerMs']): MultiplierName {
  const [best] = (Object.entries(productsPerMs) as [MultiplierName, number][]).sort(([, a], [, b]) => b - a);
  if (!best) throw new GpuFaultError('no form of the multiplier gives the products that integers give');
  return best[0];
}

/** The fastest form on hardware; on software adapters, which are never fast, the one that compiles fastest, without measuring. */
export async function chooseMultiplier(
  device: GpuDevice,
  curve: Curve,
  options: MeasureMultipliersOptions = {},
): Promise<MultiplierChoice> {
  if (device.adapter.isSoftware) return { multiplier: SOFTWARE_MULTIPLIER, productsPerMs: {} };
  return measureMultipliers(device, curve, options);
}
