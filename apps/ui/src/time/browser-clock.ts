/** Only this file reads the browser's clock. Other code gets the time from here, or as the argument `nowMs`. */

/** Returns the wall clock in Unix milliseconds. */
export function nowMs(): number {
  return Date.now();
}

/** Returns monotonic milliseconds, for durations. */
export function monotonicMs(): number {
  return performance.now();
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls back once a second until the returned function is called. All listeners share one timer. */
export function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const one of listeners) one();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
