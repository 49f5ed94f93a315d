import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type CalibrationStore,
  readCalibration,
  writeCalibration,
} from '../../src/backend/calibration-store.ts';
import { PACKAGE_VERSION } from '../../src/backend/package-version.ts';
import { adapterName, storedMultiplier } from '../../src/backend/webgpu/stored-multiplier.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { GpuDevice } from '../../src/gpu/device.ts';
import { nodeGpu } from '../helpers/node-gpu.ts';
import { openStore } from '../helpers/open-store.ts';

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

describe('kept measurements', () => {
  it('carry the version of the package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(PACKAGE_VERSION).toBe(manifest.version);
  });

  it('come back as they were put', async () => {
    const store = openStore();
    await writeCalibration(store, 'a', 7);
    expect(await readCalibration(store, 'a', number)).toBe(7);
    expect(await readCalibration(store, 'b', number)).toBeUndefined();
  });

  it.each(['', '{', '"seven"', 'null'])('are forgotten where the text is %j', async (text) => {
    const store = openStore();
    store.texts.set('a', text);
    expect(await readCalibration(store, 'a', number)).toBeUndefined();
  });

  it('are forgotten where the store fails', async () => {
    const broken: CalibrationStore = {
      get: () => Promise.reject(new Error('no disk')),
      put: () => Promise.reject(new Error('no disk')),
    };
    await writeCalibration(broken, 'a', 7);
    expect(await readCalibration(broken, 'a', number)).toBeUndefined();
  });

  describe('of those who name no store', () => {
    beforeEach(() => vi.resetModules());
    afterEach(() => vi.unstubAllGlobals());
    const fresh = async () => (await import('../../src/backend/calibration-store.ts')).defaultCalibrations();

    it("stay in the process' memory", async () => {
      await (await fresh()).put('a', '1');
      expect(await (await fresh()).get('a')).toBe('1');
      vi.resetModules();
      expect(await (await fresh()).get('a')).toBeUndefined();
    });

    it("go to a page's localStorage", async () => {
      const items = new Map<string, string>();
      const localStorage = {
        getItem: (key: string) => items.get(key) ?? null,
        setItem: (key: string, text: string) => items.set(key, text),
      };
      vi.stubGlobal('window', { localStorage });
      await (await fresh()).put('a', '1');
      expect(items.get('sheaf/a')).toBe('1');
      expect(await (await fresh()).get('a')).toBe('1');
      expect(await (await fresh()).get('b')).toBeUndefined();
    });

    it('stay in memory where a page may not store', async () => {
      vi.stubGlobal('window', {
        get localStorage(): never {
          throw new Error('denied');
        },
      });
      await (await fresh()).put('a', '1');
      expect(await (await fresh()).get('a')).toBe('1');
    });
  });
});

describe("a device's multiplier", () => {
  it('is read from the store, and measured where what is there is of no use', async () => {
    const device = await GpuDevice.acquire({ gpu: nodeGpu() });
    const store = openStore();
    const key = `multiplier/${PACKAGE_VERSION}/bn254/${adapterName(device.adapter)}`;
    const kept = { version: 1, multiplier: 'word32', productsPerMs: { word32: 3, limb13: 2 } };
    store.texts.set(key, JSON.stringify(kept));
    expect((await storedMultiplier(device, BN254, store)).multiplier).toBe('word32');
    const wrong = [{ ...kept, version: 0 }, { ...kept, multiplier: 'limb99' }, { multiplier: 'word32' }, 7];
    for (const value of wrong) {
      store.texts.set(key, JSON.stringify(value));
      // A software adapter, where nothing is measured.
      expect((await storedMultiplier(device, BN254, store)).multiplier).toBe('loop13');
    }
    device.dispose();
  });
});
