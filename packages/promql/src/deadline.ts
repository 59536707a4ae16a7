import { QueryError } from "./query-error.ts";

/** The functions of a clock that the engine uses. The clock of `@narthex/runtime` has them. */
export interface EngineClock {
  now(): number;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  after(ms: number, run: () => void): () => void;
}

/** Longest time in ms for which an evaluation may block the thread before other work runs. */
const SLICE_MS = 8;

/** Ends a query that takes too long or was cancelled. The error names the stage of the query, as in Prometheus. */
export class Deadline {
  stage: "query queue" | "query execution" | "expression evaluation" = "query queue";
  readonly #controller = new AbortController();
  readonly #clock: EngineClock;
  readonly #end: number;
  readonly #cancelTimer: () => void;
  readonly #clientSignal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#controller.abort(this.#canceled());

  constructor(clock: EngineClock, timeoutMs: number, clientSignal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#end = clock.monotonic() + timeoutMs;
    this.#cancelTimer = clock.after(timeoutMs, () => this.#controller.abort(this.#timedOut()));
    this.#clientSignal = clientSignal;
    if (clientSignal?.aborted === true) this.#onAbort();
    else clientSignal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #timedOut(): QueryError {
    return new QueryError("timeout", `query timed out in ${this.stage}`);
  }

  #canceled(): QueryError {
    return new QueryError("canceled", `query was canceled in ${this.stage}`);
  }

  /**
   * Throws if the query is out of time or cancelled. Returns the current time. Reads the clock, because timers do not
   * fire during computations.
   */
  check(): number {
    this.#controller.signal.throwIfAborted();
    const now = this.#clock.monotonic();
    if (now < this.#end) return now;
    this.#controller.abort(this.#timedOut());
    throw this.#controller.signal.reason;
  }

  /**
   * Returns the reason of the abort if the query was aborted, otherwise `error`. An aborted query may throw any error,
   * so the reason of the abort takes precedence.
   */
  translate(error: unknown): unknown {
    if (error instanceof QueryError || !this.signal.aborted) return error;
    return this.signal.reason;
  }

  close(): void {
    this.#cancelTimer();
    this.#clientSignal?.removeEventListener("abort", this.#onAbort);
  }
}

/**
 * Number of samples that a function processes between two checks of the deadline. Processing them takes a few
 * milliseconds.
 */
const SAMPLES_UNLOOKED = 2 ** 20;

/**
 * Returns a function for loops that cannot pause. The loop passes the number of processed samples, and the function
 * checks the deadline after each million.
 */
export function deadlineChecker(deadline: Deadline): (samples: number) => void {
  let left = SAMPLES_UNLOOKED;
  return (samples) => {
    left -= samples;
    if (left > 0) return;
    left = SAMPLES_UNLOOKED;
    deadline.check();
  };
}

/** Largest number of batches between two reads of the clock. */
const MAX_UNLOOKED = 8;
const UNLOOKED_MS = 0.1;

/**
 * Returns a function that operators call between batches of work. The function checks the deadline, and lets the event
 * loop run every few ms. The function does not read the clock after every batch, because a batch may be as small as one
 * sample.
 */
export function eventLoopYielder(
  clock: EngineClock,
  deadline: Deadline,
  yieldTurn: () => Promise<void>,
): () => Promise<void> | undefined {
  let lookedAt = clock.monotonic();
  let sliceEnd = lookedAt + SLICE_MS;
  let stride = 1;
  let left = 1;
  const pause = async (): Promise<void> => {
    await yieldTurn();
    lookedAt = deadline.check();
    sliceEnd = clock.monotonic() + SLICE_MS;
  };
  return () => {
    if (--left > 0) return undefined;
    const now = deadline.check();
    stride = now - lookedAt < UNLOOKED_MS ? Math.min(stride * 2, MAX_UNLOOKED) : 1;
    left = stride;
    lookedAt = now;
    return now < sliceEnd ? undefined : pause();
  };
}
