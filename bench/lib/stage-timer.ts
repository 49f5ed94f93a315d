/** Where an operation's time goes: a backend that adds up the time of each of its methods. */

import type { Backend } from '../../src/backend/backend.ts';

/** A backend that counts, and what it has counted. */
export interface StageTimer {
  readonly backend: Backend;
  /** Milliseconds per backend method since the last call. */
  take(): ReadonlyMap<string, number>;
}

/** Wraps a backend. Methods are timed from call to settlement; the recursion layer calls them one after another. */
export function stageTimer(inner: Backend): StageTimer {
  let spent = new Map<string, number>();
  const backend = new Proxy(inner, {
    get(target, property, receiver): unknown {
      const value: unknown = Reflect.get(target, property, receiver);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]): Promise<unknown> => {
        const start = performance.now();
        try {
          return await (value as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        } finally {
          const name = String(property);
          spent.set(name, (spent.get(name) ?? 0) + performance.now() - start);
        }
      };
    },
  });
  return {
    backend,
    take: () => {
      const result = spent;
      spent = new Map();
      return result;
    },
  };
}
