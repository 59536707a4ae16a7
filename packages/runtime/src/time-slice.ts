import type { Clock } from "./clock.ts";

/** Default length of a time slice, ms. */
const SLICE_MS = 10;

/**
 * Limits the time for which a task blocks the event loop. A long task checks the limit after each step, and yields when
 * the time is used up.
 */
export class TimeSlice {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  #since: number;

  constructor(clock: Clock, sliceMs = SLICE_MS) {
    this.#clock = clock;
    this.#sliceMs = sliceMs;
    this.#since = clock.monotonic();
  }

  /** Yields to the event loop if the slice is used up, and begins a new slice. Returns undefined while time is left. */
  yieldToEventLoop(): Promise<void> | undefined {
    return this.#clock.monotonic() - this.#since < this.#sliceMs ? undefined : this.#yield();
  }

  async #yield(): Promise<void> {
    await this.#clock.sleep(0);
    this.#since = this.#clock.monotonic();
  }
}

/** A task as a generator. The task can be interrupted at each yield, and returns its result at the end. */
export type Steps<T> = Generator<undefined, T, undefined>;

export function runToEnd<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs one step in each turn of the event loop. Use it for tasks whose steps take a few milliseconds. */
export async function runStepByStep<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Decides when a task yields, as TimeSlice does. */
type Yielding = Pick<TimeSlice, "yieldToEventLoop">;

/**
 * Runs a task in time slices, and yields to the event loop between them. If a task is shorter than one slice, its
 * result is returned at once.
 */
export function runInTimeSlices<T>(
  clock: Clock,
  steps: Steps<T>,
  slice: Yielding = new TimeSlice(clock),
): T | Promise<T> {
  for (;;) {
    const pause = slice.yieldToEventLoop();
    if (pause !== undefined) return resumed(pause, slice, steps);
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

async function resumed<T>(pause: Promise<void>, slice: Yielding, steps: Steps<T>): Promise<T> {
  await pause;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    const next = slice.yieldToEventLoop();
    if (next !== undefined) await next;
  }
}
