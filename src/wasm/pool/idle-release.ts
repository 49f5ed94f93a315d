/** When to give a large memory back: once nothing has been allocated in it for a while. */

import type { MemoryStats } from './pool-memory.ts';

/** What an idle memory is held against. */
export interface IdlePolicy {
  /** A memory of at most this size is kept. */
  readonly keepBytes: number;
  /** How long nothing must have been allocated, in ms. */
  readonly idleMs: number;
}

/** Watches one memory. Its timer does not keep the process alive. */
export class IdleRelease {
  readonly #policy: IdlePolicy;
  readonly #stats: () => MemoryStats;
  readonly #release: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(policy: IdlePolicy, stats: () => MemoryStats, release: () => void) {
    this.#policy = policy;
    this.#stats = stats;
    this.#release = release;
  }

  /** To be called whenever the last allocated piece was freed. */
  restart(): void {
    this.stop();
    if (this.#stats().currentBytes <= this.#policy.keepBytes) return;
    const timer = setTimeout(() => {
      // What is allocated again will be freed, and starts the clock anew.
      if (this.#stats().pieces === 0) this.#release();
    }, this.#policy.idleMs);
    (timer as { unref?: () => void }).unref?.();
    this.#timer = timer;
  }

  /** Forgets the memory. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** More than the 64 MiB of external memory after which V8 looks for garbage. */
const PRESSURE_BYTES = 2 ** 27;

/**
 * An engine frees a memory that was let go of when it next collects garbage, which an idle one may never do: it does not know how
 * large a few unused objects are. Asking for as much again, without touching it, makes it look.
 */
export function promptCollection(): void {
  try {
    new ArrayBuffer(PRESSURE_BYTES);
  } catch {
    // Where so much is not to be had, the engine has looked.
  }
}
