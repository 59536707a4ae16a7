/** The one place where the app reads the browser's clock: pure code takes `nowMs` as an argument. */

/** Wall clock in Unix milliseconds. */
export function nowMs(): number {
  return Date.now();
}

/** Monotonic milliseconds, for durations. */
export function monotonicMs(): number {
  return performance.now();
}
