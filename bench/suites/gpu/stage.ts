/** Where operations of suite `gpu` run: a CPU backend for all of them, and devices that have compiled nothing yet. */

import type { Backend } from '../../../src/backend/backend.ts';
import { createWasmBackend } from '../../../src/backend/wasm/wasm-backend.ts';
import { createWebGpuBackend } from '../../../src/backend/webgpu/webgpu-backend.ts';
import { BN254, type Curve } from '../../../src/curve/curve.ts';
import { GpuDevice } from '../../../src/gpu/device.ts';
import { nodeGpu } from '../../../src/node/index.ts';
import { describeGpu } from '../../lib/gpu-environment.ts';
import type { Case } from '../../lib/measure.ts';
import { quartiles } from '../../lib/quantiles.ts';
import type { Adapter, Row } from '../../lib/report.ts';

const SUITE = 'gpu';

/** What a case is of. */
export interface Subject {
  readonly op: string;
  readonly n: number;
  readonly against?: string;
  readonly againstOp?: string;
}

/** A call, and what tells whether its result is right. */
export interface Call<T> {
  call(): Promise<T>;
  isRight(result: T): boolean | Promise<boolean>;
  /** Gives back what the result holds. */
  discard?(result: T): void;
}

/** What all operations share. */
export class Hall {
  readonly adapter: Adapter;
  /** Small sizes and few repetitions. */
  readonly isQuick: boolean;
  readonly cpu: Backend;
  #shared: Promise<Stage> | undefined;

  constructor(adapter: Adapter, isQuick: boolean, cpu: Backend) {
    this.adapter = adapter;
    this.isQuick = isQuick;
    this.cpu = cpu;
  }

  /** Throws GpuUnavailableError where there is no GPU. */
  static async open(isQuick: boolean): Promise<Hall> {
    const device = await GpuDevice.acquire({ gpu: await nodeGpu() });
    const adapter = describeGpu(device.gpu.adapterInfo);
    device.dispose();
    return new Hall(adapter, isQuick, await createWasmBackend(BN254));
  }

  get curve(): Curve {
    return this.cpu.curve;
  }

  /**
   * A device that nothing has run on; one for all operations in a quick run, so that software adapters compile each kernel once. To be
   * given back with `closeStage`.
   */
  openStage(): Promise<Stage> {
    if (!this.isQuick) return this.#createStage();
    this.#shared ??= this.#createStage();
    return this.#shared;
  }

  async closeStage(stage: Stage): Promise<void> {
    if (!this.isQuick) await stage.dispose();
  }

  /** The backend gives up where others would go on without the GPU. */
  async #createStage(): Promise<Stage> {
    const device = await openDevice();
    const gpu = await createWebGpuBackend(this.curve, {
      cpu: this.cpu,
      device: { device: device.gpu },
      onFault: (error) => {
        throw error;
      },
    });
    return new Stage(device, gpu, this.cpu);
  }

  async dispose(): Promise<void> {
    await (await this.#shared)?.dispose();
    await this.cpu.dispose();
  }
}

/** A fresh device. */
export async function openDevice(): Promise<GpuDevice> {
  return GpuDevice.acquire({ gpu: await nodeGpu() });
}

/** A row of the GPU that is not from rounds. */
export function extraRow(op: string, curve: Curve, n: number, isWarm: boolean, samples: number[]): Row {
  return {
    suite: SUITE,
    op,
    curve: curve.name,
    n,
    backend: 'webgpu',
    threads: 1,
    warm: isWarm,
    ...quartiles(samples),
    checked: true,
  };
}

/** One operation's device. */
export class Stage {
  readonly gpu: Backend;
  readonly cpu: Backend;
  readonly #device: GpuDevice;
  readonly #seen = new Set<string>();
  #rows: Row[] = [];

  constructor(device: GpuDevice, gpu: Backend, cpu: Backend) {
    this.#device = device;
    this.gpu = gpu;
    this.cpu = cpu;
  }

  /** Waits until the device has done all that it was given. */
  settled(): Promise<void> {
    return this.#device.settled();
  }

  /** Rows since the last call. */
  takeRows(): Row[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  /** Times a call that is done once a size; the first of its name compiles what it needs, and its row says so. */
  async once<T>({ op, n }: Subject, call: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await call();
    await this.settled();
    this.#rows.push(extraRow(op, this.gpu.curve, n, this.#seen.has(op), [performance.now() - start]));
    this.#seen.add(op);
    return result;
  }

  /** A case on the GPU. The very first call of an operation gives a cold row. */
  onGpu<T>(subject: Subject, { call, isRight, discard = () => {} }: Call<T>): Case {
    return {
      ...subject,
      curve: this.gpu.curve.name,
      backend: this.gpu.name,
      threads: 1,
      check: async () => {
        const result = await (this.#seen.has(subject.op) ? call() : this.once(subject, call));
        try {
          return await isRight(result);
        } finally {
          discard(result);
        }
      },
      run: async () => {
        const result = await call();
        await this.settled();
        discard(result);
        return undefined;
      },
    };
  }

  /** A case on the CPU, for comparison. */
  onCpu<T>(subject: Subject, { call, isRight, discard = () => {} }: Call<T>): Case {
    return {
      ...subject,
      curve: this.cpu.curve.name,
      backend: this.cpu.name,
      threads: this.cpu.threads,
      check: async () => {
        const result = await call();
        try {
          return await isRight(result);
        } finally {
          discard(result);
        }
      },
      run: async () => {
        discard(await call());
        return undefined;
      },
    };
  }

  async dispose(): Promise<void> {
    await this.gpu.dispose();
    this.#device.dispose();
  }
}
