import { monotonicMs } from "./browser-clock.ts";

/**
 * Maximum duration of one task, ms. The duration is well below the time of a frame, so that the page responds quickly
 * to the pointer and the keyboard.
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
 * Divides long work into short tasks. Between two steps, the work reads `isOver`. If `isOver` is true, the work awaits
 * `next`, which continues in a new task.
 */
export class TimeSlice {
  readonly #signal: AbortSignal | undefined;
  #beginMs = monotonicMs();

  /** @param signal aborts the work at the next step, with its reason as the error. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether the current task has lasted the maximum duration; then `next` must be awaited. */
  get isOver(): boolean {
    return monotonicMs() - this.#beginMs > sliceMs;
  }

  async next(): Promise<void> {
    await yieldToEventLoop();
    this.#signal?.throwIfAborted();
    this.#beginMs = monotonicMs();
  }
}
