/** Starts headless Chromium for tests. */

import { type Browser, chromium } from 'playwright-core';
import { chromiumInstall } from './chromium-package.ts';

/** Starts Chromium with WebGPU on the software adapter; close it when done. */
export function launchChromium(): Promise<Browser> {
  const { executable, env } = chromiumInstall();
  return chromium.launch({
    executablePath: executable,
    env,
    args: ['--headless', '--no-sandbox', '--enable-unsafe-webgpu'],
  });
}
