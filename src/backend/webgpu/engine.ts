/** A device with the groups of one curve on it, and how to get another when it is lost. */

import type { Curve } from '../../curve/curve.ts';
import { DisposedError } from '../../errors.ts';
import { DEFAULT_MULTIPLIER } from '../../gpu/choose-multiplier.ts';
import type { GpuDevice } from '../../gpu/device.ts';
import { DigitSort } from '../../gpu/digit-sort.ts';
import { GpuGroup } from '../../gpu/group.ts';
import { GpuMiller } from '../../gpu/miller.ts';
import { GpuNtt } from '../../gpu/ntt.ts';
import { Pacer } from '../../gpu/pacer.ts';
import { GpuScalars } from '../../gpu/scalars.ts';
import type { MultiplierName } from '../../gpu/shader/field.ts';

/** Everything of one curve on one device. */
export interface GpuEngine {
  readonly device: GpuDevice;
  readonly pacer: Pacer;
  /** Digits of the scalars that were multiplied by last. */
  readonly digits: DigitSort;
  readonly g1: GpuGroup;
  readonly g2: GpuGroup;
  readonly scalars: GpuScalars;
  readonly ntt: GpuNtt;
  /** Miller loops, prepared when they are first asked for. */
  miller(): Promise<GpuMiller>;
}

/** Makes something once, when it is first asked for; again when that failed. */
function onDemand<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    if (!made) {
      const making = make();
      made = making;
      making.catch(() => {
        if (made === making) made = undefined;
      });
    }
    return made;
  };
}

/** Hands out the engine, and makes a new one when its device is lost. */
export class EngineSource {
  readonly #curve: Curve;
  readonly #acquire: () => Promise<GpuDevice>;
  readonly #chooseMultiplier: (device: GpuDevice) => MultiplierName | Promise<MultiplierName>;
  #multiplier: MultiplierName = DEFAULT_MULTIPLIER;
  #current: Promise<GpuEngine> | undefined;
  #device: GpuDevice | undefined;
  #isDisposed = false;

  constructor(
    curve: Curve,
    acquire: () => Promise<GpuDevice>,
    chooseMultiplier: (device: GpuDevice) => MultiplierName | Promise<MultiplierName>,
  ) {
    this.#curve = curve;
    this.#acquire = acquire;
    this.#chooseMultiplier = chooseMultiplier;
  }

  /** The multiplier of the device that was got last. */
  get multiplier(): MultiplierName {
    return this.#multiplier;
  }

  /** The engine of a device that is alive. Rejects with GpuUnavailableError when there is none to be had. */
  async current(): Promise<GpuEngine> {
    if (this.#isDisposed) throw new DisposedError('The WebGPU backend');
    if (this.#device?.isLost) {
      this.#device.dispose();
      this.#device = undefined;
      this.#current = undefined;
    }
    this.#current ??= this.#create();
    try {
      return await this.#current;
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
  }

  async #create(): Promise<GpuEngine> {
    const device = await this.#acquire();
    try {
      this.#multiplier = await this.#chooseMultiplier(device);
    } catch (error) {
      device.dispose();
      throw error;
    }
    const pacer = new Pacer(device);
    const group = (name: 'g1' | 'g2'): Promise<GpuGroup> =>
      GpuGroup.create(device, pacer, this.#curve, name, this.#multiplier);
    const [g1, g2] = await Promise.all([group('g1'), group('g2')]);
    this.#device = device;
    const scalars = new GpuScalars(device, pacer, this.#curve, this.#multiplier);
    const miller = onDemand(() => GpuMiller.create(device, pacer, this.#curve, this.#multiplier));
    const digits = new DigitSort(device);
    return { device, pacer, digits, g1, g2, scalars, ntt: new GpuNtt(scalars), miller };
  }

  /** Destroys the device's buffers and, where it is not the caller's, the device. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const engine = await this.#current?.catch(() => undefined);
    engine?.device.dispose();
  }
}
