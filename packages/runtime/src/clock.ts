/** Time, passed in. Everything that waits or asks the time takes one; tests turn a ManualClock by hand. */
export interface Clock {
  /** Wall time, ms since 1970, fractions possible. */
  now(): number;
  /** Never goes back; ms from an arbitrary start, for measuring spans. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; the returned function takes it back. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Longest delay a Node timer takes; longer ones are chained. */
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

/** `performance` stands still while the wall clock is set: follow it where the two part by more than a second. */
function drift(): number {
  const difference = Date.now() - (performance.timeOrigin + performance.now());
  return Math.abs(difference) > 1000 ? difference : 0;
}

function schedule(ms: number, run: () => void, keepsAlive: boolean): () => void {
  // A timer of Node waits for a millisecond at least.
  if (ms <= 0) {
    // Let go (unref), it would wait for whatever wakes the loop next; held, it keeps the process for one turn only.
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

/** The error an aborted signal stands for. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
