import { QueryError } from "./query-error.ts";

/** The part of a clock the engine uses; `@narthex/runtime` has one. */
export interface EngineClock {
  now(): number;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  after(ms: number, run: () => void): () => void;
}

/** How long evaluation may keep the thread to itself. */
const SLICE_MS = 8;

/** Ends a query that takes too long or that nobody wants any more, with Prometheus' words for where it was. */
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

  /** Timers do not fire while the thread computes, so this also looks at the clock. Answers what it says. */
  check(): number {
    this.#controller.signal.throwIfAborted();
    const now = this.#clock.monotonic();
    if (now < this.#end) return now;
    this.#controller.abort(this.#timedOut());
    throw this.#controller.signal.reason;
  }

  /** An abort surfaces as whatever the interrupted party threw; the query ends with the abort's own reason. */
  translate(error: unknown): unknown {
    if (error instanceof QueryError || !this.signal.aborted) return error;
    return this.signal.reason;
  }

  close(): void {
    this.#cancelTimer();
    this.#clientSignal?.removeEventListener("abort", this.#onAbort);
  }
}

/** The function that operators call between batches: checks the deadline, and yields to the event loop every few ms. */
export function eventLoopYielder(
  clock: EngineClock,
  deadline: Deadline,
  yieldTurn: () => Promise<void>,
): () => Promise<void> | undefined {
  let sliceEnd = clock.monotonic() + SLICE_MS;
  const pause = async (): Promise<void> => {
    await yieldTurn();
    deadline.check();
    sliceEnd = clock.monotonic() + SLICE_MS;
  };
  return () => {
    return deadline.check() < sliceEnd ? undefined : pause();
  };
}
