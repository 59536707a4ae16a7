/**
 * Only this file may read the browser's clock. Other code calls these functions, or gets the time as the argument
 * `nowMs`.
 */

/** Returns the wall clock in Unix milliseconds. */
export function nowMs(): number {
  return Date.now();
}

/** Returns the monotonic clock in ms, for measuring durations. */
export function monotonicMs(): number {
  return performance.now();
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * Calls `listener` every second, with one shared timer for all listeners. Returns a function that removes the listener.
 */
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
