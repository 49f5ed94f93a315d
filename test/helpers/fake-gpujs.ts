/** The package gpu.js with devices that pass for what they are not, and that a test can count and break. */

import * as gpujs from 'gpu.js';

/** The package's function, which its types leave out. */
const { input } = gpujs as unknown as { readonly input: unknown };

type Pipeline = ((...values: unknown[]) => Promise<Float32Array[]>) & { destroy(): void };

export class FakeGpujs {
  /** Devices that were opened, and those that were given back. */
  opened = 0;
  closed = 0;
  /** Calls of kernels. */
  calls = 0;
  isLost = false;
  /** Calls of more elements than this give wrong results; the self-test's are small. */
  wrongBeyond = Number.POSITIVE_INFINITY;
  readonly package: unknown;

  /** `renderer`: what the shaders of the device are said to run on; without one it says what it is: WebAssembly. */
  constructor(renderer?: string) {
    const fake = this;
    class Device extends gpujs.GPU {
      static override readonly isWebGL2Supported = renderer !== undefined;
      constructor() {
        super({ mode: 'webasm' } as never);
        fake.opened++;
        if (renderer === undefined) return;
        const context = { getParameter: () => renderer, isContextLost: () => fake.isLost };
        const create = this.createKernel.bind(this);
        const plan = (
          this as unknown as { createPipeline(...given: unknown[]): Pipeline }
        ).createPipeline.bind(this);
        const destroy = this.destroy.bind(this);
        Object.defineProperty(this, 'mode', { value: 'webgl2' });
        Object.assign(this, {
          // The kernels below take WebAssembly, and no context.
          context: undefined,
          createKernel: (...given: Parameters<typeof create>) => {
            Object.assign(this, { context: null });
            const kernel = create(...given);
            Object.assign(this, { context });
            return kernel;
          },
          createPipeline: (...given: unknown[]): Pipeline => {
            const pipeline = plan(...given);
            const run = async (...values: unknown[]): Promise<Float32Array[]> => {
              fake.calls++;
              const rows = await pipeline(...values);
              if (rows.length > fake.wrongBeyond) for (const row of rows) row.fill(1);
              return rows;
            };
            return Object.assign(run, { destroy: () => pipeline.destroy() });
          },
          destroy: () => {
            fake.closed++;
            return destroy();
          },
        });
      }
    }
    this.package = { GPU: Device, input };
  }
}
