import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAutoBackend } from '../../../src/backend/auto/auto-backend.ts';
import {
  type CostModel,
  OPERATIONS,
  type Operation,
  packCalibration,
} from '../../../src/backend/auto/cost-model.ts';
import { PROBES, probeInputs } from '../../../src/backend/auto/probes.ts';
import type { Backend } from '../../../src/backend/backend.ts';
import { createBackend } from '../../../src/backend/create-backend.ts';
import { PACKAGE_VERSION } from '../../../src/backend/package-version.ts';
import { createWasmBackend } from '../../../src/backend/wasm/wasm-backend.ts';
import { EngineSource } from '../../../src/backend/webgpu/engine.ts';
import { hybridBackend } from '../../../src/backend/webgpu/webgpu-backend.ts';
import { packScalars } from '../../../src/curve/affine.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import { GpuUnavailableError } from '../../../src/errors.ts';
import { concatBytes } from '../../../src/field/bytes.ts';
import { softwareGpuEnv } from '../../helpers/chromium-package.ts';
import { FlakyGpu } from '../../helpers/flaky-gpu.ts';
import { g1Times, g2Times } from '../../helpers/group-elements.ts';
import { openStore } from '../../helpers/open-store.ts';
import { backendContract } from '../backend-contract.ts';

const curve = BN254;
const isSoftware = softwareGpuEnv().VK_DRIVER_FILES !== undefined;
const line = (itemMs: number) => ({ fixedMs: 0, itemMs });
const all = <T>(value: T) => Object.fromEntries(OPERATIONS.map((operation) => [operation, value]));

/** Costs of which one side has all the advantages. */
function modelWon(by: 'cpu' | 'gpu'): CostModel {
  const [cpu, gpu] = by === 'gpu' ? [1e6, 1e-6] : [1e-6, 1e6];
  return {
    cpu: { operations: all(line(cpu)), upload: line(0), readBack: line(0) },
    gpu: { operations: all(line(gpu)), upload: line(0), readBack: line(0), startMs: 0, compileMs: {} },
  };
}

let cpu: Backend;
beforeAll(async () => {
  cpu = await createWasmBackend(curve, { threads: 1 });
});
afterAll(() => cpu.dispose());

/** A store as a calibration on a GPU of this name leaves it. */
function storeOf(adapter: string, model: CostModel) {
  const store = openStore();
  const { name, threads } = cpu;
  const calibration = { curve: curve.name, cpu: name, threads, adapter, multiplier: 'limb13', model };
  const key = `costs/${PACKAGE_VERSION}/${curve.name}/${name}-${threads}`;
  store.texts.set(key, JSON.stringify(packCalibration(calibration)));
  const multiplier = { version: 1, multiplier: 'limb13', productsPerMs: { limb13: 1 } };
  store.texts.set(`multiplier/${PACKAGE_VERSION}/${curve.name}/${adapter}`, JSON.stringify(multiplier));
  return { store, key };
}

const logs = Array.from({ length: 6000 }, (_, i) => BigInt(i % 40) + 1n);
const weights = logs.map((_, i) => BigInt(i) * 7n + 3n);
const expected = g1Times(
  curve,
  logs.reduce((sum, log, i) => sum + log * (weights[i] as bigint), 0n),
);
const tableG1 = Array.from({ length: 41 }, (_, i) => g1Times(curve, BigInt(i)));
/** A sum long enough to be looked at. */
async function longSum(backend: Backend): Promise<Uint8Array> {
  const bases = await backend.uploadG1(concatBytes(...logs.map((log) => tableG1[Number(log)] as Uint8Array)));
  const scalars = await backend.uploadFr(packScalars(curve, weights));
  const sum = await backend.msmG1(bases, scalars);
  for (const vector of [bases, scalars]) vector.dispose();
  return sum;
}

backendContract('auto', (which) => createBackend(which, 'auto'));

