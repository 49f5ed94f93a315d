/** A page proves Semaphore in a real browser, with threads where it may share memory and without where not. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groth16 } from '../../src/index.ts';
import { endPeers, peerVerify } from '../drop-in/peer.ts';
import { launchChromium } from '../helpers/headless-chromium.ts';
import { bundlePage } from '../helpers/page-bundle.ts';
import { type PageServer, servePages } from '../helpers/page-server.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import type {} from './prove-page/main.ts';

const DEPTH = 20;

describeWithVectors('Semaphore in a browser', (dir) => {
  const name = join(dir, `zkeys/semaphore/semaphore-${DEPTH}`);
  const [wasm, zkey] = [readFileSync(`${name}.wasm`), readFileSync(`${name}.zkey`)].map(
    (file) => new Uint8Array(file),
  ) as [Uint8Array, Uint8Array];
  const vk = JSON.parse(readFileSync(`${name}.json`, 'utf8')) as object;
  const inputs = {
    secret: '12345',
    merkleProofLength: DEPTH,
    merkleProofIndex: 5,
    merkleProofSiblings: Array.from({ length: DEPTH }, (_, i) => String(i + 7)),
    message: '16',
    scope: '5',
  };
  let browser: Browser;
  let files: Awaited<ReturnType<typeof bundlePage>>;
  beforeAll(async () => {
    files = await bundlePage(fileURLToPath(new URL('prove-page', import.meta.url)));
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await endPeers();
  });

  describe.each([{ isolated: true }, { isolated: false }])('isolated: $isolated', ({ isolated }) => {
    let server: PageServer;
    let page: Page;
    const complaints: string[] = [];
    beforeAll(async () => {
      server = await servePages(files, { isolated });
      page = await browser.newPage();
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(server.url);
    });
    afterAll(async () => {
      await page.close();
      await server.close();
      expect(complaints).toEqual([]);
    });

    it('proves from files and from bytes, and both sides verify', async () => {
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
      for (const way of ['prove', 'proveAgain', 'proveAgain'] as const) {
        const made = await page.evaluate(([how, ...given]) => provePage[how](...given), [
          way,
          inputs,
          wasm,
          zkey,
        ] as const);
        expect(made.publicSignals).toHaveLength(4);
        expect(await peerVerify(vk, made.publicSignals, made.proof)).toBe(true);
        expect(await groth16.verify(vk, made.publicSignals, made.proof)).toBe(true);
        expect(await page.evaluate(([key, own]) => provePage.verify(key, own), [vk, made] as const)).toBe(
          true,
        );
        const other = { ...made, publicSignals: made.publicSignals.with(0, '1') };
        expect(await page.evaluate(([key, own]) => provePage.verify(key, own), [vk, other] as const)).toBe(
          false,
        );
      }
    }, 60_000);

    it('refuses inputs that do not satisfy the circuit', async () => {
      const deep = { ...inputs, merkleProofIndex: 2 ** DEPTH + 1 };
      expect(await page.evaluate((given) => provePage.refusal(...given), [deep, wasm, zkey] as const)).toBe(
        'UNSATISFIED_CIRCUIT',
      );
    }, 60_000);
  });
});
