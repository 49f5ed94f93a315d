import { describe, expect, it } from 'vitest';
import type { CostModel, Placement, Work } from '../../../src/backend/auto/cost-model.ts';
import { Router, type RouterHost } from '../../../src/backend/auto/router.ts';

const FREE = { fixedMs: 0, itemMs: 0 };

/** A CPU of 1 ms an item, and a GPU of 10 ms and a tenth of that, 1 ms a byte moved. */
const measured: CostModel = {
  cpu: {
    operations: { msmG1: { fixedMs: 0, itemMs: 1 }, foldG1: { fixedMs: 0, itemMs: 1 } },
    upload: FREE,
    readBack: FREE,
  },
  gpu: {
    operations: { msmG1: { fixedMs: 10, itemMs: 0.1 }, foldG1: { fixedMs: 10, itemMs: 0.1 } },
    upload: { fixedMs: 0, itemMs: 1 },
    readBack: { fixedMs: 0, itemMs: 1 },
    startMs: 500,
    compileMs: { msmG1: 200, foldG1: 200 },
  },
};
const guess: CostModel = { ...measured, gpu: { ...measured.gpu, operations: {} } };
/** A GPU that wins nothing. */
const slow: CostModel = {
  ...measured,
  gpu: { ...measured.gpu, operations: { msmG1: { fixedMs: 10, itemMs: 2 } } },
};

const sum = (items: number, inputs: readonly Placement[] = []): Work => ({
  operation: 'msmG1',
  items,
  inputs,
  outputBytes: 0,
});
const bytes = (count: number, where: Partial<Placement>): Placement => ({
  owner: {},
  bytes: count,
  onHost: false,
  onCpu: false,
  onGpu: false,
  ...where,
});

/** A host that writes down what it is asked for. */
function hostOf(answers: Partial<RouterHost> = {}): RouterHost & { readonly calls: string[] } {
  const calls: string[] = [];
  const host: RouterHost = {
    guess,
    recall: async () => undefined,
    wake: async (model) => model,
    calibrate: async () => measured,
    ...answers,
  };
  return {
    calls,
    guess,
    recall: () => {
      calls.push('recall');
      return host.recall();
    },
    wake: (model) => {
      calls.push('wake');
      return host.wake(model);
    },
    calibrate: (signal) => {
      calls.push('calibrate');
      return host.calibrate(signal);
    },
  };
}

/** A router that has measured already. */
async function awake(model = measured): Promise<Router> {
  const router = new Router(hostOf({ calibrate: async () => model }));
  await router.route(sum(10_000));
  expect(router.isAwake).toBe(true);
  return router;
}

describe('routing before anything is known', () => {
  it('does not even look for a calibration for short operations, however many', async () => {
    const host = hostOf();
    const router = new Router(host);
    for (let i = 0; i < 1000; i++) expect(await router.route(sum(19))).toBe('cpu');
    expect(host.calls).toEqual([]);
    expect(router.isAwake).toBe(false);
  });

  it('calibrates when long ones have taken as long as calibrating does, and once', async () => {
    const host = hostOf();
    const router = new Router(host);
    for (let i = 0; i < 29; i++) expect(await router.route(sum(100))).toBe('cpu');
    expect(host.calls).toEqual(['recall']);
    expect(await router.route(sum(100))).toBe('gpu');
    expect(await router.route(sum(100))).toBe('gpu');
    expect(host.calls).toEqual(['recall', 'calibrate']);
  });

  it('stays on the CPU for good where there is no GPU', async () => {
    const host = hostOf({ calibrate: async () => undefined });
    const router = new Router(host);
    for (let i = 0; i < 3; i++) expect(await router.route(sum(100_000))).toBe('cpu');
    expect(host.calls).toEqual(['recall', 'calibrate']);
    expect(router.isAwake).toBe(false);
  });

  it('may be asked again after a calibration that was cancelled', async () => {
    let tries = 0;
    const host = hostOf({
      calibrate: async () => {
        if (tries++ === 0) throw new Error('cancelled');
        return measured;
      },
    });
    const router = new Router(host);
    await expect(router.route(sum(100_000))).rejects.toThrow('cancelled');
    expect(await router.route(sum(100_000))).toBe('gpu');
  });

  it('calibrates once for operations that run at the same time', async () => {
    const host = hostOf();
    const router = new Router(host);
    const routes = await Promise.all([1, 2, 3].map(() => router.route(sum(100_000))));
    expect(host.calls).toEqual(['recall', 'calibrate']);
    expect(routes).toContain('gpu');
    expect(await router.route(sum(100_000))).toBe('gpu');
  });
});

