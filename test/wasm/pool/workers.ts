/** Worker factories for the tests: real threads that tests can get at, and web workers made of them. */

import { Worker } from 'node:worker_threads';
import type { CreateWorker, WebWorkerLike } from '../../../src/wasm/pool/index.ts';

/** A factory that keeps the workers it made; `prelude` runs in each before the pool's code. */
export function recordingFactory(prelude = ''): { createWorker: CreateWorker; workers: Worker[] } {
  const workers: Worker[] = [];
  return {
    workers,
    createWorker: (source, name) => {
      const worker = new Worker(`${prelude};${source}`, { eval: true, name, env: {}, execArgv: [] });
      workers.push(worker);
      return worker;
    },
  };
}

/** Makes the exported function `name` of every instance in a worker do `body` instead. */
export function replacingExport(name: string, body: string): string {
  return `{
    const Instance = WebAssembly.Instance;
    WebAssembly.Instance = function (module, imports) {
      const { exports } = new Instance(module, imports);
      return { exports: { ...exports, ${name}: () => { ${body} } } };
    };
  }`;
}

/** Hides Node from the worker's code and gives it the global scope of a web worker, with locks that are free. */
const webScope = `
  const navigator = { locks: { request: (name, callback) => callback() } };
  Object.defineProperty(globalThis, 'navigator', { value: navigator });
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  parentPort.on('message', (data) => globalThis.onmessage({ data }));
  globalThis.postMessage = (message) => parentPort.postMessage(message);
  globalThis.process = undefined;
`;

/**
 * A factory of workers with the interface and the silence of the web's: an uncaught error is an event and does not end them,
 * and their end is no event at all. `locks` stands in for the page's lock manager, where a lock is granted when its worker has
 * ended (Node's own does not release the locks of a terminated thread).
 */
export function webFactory(prelude = ''): {
  createWorker: CreateWorker;
  workers: Worker[];
  locks: Pick<LockManager, 'request'>;
} {
  const workers: Worker[] = [];
  const named = new Map<string, Worker>();
  const request = (name: string, options: LockOptions, granted: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason));
      const [, holder] = [...named].find(([workerName]) => name.startsWith(`${workerName}-`)) ?? [];
      holder?.on('exit', () => resolve(granted()));
    });
  return {
    workers,
    locks: { request } as Pick<LockManager, 'request'>,
    createWorker: (source, name): WebWorkerLike => {
      const worker = new Worker(`${webScope};${prelude};${source}`, {
        eval: true,
        name,
        env: {},
        execArgv: [],
      });
      worker.unref();
      workers.push(worker);
      named.set(name, worker);
      return {
        addEventListener: (event, listener) => {
          if (event === 'message') worker.on('message', (data) => listener({ data }));
          if (event === 'error') worker.on('error', (error) => listener({ message: String(error) }));
        },
        postMessage: (message) => worker.postMessage(message),
        terminate: () => void worker.terminate(),
      };
    },
  };
}
