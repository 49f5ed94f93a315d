/** The WebGPU backend in headless Chromium, where a software adapter runs its shaders. */

import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packScalars } from '../../src/curve/affine.ts';
import { CURVES } from '../../src/curve/curve.ts';
import { gtToBytes } from '../../src/curve/gt.ts';
import { mod } from '../../src/field/modular.ts';
import { g1Case, g2Case, skewedList } from '../backend/contract/fixture.ts';
import { gtGenerator } from '../curve/arbitraries.ts';
import { launchChromium } from '../helpers/headless-chromium.ts';
import { bundlePage } from '../helpers/page-bundle.ts';
import { type PageServer, servePages } from '../helpers/page-server.ts';
import { drawShared } from '../helpers/seeded.ts';
// The page's global, by its type.
import type {} from './webgpu-page/main.ts';

const unused = (): never => {
  throw new Error('Points are made without a backend.');
};

describe('WebGPU in a browser', () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    browser = await launchChromium();
    server = await servePages(await bundlePage(fileURLToPath(new URL('webgpu-page', import.meta.url))), {
      isolated: false,
    });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  describe.each(CURVES)('$name', (curve) => {
    const { order } = curve;
    const scalars = drawShared(skewedList(curve, 64));
    const [start, step, x] = drawShared(
      fc.tuple(...[1, 2, 3].map(() => fc.noBias(fc.bigInt({ min: 1n, max: order - 1n })))),
    ) as [bigint, bigint, bigint];
    const groups = { g1: g1Case({ curve, backend: unused }), g2: g2Case({ curve, backend: unused }) };
    const residues = (values: readonly bigint[]): Uint8Array =>
      packScalars(
        curve,
        values.map((value) => mod(value, order)),
      );
    let page: Page;
    beforeAll(async () => {
      page = await browser.newPage();
      await page.goto(server.url);
      expect(await page.evaluate((name) => webGpuPage.open(name), curve.name)).toBe('swiftshader');
    });
    afterAll(async () => {
      await page.evaluate(() => webGpuPage.dispose());
      await page.close();
    });

    it.each([
      ['g1', 0],
      ['g1', 1],
      ['g1', 64],
      ['g2', 33],
    ] as const)('multiplies and sums in %s, %i points', async (kind, count) => {
      // From −5 steps on: infinity among the points, and opposite pairs.
      const points = groups[kind].progression(-5n * step, step, count);
      const own = scalars.slice(0, count);
      const log = own.reduce((sum, scalar, i) => sum + scalar * step * BigInt(i - 5), 0n);
      const sum = await page.evaluate(([kind, p, s]) => webGpuPage.msm(kind, p, s), [
        kind,
        points,
        packScalars(curve, own),
      ] as const);
      expect(sum).toEqual(groups[kind].points([log]));
    });

    it.each(['g1', 'g2'] as const)('folds in %s', async (kind) => {
      const left = [0n, 1n, -x * 5n, x * 5n, 7n, start];
      const right = [3n, 0n, 5n, 5n, 7n, step];
      const folded = await page.evaluate(([kind, l, r, x]) => webGpuPage.fold(kind, l, r, x), [
        kind,
        groups[kind].points(left),
        groups[kind].points(right),
        x,
      ] as const);
      expect(folded).toEqual(groups[kind].points(left.map((log, i) => log + x * (right[i] as bigint))));
    });

    it('multiplies and folds scalars', async () => {
      const left = [0n, 1n, order - 1n, start, ...scalars];
      const right = [order - 1n, order - 1n, order - 1n, step, ...scalars.toReversed()];
      const both = left.map((value, i) => [value, right[i] as bigint] as const);
      const results = await page.evaluate(([l, r, x]) => webGpuPage.scalars(l, r, x), [
        residues(left),
        residues(right),
        x,
      ] as const);
      expect(results).toEqual([
        residues(both.map(([a, b]) => a * b)),
        residues(both.map(([a, b]) => a + x * b)),
      ]);
    });

    it.each([0, 1, 6, 9])('transforms 2^%i scalars on a coset and back', async (log2) => {
      const values = residues(Array.from({ length: 2 ** log2 }, (_, i) => start + step * BigInt(i * i)));
      const [own, cpus, back] = await page.evaluate(([v, shift]) => webGpuPage.transform(v, shift), [
        values,
        x,
      ] as const);
      expect(own).toEqual(cpus);
      expect(back).toEqual(values);
    });

    it('multiplies Miller loops', async () => {
      const [left, right] = [
        [0n, 1n, start, step],
        [5n, 0n, x, order - 1n],
      ] as const;
      const log = left.reduce((sum, a, i) => sum + a * (right[i] as bigint), 0n);
      const value = await page.evaluate(([g1, g2]) => webGpuPage.pairings(g1, g2), [
        groups.g1.points(left),
        groups.g2.points(right),
      ] as const);
      const { Fp12 } = curve.fields;
      expect(value).toEqual(gtToBytes(curve, Fp12.pow(gtGenerator(curve), mod(log, order))));
    });

    it('did all of that without a failure, and goes on when the device is lost', async () => {
      expect(await page.evaluate(() => webGpuPage.faults())).toEqual([]);
      await page.evaluate(() => webGpuPage.loseDevices());
      const points = groups.g1.points([start, step, x]);
      const sum = await page.evaluate(([p, s]) => webGpuPage.msm('g1', p, s), [
        points,
        packScalars(curve, [1n, order - 1n, 3n]),
      ] as const);
      expect(sum).toEqual(groups.g1.points([start - step + 3n * x]));
      const faults = await page.evaluate(() => webGpuPage.faults());
      expect(faults.every((code) => code === 'DEVICE_LOST')).toBe(true);
    });
  });
});
