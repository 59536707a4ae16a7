/** Time as a dependency. Everything that waits or reads the time gets a clock; tests advance a ManualClock. */
export interface Clock {
  /** Returns wall time, ms since 1970, possibly with fractions. */
  now(): number;
  /** Returns ms from an arbitrary start for measuring durations; never goes back. */
  monotonic(): number;
  /** Resolves after `ms`. Rejects with the signal's reason if it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`. The returned function cancels it. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Maximum delay of a Node timer; longer delays use several timers. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now() + drift(),
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

/** `performance` does not notice when the wall clock is set. Returns the difference if it is more than a second. */
function drift(): number {
  const difference = Date.now() - (performance.timeOrigin + performance.now());
  return Math.abs(difference) > 1000 ? difference : 0;
}

function schedule(ms: number, run: () => void, keepsAlive: boolean): () => void {
  // A Node timer waits for at least a millisecond.
  if (ms <= 0) {
    // With unref it would wait until something else wakes the loop. Without it, it keeps the process alive for only one
    // turn.
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
