/** The shaders of gpu.js on WebGL2 and WebGL in headless Chromium, where a software GPU runs them. */

import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packScalars } from '../../src/curve/affine.ts';
import { CURVES, type Curve } from '../../src/curve/curve.ts';
import { mod } from '../../src/field/modular.ts';
import { g1Case, scalarList } from '../backend/contract/fixture.ts';
import { launchChromium } from '../helpers/headless-chromium.ts';
import { bundlePage } from '../helpers/page-bundle.ts';
import { type PageServer, servePages } from '../helpers/page-server.ts';
import { drawShared } from '../helpers/seeded.ts';
// The page's global, by its type.
import type {} from './gpujs-page/main.ts';

const unused = (): never => {
  throw new Error('Points are made without a backend.');
};

const CASES = (['webgl2', 'webgl'] as const).flatMap((mode) =>
  CURVES.slice(0, mode === 'webgl2' ? 2 : 1).map((curve) => ({
    title: `${curve.name}, ${mode}`,
    curve,
    mode,
  })),
);

describe('gpu.js in a browser', () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    browser = await launchChromium();
    server = await servePages(await bundlePage(fileURLToPath(new URL('gpujs-page', import.meta.url))), {
      isolated: false,
    });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(curve: Curve, mode?: 'webgl2' | 'webgl'): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(server.url);
    const opened = await page.evaluate(([name, mode]) => gpujsPage.open(name, mode), [
      curve.name,
      mode,
    ] as const);
    expect(opened).toBe(mode ?? 'webgl2');
    return page;
  }

  describe.each(CASES)('$title', ({ curve, mode }) => {
    const { order } = curve;
    const scalars = drawShared(scalarList(curve, 40));
    const logs = drawShared(
      fc.array(fc.bigInt({ min: 0n, max: order - 1n }), { minLength: 2, maxLength: 2 }),
    );
    const group = g1Case({ curve, backend: unused });
    let page: Page;
    beforeAll(async () => {
      page = await open(curve, mode);
    });
    afterAll(async () => {
      await page.evaluate(() => gpujsPage.dispose());
      await page.close();
    });

    it('knows a software GPU, and refuses it where hardware is asked for', async () => {
      const { renderer, isSoftware, hardware } = await page.evaluate(() => gpujsPage.place());
      expect(renderer).toMatch(/swiftshader/i);
      expect({ isSoftware, hardware }).toEqual({ isSoftware: true, hardware: 'GPU_UNAVAILABLE' });
    });

    it.each([0, 1, 2, 33])('multiplies and sums %i points', async (count) => {
      // From −5 times a step on: infinity, and opposite pairs.
      const step = logs[0] as bigint;
      const points = group.progression(-5n * step, step, count);
      const own = scalars.slice(0, count);
      const log = own.reduce((sum, scalar, i) => sum + scalar * step * BigInt(i - 5), 0n);
      const sum = await page.evaluate(([p, s]) => gpujsPage.msm(p, s), [
        points,
        packScalars(curve, own),
      ] as const);
      expect(sum).toEqual(group.points([log]));
    });

    it('sums one fat bucket', async () => {
      const ones = packScalars(curve, new Array<bigint>(100).fill(order - 1n));
      const points = group.progression(3n, 1n, 100);
      const sum = await page.evaluate(([p, s]) => gpujsPage.msm(p, s), [points, ones] as const);
      expect(sum).toEqual(group.points([-(3n * 100n + (99n * 100n) / 2n)]));
    });

    it('folds points and scalars', async () => {
      // A short factor: a software GPU takes its time.
      const x = (logs[1] as bigint) >> 190n;
      const left = [0n, 1n, -x * 5n, x * 5n, 7n, ...scalars.slice(0, 7)];
      const right = [3n, 0n, 5n, 5n, 7n, ...scalars.slice(7, 14)];
      const folded = left.map((value, i) => mod(value + x * (right[i] as bigint), order));
      const points = await page.evaluate(([l, r, x]) => gpujsPage.foldG1(l, r, x), [
        group.points(left),
        group.points(right),
        x,
      ] as const);
      expect(points).toEqual(group.points(folded));
      const residues = (values: readonly bigint[]): Uint8Array =>
        packScalars(
          curve,
          values.map((value) => mod(value, order)),
        );
      const own = await page.evaluate(([l, r, x]) => gpujsPage.foldFr(l, r, x), [
        residues(left),
        residues(right),
        x,
      ] as const);
      expect(own).toEqual(residues(folded));
    });
  });

  it('takes WebGL2 by itself, and gives a typed error when the context is lost', async () => {
    const [curve] = CURVES as readonly [Curve];
    const page = await open(curve);
    const scalars = packScalars(curve, [1n, 2n, 3n]);
    const outcome = await page.evaluate((s) => gpujsPage.multiplyWithoutContext(s), scalars);
    expect(outcome).toBe('DEVICE_LOST');
    await page.close();
  });
});
