/** A compute shader small enough to run on any adapter, and the same function in JavaScript. */

/** What {@link runHashProbe} found. */
export interface HashProbe {
  /** Architecture of the adapter, `swiftshader` for the software one. */
  readonly architecture: string;
  /** The hash of 0, 1, 2, … */
  readonly values: number[];
}

/** Numbers hashed: 16 workgroups of 64. */
export const PROBE_LENGTH = 1024;

/** The shader's function: the finaliser of MurmurHash3 (A. Appleby, public domain), 32-bit products and shifts. */
export function murmurFinalizer(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hashes `length` numbers on a GPU. Depends on nothing outside itself, so that a page can be given its text. */
export async function runHashProbe({ length, gpu }: { length: number; gpu?: GPU }): Promise<HashProbe> {
  const adapter = await (gpu ?? navigator.gpu).requestAdapter();
  if (!adapter) throw new Error('Expected a GPU adapter, got none.');
  const device = await adapter.requestDevice();
  const module = device.createShaderModule({
    code: `
      @group(0) @binding(0) var<storage, read_write> values: array<u32>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
        var h = id.x;
        h = (h ^ (h >> 16u)) * 0x85ebca6bu;
        h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
        values[id.x] = h ^ (h >> 16u);
      }`,
  });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const size = 4 * length;
  const storage = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const readable = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer: storage } }];
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(length / 64);
  pass.end();
  encoder.copyBufferToBuffer(storage, 0, readable, 0, size);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(GPUMapMode.READ);
  const values = [...new Uint32Array(readable.getMappedRange())];
  device.destroy();
  return { architecture: adapter.info.architecture, values };
}
