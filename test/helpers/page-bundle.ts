/** Pages for the browser tests, made as users make theirs. */

import { build, createLogger, type Rollup } from 'vite';
import type { PageFiles } from './page-server.ts';

/**
 * Builds the page whose index.html is in `root` with Vite as it comes, minified, and returns its files for `servePages`. Throws
 * when the bundler warns of anything but the size of the result.
 */
export async function bundlePage(root: string): Promise<PageFiles> {
  const warnings: string[] = [];
  const customLogger = {
    ...createLogger('warn'),
    warn: (message: string) => void warnings.push(message),
    warnOnce: (message: string) => void warnings.push(message),
  };
  const { output } = (await build({
    root,
    configFile: false,
    customLogger,
    build: { write: false, chunkSizeWarningLimit: Number.POSITIVE_INFINITY },
  })) as Rollup.RollupOutput;
  if (warnings.length > 0) throw new Error(`Vite warns: ${warnings.join('\n')}`);
  const files = output.map((file) => {
    const content = file.type === 'chunk' ? file.code : file.source;
    const path = file.fileName === 'index.html' ? '/' : `/${file.fileName}`;
    return [path, typeof content === 'string' ? content : new TextDecoder().decode(content)] as const;
  });
  return Object.fromEntries(files);
}
