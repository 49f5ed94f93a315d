import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { shaderFiles } from '../../scripts/shader-files.ts';
import { CURVES } from '../../src/curve/curve.ts';
import { SOFTWARE_MULTIPLIER } from '../../src/gpu/choose-multiplier.ts';
import { curveKernels } from '../../src/gpu/curve-kernels.ts';
import { useDevice } from './test-device.ts';

const root = path.join(import.meta.dirname, '../../shaders');

describe('the readable copies of the shaders', () => {
  it('are what the generator gives; `npm run shaders` writes them', async () => {
    const expected = shaderFiles();
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const found = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
    expect(found.sort()).toEqual([...expected.keys()].sort());
    for (const [name, text] of expected)
      expect(await readFile(path.join(root, name), 'utf8'), name).toBe(text);
  });

  it('hold every kernel', () => {
    const files = [...shaderFiles().values()].join('\n');
    for (const curve of CURVES) {
      for (const isSoftware of [false, true]) {
        for (const { name, code } of curveKernels(curve, 'limb13', isSoftware)) {
          const main = code.slice(code.indexOf('struct Parameters'));
          expect(files, name).toContain(main);
        }
      }
    }
  });
});

const device = useDevice();

/**
 * Seconds of processor time and of the clock that an action takes: the first depend less on what else the machine does. The thread that
 * waits does so by asking over and over, which is left out where Node tells.
 */
async function timed(action: () => Promise<unknown>): Promise<{ cpu: number; wall: number }> {
  const ownThread = (): number => {
    const { user, system } = process.threadCpuUsage?.() ?? { user: 0, system: 0 };
    return user + system;
  };
  const [started, used, waited] = [performance.now(), process.cpuUsage(), ownThread()];
  await action();
  const { user, system } = process.cpuUsage(used);
  const cpu = (user + system - (ownThread() - waited)) / 1e6;
  return { cpu, wall: (performance.now() - started) / 1000 };
}

describe('pipelines', () => {
  // 20 s of the clock where nothing else runs: SwiftShader compiles one after the other, so that processor time is the same there. Beside
  // other tests, on cores of which two share one, it is up to half as much again.
  it('of both curves compile on a software adapter in less than 20 s, half as much again beside other tests', async () => {
    const kernels = CURVES.flatMap((curve) => curveKernels(curve, SOFTWARE_MULTIPLIER, true));
    const { cpu, wall } = await timed(() => device().compileAll(kernels));
    console.info(
      `all pipelines of both curves: ${cpu.toFixed(1)} s of processor time, ${wall.toFixed(1)} s of the clock`,
    );
    expect(Math.min(cpu, wall)).toBeLessThan(30);
  }, 600_000);

  it('keep to the default limits of WebGPU', () => {
    for (const curve of CURVES) {
      for (const { name, bindings, workgroupSize, code } of curveKernels(curve, 'limb13', false)) {
        const storage = bindings.filter((kind) => kind !== 'uniform').length;
        expect(storage, name).toBeLessThanOrEqual(8);
        expect(workgroupSize, name).toBeLessThanOrEqual(256);
        expect(code, name).toContain(`@workgroup_size(${workgroupSize})`);
      }
    }
  });
});
