/** Number of pictures that are queried and drawn at the same time. */
const MAX_AT_ONCE = 4;

/**
 * Limits how many pictures are made at the same time, because many groups may notify together. Further pictures wait in
 * order. A picture whose signal is aborted while it waits is never begun.
 */
export class PictureSlots {
  /** Called with true when the slot of an earlier picture is free. */
  readonly #waiting = new Set<(hasSlot: boolean) => void>();
  #running = 0;

  /** Makes a picture when a slot is free. Rejects with the signal's reason if the signal is aborted before. */
  async run<T>(signal: AbortSignal, make: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#running < MAX_AT_ONCE) this.#running++;
    else if (!(await this.#turn(signal))) throw signal.reason;
    try {
      return await make();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#running--;
      else {
        this.#waiting.delete(next);
        next(true);
      }
    }
  }

  /** Resolves with true when a slot is free, and with false when the signal is aborted. */
  #turn(signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const onAbort = (): void => {
      this.#waiting.delete(resolve);
      resolve(false);
    };
    this.#waiting.add(resolve);
    signal.addEventListener("abort", onAbort, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  }
}
