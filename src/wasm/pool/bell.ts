/** Lets many events wake one waiter. A ring that nobody waits for is kept until the next wait. */
export class Bell {
  #rung = false;
  #waiter: (() => void) | undefined;

  /** Wakes the waiter, or lets the next wait return at once. */
  readonly ring = (): void => {
    this.#rung = true;
    this.#waiter?.();
  };

  /** Resolves once the bell has rung since the last wait. */
  async wait(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#waiter = resolve;
      });
      this.#waiter = undefined;
    }
    this.#rung = false;
  }
}
