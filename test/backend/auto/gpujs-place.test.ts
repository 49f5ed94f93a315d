import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAutoBackend } from '../../../src/backend/auto/auto-backend.ts';
import {
  type CostModel,
  MODEL_VERSION,
  OPERATIONS,
  packCalibration,
} from '../../../src/backend/auto/cost-model.ts';
import { GPUJS_OPERATIONS } from '../../../src/backend/auto/gpujs-calibration.ts';
import { type GpujsHost, placeBesideGpujs } from '../../../src/backend/auto/gpujs-place.ts';
import type { Backend } from '../../../src/backend/backend.ts';
import { createGpujsBackend } from '../../../src/backend/gpujs/create.ts';
import type { GpujsBackend } from '../../../src/backend/gpujs/gpujs-backend.ts';
import { PACKAGE_VERSION } from '../../../src/backend/package-version.ts';
import { createWasmBackend } from '../../../src/backend/wasm/wasm-backend.ts';
import { packScalars } from '../../../src/curve/affine.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import {
  AbortedError,
  DeviceLostError,
  GpuFaultError,
  GpuUnavailableError,
  LengthMismatchError,
} from '../../../src/errors.ts';
import { concatBytes } from '../../../src/field/bytes.ts';
import { FakeGpujs } from '../../helpers/fake-gpujs.ts';
import { FlakyGpu } from '../../helpers/flaky-gpu.ts';
import { g1Times } from '../../helpers/group-elements.ts';
import { openStore } from '../../helpers/open-store.ts';

const curve = BN254;
const free = { fixedMs: 0, itemMs: 0 };
const all = (itemMs: number) =>
  Object.fromEntries(OPERATIONS.map((operation) => [operation, { fixedMs: 0, itemMs }]));
function modelWon(by: 'cpu' | 'gpu'): CostModel {
  const [cpu, gpu] = by === 'gpu' ? [1e6, 1e-6] : [1e-6, 1e6];
  return {
    cpu: { operations: all(cpu), upload: free, readBack: free },
    gpu: { operations: all(gpu), upload: free, readBack: free, startMs: 0, compileMs: {} },
  };
}

let cpu: Backend;
/** The same under a name that is guessed to be slow, so that small operations are looked at. */
let slowCpu: Backend;
beforeAll(async () => {
  cpu = await createWasmBackend(curve, { threads: 1 });
  slowCpu = { ...cpu, name: 'reference' };
});
afterAll(() => cpu.dispose());
afterEach(() => {
  vi.doUnmock('gpu.js');
});

const COUNT = 70;
const logs = Array.from({ length: COUNT }, (_, i) => BigInt(i) + 1n);
const weights = logs.map((log) => 3n * log + (log % 5n === 0n ? 0n : 2n ** 60n));
const points = concatBytes(...logs.map((log) => g1Times(curve, log)));
const expectedSum = g1Times(
  curve,
  logs.reduce((sum, log, i) => sum + log * (weights[i] as bigint), 0n),
);

async function sumOn(backend: Backend, signal?: AbortSignal): Promise<Uint8Array> {
  const bases = await backend.uploadG1(points);
  const scalars = await backend.uploadFr(packScalars(curve, weights));
  try {
    return await backend.msmG1(bases, scalars, { signal });
  } finally {
    for (const vector of [bases, scalars]) vector.dispose();
  }
}

const NO_GPU = 'test adapter that is gone';
const key = (kind: string): string => `${kind}/${PACKAGE_VERSION}/${curve.name}/reference-1`;

/** A store in which a GPU by WebGPU won, so that one is asked for at once; and maybe what gpu.js was measured to. */
function storeOf(gpujs?: CostModel, renderer = 'Test GPU') {
  const store = openStore();
  const machine = { curve: curve.name, cpu: 'reference', threads: 1 } as const;
  const adapter = { adapter: NO_GPU, multiplier: 'limb13' };
  store.texts.set(
    key('costs'),
    JSON.stringify(packCalibration({ ...machine, ...adapter, model: modelWon('gpu') })),
  );
  const calibration = { version: MODEL_VERSION, ...machine, mode: 'webgl2', renderer, model: gpujs };
  if (gpujs) store.texts.set(key('gpujs'), JSON.stringify(calibration));
  return store;
}

