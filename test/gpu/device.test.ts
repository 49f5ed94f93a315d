import { afterEach, describe, expect, it } from 'vitest';
import {
  DeviceLostError,
  DisposedError,
  GpuFaultError,
  GpuLimitError,
  GpuUnavailableError,
  InternalError,
  ShaderCompileError,
} from '../../src/errors.ts';
import { describeAdapter } from '../../src/gpu/adapter.ts';
import { sizeClass } from '../../src/gpu/buffer-pool.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { softwareGpuEnv } from '../helpers/chromium-package.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';

const devices: GpuDevice[] = [];
async function acquire(): Promise<GpuDevice> {
  const device = await GpuDevice.acquire({ gpu: nodeGpu() });
  devices.push(device);
  return device;
}
afterEach(() => {
  for (const device of devices.splice(0)) device.dispose();
});

const INCREMENT: Kernel = {
  name: 'increment',
  workgroupSize: 64,
  bindings: ['write', 'uniform'],
  code: `
@group(0) @binding(0) var<storage, read_write> data: array<u32>;
@group(0) @binding(1) var<uniform> parameters: vec4<u32>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i < parameters.x) {
    data[i] = data[i] + parameters.y;
  }
}
`,
};

async function words(device: GpuDevice, buffer: { gpu: GPUBuffer; size: number }): Promise<Uint32Array> {
  return new Uint32Array((await device.download(buffer.gpu, 0, buffer.size)).buffer);
}

