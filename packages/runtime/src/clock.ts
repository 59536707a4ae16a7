/** Time as a dependency. All code that waits or reads the time is given a clock. Tests advance a ManualClock. */
export interface Clock {
  /** Returns the wall time in ms since 1970, which may have a fraction. */
  now(): number;
  /** Returns a time in ms from an arbitrary start, which never decreases, for measuring durations. */
  monotonic(): number;
  /** Resolves after `ms`. Rejects with the signal's reason if the signal aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`. The returned function cancels the call. The timer does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Maximum delay of a Node timer, ms. A longer delay uses several timers. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * If wall clock and monotonic clock differ by more than this, the wall clock was set. A smaller difference may be a
 * rounding error of `Date`, which has whole milliseconds.
 */
const STEP_MS = 2;

/**
 * Returns a wall clock with fractions of a millisecond, computed as `origin` plus monotonic time. If the system's wall
 * clock is set, `origin` is computed again.
 */
export function wallTime(source: { origin: number; monotonic(): number; wall(): number }): () => number {
  let { origin } = source;
  return () => {
    const now = origin + source.monotonic();
    const difference = source.wall() - now;
    if (Math.abs(difference) <= STEP_MS) return now;
    origin += difference;
    return now + difference;
  };
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: wallTime({
    origin: performance.timeOrigin,
    monotonic: () => performance.now(),
    wall: () => Date.now(),
  }),
  monotonic: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(reasonOf(signal!));
      };
      const cancel = schedule(
        ms,
        () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        true,
      );
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  },
  after: (ms, run) => schedule(ms, run, false),
};

function schedule(ms: number, run: () => void, keepsAlive: boolean): () => void {
  // Uses setImmediate(), because a Node timer waits for at least a millisecond.
  if (ms <= 0) {
    // The immediate keeps the process alive for only one more turn of the event loop. With unref(), the callback would
    // wait until another event wakes the loop.
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  }
  let timer: NodeJS.Timeout;
  const arm = (rest: number): void => {
    timer = setTimeout(
      () => (rest > MAX_DELAY_MS ? arm(rest - MAX_DELAY_MS) : run()),
      Math.max(0, Math.min(rest, MAX_DELAY_MS)),
    );
    if (!keepsAlive) timer.unref();
  };
  arm(ms);
  return () => clearTimeout(timer);
}

/** Returns the error of an aborted signal. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
