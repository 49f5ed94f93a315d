/** Finding a GPU: by the platform's own WebGPU or one that is handed in, and saying what it is. */

import { GpuUnavailableError } from '../errors.ts';
import { findGpu } from './find-gpu.ts';
import { isSoftwareName } from './software-name.ts';

/** What is known of the hardware behind a device. */
export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Whether the CPU does the work: SwiftShader, llvmpipe, WARP or another fallback. Correct, and no faster than the CPU. */
  readonly isSoftware: boolean;
}

/** Where a device comes from. */
export interface DeviceOptions {
  /** WebGPU to use. Default: `navigator.gpu`; in Node, the optional package "webgpu" where it is installed. */
  readonly gpu?: GPU | undefined;
  /** A device of the caller's own, used instead of a new one and never destroyed by Sheaf. */
  readonly device?: GPUDevice | undefined;
  /** Takes a software adapter even where there is hardware. Default: false. */
  readonly forceFallbackAdapter?: boolean | undefined;
}

/** A device with what is known of it. */
export interface AcquiredDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  /** Whether Sheaf made the device and is to destroy it. */
  readonly isOwn: boolean;
}

/** Describes an adapter by its info. */
export function describeAdapter(info: GPUAdapterInfo | undefined): AdapterDescription {
  const { vendor = '', architecture = '', device = '', description = '' } = info ?? {};
  const isFallback = (info as { isFallbackAdapter?: boolean } | undefined)?.isFallbackAdapter ?? false;
  return {
    vendor,
    architecture,
    device,
    description,
    isSoftware: isFallback || isSoftwareName(`${vendor} ${architecture} ${device} ${description}`),
  };
}

/** Dawn's devices crash once the GPU object they come from is collected: each keeps it. */
const origins = new WeakMap<GPUDevice, GPU>();

/** The limits that help: large buffers. Kernels keep to WebGPU's default limits in everything else. */
const RAISED = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

/** Acquires a device. Throws {@link GpuUnavailableError} that says what is missing. */
export async function acquireDevice(options: DeviceOptions = {}): Promise<AcquiredDevice> {
  if (options.device) {
    return {
      device: options.device,
      adapter: describeAdapter(options.device.adapterInfo),
      isOwn: false,
    };
  }
  const gpu = options.gpu ?? (await findGpu());
  const adapter = await gpu.requestAdapter({
    powerPreference: 'high-performance',
    forceFallbackAdapter: options.forceFallbackAdapter ?? false,
  });
  if (!adapter) {
    throw new GpuUnavailableError(
      'Expected a GPU adapter, WebGPU offers none: check that the driver is installed (on Linux, Vulkan) and not blocked.',
    );
  }
  const requiredLimits = Object.fromEntries(RAISED.map((name) => [name, adapter.limits[name]]));
  try {
    const device = await adapter.requestDevice({ requiredLimits });
    origins.set(device, gpu);
    return { device, adapter: describeAdapter(adapter.info), isOwn: true };
  } catch (error) {
    throw new GpuUnavailableError(
      'The GPU adapter gives no device.',
      { adapter: adapter.info?.device },
      error,
    );
  }
}
