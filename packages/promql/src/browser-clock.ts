import type { EngineClock } from "./deadline.ts";

/** Longest delay of a timer in ms. Browsers and Node fire a timer with a longer delay immediately. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** A clock for browsers and Node. It uses only functions that both have. */
export const browserClock: EngineClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
