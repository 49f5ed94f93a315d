/** A tiny HTTP server for pages under test. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Files by path, `/` being the page. Its ending tells a file's type: `.js` a script, else a page. */
export type PageFiles = Readonly<Record<string, string>>;

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves files on a free port of the loopback interface. `isolated` sends the two headers that make a page cross-origin
 * isolated, so that it may share memory with its workers.
 */
export async function servePages(files: PageFiles, { isolated }: { isolated: boolean }): Promise<PageServer> {
  const policy = isolated
    ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
    : {};
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const body = Object.hasOwn(files, path) ? files[path] : undefined;
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': `${type}; charset=utf-8`,
      ...policy,
    });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