describe('a GPU device', () => {
  it('says what it is, and that software is software', async () => {
    const device = await acquire();
    if (softwareGpuEnv().VK_DRIVER_FILES !== undefined) {
      expect(device.adapter.isSoftware).toBe(true);
      expect(`${device.adapter.architecture} ${device.adapter.device}`).toMatch(/swiftshader/i);
    }
    expect(device.maxBindingBytes).toBeGreaterThanOrEqual(2 ** 27);
  });

  it('runs recorded dispatches in order, each with its own parameters', async () => {
    const device = await acquire();
    const kernel = await device.compile(INCREMENT);
    const data = await device.upload(new Uint8Array(new Uint32Array([1, 2, 3, 4]).buffer));
    const recording = device.record();
    recording.dispatchEach(4, { kernel, buffers: [data.gpu], parameters: [4, 10] });
    recording.dispatchEach(2, { kernel, buffers: [data.gpu], parameters: [2, 100] });
    recording.dispatchEach(0, { kernel, buffers: [data.gpu], parameters: [4, 7] });
    await recording.submit();
    expect([...(await words(device, data))]).toEqual([111, 112, 13, 14]);
    const cleared = device.record();
    cleared.clear(data.gpu, 8);
    cleared.dispatchEach(4, { kernel, buffers: [data.gpu], parameters: [4, 1] });
    await cleared.submit();
    expect([...(await words(device, data))]).toEqual([1, 1, 14, 15]);
  });

  it('spreads more than 65535 workgroups over two dimensions', async () => {
    const device = await acquire();
    const kernel = await device.compile(INCREMENT);
    const count = 65536 * 64 + 5;
    const data = device.allocate(4 * count);
    const recording = device.record();
    recording.clear(data.gpu, 4 * count);
    recording.dispatchEach(count, { kernel, buffers: [data.gpu], parameters: [count, 3] });
    await recording.submit();
    expect((await words(device, data)).every((word) => word === 3)).toBe(true);
  });

  it('uploads bytes of any length', async () => {
    const device = await acquire();
    const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7]);
    const buffer = await device.upload(bytes);
    expect([...(await device.download(buffer.gpu, 0, 8))]).toEqual([...bytes, 0]);
    expect(await device.download(buffer.gpu, 0, 0)).toEqual(new Uint8Array());
  });

  it('binds buffers whose size class goes beyond what a binding sees', async () => {
    const adapter = await nodeGpu().requestAdapter();
    const most = 2 ** 27 + 256;
    const own = await adapter?.requestDevice({
      requiredLimits: { maxStorageBufferBindingSize: most, maxBufferSize: 2 ** 28 },
    });
    const device = await GpuDevice.acquire({ device: own });
    expect(device.maxBindingBytes).toBe(most);
    const kernel = await device.compile(INCREMENT);
    const data = device.allocate(most);
    const recording = device.record();
    recording.clear(data.gpu, 8);
    recording.dispatchEach(1, { kernel, buffers: [data.gpu], parameters: [1, 5] });
    await recording.submit();
    expect((await device.download(data.gpu, 0, 8))[0]).toBe(5);
    device.dispose();
    own?.destroy();
  });

  it('compiles a text once', async () => {
    const device = await acquire();
    const [first, second] = await device.compileAll([INCREMENT, { ...INCREMENT }]);
    expect(first).toBe(second);
  });

  it('reports a kernel that does not compile by name and line', async () => {
    const device = await acquire();
    const broken = { ...INCREMENT, name: 'broken', code: INCREMENT.code.replace('data[i] +', 'datum[i] +') };
    const error = await device.compile(broken).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ShaderCompileError);
    expect(error).toMatchObject({ code: 'SHADER_COMPILE', context: { kernel: 'broken', line: 8 } });
    expect((error as Error).message).toContain('datum');
  });

  it('reports what the GPU refuses, and goes on working', async () => {
    const device = await acquire();
    const refused = device.guarded(() => {
      device.gpu.createBuffer({ size: 16, usage: 0xffff });
    });
    await expect(refused).rejects.toThrow(GpuFaultError);
    await expect(device.guarded(() => 7)).resolves.toBe(7);
    await expect(
      device.guarded(() => {
        throw new RangeError('own');
      }),
    ).rejects.toThrow(RangeError);
    expect(() => device.allocate(device.gpu.limits.maxBufferSize + 4)).toThrow(GpuLimitError);
    const kernel = await device.compile(INCREMENT);
    const recording = device.record();
    expect(() => recording.dispatch({ kernel, buffers: [], parameters: [1], groups: 1 })).toThrow(
      InternalError,
    );
  });

  it('keeps buffers that come back, and only once', async () => {
    const device = await acquire();
    const first = device.allocate(1000);
    const bytes = device.buffers.bytes;
    first.release();
    first.release();
    const second = device.allocate(900);
    const third = device.allocate(900);
    expect(second.gpu).toBe(first.gpu);
    expect(third.gpu).not.toBe(second.gpu);
    second.release();
    third.release();
    device.buffers.trim();
    expect(device.buffers.bytes).toBe(0);
    expect(bytes).toBe(1024);
  });

  it('rejects with DeviceLostError once the device is gone, work in flight too', async () => {
    const device = await acquire();
    const kernel = await device.compile(INCREMENT);
    const data = device.allocate(64);
    const recording = device.record();
    recording.dispatchEach(4, { kernel, buffers: [data.gpu], parameters: [4, 1] });
    device.gpu.destroy();
    const results = await Promise.allSettled([recording.submit(), device.download(data.gpu, 0, 16)]);
    for (const result of results) expect(result).toMatchObject({ reason: expect.any(DeviceLostError) });
    expect(device.isLost).toBe(true);
    expect(() => device.allocate(4)).toThrow(DeviceLostError);
  });

  it("uses the caller's device and leaves it alive", async () => {
    const own = await acquire();
    const device = await GpuDevice.acquire({ device: own.gpu });
    const buffer = await device.upload(Uint8Array.of(9, 0, 0, 0));
    expect([...(await words(device, buffer))]).toEqual([9]);
    device.dispose();
    expect(() => device.allocate(4)).toThrow(DisposedError);
    expect([...(await words(own, await own.upload(Uint8Array.of(5, 0, 0, 0))))]).toEqual([5]);
  });

  it('says what is missing where there is no adapter', async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    await expect(GpuDevice.acquire({ gpu: none })).rejects.toThrow(GpuUnavailableError);
  });
});

describe('adapters', () => {
  it.each([
    [{ vendor: 'google', architecture: 'swiftshader' }, true],
    [{ description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, true],
    [{ vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }, true],
    [{ vendor: 'amd', isFallbackAdapter: true }, true],
    [{ vendor: 'nvidia', architecture: 'hopper', description: 'NVIDIA H200' }, false],
    [undefined, false],
  ])('%o', (info, isSoftware) => {
    expect(describeAdapter(info as unknown as GPUAdapterInfo).isSoftware).toBe(isSoftware);
  });
});

describe('size classes', () => {
  it('hold what was asked for and waste at most half', () => {
    for (let bytes = 1; bytes < 2 ** 22; bytes = Math.ceil(bytes * 1.13)) {
      const size = sizeClass(bytes);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size % 4).toBe(0);
      if (bytes > 256) expect(size).toBeLessThan(2 * bytes);
    }
  });
});
