import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPERATIONS, packCalibration } from '../../src/backend/auto/cost-model.ts';
import { createBackend } from '../../src/backend/create-backend.ts';
import { PACKAGE_VERSION } from '../../src/backend/package-version.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { openCalibrationFiles } from '../../src/node/calibration-files.ts';
import { softwareGpuEnv } from '../helpers/chromium-package.ts';
import { FakeGpujs } from '../helpers/fake-gpujs.ts';
import { inProcess } from './workspace.ts';

const isSoftware = softwareGpuEnv().VK_DRIVER_FILES !== undefined;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-devices-'));
  vi.stubEnv('SHEAF_CACHE', folder);
});
afterEach(() => vi.unstubAllGlobals());
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe.runIf(isSoftware)('sheaf devices, on a software adapter', () => {
  it('says what there is, and that nothing was measured', async () => {
    const { code, stdout, stderr } = await inProcess(['devices']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/swiftshader.* software +buffers to .*GB/i);
    for (const line of [
      /^ {2}wasm +\d+ threads?$/m,
      /^ {2}webgpu +1 thread$/m,
      /^ {2}reference +1 thread$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).toContain('loop13, the default');
    expect(stdout).toContain('--calibrate');
  });

  it('says the same as JSON', async () => {
    const { code, stdout } = await inProcess(['devices', '--json', '--curve', 'bls12-381']);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report.adapters[0]).toMatchObject({ isSoftware: true });
    expect(report.adapters[0].limits.maxBufferSize).toBeGreaterThanOrEqual(2 ** 28);
    expect(report).toMatchObject({
      curve: 'bls12-381',
      noAdapter: null,
      multiplier: { multiplier: 'loop13', productsPerMs: {} },
      calibration: null,
      crossovers: null,
    });
  });

  it('calibrates hardware alone', async () => {
    const { code, stdout, stderr } = await inProcess(['devices', '--calibrate']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/software adapter.*\[GPU_UNAVAILABLE\]/);
  });
});

describe('sheaf devices', () => {
  it('says why there is no adapter, and which backends do without', async () => {
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
    const { code, stdout } = await inProcess(['devices', '--json']);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report).toMatchObject({ adapters: [], multiplier: null });
    expect(report.noAdapter).toMatch(/driver/);
    const webgpu = report.backends.find(({ name }: { name: string }) => name === 'webgpu');
    expect(webgpu).toMatchObject({ available: false, reason: expect.stringMatching(/adapter/) });
    expect((await inProcess(['devices'])).stdout).toMatch(/webgpu +not here: .*adapter/);
    expect((await inProcess(['devices', '--calibrate'])).code).toBe(2);
  });

  it('shows what was measured, with the sizes from which on the GPU is taken', async () => {
    const cpu = await createBackend(BN254, 'wasm');
    const free = { fixedMs: 0, itemMs: 0 };
    const lines = (fixedMs: number, itemMs: number) =>
      Object.fromEntries(OPERATIONS.map((operation) => [operation, { fixedMs, itemMs }]));
    const model = {
      // 0.01·n against 8 + 0.001·n: from 889 on.
      cpu: { operations: { ...lines(0, 0.01), foldG2: free }, upload: free, readBack: free },
      gpu: {
        operations: lines(8, 0.001),
        upload: free,
        readBack: free,
        startMs: 5,
        compileMs: { msmG1: 77 },
      },
    };
    const { name, threads } = cpu;
    await openCalibrationFiles({ folder }).put(
      `costs/${PACKAGE_VERSION}/bn254/${name}-${threads}`,
      JSON.stringify(
        packCalibration({
          curve: 'bn254',
          cpu: name,
          threads,
          adapter: 'Some GPU',
          multiplier: 'limb15',
          model,
        }),
      ),
    );
    await cpu.dispose();
    const { stdout } = await inProcess(['devices']);
    expect(stdout).toContain('against Some GPU with limb15');
    expect(stdout).toMatch(
      /msmG1 +0\.00 ms \+ 10\.0 µs an item +8\.00 ms \+ 1\.00 µs an item +77 ms +GPU from 2\^10/,
    );
    expect(stdout).toMatch(/foldG2 .*CPU$/m);
    const report = JSON.parse((await inProcess(['devices', '--json'])).stdout);
    expect(report.crossovers).toMatchObject({ msmG1: 1024, foldG2: null });
    expect(report.calibration.model).toEqual(model);
  });

  it('says how gpu.js runs, and that nobody takes its software modes', async () => {
    const { stdout } = await inProcess(['devices']);
    expect(stdout).toMatch(/^gpu\.js\n {2}webasm: software, which auto never takes/m);
    const report = JSON.parse((await inProcess(['devices', '--json'])).stdout);
    expect(report.gpujs).toEqual({
      mode: 'webasm',
      renderer: '',
      isSoftware: true,
      calibration: null,
      crossovers: null,
    });
  });

  it('says why gpu.js is not here', async () => {
    vi.doMock('gpu.js', () => {
      throw new Error("Cannot find package 'gpu.js'");
    });
    const { stdout } = await inProcess(['devices']);
    vi.doUnmock('gpu.js');
    expect(stdout).toMatch(/^gpu\.js\n {2}not here: .*npm install gpu\.js/m);
  });

  it('measures gpu.js on a GPU, also where WebGPU has none, and shows what that won', async () => {
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
    const fake = new FakeGpujs('Test GPU');
    vi.doMock('gpu.js', () => ({ ...(fake.package as object), default: undefined }));
    const before = await inProcess(['devices']);
    expect(before.stdout).toMatch(/^gpu\.js\n {2}webgl2 on Test GPU: not measured yet/m);
    const { code, stdout, stderr } = await inProcess(['devices', '--calibrate']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/webgl2 on Test GPU, against wasm with \d+ threads?: wins nothing/);
    expect(stdout).toMatch(/^ {2}foldFr .* CPU$/m);
    // The next look finds it; with other figures, it says what they mean.
    const store = openCalibrationFiles({ folder });
    const cpu = await createBackend(BN254, 'wasm');
    const key = `gpujs/${PACKAGE_VERSION}/bn254/${cpu.name}-${cpu.threads}`;
    await cpu.dispose();
    const kept = JSON.parse((await store.get(key)) as string);
    kept.model.cpu.operations.msmG1 = { fixedMs: 0, itemMs: 0.01 };
    kept.model.gpu.operations.msmG1 = { fixedMs: 8, itemMs: 0.001 };
    await store.put(key, JSON.stringify(kept));
    const after = (await inProcess(['devices'])).stdout;
    vi.doUnmock('gpu.js');
    expect(after).toContain('taken where WebGPU has no hardware');
    expect(after).toMatch(/^ {2}msmG1 .* gpu\.js from 2\^10$/m);
  });

  it('refuses a curve that does not exist', async () => {
    const { code, stderr } = await inProcess(['devices', '--curve', 'p256']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/p256/);
  });
});
