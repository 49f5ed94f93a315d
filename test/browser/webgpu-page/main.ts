/** The page under test: the WebGPU backend as a user's bundler packs it. */

import {
  type Backend,
  createWasmBackend,
  createWebGpuBackend,
  curveByName,
  type G1Vector,
  type G2Vector,
} from '../../../src/index.ts';

let cpu: Backend;
let backend: Backend;
const devices: GPUDevice[] = [];
const faults: string[] = [];
const requestDevice = GPUAdapter.prototype.requestDevice;

/** The platform's devices, kept where the tests can lose them. */
GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, ...given) {
  const device = await requestDevice.apply(this, given);
  devices.push(device);
  return device;
};

/** Points on the device: few that are on the host alone would be left to the CPU, and preparing brings them over. */
async function uploadG1(bytes: Uint8Array): Promise<G1Vector> {
  const points = await backend.uploadG1(bytes);
  (await backend.prepareG1(points)).dispose();
  return points;
}

async function uploadG2(bytes: Uint8Array): Promise<G2Vector> {
  const points = await backend.uploadG2(bytes);
  (await backend.prepareG2(points)).dispose();
  return points;
}

const page = {
  /** Creates the backend and the one beside it; says what the adapter is called. */
  async open(curve: string): Promise<string> {
    cpu = await createWasmBackend(curveByName(curve), { threads: 1 });
    backend = await createWebGpuBackend(curveByName(curve), {
      cpu,
      onFault: (error) => {
        faults.push((error as { code?: string }).code ?? `untyped: ${String(error)}`);
      },
    });
    return devices[0]?.adapterInfo.architecture ?? '';
  },

  /** Codes of the failures that the backend got over. */
  faults: (): readonly string[] => faults,

  async msm(kind: 'g1' | 'g2', points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array> {
    const weights = await backend.uploadFr(scalars);
    return kind === 'g1'
      ? backend.msmG1(await uploadG1(points), weights)
      : backend.msmG2(await uploadG2(points), weights);
  },

  async fold(kind: 'g1' | 'g2', left: Uint8Array, right: Uint8Array, x: bigint): Promise<Uint8Array> {
    return backend.read(
      kind === 'g1'
        ? await backend.foldG1(await uploadG1(left), await uploadG1(right), x)
        : await backend.foldG2(await uploadG2(left), await uploadG2(right), x),
    );
  },

  /** left·right, then left + x·right, one after the other. */
  async scalars(left: Uint8Array, right: Uint8Array, x: bigint): Promise<Uint8Array[]> {
    const [a, b] = [await backend.uploadFr(left), await backend.uploadFr(right)];
    return [await backend.read(await backend.mulFr(a, b)), await backend.read(await backend.foldFr(a, b, x))];
  },

  /** The transform of scalars on a coset, by this backend and by the CPU's, and what its inverse gives back. */
  async transform(scalars: Uint8Array, shift: bigint): Promise<Uint8Array[]> {
    const values = await backend.ntt(await backend.uploadFr(scalars), { shift });
    return [
      await backend.read(values),
      await cpu.read(await cpu.ntt(await cpu.uploadFr(scalars), { shift })),
      await backend.read(await backend.ntt(values, { shift, inverse: true })),
    ];
  },

  /** Σ e(g1_i, g2_i), in GT. */
  async pairings(g1: Uint8Array, g2: Uint8Array): Promise<Uint8Array> {
    const term = { g1: await uploadG1(g1), g2: await uploadG2(g2) };
    return backend.finalExponentiation(await backend.millerProducts([[term]]));
  },

  /** Destroys every device, as a browser does that resets its GPU. */
  loseDevices(): void {
    for (const device of devices.splice(0)) device.destroy();
  },

  async dispose(): Promise<void> {
    await backend.dispose();
    await cpu.dispose();
  },
};

/** What the tests call. */
export type WebGpuPage = typeof page;

declare global {
  var webGpuPage: WebGpuPage;
}

globalThis.webGpuPage = page;
