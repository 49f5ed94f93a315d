/** What the pool must know of the runtime it is in, without a `node:` import that a browser's bundler would trip over. */

/** A built-in module of Node, or undefined in other runtimes. */
export function nodeBuiltin<T>(name: string): T | undefined {
  const scope = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return scope.process?.getBuiltinModule?.(name) as T | undefined;
}

/** Whether worker threads come from Node (or a runtime that does as Node does) rather than from the web platform. */
export function isNode(): boolean {
  return nodeBuiltin('node:worker_threads') !== undefined;
}

/**
 * Switches relaxed SIMD on in Node 20, whose V8 has it behind a flag; does nothing elsewhere. V8's flags hold for all threads of
 * a process, also for those that run already. Throws what Node throws when it refuses.
 */
export function enableRelaxedSimd(): void {
  const scope = globalThis as { process?: { versions?: { node?: string } } };
  // A V8 that does not know the flag complains on the standard error, and newer ones have no use for it.
  if (!scope.process?.versions?.node?.startsWith('20.')) return;
  const v8 = nodeBuiltin<{ setFlagsFromString: (flags: string) => void }>('node:v8');
  v8?.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** Threads that this process may use at once; 1 when unknown. */
export function availableThreads(): number {
  const os = nodeBuiltin<{ availableParallelism?: () => number }>('node:os');
  const count = os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.max(1, Math.floor(count));
}

/** Why this runtime cannot share memory between threads; undefined when it can. */
export function sharingObstacle(): string | undefined {
  if (typeof SharedArrayBuffer !== 'function') return 'SharedArrayBuffer is not available';
  if (globalThis.crossOriginIsolated === false && !isNode()) {
    return 'the page is not cross-origin isolated (needs the COOP and COEP headers)';
  }
  return undefined;
}

/** Lets the event loop run everything that waits, then goes on. Not clamped to 4 ms, as nested timeouts are in browsers. */
export function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
    } else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    }
  });
}
