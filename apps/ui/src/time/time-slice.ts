import { monotonicMs } from "./browser-clock.ts";

/** Well within a frame, so that the page stays quick for the pointer and the keyboard beside the work. */
const sliceMs = 8;

/** Lets the browser paint and answer the reader; goes on in a task of its own. */
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

/** Divides long work into tasks: asked between two steps, it waits for the next task once the present one has lasted. */
export class TimeSlice {
  readonly #signal: AbortSignal | undefined;
  #beginMs = monotonicMs();

  /** @param signal ends the work at the next step, with its reason as the error. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether the present task has lasted long enough; `next` is then to be awaited. */
  get isOver(): boolean {
    return monotonicMs() - this.#beginMs > sliceMs;
  }

  async next(): Promise<void> {
    await yieldToEventLoop();
    this.#signal?.throwIfAborted();
    this.#beginMs = monotonicMs();
  }
}
