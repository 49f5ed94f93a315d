/** Lets one caller at a time do something, in the order of asking. */

import { AbortedError, throwIfAborted } from '../../errors.ts';

/** A first-come, first-served lock whose waiters can give up or be sent away. */
export class Turns {
  #busy = false;
  readonly #waiting = new Set<{ begin: () => void; refuse: (error: unknown) => void }>();

  /** Resolves to the function that ends the turn. Rejects with AbortedError when `signal` fires before the turn begins. */
  take(signal?: AbortSignal): Promise<() => void> {
    throwIfAborted(signal);
    if (!this.#busy) {
      this.#busy = true;
      return Promise.resolve(this.#end);
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', give);
      };
      const waiter = {
        begin: () => {
          leave();
          resolve(this.#end);
        },
        refuse: (error: unknown) => {
          leave();
          reject(error);
        },
      };
      const give = (): void => waiter.refuse(new AbortedError(signal?.reason));
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', give);
    });
  }

  /** Rejects everyone who waits. */
  refuseAll(error: unknown): void {
    for (const waiter of this.#waiting) waiter.refuse(error);
  }

  /** Whether somebody has the turn. */
  get busy(): boolean {
    return this.#busy;
  }

  readonly #end = (): void => {
    const [next] = this.#waiting;
    if (next) next.begin();
    else this.#busy = false;
  };
}
