import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { murmurFinalizer, PROBE_LENGTH, runHashProbe } from '../gpu/hash-probe.ts';
import { launchChromium } from '../helpers/headless-chromium.ts';
import { type PageServer, servePages } from '../helpers/page-server.ts';

describe('WebGPU in a headless browser', () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    browser = await launchChromium();
    server = await servePages({ '/': '<!doctype html><title>WebGPU</title>' }, { isolated: false });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('runs a compute shader', async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    const { architecture, values } = await page.evaluate(runHashProbe, { length: PROBE_LENGTH });
    expect(values).toEqual(Array.from({ length: PROBE_LENGTH }, (_, i) => murmurFinalizer(i)));
    expect(architecture).toBe('swiftshader');
  });
});