describe('routing with a calibration from before', () => {
  it('gets a device when as much was lost as starting and compiling take', async () => {
    const host = hostOf({ recall: async () => measured });
    const router = new Router(host);
    // Each loses 100 − 20 ms; start and kernels take 700.
    for (let i = 0; i < 8; i++) expect(await router.route(sum(100))).toBe('cpu');
    expect(host.calls).toEqual(['recall']);
    expect(await router.route(sum(100))).toBe('gpu');
    expect(host.calls).toEqual(['recall', 'wake']);
    // Kernels of another operation are not compiled yet.
    const fold: Work = { ...sum(100), operation: 'foldG1' };
    expect(await router.route(fold)).toBe('cpu');
    expect(await router.route(fold)).toBe('cpu');
    expect(await router.route(fold)).toBe('gpu');
    expect(host.calls).toEqual(['recall', 'wake']);
  });

  it('gets one at once for an operation that is long enough alone', async () => {
    const router = new Router(hostOf({ recall: async () => measured }));
    expect(await router.route(sum(100_000))).toBe('gpu');
  });

  it('gets none where the GPU never wins, and does not measure again', async () => {
    const host = hostOf({ recall: async () => slow });
    const router = new Router(host);
    for (let i = 0; i < 10; i++) expect(await router.route(sum(100_000))).toBe('cpu');
    expect(host.calls).toEqual(['recall']);
  });

  it('decides anew when the device turns out to be another one', async () => {
    const host = hostOf({ recall: async () => measured, wake: async () => slow });
    const router = new Router(host);
    expect(await router.route(sum(100_000))).toBe('cpu');
    expect(router.isAwake).toBe(true);
  });

  it('stays on the CPU where the device is gone', async () => {
    const host = hostOf({ recall: async () => measured, wake: async () => undefined });
    const router = new Router(host);
    for (let i = 0; i < 3; i++) expect(await router.route(sum(100_000))).toBe('cpu');
    expect(host.calls).toEqual(['recall', 'wake']);
  });
});

describe('routing with a device', () => {
  it('sends each operation where it is faster', async () => {
    const router = await awake();
    // 10 + 0.1·n against n: 11.1 items.
    const everywhere = [bytes(100, { onCpu: true, onGpu: true })];
    expect(await router.route(sum(11, everywhere))).toBe('cpu');
    expect(await router.route(sum(12, everywhere))).toBe('gpu');
    const other = await awake(slow);
    expect(await other.route(sum(1_000_000))).toBe('cpu');
  });

  it('counts where the inputs are, in both directions', async () => {
    const router = await awake();
    expect(await router.route(sum(50, [bytes(100, { onGpu: true })]))).toBe('gpu');
    expect(await router.route(sum(50, [bytes(100, { onHost: true })]))).toBe('cpu');
    expect(await router.route(sum(50, [bytes(100, { onCpu: true })]))).toBe('cpu');
    // Too few to be worth the GPU, but what they are read from is there.
    expect(await router.route(sum(5, [bytes(100, { onGpu: true })]))).toBe('gpu');
    expect(await router.route(sum(5, [bytes(100, { onGpu: true, onHost: true })]))).toBe('cpu');
  });

  it('leaves Miller loops to a CPU that keeps enough of their lines', async () => {
    const loops = {
      cpu: {
        ...measured.cpu,
        operations: { ...measured.cpu.operations, millerProducts: { fixedMs: 0, itemMs: 1 } },
        withLines: { fixedMs: 0, itemMs: 0.5 },
      },
      gpu: {
        ...measured.gpu,
        operations: { ...measured.gpu.operations, millerProducts: { fixedMs: 0, itemMs: 0.7 } },
      },
    };
    const router = await awake(loops);
    const pairs = (itemsWithLines: number): Work => ({
      ...sum(1000),
      operation: 'millerProducts',
      itemsWithLines,
    });
    expect(await router.route(pairs(0))).toBe('gpu');
    expect(await router.route(pairs(500))).toBe('gpu');
    expect(await router.route(pairs(700))).toBe('cpu');
    expect(await router.route(pairs(1000))).toBe('cpu');
  });

  it('leaves few operands that the GPU does not have to the CPU, whatever they cost, unless they are to stay', async () => {
    const router = await awake({ ...measured, gpu: { ...measured.gpu, upload: FREE } });
    const onCpu = [bytes(100, { onCpu: true })];
    expect(await router.route(sum(63, onCpu))).toBe('cpu');
    expect(await router.route(sum(64, onCpu))).toBe('gpu');
    expect(await router.route({ ...sum(15, onCpu), operation: 'foldG1' })).toBe('cpu');
    expect(await router.route({ ...sum(16, onCpu), operation: 'foldG1' })).toBe('gpu');
    expect(await router.route({ ...sum(15, onCpu), isLasting: true })).toBe('gpu');
  });

  it('leaves alone what it has no figure for', async () => {
    const router = await awake();
    expect(await router.route({ ...sum(100_000), operation: 'msmG2' })).toBe('cpu');
  });

  it('uses it no more after it was closed', async () => {
    const router = await awake();
    router.close();
    expect(await router.route(sum(100_000))).toBe('cpu');
    expect(router.isAwake).toBe(false);
  });
});
