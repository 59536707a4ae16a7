import { monotonicMs } from "./browser-clock.ts";

/**
 * Maximum duration of a task in ms. A task is shorter than a frame of the screen (16 ms), so that the page stays
 * responsive.
 */
const sliceMs = 8;

/** Lets the browser paint and handle input, and continues in a new task. */
function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.addEventListener("message", () => {
      channel.port1.close();
      resolve();
    });
    channel.port1.start();
    channel.port2.postMessage(null);
  });
}

/**
 * Divides long work into short tasks. The work checks `isOver` between two steps. If it is true, the work awaits
 * `next`, which continues in a new task.
 */
export class TimeSlice {
  readonly #signal: AbortSignal | undefined;
  #beginMs = monotonicMs();

  /** @param signal aborts the work at the next step, with its reason as the error. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether the current task has lasted long enough, so that the caller must await `next`. */
  get isOver(): boolean {
    return monotonicMs() - this.#beginMs > sliceMs;
  }

  async next(): Promise<void> {
    await yieldToEventLoop();
    this.#signal?.throwIfAborted();
    this.#beginMs = monotonicMs();
  }
}