describe('the backend that chooses by cost', () => {
  it('asks for no adapter for short operations, with a calibration or without', async () => {
    for (const store of [openStore(), storeOf('Test GPU', modelWon('gpu')).store]) {
      const gpu = new FlakyGpu('Test GPU');
      const auto = createAutoBackend(cpu, { device: { gpu: gpu.asGpu() }, calibrations: store });
      expect({ name: auto.name, threads: auto.threads }).toEqual({ name: 'auto', threads: cpu.threads });
      const bases = await auto.uploadG1(concatBytes(...[1n, 2n, 3n].map((log) => g1Times(curve, log))));
      const scalars = await auto.uploadFr(packScalars(curve, [5n, 7n, 9n]));
      expect(await auto.msmG1(bases, scalars)).toEqual(g1Times(curve, 5n + 14n + 27n));
      expect(gpu.requests).toBe(0);
      await auto.dispose();
    }
  });

  it('asks for each operation that the model has', async () => {
    const asked: { operation: Operation; items: number }[] = [];
    const source = new EngineSource(
      curve,
      () => Promise.reject(new GpuUnavailableError('none')),
      () => 'limb13',
    );
    const backend = hybridBackend(cpu, source, {
      router: {
        isAwake: false,
        route: async ({ operation, items }) => {
          asked.push({ operation, items });
          return 'cpu';
        },
      },
    });
    const inputs = await probeInputs(backend, {});
    for (const operation of OPERATIONS) {
      const { place, itemsOf = (size: number) => size } = PROBES[operation];
      const probe = await place(backend, inputs, 64);
      await probe.run({});
      expect(asked.pop()).toEqual({ operation, items: itemsOf(64) });
      probe.release();
    }
    await backend.dispose();
  });

  it('says of how many pairs the CPU keeps the lines', async () => {
    const asked: (number | undefined)[] = [];
    const source = new EngineSource(
      curve,
      () => Promise.reject(new GpuUnavailableError('none')),
      () => 'limb13',
    );
    const backend = hybridBackend(cpu, source, {
      router: {
        isAwake: false,
        route: async ({ itemsWithLines }) => {
          asked.push(itemsWithLines);
          return 'cpu';
        },
      },
    });
    const pairs = [1n, 2n, 3n, 4n];
    const g1 = await backend.uploadG1(concatBytes(...pairs.map((log) => g1Times(curve, log))));
    const g2 = await backend.uploadG2(concatBytes(...pairs.map((log) => g2Times(curve, log))));
    const other = await backend.uploadG2(concatBytes(...pairs.map((log) => g2Times(curve, log))));
    const loops = async (): Promise<Uint8Array> =>
      backend.finalExponentiation(
        await backend.millerProducts([
          [
            { g1: g1.slice(0, 3), g2: g2.slice(1, 4) },
            { g1: g1.slice(3, 4), g2: g2.slice(0, 1) },
          ],
          [{ g1, g2: other }],
        ]),
      );
    const plain = await loops();
    await backend.lines?.prepare(g2);
    const tables = (await backend.lines?.save(g2)) as Uint8Array;
    expect(await loops()).toEqual(plain);
    await backend.lines?.load(other, tables);
    expect(await loops()).toEqual(plain);
    await backend.lines?.drop(g2);
    expect(await loops()).toEqual(plain);
    expect(asked).toEqual([0, 4, 8, 4]);
    await backend.dispose();
  });

  it('uses a GPU that was measured to win, and brings vectors to and fro', async () => {
    const gpu = new FlakyGpu('Test GPU');
    const auto = createAutoBackend(cpu, {
      device: { gpu: gpu.asGpu() },
      calibrations: storeOf('Test GPU', modelWon('gpu')).store,
    });
    const before = await auto.uploadG1(concatBytes(...[1n, 2n, 3n, 4n].map((log) => g1Times(curve, log))));
    const points = await auto.uploadG2(concatBytes(...[1n, 2n].map((log) => g2Times(curve, log))));
    expect(await longSum(auto)).toEqual(expected);
    expect(gpu.devices).toHaveLength(1);
    const folded = await auto.foldG1(before.slice(0, 2), before.slice(2, 4), 10n);
    const scalars = await auto.uploadFr(packScalars(curve, [2n, 3n]));
    const scaled = await auto.scaleG1(folded, scalars);
    const bases = await auto.prepareG1(scaled);
    scaled.dispose();
    expect(await auto.msmG1(bases, scalars)).toEqual(g1Times(curve, 31n * 4n + 42n * 9n));
    // Few, from a vector that is on the CPU alone.
    expect(await auto.read(await auto.scaleG2(points, scalars))).toEqual(
      concatBytes(g2Times(curve, 2n), g2Times(curve, 6n)),
    );
    // Prepared bases of a vector that was uploaded before there was a device outlive both.
    gpu.devices[0]?.destroy();
    expect(await auto.msmG1(bases, scalars)).toEqual(g1Times(curve, 31n * 4n + 42n * 9n));
    expect(gpu.devices).toHaveLength(2);
    await auto.dispose();
  });

  it('leaves a GPU alone that was measured to lose', async () => {
    const gpu = new FlakyGpu('Test GPU');
    const auto = createAutoBackend(cpu, {
      device: { gpu: gpu.asGpu() },
      calibrations: storeOf('Test GPU', modelWon('cpu')).store,
    });
    for (let i = 0; i < 3; i++) expect(await longSum(auto)).toEqual(expected);
    const scalars = await auto.uploadFr(packScalars(curve, [2n, 3n]));
    const points = await auto.uploadG1(concatBytes(g1Times(curve, 5n), g1Times(curve, 6n)));
    const bases = await auto.prepareG1(points);
    points.dispose();
    expect(await auto.msmG1(bases, scalars)).toEqual(g1Times(curve, 28n));
    expect(gpu.requests).toBe(0);
    await auto.dispose();
  });

  it.runIf(isSoftware)('never uses a software adapter, whatever the calibration says', async () => {
    const gpu = new FlakyGpu();
    const faults: unknown[] = [];
    const auto = createAutoBackend(cpu, {
      device: { gpu: gpu.asGpu() },
      calibrations: storeOf('Test GPU', modelWon('gpu')).store,
      onFault: (error) => faults.push(error),
    });
    for (let i = 0; i < 3; i++) expect(await longSum(auto)).toEqual(expected);
    expect(gpu.requests).toBe(1);
    expect(faults).toEqual([expect.any(GpuUnavailableError)]);
    expect(String(faults[0])).toMatch(/software adapter.*swiftshader/i);
    await auto.dispose();
  });

  it.each([
    ['damaged', (text: string) => text.slice(0, 100)],
    ['old', (text: string) => text.replace('"version":3', '"version":2')],
    ['of other hardware', (text: string) => text.replace('"threads":1', '"threads":99')],
  ])('takes no calibration that is %s', async (_, damage) => {
    const { store, key } = storeOf('Test GPU', modelWon('gpu'));
    const text = store.texts.get(key) as string;
    expect(damage(text)).not.toBe(text);
    store.texts.set(key, damage(text));
    const gpu = new FlakyGpu('Test GPU');
    const auto = createAutoBackend(cpu, { device: { gpu: gpu.asGpu() }, calibrations: store });
    expect(await longSum(auto)).toEqual(expected);
    // The calibration would have said to use it; without one it takes seconds of work to ask for a device.
    expect(gpu.requests).toBe(0);
    await auto.dispose();
  });

  it('goes on where the GPU of the calibration is gone', async () => {
    const gpu = new FlakyGpu('Test GPU');
    gpu.isGone = true;
    const faults: unknown[] = [];
    const auto = createAutoBackend(cpu, {
      device: { gpu: gpu.asGpu() },
      calibrations: storeOf('Test GPU', modelWon('gpu')).store,
      onFault: (error) => faults.push(error),
    });
    for (let i = 0; i < 2; i++) expect(await longSum(auto)).toEqual(expected);
    expect(gpu.requests).toBe(1);
    expect(faults).toEqual([expect.any(GpuUnavailableError)]);
    await auto.dispose();
  });
});