/** `auto` where WebGPU has no hardware, and what it tells of faults. */
async function withoutWebGpu(fake: FakeGpujs | undefined, store = storeOf()) {
  const gpu = new FlakyGpu();
  gpu.isGone = true;
  const faults: unknown[] = [];
  const fractions: number[] = [];
  const auto = createAutoBackend(slowCpu, {
    device: { gpu: gpu.asGpu() },
    calibrations: store,
    gpujs: fake?.package,
    onFault: (error) => faults.push(error),
    onCalibrate: (fraction) => fractions.push(fraction),
  });
  // Long enough to ask for a GPU by WebGPU, and nothing that gpu.js does: from here on it is known that there is none.
  (await auto.powersFr(3n, 20_000)).dispose();
  expect(faults.splice(0)).toEqual([expect.any(GpuUnavailableError)]);
  return { auto, faults, fractions, store };
}

describe('gpu.js beside the CPU', () => {
  it('does what it was measured to win, with the same results', async () => {
    const fake = new FakeGpujs('Test GPU');
    const { auto, faults } = await withoutWebGpu(fake, storeOf(modelWon('gpu')));
    expect(fake.opened).toBe(0);
    expect(await sumOn(auto)).toEqual(expectedSum);
    expect(fake.opened).toBe(1);
    const before = fake.calls;
    const left = await auto.uploadFr(packScalars(curve, [2n, curve.order - 1n, 0n]));
    const right = await auto.uploadFr(packScalars(curve, [5n, 7n, curve.order - 1n]));
    for (const run of [
      (on: Backend, [a, b]: readonly [typeof left, typeof left]) => on.mulFr(a, b),
      (on: Backend, [a, b]: readonly [typeof left, typeof left]) => on.foldFr(a, b, 11n),
    ]) {
      const calls = fake.calls;
      const got = await auto.read(await run(auto, [left, right]));
      expect(fake.calls).toBeGreaterThan(calls);
      const own = [
        await cpu.uploadFr(await auto.read(left)),
        await cpu.uploadFr(await auto.read(right)),
      ] as const;
      expect(got).toEqual(await cpu.read(await run(cpu, own)));
    }
    expect(fake.calls).toBeGreaterThan(before);
    expect(faults).toEqual([]);
    await auto.dispose();
    expect(fake.closed).toBe(1);
  });

  it('leaves to the CPU what it was measured to lose, and is not even loaded', async () => {
    const fake = new FakeGpujs('Test GPU');
    const { auto } = await withoutWebGpu(fake, storeOf(modelWon('cpu')));
    for (let i = 0; i < 3; i++) expect(await sumOn(auto)).toEqual(expectedSum);
    expect(fake.opened).toBe(0);
    await auto.dispose();
  });

  it('is not loaded where there is hardware by WebGPU, whether that wins or not', async () => {
    const fake = new FakeGpujs('Test GPU');
    const store = storeOf(modelWon('gpu'));
    store.texts.set(
      key('costs'),
      (store.texts.get(key('costs')) as string)
        .replace(NO_GPU, 'Test GPU')
        .replaceAll('"itemMs":0.000001', '"itemMs":2000000'),
    );
    const gpu = new FlakyGpu('Test GPU');
    const options = { device: { gpu: gpu.asGpu() }, calibrations: store, gpujs: fake.package };
    const auto = createAutoBackend(slowCpu, options);
    for (let i = 0; i < 3; i++) expect(await sumOn(auto)).toEqual(expectedSum);
    expect(fake.opened).toBe(0);
    await auto.dispose();
  });

  it.each([
    ['in a mode of the CPU', new FakeGpujs()],
    [
      'on a software renderer',
      new FakeGpujs('ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device), SwiftShader driver)'),
    ],
  ])('is never taken for speed %s', async (_, fake) => {
    const { auto, faults, store } = await withoutWebGpu(fake);
    // More work than a calibration is bought for.
    for (let i = 0; i < 200 && fake.opened === 0; i++) await sumOn(auto);
    expect(fake.opened).toBe(1);
    for (let i = 0; i < 3; i++) expect(await sumOn(auto)).toEqual(expectedSum);
    expect({ opened: fake.opened, calls: fake.calls, faults }).toEqual({ opened: 1, calls: 0, faults: [] });
    expect(store.texts.has(key('gpujs'))).toBe(false);
    await auto.dispose();
  });

  it('is no candidate, silently, where the package is missing', async () => {
    vi.doMock('gpu.js', () => {
      throw new Error("Cannot find package 'gpu.js'");
    });
    const { auto, faults } = await withoutWebGpu(undefined, storeOf(modelWon('gpu')));
    for (let i = 0; i < 2; i++) expect(await sumOn(auto)).toEqual(expectedSum);
    expect(faults).toEqual([]);
    await auto.dispose();
  });

  it('is left after a failure in the middle of an operation, which the CPU then does', async () => {
    const fake = new FakeGpujs('Test GPU');
    const { auto, faults } = await withoutWebGpu(fake, storeOf(modelWon('gpu')));
    expect(await sumOn(auto)).toEqual(expectedSum);
    const prepared = await auto.prepareG1(await auto.uploadG1(points));
    const scalars = await auto.uploadFr(packScalars(curve, weights));
    const before = fake.calls;
    expect(await auto.msmG1(prepared, scalars)).toEqual(expectedSum);
    expect(fake.calls).toBeGreaterThan(before);
    fake.isLost = true;
    expect(await auto.msmG1(prepared, scalars)).toEqual(expectedSum);
    expect(faults).toEqual([expect.any(DeviceLostError)]);
    expect(fake.closed).toBe(1);
    const calls = fake.calls;
    expect(await auto.msmG1(prepared, scalars)).toEqual(expectedSum);
    expect(await sumOn(auto)).toEqual(expectedSum);
    expect({ calls: fake.calls, opened: fake.opened, faults: faults.length }).toEqual({
      calls,
      opened: 1,
      faults: 1,
    });
    prepared.dispose();
    await auto.dispose();
  });

  it('is measured anew where it runs on something else than before', async () => {
    const fake = new FakeGpujs('Test GPU');
    const { auto, fractions, store } = await withoutWebGpu(fake, storeOf(modelWon('gpu'), 'Other GPU'));
    expect(await sumOn(auto)).toEqual(expectedSum);
    expect(fractions.at(-1)).toBe(1);
    const kept = JSON.parse(store.texts.get(key('gpujs')) as string);
    expect(kept).toMatchObject({
      curve: 'bn254',
      cpu: 'reference',
      threads: 1,
      mode: 'webgl2',
      renderer: 'Test GPU',
    });
    // As far as the time for it went.
    const measured = Object.keys(kept.model.cpu.operations);
    expect(measured).toEqual(GPUJS_OPERATIONS.slice(0, measured.length));
    expect(measured).toContain('foldFr');
    // WebAssembly that was generated for it beats what gpu.js makes of shaders for the CPU by far.
    const calls = fake.calls;
    expect(await sumOn(auto)).toEqual(expectedSum);
    expect(fake.calls).toBe(calls);
    await auto.dispose();
    // The next process finds what this one has measured, and never loads gpu.js.
    const next = new FakeGpujs('Test GPU');
    const again = await withoutWebGpu(next, store);
    expect(await sumOn(again.auto)).toEqual(expectedSum);
    expect(next.opened).toBe(0);
    await again.auto.dispose();
  });

  it('is refused when it computes wrongly while it is measured', async () => {
    const fake = new FakeGpujs('Test GPU');
    fake.wrongBeyond = 32;
    const { auto, faults, store } = await withoutWebGpu(fake, storeOf(modelWon('gpu'), 'Other GPU'));
    const before = store.texts.get(key('gpujs'));
    expect(await sumOn(auto)).toEqual(expectedSum);
    expect(faults).toEqual([expect.any(GpuFaultError)]);
    expect(String(faults[0])).toMatch(/foldFr/);
    expect(fake.closed).toBe(1);
    expect(store.texts.get(key('gpujs'))).toBe(before);
    expect(await sumOn(auto)).toEqual(expectedSum);
    expect(fake.opened).toBe(1);
    await auto.dispose();
  });

  it('may be measured again after a calibration that was cancelled', async () => {
    const fake = new FakeGpujs('Test GPU');
    const { auto, faults, fractions } = await withoutWebGpu(fake);
    const controller = new AbortController();
    const push = fractions.push.bind(fractions);
    fractions.push = (...given) => {
      controller.abort();
      return push(...given);
    };
    const until = async (signal?: AbortSignal): Promise<void> => {
      for (let i = 0; i < 200; i++) {
        await sumOn(auto, signal);
        if (fractions.at(-1) === 1) return;
      }
    };
    await expect(until(controller.signal)).rejects.toThrow(AbortedError);
    expect(fractions).toHaveLength(1);
    await until();
    expect(fractions.at(-1)).toBe(1);
    expect({ opened: fake.opened, faults }).toEqual({ opened: 1, faults: [] });
    await auto.dispose();
  });
});

describe('routing to the real gpu.js', () => {
  let gpujs: GpujsBackend;
  beforeAll(async () => {
    gpujs = await createGpujsBackend(curve, { fallback: cpu });
  });
  afterAll(() => gpujs.dispose());

  function hostOf(model: CostModel, backend: Backend = gpujs): GpujsHost & { readonly faults: unknown[] } {
    const faults: unknown[] = [];
    return {
      faults,
      guess: modelWon('gpu'),
      recall: async () => model,
      wake: async () => model,
      calibrate: async () => model,
      current: () => backend as GpujsBackend,
      onFault: (error) => faults.push(error),
      dispose: async () => {},
    };
  }

  /** A backend that writes down what it is asked for. */
  function spied(asked: string[]): Backend {
    const names = ['msmG1', 'msmManyG1', 'foldG1', 'foldFr', 'mulFr', 'prepareG1'] as const;
    const own = names.map((name) => [
      name,
      (...given: never[]) => {
        asked.push(name);
        return (gpujs[name] as (...given: never[]) => unknown)(...given);
      },
    ]);
    return { ...gpujs, ...Object.fromEntries(own) };
  }

  it('sends each operation where its line says, and none before it is opened', async () => {
    const lines = { ...all(1e6), foldFr: { fixedMs: 0, itemMs: 0 }, foldG1: { fixedMs: 0, itemMs: 0 } };
    const model = { ...modelWon('gpu'), cpu: { ...modelWon('gpu').cpu, operations: lines } };
    const asked: string[] = [];
    const place = placeBesideGpujs(cpu, hostOf(model, spied(asked)));
    const { backend } = place;
    const bases = await backend.uploadG1(points);
    const scalars = await backend.uploadFr(packScalars(curve, weights));
    const run = async () => {
      const prepared = await backend.prepareG1(bases);
      const jobs = [
        { bases: bases.slice(0, 50), scalars: scalars.slice(3, 53) },
        { bases: bases.slice(5, 25), scalars: scalars.slice(7, 27) },
      ];
      const results = [
        await backend.msmG1(bases, scalars),
        await backend.msmG1(prepared, scalars),
        await backend.msmManyG1(jobs),
        (await backend.msmSums({ g1: [{ bases: prepared, scalars }, ...jobs], g2: [] })).g1,
        await backend.read(await backend.foldG1(bases.slice(0, 2), bases.slice(2, 4), 7n)),
        await backend.read(await backend.foldFr(scalars.slice(0, 8), scalars.slice(8, 16), 7n)),
        await backend.read(await backend.mulFr(scalars.slice(0, 8), scalars.slice(8, 16))),
        await backend.compressG1(points),
      ];
      prepared.dispose();
      return results;
    };
    const before = await run();
    expect(asked).toEqual([]);
    place.open();
    expect(await run()).toEqual(before);
    // Of the sums asked for together, one has more than few terms.
    expect(asked).toEqual(['prepareG1', ...new Array(4).fill('msmManyG1'), 'mulFr']);
    await place.dispose();
    expect(await run()).toEqual(before);
    expect(asked).toHaveLength(6);
  });

  it('computes folds of points as the CPU does', async () => {
    const place = placeBesideGpujs(cpu, hostOf(modelWon('gpu')));
    place.open();
    const both = await place.backend.uploadG1(points);
    const folded = await place.backend.foldG1(both.slice(0, 20), both.slice(20, 40), 1000n);
    const expected = logs.slice(0, 20).map((log) => g1Times(curve, log + 1000n * (log + 20n)));
    expect(await cpu.read(folded)).toEqual(concatBytes(...expected));
    await place.dispose();
  });

  it('takes an error that the CPU has too for the caller’s, and any other for one of gpu.js', async () => {
    const broken = { ...gpujs, mulFr: async () => Promise.reject(new Error('no texture left')) };
    const host = hostOf(modelWon('gpu'), broken);
    const place = placeBesideGpujs(cpu, host);
    place.open();
    const scalars = await cpu.uploadFr(packScalars(curve, weights));
    const uneven = place.backend.foldFr(scalars.slice(0, 3), scalars.slice(0, 2), 5n);
    await expect(uneven).rejects.toThrow(LengthMismatchError);
    expect(host.faults).toEqual([]);
    const product = await place.backend.mulFr(scalars, scalars);
    expect(await cpu.read(product)).toEqual(await cpu.read(await cpu.mulFr(scalars, scalars)));
    expect(host.faults).toEqual([expect.any(GpuFaultError)]);
    expect(host.faults[0]).toMatchObject({
      message: expect.stringMatching(/no texture left/),
      cause: expect.any(Error),
    });
    await place.dispose();
  });

  it('passes a cancellation on and goes on', async () => {
    const host = hostOf(modelWon('gpu'));
    const place = placeBesideGpujs(cpu, host);
    place.open();
    const aborted = sumOn(place.backend, AbortSignal.abort());
    await expect(aborted).rejects.toThrow(AbortedError);
    expect(host.faults).toEqual([]);
    expect(await sumOn(place.backend)).toEqual(expectedSum);
    await place.dispose();
  });
});
